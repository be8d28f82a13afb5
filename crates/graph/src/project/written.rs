//! What was changed here and has to be stored and sent.

use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::history::MAX_STEPS;
use crate::id::AuthorId;

/// A change made here, to be stored and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The changes, one for each document that was written to; they belong into one chunk.
    pub changes: Vec<(Document, Vec<u8>)>,
    /// What became of an author's undo history with it.
    pub history: Option<HistoryWrite>,
}

/// What became of an author's undo history. The bytes are for [`Project::sign_on`] and opaque.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryWrite {
    /// Whose.
    pub author: AuthorId,
    /// What to do with what is stored.
    pub update: HistoryUpdate,
}

/// How to update a stored undo history: only what differs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryUpdate {
    /// What can be undone.
    pub undo: StackUpdate,
    /// What was undone and can be redone.
    pub redo: StackUpdate,
}

/// How to update one stored stack of steps: first `pop`, then `push`, which keeps the last 100.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StackUpdate {
    /// So many go from the top.
    pub pop: usize,
    /// These come onto it, in this order.
    pub push: Vec<Vec<u8>>,
}

/// A stored undo history: each stack with its oldest step first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StoredHistory {
    /// What can be undone.
    pub undo: Vec<Vec<u8>>,
    /// What was undone and can be redone.
    pub redo: Vec<Vec<u8>>,
}

impl StoredHistory {
    /// What is stored after an update.
    pub fn apply(&mut self, update: HistoryUpdate) {
        for (stack, update) in [(&mut self.undo, update.undo), (&mut self.redo, update.redo)] {
            stack.truncate(stack.len().saturating_sub(update.pop));
            stack.extend(update.push);
            stack.drain(..stack.len().saturating_sub(MAX_STEPS));
        }
    }
}
