//! Which ephemeral messages are new.

use std::collections::BTreeMap;

use crate::DeviceId;

/// Where a device is in its ephemeral messages of one kind. Both parts are signed with the message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Counter {
    /// When the device began to count, in ms since 1970; later than any session before.
    pub session: u64,
    /// Greater than that of the message before.
    pub number: u64,
}

/// The message, or a later one, has been here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the message is not newer than the last of its device")]
pub struct Replayed;

/// The last counter of each device and kind of message.
///
/// Only messages with a good signature of a member may be shown to it, so it has no more entries than there are members
/// and kinds. What is old never becomes new by waiting: nobody else can play an earlier session again.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Recent(BTreeMap<(DeviceId, u8), Counter>);

impl Recent {
    /// Notes a message that is newer than all of its device and kind.
    pub fn accept(&mut self, device: DeviceId, kind: u8, counter: Counter) -> Result<(), Replayed> {
        let last = self.0.entry((device, kind)).or_insert(Counter {
            session: 0,
            number: 0,
        });
        if counter <= *last {
            return Err(Replayed);
        }
        *last = counter;
        Ok(())
    }

    /// The last counter of a device, of any kind: a device that finds itself ahead of its own clock goes on above it.
    pub fn last(&self, device: DeviceId) -> Option<Counter> {
        let kinds = self.0.range((device, 0)..=(device, u8::MAX));
        kinds.map(|(_, counter)| *counter).max()
    }

    /// Forgets whoever is no longer a member.
    pub fn retain(&mut self, is_member: impl Fn(&DeviceId) -> bool) {
        self.0.retain(|(device, _), _| is_member(device));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_old_is_new_again() {
        let (device, other) = (DeviceId([1; 32]), DeviceId([2; 32]));
        let mut recent = Recent::default();
        let mut accept = |device, kind, session, number| {
            recent.accept(device, kind, Counter { session, number })
        };
        assert_eq!(accept(device, 1, 5, 1), Ok(()));
        assert_eq!(accept(device, 1, 5, 1), Err(Replayed));
        assert_eq!(accept(device, 1, 5, 3), Ok(()));
        assert_eq!(accept(device, 1, 5, 2), Err(Replayed));
        assert_eq!(accept(device, 2, 5, 2), Ok(()), "kinds count apart");
        assert_eq!(accept(other, 1, 5, 2), Ok(()), "devices count apart");
        assert_eq!(accept(device, 1, 6, 1), Ok(()));
        assert_eq!(accept(device, 1, 5, 9), Err(Replayed));
        let last = Counter {
            session: 6,
            number: 1,
        };
        assert_eq!(recent.last(device), Some(last));
        recent.retain(|id| *id == other);
        assert_eq!(recent.last(device), None);
    }
}
