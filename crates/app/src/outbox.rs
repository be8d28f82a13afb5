//! Changes on their way to the disk.

use std::collections::{BTreeMap, BTreeSet};

use store::{Chunk, Seq, StoreError};

use crate::fault::{Fault, planted};

/// The changes of one project that the disk does not hold for certain yet, in order.
///
/// A chunk is kept until the store says it is written, and counts as unsaved until the store says it
/// is durable. When one fails, what comes after it is kept back, so that nothing overtakes it; after
/// [`Outbox::resume`] all are handed over again, oldest first. Pure: it neither writes nor waits.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Not written yet.
    kept: BTreeMap<Number, Chunk>,
    /// Handed to the store, which has not answered yet.
    handed: BTreeSet<Number>,
    /// Written, not durable yet.
    written: BTreeSet<Number>,
    next: Number,
    stalled: Option<StoreError>,
    retrying: bool,
}

/// Names a chunk between an outbox and the store's acknowledgements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Number(pub u64);

/// What became of a chunk, without its number.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It survives the death of the process.
    Written(Seq),
    /// It survives a loss of power.
    Durable(Seq),
    /// None of it was written.
    Failed(StoreError),
}

impl Outbox {
    /// Takes a chunk in, and says under which number it is to be handed to the store; none while an
    /// earlier one could not be written.
    pub fn push(&mut self, chunk: Chunk) -> Option<Number> {
        let number = self.next;
        self.next.0 += 1;
        self.kept.insert(number, chunk);
        if self.stalled.is_some() {
            return None;
        }
        self.handed.insert(number);
        Some(number)
    }

    /// The number of the chunk that is pushed next.
    pub fn next(&self) -> Number {
        self.next
    }

    /// The chunk of a number that is to be handed over.
    pub fn chunk(&self, number: Number) -> Option<&Chunk> {
        self.kept.get(&number)
    }

    /// Notes what the store said.
    pub fn learn(&mut self, number: Number, fate: Fate) {
        match fate {
            Fate::Written(_) => {
                self.handed.remove(&number);
                if self.kept.remove(&number).is_some() {
                    self.written.insert(number);
                }
            }
            Fate::Durable(_) => {
                self.handed.remove(&number);
                self.kept.remove(&number);
                self.written.remove(&number);
            }
            Fate::Failed(error) => {
                self.handed.remove(&number);
                // What the disk said first is the cause; the others were only kept back behind it.
                self.stalled.get_or_insert(error);
            }
        }
    }

    /// Whether the store should be asked now to take writes again, or to make durable what it wrote.
    /// Not before it has answered for everything it was handed: a chunk still on its way would
    /// overtake those that failed.
    pub fn begin_retry(&mut self) -> bool {
        let waiting = self.stalled.is_some() || !self.written.is_empty();
        let begin = waiting && self.handed.is_empty() && !self.retrying;
        self.retrying |= begin;
        begin
    }

    /// Notes the answer to a retry, and says which numbers are to be handed over now, oldest first.
    pub fn resume(&mut self, answer: Result<(), StoreError>) -> Vec<Number> {
        self.retrying = false;
        match answer {
            Ok(()) => {
                self.stalled = None;
                if planted(Fault::ForgetOnRetry) {
                    self.kept.pop_first();
                }
                self.handed.extend(self.kept.keys());
                self.kept.keys().copied().collect()
            }
            Err(error) => {
                self.stalled = Some(error);
                Vec::new()
            }
        }
    }

    /// Changes that a loss of power would take.
    pub fn pending(&self) -> usize {
        if planted(Fault::SavedBeforeDurable) {
            return self.kept.len();
        }
        self.kept.len() + self.written.len()
    }

    /// Whether everything was handed over and written.
    pub fn is_written(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether everything before a number was written.
    pub fn is_written_before(&self, number: Number) -> bool {
        self.kept.range(..number).next().is_none()
    }

    /// Whether everything before a number would survive a loss of power.
    pub fn is_durable_before(&self, number: Number) -> bool {
        self.is_written_before(number) && self.written.range(..number).next().is_none()
    }

    /// Why writing stopped, if it did.
    pub fn stalled(&self) -> Option<&StoreError> {
        self.stalled.as_ref()
    }
}

#[cfg(test)]
mod tests;
