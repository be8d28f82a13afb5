//! What a merge brought, told from what was there before.

use std::collections::BTreeMap;

use automerge::{ActorId, Automerge, Change};

use crate::document::OpId;
use crate::time::Timestamp;

/// The operations of the changes that a merge brought, of one document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fresh {
    runs: BTreeMap<ActorId, Vec<Run>>,
}

/// The operations of one change: their counters are consecutive.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    first: u64,
    last: u64,
    at: Timestamp,
}

impl Fresh {
    /// The operations of a change.
    pub(super) fn of(change: &Change) -> Fresh {
        let run = Run {
            first: change.start_op().get(),
            last: change.max_op(),
            at: Timestamp(change.timestamp().saturating_mul(1000)),
        };
        Fresh {
            runs: [(change.actor_id().clone(), vec![run])].into(),
        }
    }

    /// The operations of everything that a document has.
    pub(super) fn all_of(doc: &Automerge) -> Fresh {
        let mut fresh = Fresh::default();
        for change in doc.get_changes_meta(&[]) {
            let run = Run {
                first: change.start_op,
                last: change.max_op,
                at: Timestamp(change.timestamp.saturating_mul(1000)),
            };
            let runs = fresh.runs.entry(change.actor.into_owned()).or_default();
            runs.push(run);
        }
        fresh
    }

    /// Those of later changes of the same document as well; of one actor, they come in their order.
    pub fn append(&mut self, later: Fresh) {
        for (actor, runs) in later.runs {
            self.runs.entry(actor).or_default().extend(runs);
        }
    }

    /// Whose the operations are.
    pub(super) fn actors(&self) -> impl Iterator<Item = &ActorId> {
        self.runs.keys()
    }

    /// Whether the merge brought nothing.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// When an operation was made, if the merge brought it.
    pub(crate) fn made(&self, op: &OpId) -> Option<Timestamp> {
        let runs = self.runs.get(&op.actor)?;
        let after = runs.partition_point(|run| run.first <= op.counter);
        let run = &runs[after.checked_sub(1)?];
        (op.counter <= run.last).then_some(run.at)
    }

    /// The last operation of the newest of the changes.
    pub(crate) fn last_op(&self) -> Option<OpId> {
        let last = self.runs.iter().filter_map(|(actor, runs)| {
            Some(OpId {
                counter: runs.last()?.last,
                actor: actor.clone(),
            })
        });
        last.max()
    }

    /// The newest of the changes: their maker and when.
    pub(crate) fn newest(&self) -> Option<(&ActorId, Timestamp)> {
        let last = self.runs.iter().filter_map(|(actor, runs)| {
            let run = runs.last()?;
            Some((run.last, actor, run.at))
        });
        last.max().map(|(_, actor, at)| (actor, at))
    }
}
