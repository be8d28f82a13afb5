//! How much is kept for whom.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use trust::{DeviceId, Membership, RoomId};

use crate::hosts::Hosts;

/// What all rooms of a relay together take of each owner's share. Copies share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage(Arc<Mutex<Ledger>>);

#[derive(Debug, Default)]
struct Ledger {
    rooms: BTreeMap<RoomId, Charge>,
    owners: BTreeMap<DeviceId, Share>,
}

/// Whom a room is charged to, and for how many bytes of changes.
#[derive(Clone, Copy, Debug)]
struct Charge {
    owner: DeviceId,
    bytes: u64,
}

/// What is kept for one owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) rooms: usize,
    /// Of changes.
    pub(crate) bytes: u64,
}

/// Whom a room is charged to: the first of its owners, by id, who may keep rooms here. It is kept for that one's sake.
pub(crate) fn payer(membership: &Membership, hosts: &Hosts) -> Option<DeviceId> {
    let mut owners = membership.owners();
    owners.find(|owner| hosts.permits([*owner])).copied()
}

impl Usage {
    /// This room is that large now.
    pub(crate) fn charge(&self, room: RoomId, owner: DeviceId, bytes: u64) {
        let mut ledger = self.lock();
        ledger.release(room);
        ledger.rooms.insert(room, Charge { owner, bytes });
        let share = ledger.owners.entry(owner).or_default();
        share.rooms += 1;
        share.bytes += bytes;
    }

    /// This room is gone.
    pub(crate) fn release(&self, room: RoomId) {
        self.lock().release(room);
    }

    /// What is kept for an owner.
    pub(crate) fn of(&self, owner: &DeviceId) -> Share {
        self.lock().owners.get(owner).copied().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    fn release(&mut self, room: RoomId) {
        let Some(charge) = self.rooms.remove(&room) else {
            return;
        };
        if let Some(share) = self.owners.get_mut(&charge.owner) {
            share.rooms -= 1;
            share.bytes -= charge.bytes;
            if share.rooms == 0 {
                self.owners.remove(&charge.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_counts_once_for_whoever_it_is_charged_to_last() {
        let usage = Usage::default();
        let [ana, ben] = [1, 2].map(|byte| DeviceId([byte; 32]));
        let [first, second] = [1, 2].map(|byte| RoomId([byte; 32]));
        usage.charge(first, ana, 10);
        usage.charge(first, ana, 30);
        usage.charge(second, ana, 5);
        let (rooms, bytes) = (2, 35);
        assert_eq!(usage.of(&ana), Share { rooms, bytes });
        usage.charge(first, ben, 30);
        assert_eq!(usage.of(&ana).rooms, 1);
        usage.release(second);
        usage.release(second);
        assert_eq!(usage.of(&ana), Share::default());
        assert_eq!(usage.of(&ben).bytes, 30);
        assert_eq!(
            usage.lock().owners.len(),
            1,
            "nobody is kept who has nothing"
        );
    }

    #[test]
    fn who_may_keep_rooms_here_pays() {
        let genesis = trust::Genesis::new([3; 32], [7; 32]);
        let membership = Membership::begin(&genesis);
        let owner = *membership.owners().next().expect("there is one");
        assert_eq!(payer(&membership, &Hosts::Everybody), Some(owner));
        assert_eq!(
            payer(&membership, &Hosts::Owners([owner].into())),
            Some(owner)
        );
        let nobody = Hosts::Owners([DeviceId([9; 32])].into());
        assert_eq!(payer(&membership, &nobody), None);
    }
}
