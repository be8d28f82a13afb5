//! The log that says who may do what.
//!
//! It is evaluated without a clock and without knowing in which order records came: the same records amount to the same,
//! whoever holds them. `docs/sync.md` has rules M1 to M5, of how logs travel. These are of what closed rooms' logs mean.
//!
//! *Before* is in the past of; two records are *concurrent* if neither is before the other. The *generation* of a record is
//! the length of the longest way from it to the genesis.
//!
//! - **M6** A record is taken up only together with all of its past, if its signatures are good and if its signer is the
//!   founder or is named as an owner by a record before it. A join needs its invitation before it, and the invitation's
//!   signature, a leave the addition or join that it ends, and nothing builds on a leave. Anything else ends the link that
//!   brought it: its sender could have checked.
//! - **M7** The founder is an owner. So is a device if, of the records that count and make or end its ownership, the latest
//!   all make it. Of a concurrent making and ending, the end holds.
//! - **M8** A record counts if its signer is an owner by the counting records before it, and if no counting record that is
//!   concurrent ends that ownership: who was removed cannot say afterwards that she said something before. Resignations of
//!   one owner do not make each other fall.
//! - **M9** Where such ends depend on each other in a circle, as in mutual removal, the removals fall that are aimed at the
//!   earliest added owner among those they are aimed at; resignations only in a circle without removals. Earliest is the founder, then who was named as an owner by the
//!   smallest generation, then by the smallest name of the record. Who has resigned and was named again later is an owner
//!   since then, the founder too.
//! - **M10** A room has an owner. If by the other rules it had none, the resignations fall of whose resignation no other
//!   follows; of several such, of the earliest added.
//! - **M11** The role of who is no owner is the lowest that the latest counting records about the device leave. An addition
//!   never lowers a role; it may replace a sealing key. Where none that counts has one, it is that of the device's latest join
//!   or else of the latest addition before a counting record about it: one owner may give a role to whom another's word keeps
//!   out, and she is sealed to like any member.
//! - **M12** By invitation one becomes no owner, and a join gives a role only where no counting record of an owner is about
//!   the device: an owner's word goes first, and who was removed does not come back by joining. Of several joins of a
//!   device, the highest role holds.
//! - **M13** A join counts only before each counting revocation of its invitation.
//! - **M14** Of more joins than uses, first those count that are before a counting record of an owner, then those with the
//!   smallest names. A device uses an invitation once.
//! - **M15** Expiry is judged by whoever lets somebody in, with [`Membership::may_admit`], and never by the log: a join that
//!   one has let in counts for all, and one that is before a counting record of an owner was let in.
//! - **M16** A change that takes away a right carries a cut, of what counts of the device's frames. The sum of the cuts
//!   counts of all changes that took it away and were followed by none that gave it back. Of who has a right only by records
//!   that fell, nothing counts by itself. What a device cuts of its own counts where no other has cut anything, and then
//!   the least.
//! - **M17** What is written is sealed in the counting epoch of the highest generation, then of the smallest name. A new one
//!   is due if there is none, if a counting removal or revocation is not before it, if it was sealed to who is no longer a member, or
//!   if the log does not give its key to a member (M22): who was let in again where nobody knew of an epoch that was begun
//!   without her.
//! - **M18** Of one signer no more than [`MAX_RECORDS_OF_ONE`] records are taken up, and of joins no more of one invitation. What
//!   is beyond is left, with what builds on it, and the rest of the log is taken up. A log of more than [`MAX_RECORDS`]
//!   or [`MAX_LOG_BYTES`] is refused before it is read, and no signature is checked before it is known that whoever
//!   it names as the signer could say so.
//! - **M19** A record lists what counts for its signer and no other record that counts has in its past. So nobody is kept from
//!   it by records that count for nothing and of which another copy of the log has taken up others.
//! - **M20** Who is no owner leaves by records of her own, one for each addition and join of hers that is there: it counts for
//!   nothing any more, nor does a role that was given after such alone. So she is gone, whoever has changed her role
//!   meanwhile, and is in again by a later addition. Her cut counts as in M16; ownership is left to M7. Of several leaves of one device
//!   that end the same, a log has the one with the smallest name, so they take no share (M18) and are in nobody's past.
//! - **M21** An owner lets in again who was removed or has left: with the keys that she had, exactly the role that is said, and never as
//!   an owner. It is an addition.
//! - **M22** The log *gives* a device the key of an epoch in the record of the epoch, in an addition of the device, in an invitation
//!   by which it has joined, or by the key of another epoch that carries it on, whether these count or not. An epoch is sealed to
//!   every member, and carries on what its signer can open.
//!
//! # What it does not defend against
//!
//! - *Owners.* An owner can remove every other, and by signing as if she had seen little of the log she makes what they said
//!   meanwhile fall. So can who was removed, against those whom she was added before: by M9 her removal of them holds.
//!   Nothing in a log tells when a record was made, nor does it help that others have confirmed her removal
//!   (`docs/decisions/18-seniority-is-not-outvoted.md`). The earliest owner's device is therefore to be guarded, or her place to be
//!   given up while it is in good hands: a resignation cannot be undone by M9, and who is named again after it comes last.
//! - *Filling.* Who was an owner can go on to sign records that do not count, and who is invited joins beyond the uses, as far
//!   as M18 lets them. Who is an owner can name others, and fill the log up to [`MAX_RECORDS`] with them; after that it
//!   takes up no other, either.
//! - *Reading by invitation.* Who has the secret of an invitation has the keys of the epochs that were sealed to it, whether
//!   she joins or not, and reads what somebody gives her. Its revocation makes an epoch due for that reason.
//! - *Silence.* A relay can hold back records that it alone has.

mod by_device;
mod circles;
mod graph;
mod invitations;
mod keys;
mod leaving;
mod ownership;
mod roles;
mod state;
mod take_up;
mod write;

use std::sync::Arc;

use self::graph::{Entry, Graph};
use self::state::State;
use crate::key::DevicePublic;
use crate::record::{Content, Cut, EpochId, Record, RecordError, RecordId, Role};
use crate::{DeviceId, Genesis, RoomId};

#[cfg(test)]
pub(crate) use self::keys::previous_header;
pub use self::{
    keys::Reader,
    state::{Invitation, Member},
    take_up::NotLetIn,
    write::{Refused, Terms},
};

/// A larger record is refused: a member, an epoch's sealed keys for a few hundred devices, no more.
pub const MAX_RECORD_BYTES: usize = 64 << 10;

/// A longer log is refused: it is exchanged whole on every new link.
pub const MAX_RECORDS: usize = 4096;

/// A larger log is refused: it is one message, and a room of 500 members that has had 100 epochs has less.
pub const MAX_LOG_BYTES: usize = 8 << 20;

/// No more records are taken up of one signer, or of joins by one invitation: a quarter of a log, so that who was removed
/// does not fill it, and more than one says in ten years with two changes a week.
pub const MAX_RECORDS_OF_ONE: usize = 1024;

/// The records of one room, genesis first, the others in the order of their bytes.
///
/// Each record's signatures are checked once, when it is taken up. Cloning it is cheap enough for a room that is opened,
/// not for a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    genesis: Genesis,
    room: RoomId,
    records: Vec<Vec<u8>>,
    entries: Vec<Arc<Entry>>,
    /// Whether there is a signer or an invitation of which nothing more is taken up (M18).
    is_share_used_up: bool,
    state: State,
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

/// What a log says of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It counts by itself.
    Counts,
    /// Its device has no longer, or has by no record that counts, the right that it had for some. It counts if somebody
    /// vouches for it.
    Lost,
    /// No record gives its device the right, and whoever sends it knows that.
    Never(Refusal),
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

/// Why nobody is let in by an invitation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAdmitted {
    /// The log has no such invitation that counts.
    #[error("the invitation is not one of this room")]
    Unknown,
    /// It was revoked.
    #[error("the invitation was revoked")]
    Revoked,
    /// Its time is over.
    #[error("the invitation has expired")]
    Expired,
    /// As many have joined as were to.
    #[error("the invitation is used up")]
    UsedUp,
}

/// Why records are no log, or not this room's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MembershipError {
    /// The first record is not a genesis.
    #[error("the log does not begin with a genesis record")]
    NoGenesis,
    /// The genesis, or a record, is that of another room.
    #[error("the log belongs to another room")]
    OtherRoom,
    /// There is a record, or a version, that is not known here.
    #[error("the log has a record that this version does not know")]
    UnknownRecord,
    /// More or larger records than a log may have.
    #[error("the log is too large")]
    TooLarge,
    /// More records than a log takes up of one signer or one invitation.
    #[error("the log takes no more records of this device or invitation")]
    TooManyOfOne,
    /// A record lists another one that is not there.
    #[error("the log lacks a record on which another one builds")]
    Incomplete,
    /// A record contradicts itself or has a wrong signature.
    #[error("the log has a forged record")]
    Forged,
    /// A record is signed by somebody who never could say so.
    #[error("the log has a record by somebody who is not entitled to it")]
    NotEntitled,
}

impl From<RecordError> for MembershipError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Unknown => Self::UnknownRecord,
            RecordError::Contradictory(_) | RecordError::BadSignature(_) => Self::Forged,
        }
    }
}

impl Membership {
    /// The log of a room that begins now.
    pub fn begin(genesis: &Genesis) -> Self {
        let founder = DevicePublic(genesis.owner);
        Self {
            genesis: *genesis,
            room: genesis.room(),
            records: vec![genesis.encode()],
            entries: Vec::new(),
            is_share_used_up: false,
            state: state::evaluate(&Graph::new(&[]), founder),
        }
    }

    /// Reads a log, genesis first.
    pub fn open<R: AsRef<[u8]>>(records: &[R]) -> Result<Self, MembershipError> {
        let first = records.first().ok_or(MembershipError::NoGenesis)?;
        let genesis = Genesis::decode(first.as_ref()).ok_or(MembershipError::NoGenesis)?;
        if !matches!(genesis.version, Genesis::OPEN | Genesis::CLOSED) {
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

    /// Whether everybody may do everything: the genesis says so.
    pub fn is_open(&self) -> bool {
        self.genesis.version == Genesis::OPEN
    }

    /// All records, genesis first.
    pub fn records(&self) -> &[Vec<u8>] {
        &self.records
    }

    /// All records behind the genesis, read, each after those on which it builds: what there is to tell of the log.
    pub fn history(&self) -> impl ExactSizeIterator<Item = (RecordId, &Record)> {
        self.entries.iter().map(|entry| (entry.id, &entry.record))
    }

    fn founder(&self) -> DevicePublic {
        DevicePublic(self.genesis.owner)
    }

    /// Whether a device may do something. In an open room everybody may do everything.
    pub fn permits(&self, device: &DeviceId, right: Right) -> Result<(), Refusal> {
        if self.is_open() {
            return Ok(());
        }
        match self.state.members.get(device) {
            Some(member) if member.may(right) => Ok(()),
            Some(member) if member.role.is_some() => Err(Refusal::RoleForbids),
            _ => Err(Refusal::NotAMember),
        }
    }

    /// What a device may; nothing if it is no member.
    pub fn role_of(&self, device: &DeviceId) -> Option<Role> {
        self.member(device)?.role
    }

    /// A device that is a member, or was.
    pub fn member(&self, device: &DeviceId) -> Option<&Member> {
        self.state.members.get(device)
    }

    /// All devices that are members, or were.
    pub fn members(&self) -> impl ExactSizeIterator<Item = (&DeviceId, &Member)> {
        self.state.members.iter()
    }

    /// All owners. There is always one.
    pub fn owners(&self) -> impl Iterator<Item = &DeviceId> {
        let is_owner = |member: &Member| member.role == Some(Role::Owner);
        self.members()
            .filter(move |(_, member)| is_owner(member))
            .map(|(device, _)| device)
    }

    /// What counts of a device's frames that need a right (M16): none if it has the right, so that all of them count. Of a
    /// device that was never a member nothing does.
    pub fn cut_of(&self, device: &DeviceId, right: Right) -> Option<Cut> {
        self.permits(device, right).err()?;
        let cut = self.member(device).and_then(|member| member.cut(right));
        Some(cut.cloned().unwrap_or_default())
    }

    /// What the log says of a frame, by the place that it has in its device's streams.
    pub fn standing(&self, device: &DeviceId, right: Right, nonce: u64, number: u64) -> Standing {
        match self.permits(device, right) {
            _ if self.counts(device, right, nonce, number) => Standing::Counts,
            Err(refusal) if !self.was_ever(device, right) => Standing::Never(refusal),
            _ => Standing::Lost,
        }
    }

    /// Whether some record gives a device a right, whether it counts or not: others who have seen less of the log, or more,
    /// may have believed so. It may also be a record that was left here, if somebody's share is used up.
    pub fn was_ever(&self, device: &DeviceId, right: Right) -> bool {
        let named = self.state.named.get(device);
        let highest = named.and_then(|named| named.highest);
        highest.is_some_and(|role| role.includes(right)) || self.is_share_used_up
    }

    /// The key of a device that some record names, whether it counts or not: its id is a hash of the key, so no record
    /// can name a wrong one.
    pub fn key_of(&self, device: &DeviceId) -> Option<DevicePublic> {
        self.state.named.get(device)?.key
    }

    /// Whether a frame counts by itself, without somebody who vouches for it: its device has the right for it, or it is
    /// below the cut with which the right was taken away.
    pub fn counts(&self, device: &DeviceId, right: Right, nonce: u64, number: u64) -> bool {
        self.permits(device, right).is_ok()
            || (self.member(device).and_then(|member| member.cut(right)))
                .and_then(|cut| cut.get(&nonce))
                .is_some_and(|last| number <= *last)
    }

    /// An invitation that counts, revoked or not.
    pub fn invitation(&self, id: &RecordId) -> Option<&Invitation> {
        self.state.invitations.get(id)
    }

    /// All invitations that count, revoked or not.
    pub fn invitations(&self) -> impl ExactSizeIterator<Item = (&RecordId, &Invitation)> {
        self.state.invitations.iter()
    }

    /// Whether somebody is let in by an invitation now (M15). It is asked of the log as it is without the join.
    pub fn may_admit(&self, invitation: &RecordId, now_ms: u64) -> Result<(), NotAdmitted> {
        let invitation = self.invitation(invitation).ok_or(NotAdmitted::Unknown)?;
        if invitation.is_revoked {
            Err(NotAdmitted::Revoked)
        } else if now_ms >= invitation.expires_ms {
            Err(NotAdmitted::Expired)
        } else if invitation.joined.len() >= invitation.uses as usize {
            Err(NotAdmitted::UsedUp)
        } else {
            Ok(())
        }
    }

    /// The epoch in which to seal; none in an open room.
    pub fn epoch(&self) -> Option<EpochId> {
        self.state.epoch
    }

    /// The epoch that was begun first, of which everybody has the key who has any; none in an open room.
    pub fn first_epoch(&self) -> Option<EpochId> {
        let mut history = self.history();
        history.find_map(|(id, record)| match record.content {
            Content::Begun(_) => Some(id.epoch()),
            _ => None,
        })
    }

    /// Whether an owner should begin an epoch (M17).
    pub fn is_epoch_due(&self) -> bool {
        self.state.is_epoch_due
    }
}

#[cfg(test)]
mod tests;
