//! How many links each device has.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use trust::DeviceId;

/// The links of one server, counted by device.
#[derive(Clone, Default)]
pub(crate) struct Devices(Arc<Mutex<BTreeMap<DeviceId, usize>>>);

/// One link of a device; it does not count any more when this is dropped.
pub(crate) struct Seat {
    devices: Devices,
    device: DeviceId,
}

impl Devices {
    /// Counts a link of a device, unless it has as many as it may.
    pub(crate) fn enter(&self, device: DeviceId, most: usize) -> Option<Seat> {
        let mut links = self.lock();
        let own = links.get(&device).copied().unwrap_or(0);
        if own >= most {
            return None;
        }
        links.insert(device, own + 1);
        Some(Seat {
            devices: self.clone(),
            device,
        })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<DeviceId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut links = self.devices.lock();
        if let Some(own) = links.get_mut(&self.device) {
            *own -= 1;
            if *own == 0 {
                links.remove(&self.device);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_as_many_links_as_it_may_and_gets_them_back() {
        let devices = Devices::default();
        let [ana, ben] = [1, 2].map(|byte| DeviceId([byte; 32]));
        let first = devices.enter(ana, 2);
        let _second = devices.enter(ana, 2);
        assert!(devices.enter(ana, 2).is_none());
        let other = devices.enter(ben, 2);
        drop(first);
        assert!(devices.enter(ana, 2).is_some());
        drop(other);
        assert_eq!(devices.lock().len(), 1, "nothing is kept of who is gone");
    }
}
