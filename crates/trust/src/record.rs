//! What a membership log is made of behind its genesis.
//!
//! A record is the CBOR array `[version, kind, room, deps, content, signer, signature]` of which there is one encoding.
//! It is named by the BLAKE3 hash of its bytes, as the genesis is by the room's name, and lists in `deps` the records that
//! its signer had and that no other had listed: the log is a graph, and *the past of a record* is what it leads to.
//!
//! The signature is over the array without its last part. A join carries another one, by the invitation, of the record
//! without either, so that who lets in and who is let in both vouch for all of it.

mod codec;

use std::collections::BTreeMap;
use std::fmt;

use crate::key::{BadSignature, DeviceKey, DevicePublic, Keyring, Purpose, SealingCertificate};
use crate::key::{SIGNATURE_BYTES, SealingPublic};
use crate::{DeviceId, RoomId};

pub use self::codec::MAX_DEPS;

/// The version that is written here.
pub const VERSION: u32 = 1;

/// The name of a record: the hash of its bytes. A genesis is named so, too, by the 32 bytes of its room's name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub [u8; 32]);

/// The name of an epoch, as frames have it: the first eight bytes of the name of the record that began it, big-endian.
///
/// Two epochs of one room that share it take 2^32 tries by an owner, who gains nothing: a key that does not open a frame is
/// a wrong key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EpochId(pub u64);

/// What a member may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Read.
    Viewer,
    /// Read, and write comments.
    Commenter,
    /// Read, and write everything.
    Editor,
    /// All of it, and say who may.
    Owner,
}

/// How many frames of each of a device's streams count: stream nonce -> number of the last, from 1.
pub type Cut = BTreeMap<u64, u64>;

/// One record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// The room.
    pub room: RoomId,
    /// The records that the signer had seen and that none of the others had listed, ascending; never empty.
    pub deps: Vec<RecordId>,
    /// What it says.
    pub content: Content,
    /// Who says it: an owner, or the device that joins or leaves.
    pub signer: DevicePublic,
    /// The signer's signature.
    pub signature: [u8; SIGNATURE_BYTES],
}

/// What a record says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// A device is a member, or has another sealing key.
    Added(Added),
    /// A member has another role from now on, or none.
    Changed(Changed),
    /// Who has a certain secret may join.
    Opened(Opened),
    /// An invitation is no longer good.
    Revoked(RecordId),
    /// A device has joined by an invitation.
    Joined(Joined),
    /// There is a new key for what is written.
    Begun(Begun),
    /// A member who is no owner is none any more, and says so herself.
    Left(Left),
    /// A device that was a member is one again.
    Readmitted(Readmitted),
}

/// A new member.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Added {
    /// The device.
    pub device: DevicePublic,
    /// What is sealed to it. It is for whoever seals to it to check that the device said so.
    pub sealing: SealingCertificate,
    /// What it may.
    pub role: Role,
    /// The key of the epoch in which it was added; none where the device has it already.
    pub epoch: Option<SealedKey>,
}

/// Another role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// The device.
    pub device: DeviceId,
    /// What it may from now on; nothing if it is removed.
    pub role: Option<Role>,
    /// Of what it was allowed to write and no longer is, this counts.
    pub cut: Cut,
}

/// An invitation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// The public key of which the secret is given to the invited.
    pub key: DevicePublic,
    /// The key, of the same secret, to which epoch keys are sealed.
    pub sealing: SealingPublic,
    /// What the invited may.
    pub role: Role,
    /// From then on no door lets anybody in by it, in ms since 1970.
    pub expires_ms: u64,
    /// So many devices may join.
    pub uses: u32,
    /// The key of the epoch in which it was made.
    pub epoch: SealedKey,
}

/// A device that was invited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Joined {
    /// The record of the invitation.
    pub invitation: RecordId,
    /// What is sealed to the device, which says so itself: it is the signer of the record.
    pub sealing: SealingPublic,
    /// By the invitation's key.
    pub admission: [u8; SIGNATURE_BYTES],
}

/// The end of an addition, by the device that was added.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Left {
    /// The record by which the signer was a member: it added her, let her in again, or is her join.
    pub of: RecordId,
    /// Of what she was allowed to write, this counts.
    pub cut: Cut,
}

/// A device that was a member, with the keys that it had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Readmitted {
    /// The device.
    pub device: DeviceId,
    /// What it may from now on; not to own.
    pub role: Role,
    /// The key of the epoch in which it was let in again.
    pub epoch: SealedKey,
}

/// A new key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begun {
    /// The keys of the epochs before, sealed under the new one.
    pub previous: Vec<SealedKey>,
    /// The new key, sealed to each member; ascending. Nothing to whom nothing can be sealed.
    pub members: Vec<(DeviceId, Vec<u8>)>,
    /// The new key, sealed to each open invitation; ascending.
    pub invitations: Vec<(RecordId, Vec<u8>)>,
}

/// The key of an epoch, sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedKey {
    /// The epoch.
    pub epoch: EpochId,
    /// Its key, sealed.
    pub sealed: Vec<u8>,
}

/// Why bytes are no record.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RecordError {
    /// They are a record of a later version or kind, or none at all: what it permits cannot be told.
    #[error("not a record that this version knows")]
    Unknown,
    /// They say what no signer can mean.
    #[error("a record that contradicts itself: {0}")]
    Contradictory(&'static str),
    /// Somebody has changed or made up the record.
    #[error(transparent)]
    BadSignature(#[from] BadSignature),
}

impl Record {
    /// Makes a record.
    pub fn sign(room: RoomId, deps: Vec<RecordId>, content: Content, key: &DeviceKey) -> Self {
        let mut record = Self {
            room,
            deps,
            content,
            signer: key.public(),
            signature: [0; SIGNATURE_BYTES],
        };
        record.signature = key.sign(Purpose::Record, &codec::signed(&record));
        record
    }

    /// Makes the record by which a device joins.
    pub fn join(
        room: RoomId,
        deps: Vec<RecordId>,
        invitation: (RecordId, &DeviceKey),
        sealing: SealingPublic,
        key: &DeviceKey,
    ) -> Self {
        let (invitation, invitation_key) = invitation;
        let joined = |admission| {
            Content::Joined(Joined {
                invitation,
                sealing,
                admission,
            })
        };
        let blank = Self::sign(room, deps, joined([0; SIGNATURE_BYTES]), key);
        let admission = invitation_key.sign(Purpose::Join, &codec::signed(&blank));
        Self::sign(room, blank.deps, joined(admission), key)
    }

    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads a record, and checks its signature. Whether its signer may say so, and whether a join is admitted by its
    /// invitation, only the log can tell.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let record = Self::read(bytes)?;
        record.verify(&mut Keyring::default())?;
        Ok(record)
    }

    /// Reads a record without checking its signature.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, RecordError> {
        let record = codec::decode(bytes)?;
        record.check()?;
        Ok(record)
    }

    /// Whether the signature is its signer's.
    pub(crate) fn verify(&self, keys: &mut Keyring) -> Result<(), BadSignature> {
        let signed = codec::signed(self);
        keys.verify(&self.signer, Purpose::Record, &signed, &self.signature)
    }

    /// Whether a join is signed by the key of its invitation.
    pub(crate) fn is_admitted_by(
        &self,
        invitation: &Opened,
        keys: &mut Keyring,
    ) -> Result<(), BadSignature> {
        let mut blank = self.clone();
        let Content::Joined(joined) = &mut blank.content else {
            return Err(BadSignature);
        };
        let admission = std::mem::replace(&mut joined.admission, [0; SIGNATURE_BYTES]);
        let signed = codec::signed(&blank);
        keys.verify(&invitation.key, Purpose::Join, &signed, &admission)
    }

    fn check(&self) -> Result<(), RecordError> {
        let wrong = match &self.content {
            _ if self.deps.is_empty() => "it has no past",
            _ if !self.deps.is_sorted_by(|a, b| a < b) => "its past is not in order",
            Content::Opened(opened) if opened.role == Role::Owner => "it invites owners",
            Content::Readmitted(again) if again.role == Role::Owner => "it lets owners in again",
            Content::Opened(opened) if opened.uses == 0 => "it invites nobody",
            Content::Begun(begun) if !begun.members.is_sorted_by(|a, b| a.0 < b.0) => {
                "members are not in order"
            }
            Content::Begun(begun) if !begun.invitations.is_sorted_by(|a, b| a.0 < b.0) => {
                "invitations are not in order"
            }
            _ => return Ok(()),
        };
        Err(RecordError::Contradictory(wrong))
    }
}

impl RecordId {
    /// The name of a record of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The name of the epoch that the record of this name begins.
    pub fn epoch(&self) -> EpochId {
        let (first, _) = self
            .0
            .split_first_chunk()
            .expect("32 bytes are more than 8");
        EpochId(u64::from_be_bytes(*first))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "RecordId({a:02x}{b:02x}{c:02x}{d:02x}..)")
    }
}

#[cfg(test)]
mod tests;
