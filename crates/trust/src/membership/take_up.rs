//! Taking up the records of another copy of a log: rules M6, M15 and M18.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::graph::{Entry, Graph, arrange};
use super::leaving::{addition_of, first_words};
use super::ownership::grants;
use super::{MAX_LOG_BYTES, MAX_RECORD_BYTES, MAX_RECORDS, MAX_RECORDS_OF_ONE};
use super::{Membership, MembershipError, NotAdmitted, state};
use crate::key::Keyring;
use crate::record::{Content, Opened, Record, RecordId};
use crate::{DeviceId, Genesis};

/// Why the records of somebody at the door are not taken up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotLetIn {
    /// They are no log, or not this room's.
    #[error(transparent)]
    Log(#[from] MembershipError),
    /// One of them is a join by an invitation that lets nobody in.
    #[error(transparent)]
    NotAdmitted(#[from] NotAdmitted),
}

impl Membership {
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

    /// As [`merge`](Self::merge), of a visitor who is no member here: the join by which he comes is judged by the clock (M15),
    /// in ms since 1970, unless an owner has seen it. If that lets him in he brings what every member may, such as those who were let in elsewhere while
    /// their invitations lasted; if he is no member all the same, every join that is new here is judged so. After an error
    /// nothing changed.
    pub fn merge_at_door<R: AsRef<[u8]>>(
        &mut self,
        records: &[R],
        visitor: &DeviceId,
        now_ms: u64,
    ) -> Result<bool, NotLetIn> {
        let mut merged = self.clone();
        if !merged.merge(records)? {
            return Ok(false);
        }
        let known: BTreeSet<RecordId> = self.history().map(|(id, _)| id).collect();
        let is_in = merged.role_of(visitor).is_some();
        for (_, record) in merged.history().filter(|(id, _)| !known.contains(id)) {
            let device = record.signer.device();
            if let Content::Joined(joined) = &record.content
                && (!is_in || device == *visitor)
            {
                merged.has_admitted(&joined.invitation, &device, now_ms)?;
            }
        }
        *self = merged;
        Ok(true)
    }

    /// Whether a door lets a device in that has joined already, as the log is with the join. One of whose join an owner has
    /// heard was let in elsewhere.
    fn has_admitted(
        &self,
        invitation: &RecordId,
        device: &DeviceId,
        now_ms: u64,
    ) -> Result<(), NotAdmitted> {
        let found = self.invitation(invitation).ok_or(NotAdmitted::Unknown)?;
        if found.seen.contains(device) {
            return Ok(());
        }
        match self.may_admit(invitation, now_ms) {
            Err(NotAdmitted::UsedUp) | Ok(()) => {
                let is_in = found.joined.contains(device);
                is_in.then_some(()).ok_or(NotAdmitted::UsedUp)
            }
            refused => refused,
        }
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
        let (arranged, is_share_used_up) = within_shares(entries, |id| !ids.contains(id));
        if arranged.len() == self.entries.len() {
            return Ok(false);
        }
        let entries = first_words(&arranged);
        let mut records = self.records_of(&entries, new);
        if records.len() > MAX_RECORDS || bytes_of(&records) > MAX_LOG_BYTES {
            return Err(MembershipError::TooLarge);
        }
        let graph = Graph::new(&arranged);
        self.check(&graph, |id| ids.contains(id))?;
        if !entries.iter().any(|entry| ids.contains(&entry.id)) {
            return Ok(false);
        }
        self.state = match arranged.len() == entries.len() {
            true => state::evaluate(&graph, self.founder()),
            false => state::evaluate(&Graph::new(&entries), self.founder()),
        };
        self.entries = entries;
        self.is_share_used_up = is_share_used_up;
        records[1..].sort_unstable();
        self.records = records;
        Ok(true)
    }

    /// The bytes of some entries, genesis first. Of those that are here one may have given way to a new one (M20).
    fn records_of(&self, entries: &[Arc<Entry>], new: &BTreeSet<&[u8]>) -> Vec<Vec<u8>> {
        let ids: BTreeSet<RecordId> = entries.iter().map(|entry| entry.id).collect();
        let is_kept = |record: &[u8]| ids.contains(&RecordId::of(record));
        let taken = new.iter().filter(|record| is_kept(record));
        let mut records = self.records.clone();
        records.extend(taken.map(|record| record.to_vec()));
        if records.len() > 1 + entries.len() {
            let said = records.split_off(1);
            records.extend(said.into_iter().filter(|record| is_kept(record)));
        }
        records
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
        let mut keys = Keyring::default();
        for place in new {
            let record = &graph.entries()[place].record;
            let signed = record.verify(&mut keys);
            signed.map_err(|_| MembershipError::Forged)?;
            if let Some(invitation) = invitation_of(graph, place) {
                let admitted = record.is_admitted_by(invitation, &mut keys);
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
        let builds_on_leave = record.deps.iter().filter_map(|dep| graph.find(dep));
        let mut leaves = builds_on_leave.map(|dep| &graph.entries()[dep].record.content);
        if leaves.any(|content| matches!(content, Content::Left(_))) {
            return false;
        }
        match &record.content {
            Content::Joined(_) => return invitation_of(graph, place).is_some(),
            Content::Left(left) => return addition_of(graph, place, left).is_some(),
            _ => {}
        }
        let signer = record.signer.device();
        let mut named = grants.get(&signer).into_iter().flatten();
        signer == self.founder().device() || named.any(|grant| graph.is_before(*grant, place))
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

/// Rule M18: those of some records, in order, that are here already or for which their signer has a share left; and
/// whether somebody has none.
fn within_shares(
    entries: Vec<Arc<Entry>>,
    is_known: impl Fn(&RecordId) -> bool,
) -> (Vec<Arc<Entry>>, bool) {
    let mut shares: BTreeMap<[u8; 32], usize> = BTreeMap::new();
    let known = |entry: &&Arc<Entry>| is_known(&entry.id) && !is_leave(entry);
    for entry in entries.iter().filter(known) {
        *shares.entry(charged_to(&entry.record)).or_default() += 1;
    }
    let mut left: BTreeSet<RecordId> = BTreeSet::new();
    let mut kept = entries;
    kept.retain(|entry| {
        if is_known(&entry.id) {
            return true;
        }
        let builds_on_left = entry.record.deps.iter().any(|dep| left.contains(dep));
        if is_leave(entry) && !builds_on_left {
            return true;
        }
        let share = shares.entry(charged_to(&entry.record)).or_default();
        if builds_on_left || *share == MAX_RECORDS_OF_ONE {
            left.insert(entry.id);
            return false;
        }
        *share += 1;
        true
    });
    let is_used_up = shares.values().any(|share| *share == MAX_RECORDS_OF_ONE);
    (kept, is_used_up)
}

/// Of leaves there are no more than additions (M20).
fn is_leave(entry: &Entry) -> bool {
    matches!(entry.record.content, Content::Left(_))
}

/// Whose share a record takes. Who has an invitation can make up any number of devices that join.
fn charged_to(record: &Record) -> [u8; 32] {
    match &record.content {
        Content::Joined(joined) => joined.invitation.0,
        _ => record.signer.0,
    }
}
