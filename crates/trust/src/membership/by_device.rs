//! One of something for each device.

use std::collections::BTreeMap;

use crate::DeviceId;

/// A map that takes no more than what is in it: of others an entry sets aside room for eleven, and a relay has thousands of rooms
/// of few. It is made once and changes no more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ByDevice<T>(Box<[(DeviceId, T)]>);

impl<T> ByDevice<T> {
    pub fn get(&self, device: &DeviceId) -> Option<&T> {
        let place = self.0.binary_search_by(|(known, _)| known.cmp(device));
        place.ok().map(|place| &self.0[place].1)
    }

    /// By device.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&DeviceId, &T)> {
        self.0.iter().map(|(device, it)| (device, it))
    }
}

impl<T> Default for ByDevice<T> {
    fn default() -> Self {
        Self(Box::default())
    }
}

impl<T> From<BTreeMap<DeviceId, T>> for ByDevice<T> {
    fn from(map: BTreeMap<DeviceId, T>) -> Self {
        Self(map.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_what_the_map_had_and_nothing_else() {
        let map: BTreeMap<_, _> = (0..20_u8).map(|it| (DeviceId([2 * it; 32]), it)).collect();
        let list = ByDevice::from(map.clone());
        for byte in 0..=u8::MAX {
            let device = DeviceId([byte; 32]);
            assert_eq!(list.get(&device), map.get(&device));
        }
        assert!(list.iter().eq(map.iter()));
    }
}
