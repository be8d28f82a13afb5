//! The first record of a room.

use minicbor::{Decoder, Encoder};

use crate::RoomId;
use crate::key::DevicePublic;

/// What a room's name is made of: CBOR `[version, owner, nonce]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Genesis {
    /// [`OPEN`](Self::OPEN) or [`CLOSED`](Self::CLOSED).
    pub version: u32,
    /// The owner's public key; in an open room, its device id.
    pub owner: [u8; 32],
    /// Random, so that one owner can have many rooms.
    pub nonce: [u8; 32],
}

impl Genesis {
    /// The version of a room that is open to whoever reaches its listener, and stays so.
    pub const OPEN: u32 = 1;

    /// The version of a room in which nobody may do anything but by its records.
    pub const CLOSED: u32 = 2;

    /// The version that [`new`](Self::new) writes.
    pub const VERSION: u32 = Self::OPEN;

    /// The genesis of an open room.
    pub fn new(owner: [u8; 32], nonce: [u8; 32]) -> Self {
        Self {
            version: Self::OPEN,
            owner,
            nonce,
        }
    }

    /// The genesis of a closed room. That it is closed is part of its name: whoever holds back its records opens nothing.
    pub fn closed(owner: &DevicePublic, nonce: [u8; 32]) -> Self {
        Self {
            version: Self::CLOSED,
            owner: owner.0,
            nonce,
        }
    }

    /// The record.
    pub fn encode(&self) -> Vec<u8> {
        let mut record = Encoder::new(Vec::with_capacity(72));
        record
            .array(3)
            .and_then(|record| record.u32(self.version))
            .and_then(|record| record.bytes(&self.owner))
            .and_then(|record| record.bytes(&self.nonce))
            .expect("writing to a Vec cannot fail");
        record.into_writer()
    }

    /// Reads a record. A genesis has one encoding, so that a room has one name.
    pub fn decode(record: &[u8]) -> Option<Self> {
        let genesis = Self::read(record).ok()?;
        (genesis.encode() == record).then_some(genesis)
    }

    /// The room that begins with this.
    pub fn room(&self) -> RoomId {
        RoomId(*blake3::hash(&self.encode()).as_bytes())
    }

    fn read(record: &[u8]) -> Result<Self, minicbor::decode::Error> {
        let mut decoder = Decoder::new(record);
        let wrong = || minicbor::decode::Error::message("not a genesis");
        if decoder.array()? != Some(3) {
            return Err(wrong());
        }
        Ok(Self {
            version: decoder.u32()?,
            owner: decoder.bytes()?.try_into().map_err(|_| wrong())?,
            nonce: decoder.bytes()?.try_into().map_err(|_| wrong())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_genesis_is_read_back() {
        let genesis = Genesis::new([1; 32], [2; 32]);
        assert_eq!(Genesis::decode(&genesis.encode()), Some(genesis));
    }

    #[test]
    fn m1_a_room_is_named_by_owner_and_nonce() {
        let room = Genesis::new([1; 32], [2; 32]).room();
        assert_ne!(room, Genesis::new([1; 32], [3; 32]).room());
        assert_ne!(room, Genesis::new([3; 32], [2; 32]).room());
    }

    #[test]
    fn m1_another_encoding_of_the_same_is_refused() {
        let mut long = vec![0x83, 0x18, 0x01];
        long.extend_from_slice(&Genesis::new([1; 32], [2; 32]).encode()[2..]);
        assert!(Genesis::read(&long).is_ok());
        assert_eq!(Genesis::decode(&long), None);
    }
}
