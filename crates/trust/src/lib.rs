//! Who a room belongs to and who may do what in it.
//!
//! A room is named by the hash of its first record, so its name cannot be taken over, and carries its membership with
//! it, so every peer and every relay judges by the same records.
//!
//! # The contract
//!
//! - [`RoomId`] is the BLAKE3 hash of the encoded [`Genesis`]; [`DeviceId`] that of the device's public key, or 32
//!   random bytes which an installation keeps until it has a key.
//! - A [`Membership`] is the clear log of a room's records, genesis first. Two logs of one room can always be merged.
//! - **A room whose log is the genesis record alone is open to whoever reaches its listener.** That is why a listener
//!   binds loopback unless it is told otherwise.
//! - A record of a kind that is not known here closes the door: a log that one cannot read is not a log that permits.
//!
//! # What is not here
//!
//! No key, no signature and no sealing yet. No clock, no randomness (a nonce is an argument), no input or output.

mod cbor;
mod genesis;
#[cfg(test)]
mod hex;
mod id;
pub mod key;
mod membership;
pub mod record;
pub mod seal;
#[cfg(feature = "testing")]
pub mod testing;

pub use self::{
    genesis::Genesis,
    id::{DeviceId, NotAnId, RoomId},
    membership::{MAX_RECORD_BYTES, MAX_RECORDS, Membership, MembershipError, Refusal, Right},
};
