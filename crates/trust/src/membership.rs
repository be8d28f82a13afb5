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
//!   signature. Anything else ends the link that brought it: its sender could have checked.
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
//!   never lowers a role; it may replace a sealing key.
//! - **M12** By invitation one becomes no owner, and a join gives a role only where no counting record of an owner is about
//!   the device: an owner's word goes first, and who was removed does not come back by joining. Of several joins of a
//!   device, the highest role holds.
//! - **M13** A join counts only before each counting revocation of its invitation.
//! - **M14** Of more joins than uses, first those count that are before a counting record of an owner, then those with the
//!   smallest names. A device uses an invitation once.
//! - **M15** Expiry is judged by whoever lets somebody in, with [`Membership::may_admit`], and never by the log: a join that
//!   one has let in counts for all.
//! - **M16** A change that takes away a right carries a cut, of what counts of the device's frames. The sum of the cuts
//!   counts of all changes that took it away and were followed by none that gave it back. Of who has a right only by records
//!   that fell, nothing counts by itself. What a device cuts of its own counts where no other has cut anything, and then
//!   the least.
//! - **M17** What is written is sealed in the counting epoch of the highest generation, then of the smallest name. A new one
//!   is due if a counting removal or revocation is not before it, or if it was sealed to who is no longer a member.
//! - **M18** Of one signer no more than [`MAX_RECORDS_OF_ONE`] records are taken up, and of joins no more of one invitation. What
//!   is beyond is left, with what builds on it, and the rest of the log is taken up. A log of more than [`MAX_RECORDS`]
//!   or [`MAX_LOG_BYTES`] is refused before it is read, and no signature is checked before it is known that whoever
//!   it names as the signer could say so.
//! - **M19** A record lists what counts for its signer and no other record that counts has in its past. So nobody is kept from
//!   it by records that count for nothing and of which another copy of the log has taken up others.
//!
//! # What it does not defend against
//!
//! - *Owners.* An owner can remove every other, and by signing as if she had seen little of the log she makes what they said
//!   meanwhile fall. So can who was removed, against those whom she was added before: by M9 her removal of them holds.
//!   Nothing in a log tells when a record was made, nor does it help that others have confirmed her removal
//!   (`docs/decisions/17-seniority-is-not-outvoted.md`). The earliest owner's device is therefore to be guarded, or her place to be
//!   given up while it is in good hands: a resignation cannot be undone by M9, and who is named again after it comes last.
//! - *Filling.* Who was an owner can go on to sign records that do not count, and who is invited joins beyond the uses, as far
//!   as M18 lets them. Who is an owner can name others, and fill the log up to [`MAX_RECORDS`] with them; after that it
//!   takes up no other, either.
//! - *Reading by invitation.* Who has the secret of an invitation has the keys of the epochs that were sealed to it, whether
//!   she joins or not, and reads what somebody gives her. Its revocation makes an epoch due for that reason.
//! - *Silence.* A relay can hold back records that it alone has.

mod circles;
mod graph;
mod invitations;
mod keys;
mod ownership;
mod state;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::graph::{Entry, Graph, arrange};
use self::ownership::grants;
use self::state::State;
use crate::key::DevicePublic;
use crate::record::{Content, Cut, EpochId, Opened, Record, RecordError, RecordId, Role};
use crate::{DeviceId, Genesis, RoomId};

pub use self::{
    keys::Reader,
    state::{Invitation, Member},
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

    /// Takes over the records of another copy of the log and says whether one was new. The genesis is the first of them;
    /// beside it there may be only what is new, if it builds on what is here. After an error nothing changed. What is
    /// beyond the share of its signer (M18) is left and no error: whoever sends it is not who has signed it.
    pub fn merge<R: AsRef<[u8]>>(&mut self, records: &[R]) -> Result<bool, MembershipError> {
        let first = records.first().ok_or(MembershipError::NoGenesis)?.as_ref();
        if records.len() > MAX_RECORDS || bytes_of(records) > MAX_LOG_BYTES {
            return Err(MembershipError::TooLarge);
        }
        if first != self.records[0].as_slice() {
            return Err(match Genesis::decode(first) {
                Some(_) => MembershipError::OtherRoom,
                None => MembershipError::NoGenesis,
            });
        }
        let known: BTreeSet<&[u8]> = self.records.iter().map(Vec::as_slice).collect();
        let new: BTreeSet<&[u8]> = (records.iter().map(AsRef::as_ref))
            .filter(|record| !known.contains(record))
            .collect();
        if new.iter().any(|record| record.len() > MAX_RECORD_BYTES) {
            return Err(MembershipError::TooLarge);
        }
        if new.is_empty() {
            return Ok(false);
        }
        if self.is_open() {
            return Err(MembershipError::UnknownRecord);
        }
        self.take_up(&new)
    }

    fn take_up(&mut self, new: &BTreeSet<&[u8]>) -> Result<bool, MembershipError> {
        let mut read = BTreeMap::new();
        for bytes in new {
            let record = Record::read(bytes)?;
            if record.room != self.room {
                return Err(MembershipError::OtherRoom);
            }
            read.insert(RecordId::of(bytes), record);
        }
        let ids: BTreeSet<RecordId> = read.keys().copied().collect();
        let entries = arrange(&self.entries, read, RecordId(self.room.0))?;
        let entries = within_shares(entries, |id| !ids.contains(id));
        let all: BTreeSet<RecordId> = entries.iter().map(|entry| entry.id).collect();
        let taken = (new.iter()).filter(|bytes| all.contains(&RecordId::of(bytes)));
        let mut records = self.records.clone();
        records.extend(taken.map(|record| record.to_vec()));
        if records.len() == self.records.len() {
            return Ok(false);
        }
        if records.len() > MAX_RECORDS || bytes_of(&records) > MAX_LOG_BYTES {
            return Err(MembershipError::TooLarge);
        }
        let graph = Graph::new(&entries);
        self.check(&graph, |id| ids.contains(id))?;
        self.state = state::evaluate(&graph, self.founder());
        self.entries = entries;
        records[1..].sort_unstable();
        self.records = records;
        Ok(true)
    }

    /// Rule M6. A stranger makes others check one signature at most: whatever he makes up begins with one that is wrong.
    fn check(
        &self,
        graph: &Graph<'_>,
        is_new: impl Fn(&RecordId) -> bool,
    ) -> Result<(), MembershipError> {
        let grants = grants(graph);
        let new: Vec<usize> = (0..graph.entries().len())
            .filter(|place| is_new(&graph.entries()[*place].id))
            .collect();
        if !new
            .iter()
            .all(|place| self.is_entitled(graph, &grants, *place))
        {
            return Err(MembershipError::NotEntitled);
        }
        for place in new {
            let record = &graph.entries()[place].record;
            record.verify().map_err(|_| MembershipError::Forged)?;
            if let Some(invitation) = invitation_of(graph, place) {
                let admitted = record.is_admitted_by(invitation);
                admitted.map_err(|_| MembershipError::NotEntitled)?;
            }
        }
        Ok(())
    }

    fn is_entitled(
        &self,
        graph: &Graph<'_>,
        grants: &BTreeMap<DeviceId, Vec<usize>>,
        place: usize,
    ) -> bool {
        let record = &graph.entries()[place].record;
        if let Content::Joined(_) = &record.content {
            return invitation_of(graph, place).is_some();
        }
        let signer = record.signer.device();
        let mut named = grants.get(&signer).into_iter().flatten();
        signer == self.founder().device() || named.any(|grant| graph.is_before(*grant, place))
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

    /// Whether an owner should begin an epoch (M17).
    pub fn is_epoch_due(&self) -> bool {
        self.state.is_epoch_due
    }
}

fn bytes_of<R: AsRef<[u8]>>(records: &[R]) -> usize {
    records.iter().map(|record| record.as_ref().len()).sum()
}

/// The invitation by which somebody joins, if it is before the join.
fn invitation_of<'a>(graph: &Graph<'a>, join: usize) -> Option<&'a Opened> {
    let Content::Joined(joined) = &graph.entries()[join].record.content else {
        return None;
    };
    let invitation = graph.find(&joined.invitation)?;
    match &graph.entries()[invitation].record.content {
        Content::Opened(opened) if graph.is_before(invitation, join) => Some(opened),
        _ => None,
    }
}

/// Rule M18: those of some records, in order, that are here already or for which their signer has a share left.
fn within_shares(
    entries: Vec<Arc<Entry>>,
    is_known: impl Fn(&RecordId) -> bool,
) -> Vec<Arc<Entry>> {
    let mut shares: BTreeMap<[u8; 32], usize> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| is_known(&entry.id)) {
        *shares.entry(charged_to(&entry.record)).or_default() += 1;
    }
    let mut left: BTreeSet<RecordId> = BTreeSet::new();
    let mut kept = entries;
    kept.retain(|entry| {
        if is_known(&entry.id) {
            return true;
        }
        let share = shares.entry(charged_to(&entry.record)).or_default();
        let builds_on_left = entry.record.deps.iter().any(|dep| left.contains(dep));
        if builds_on_left || *share == MAX_RECORDS_OF_ONE {
            left.insert(entry.id);
            return false;
        }
        *share += 1;
        true
    });
    kept
}

/// Whose share a record takes. Who has an invitation can make up any number of devices that join.
fn charged_to(record: &Record) -> [u8; 32] {
    match &record.content {
        Content::Joined(joined) => joined.invitation.0,
        _ => record.signer.0,
    }
}

#[cfg(test)]
mod tests;
