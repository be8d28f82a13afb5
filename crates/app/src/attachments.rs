//! The attachments that an open project names: which are here, which are coming, and who has the others.
//!
//! Pure, like the project that it belongs to. Where an attachment stands is found out by [`BlobWork::Look`]; what lacks
//! is fetched from the others of the room by itself, unless it would exceed the quota or somebody stopped it. What is
//! here is offered to them. What the project does not name is neither fetched nor given away.
//!
//! In a closed room only what is sealed travels, and only after its first chunk has opened with the key that the project
//! has. What was attached by an earlier version, as it is, stays where it is until somebody who has it and may edit seals it
//! ([`BlobWork::Seal`]).

pub(crate) mod content;
mod exchange;
mod named;

use std::collections::{BTreeMap, BTreeSet};

use graph::id::{BlobId, NodeId, PersonId};
use relay::Kept;
use serde::{Deserialize, Serialize};
use store::{BlobHash, StoreError};
use sync::{BlobName, BlobPiece, LinkId, Time};
use trust::DeviceId;
use trust::seal::BlobKey;
use ts_rs::TS;

use crate::failure::Failure;

pub use self::content::Sealed;
pub(crate) use self::exchange::{Face, Faces, Peers};
pub use self::named::Claim;

use self::named::Named;

/// Windows hear of progress at most this often.
const TELL_MS: u64 = 200;

/// Work on the disk about attachments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobWork {
    /// Which of these are there, whole or in part, and are they what is said of them? Answered by [`BlobDone::Looked`].
    Look(Vec<(BlobName, Vec<Claim>)>),
    /// A piece for somebody. Answered by [`BlobDone::Read`].
    Read(LinkId, BlobName, u64),
    /// A piece to keep, after those before it. Answered by [`BlobDone::Kept`].
    Keep(BlobPiece),
    /// What is there in part is not wanted any more.
    Discard(BlobName),
    /// One that is kept as it is shall be sealed with this key. Answered by [`BlobDone::Sealed`].
    Seal(BlobName, BlobKey),
}

/// What became of it.
#[derive(Debug, Clone)]
pub enum BlobDone {
    /// Where each stands by what was said of it, and how many bytes more may be kept; or why nobody knows.
    Looked(Vec<(BlobName, Vec<Claim>, Found)>, Result<u64, StoreError>),
    /// The piece; none if it is not there.
    Read(LinkId, BlobName, Option<BlobPiece>),
    /// What became of a piece.
    Kept(BlobName, Kept),
    /// One that was kept as it is is sealed, too; none if that could not be done.
    Sealed(BlobName, Option<Sealed>),
}

/// What there is of an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// All, as some node says: so many bytes.
    Whole {
        /// As many as it takes here.
        bytes: u64,
        /// Whether it is sealed.
        is_sealed: bool,
    },
    /// All that has the name, and it is not what any node says.
    Other,
    /// So much, from its beginning.
    Part(u64),
}

/// How an attachment stands, for a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Attachment {
    /// Which.
    pub blob: BlobId,
    /// How it stands.
    pub stage: AttachmentStage,
    /// Who has it, as far as is known: who is there first.
    pub holders: Vec<Holder>,
}

/// How an attachment stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "app.ts")]
pub enum AttachmentStage {
    /// It is on this machine.
    Here,
    /// Nobody who is reached has it.
    Missing,
    /// It is being fetched.
    Coming {
        /// So much is here.
        #[ts(type = "number")]
        kept_bytes: u64,
        /// Of so much.
        #[ts(type = "number")]
        total_bytes: u64,
    },
    /// Somebody stopped it; `fetchAttachment` goes on.
    Stopped,
    /// It cannot be had: `ATTACHMENT_QUOTA`, `DISK_FULL`, `ATTACHMENT_DOES_NOT_OPEN` ...; `fetchAttachment` tries again.
    Failed {
        /// Why.
        failure: Failure,
    },
}

/// Somebody who has an attachment that is not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Holder {
    /// Their name; none on a relay.
    pub name: Option<String>,
    /// Whether it is the person at this window, on another machine.
    pub is_me: bool,
    /// Whether there is a link to their machine now.
    pub is_linked: bool,
}

/// What is known of the attachments of one open project.
#[derive(Default)]
pub(crate) struct Attachments {
    named: Named,
    /// Where each stands that is named.
    stages: BTreeMap<BlobName, Stage>,
    /// Who has said to have one, also while they are away.
    holders: BTreeMap<BlobName, BTreeSet<DeviceId>>,
    /// To be looked for.
    unknown: Vec<BlobName>,
    /// Here, in a closed room, and kept as they are.
    unsealed: BTreeSet<BlobName>,
    /// Of which windows are to hear.
    changed: BTreeSet<BlobName>,
    tell_at: Option<Time>,
    /// Nothing is looked for before somebody wants to know.
    is_begun: bool,
    /// The person at this window.
    me: Option<PersonId>,
}

#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Unknown,
    Here {
        bytes: u64,
        is_sealed: bool,
    },
    Wanted {
        kept: u64,
    },
    Stopped,
    Failed(Failure),
    /// The disk did not take a piece.
    Refused(Failure),
}

impl Attachments {
    /// Begins to follow what a project names.
    pub(crate) fn begin(&mut self, me: PersonId, view: &graph::view::View) {
        self.me = Some(me);
        if !std::mem::replace(&mut self.is_begun, true) {
            let names = self.named.read(view);
            self.look(names.appeared);
        }
    }

    /// The view has changed.
    pub(crate) fn update(
        &mut self,
        view: &graph::view::View,
        delta: &graph::delta::Delta,
        mut peers: Option<&mut Peers<'_>>,
    ) {
        if !self.is_begun {
            return;
        }
        let changes = self.named.update(view, delta);
        self.look(changes.appeared);
        for name in changes.vanished {
            // What came so far stays: an undo names it again, and a sweep removes it one day.
            self.stages.remove(&name);
            self.holders.remove(&name);
            self.changed.remove(&name);
            self.unsealed.remove(&name);
            if let Some(peers) = &mut peers {
                peers.exchange.unwant_blob(&name);
                peers.exchange.withdraw_blob(&name);
            }
        }
    }

    /// What is to be looked for.
    pub(crate) fn take_lookups(&mut self) -> Option<BlobWork> {
        let names = std::mem::take(&mut self.unknown).into_iter();
        let claimed: Vec<_> = names.map(|name| (name, self.named.claims(&name))).collect();
        (!claimed.is_empty()).then_some(BlobWork::Look(claimed))
    }

    /// The nodes that name any attachment.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = NodeId> {
        self.named.nodes()
    }

    /// The nodes that name one.
    pub(crate) fn nodes_of(&self, name: &BlobName) -> impl Iterator<Item = NodeId> {
        self.named.nodes_of(name)
    }

    /// Whether something is to be sealed before it can travel.
    pub(crate) fn has_unsealed(&self) -> bool {
        !self.unsealed.is_empty()
    }

    /// What is to be sealed before it can travel. It is said once.
    pub(crate) fn take_unsealed(&mut self) -> BTreeSet<BlobName> {
        std::mem::take(&mut self.unsealed)
    }

    /// Looks again for one that failed, was stopped, or turned out not to be here.
    pub(crate) fn retry(&mut self, blob: &BlobId) {
        if let Some(name) = name_of(blob).filter(|name| self.named.has(name)) {
            self.look([name]);
            self.changed.insert(name);
        }
    }

    /// Looks again for one that the disk refused, if there is any. The others follow once a piece of it is kept: what comes
    /// while the disk still is full comes for nothing.
    pub(crate) fn retry_refused(&mut self) {
        let first = self.refused().next();
        self.look(first);
    }

    fn refused(&self) -> impl Iterator<Item = BlobName> {
        let stages = self.stages.iter();
        let refused = stages.filter(|(_, stage)| matches!(stage, Stage::Refused(_)));
        refused.map(|(name, _)| *name)
    }

    /// Gives up fetching one, until it is asked for.
    pub(crate) fn stop(
        &mut self,
        blob: &BlobId,
        peers: Option<&mut Peers<'_>>,
    ) -> Option<BlobWork> {
        let name = name_of(blob)?;
        let stage = self.stages.get_mut(&name)?;
        if matches!(stage, Stage::Here { .. }) {
            return None;
        }
        *stage = Stage::Stopped;
        self.changed.insert(name);
        if let Some(peers) = peers {
            peers.exchange.unwant_blob(&name);
        }
        Some(BlobWork::Discard(name))
    }

    /// Has these looked for. Of what the project does not name it is not known what it ought to be.
    fn look(&mut self, names: impl IntoIterator<Item = BlobName>) {
        for name in names {
            if !self.named.has(&name) {
                continue;
            }
            let stage = self.stages.entry(name).or_insert(Stage::Stopped);
            if *stage != Stage::Unknown {
                *stage = Stage::Unknown;
                self.unknown.push(name);
            }
        }
    }

    fn put(&mut self, name: BlobName, stage: Stage) {
        if let Some(known) = self.stages.get_mut(&name) {
            *known = stage;
            self.changed.insert(name);
        }
    }
}

/// The name under which an attachment travels.
pub(crate) fn name_of(blob: &BlobId) -> Option<BlobName> {
    let hash: BlobHash = blob.as_str().parse().ok()?;
    Some(BlobName(hash.0))
}

pub(crate) fn blob_of(name: &BlobName) -> BlobId {
    BlobId::from(name.to_string().as_str())
}

fn over_quota(size_bytes: u64, left_bytes: u64) -> Failure {
    Failure::new(
        "ATTACHMENT_QUOTA",
        format!(
            "It has {}, and attachments may take only {} more on this machine. Allow more in the settings, or delete some.",
            size_words(size_bytes, u64::div_ceil),
            size_words(left_bytes, |bytes, unit| bytes / unit),
        ),
    )
}

fn not_sealed() -> Failure {
    Failure::new(
        "ATTACHMENT_NOT_SEALED",
        "It was attached by an earlier version and does not travel as it is. It comes once somebody who has it and may edit has opened the project, or attaches it again.",
    )
}

/// A size in the unit in which it is short, rounded by `divide`: what is too large never reads as if it fitted.
fn size_words(bytes: u64, divide: fn(u64, u64) -> u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", divide(bytes, 1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", divide(bytes, 1_000_000)),
        _ => format!("{} GB", divide(bytes, 1_000_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_that_does_not_fit_reads_as_more_than_there_is_room_for() {
        let failure = over_quota(163_840, 163_000);
        assert!(
            failure
                .message
                .starts_with("It has 164 kB, and attachments may take only 163 kB more"),
            "{}",
            failure.message
        );
        let large = over_quota(1_200_000_001, 999).message;
        assert!(
            large.starts_with("It has 2 GB, and attachments may take only 999 bytes more"),
            "{large}"
        );
    }
}
