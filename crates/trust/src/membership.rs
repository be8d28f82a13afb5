//! The log that says who may do what.

use std::collections::BTreeSet;

use crate::{DeviceId, Genesis, RoomId};

/// A larger record is refused: a member, an epoch's sealed keys for a few hundred devices, no more.
pub const MAX_RECORD_BYTES: usize = 64 << 10;

/// A longer log is refused: it is exchanged whole on every new link.
pub const MAX_RECORDS: usize = 4096;

/// The records of one room, genesis first, the others in the order of their bytes.
///
/// Cloning it is cheap enough for a room that is opened, not for a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    room: RoomId,
    records: Vec<Vec<u8>>,
}

/// What somebody wants to do in a room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Right {
    /// Receive what is in it and show presence.
    Read,
    /// Write comments.
    Comment,
    /// Write the project.
    Edit,
}

/// Why somebody may not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The log does not name the device.
    #[error("the device is not a member of this room")]
    NotAMember,
    /// The device's role does not include it.
    #[error("the device's role does not allow this")]
    RoleForbids,
}

/// Why records are no log, or not this room's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MembershipError {
    /// The first record is not a genesis.
    #[error("the log does not begin with a genesis record")]
    NoGenesis,
    /// The genesis is that of another room.
    #[error("the log belongs to another room")]
    OtherRoom,
    /// There is a record, or a version, that is not known here.
    #[error("the log has a record that this version does not know")]
    UnknownRecord,
    /// More or larger records than a log may have.
    #[error("the log is too large")]
    TooLarge,
}

impl Membership {
    /// The log of a room that begins now.
    pub fn begin(genesis: &Genesis) -> Self {
        Self {
            room: genesis.room(),
            records: vec![genesis.encode()],
        }
    }

    /// Reads a log, genesis first.
    pub fn open<R: AsRef<[u8]>>(records: &[R]) -> Result<Self, MembershipError> {
        let first = records.first().ok_or(MembershipError::NoGenesis)?;
        let genesis = Genesis::decode(first.as_ref()).ok_or(MembershipError::NoGenesis)?;
        if genesis.version != Genesis::VERSION {
            return Err(MembershipError::UnknownRecord);
        }
        let mut membership = Self::begin(&genesis);
        membership.merge(records)?;
        Ok(membership)
    }

    /// The room whose log this is.
    pub fn room(&self) -> RoomId {
        self.room
    }

    /// All records, genesis first.
    pub fn records(&self) -> &[Vec<u8>] {
        &self.records
    }

    /// Takes over the records of another copy of the log and says whether one was new. After an error nothing changed.
    pub fn merge<R: AsRef<[u8]>>(&mut self, records: &[R]) -> Result<bool, MembershipError> {
        let first = records.first().ok_or(MembershipError::NoGenesis)?.as_ref();
        if records.len() > MAX_RECORDS {
            return Err(MembershipError::TooLarge);
        }
        if first != self.records[0].as_slice() {
            return Err(match Genesis::decode(first) {
                Some(_) => MembershipError::OtherRoom,
                None => MembershipError::NoGenesis,
            });
        }
        let known: BTreeSet<&[u8]> = self.records.iter().map(Vec::as_slice).collect();
        let mut new = records
            .iter()
            .map(AsRef::as_ref)
            .filter(|record| !known.contains(record));
        match new.next() {
            None => Ok(false),
            Some(record) if record.len() > MAX_RECORD_BYTES => Err(MembershipError::TooLarge),
            Some(_) => Err(MembershipError::UnknownRecord),
        }
    }

    /// Whether a device may do something. A log of the genesis record alone lets everybody do everything.
    pub fn permits(&self, _device: &DeviceId, _right: Right) -> Result<(), Refusal> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn genesis() -> Genesis {
        Genesis::new([1; 32], [2; 32])
    }

    #[test]
    fn a_log_is_read_back() {
        let membership = Membership::begin(&genesis());
        assert_eq!(Membership::open(membership.records()), Ok(membership));
    }

    #[test]
    fn merging_the_same_log_changes_nothing() {
        let mut membership = Membership::begin(&genesis());
        let records = membership.records().to_vec();
        assert_eq!(membership.merge(&records), Ok(false));
    }

    #[test]
    fn the_log_of_another_room_is_refused() {
        let mut membership = Membership::begin(&genesis());
        let other = Genesis::new([1; 32], [3; 32]).encode();
        assert_eq!(membership.merge(&[other]), Err(MembershipError::OtherRoom));
        assert_eq!(
            membership.merge(&[b"no record"]),
            Err(MembershipError::NoGenesis)
        );
        assert_eq!(
            membership.merge::<Vec<u8>>(&[]),
            Err(MembershipError::NoGenesis)
        );
    }

    #[test]
    fn a_record_of_an_unknown_kind_closes_the_door() {
        let records = [genesis().encode(), b"from the future".to_vec()];
        assert_eq!(
            Membership::open(&records),
            Err(MembershipError::UnknownRecord)
        );
        let mut later = genesis();
        later.version = 2;
        assert_eq!(
            Membership::open(&[later.encode()]),
            Err(MembershipError::UnknownRecord)
        );
    }

    #[test]
    fn a_room_of_a_genesis_alone_is_open() {
        let membership = Membership::begin(&genesis());
        for right in [Right::Read, Right::Comment, Right::Edit] {
            assert_eq!(membership.permits(&DeviceId([9; 32]), right), Ok(()));
        }
    }
}
