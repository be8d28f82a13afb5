//! Who a room belongs to, who may do what in it, and who can read it.
//!
//! A room is named by the hash of its first record, so its name cannot be taken over, and carries its membership with
//! it, so every peer and every relay judges by the same records.
//!
//! # The contract
//!
//! - [`RoomId`] is the BLAKE3 hash of the encoded [`Genesis`]; [`DeviceId`] that of the device's public key
//!   ([`key::DevicePublic::device`]), or 32 random bytes which an installation keeps until it has a key.
//! - A [`Membership`] is the clear log of a room's records, genesis first. Two logs of one room can always be merged, and
//!   the same records amount to the same, however they came. The rules are in [`membership`].
//! - **An open room, of which the genesis says so, is open to whoever reaches its listener.** That is why a listener binds
//!   loopback unless it is told otherwise. Its log is the genesis record alone. A closed room is never open, even to who
//!   knows nothing of its log but the genesis.
//! - A record of a kind that is not known here closes the door: a log that one cannot read is not a log that permits.
//! - What is sealed and signed, and why nonces do not repeat, is in [`seal`]; the keys are in [`key`]. How somebody gets
//!   in is in [`invitation`] and [`pairing`].
//! - What lets somebody keep rooms at a relay is in [`hosting`].
//! - A secret that is kept under a [`passphrase`] opens with that alone.
//! - Secrets are wiped when they are dropped, and `Debug` shows none.
//!
//! # What is not here
//!
//! No cryptography of our own: primitives are those of RustCrypto, dalek and BLAKE3, each construction is one that is
//! published, and each has tests with known answers, of its specification where that has some and of other implementations
//! (`vectors.py`). No clock, no randomness (a generator is an argument), no input or output.

mod cbor;
mod genesis;
#[cfg(test)]
mod hex;
pub mod hosting;
mod id;
pub mod invitation;
pub mod key;
#[cfg(test)]
mod known_answers;
pub mod membership;
pub mod pairing;
pub mod passphrase;
pub mod record;
pub mod seal;
#[cfg(feature = "testing")]
pub mod testing;

/// The generators of randomness that are taken here.
pub use rand_core;

pub use self::{
    genesis::Genesis,
    id::{DeviceId, NotAnId, RoomId},
    membership::{
        MAX_LOG_BYTES, MAX_RECORD_BYTES, MAX_RECORDS, MAX_RECORDS_OF_ONE, Membership,
        MembershipError, Refusal, Right, Standing,
    },
};
