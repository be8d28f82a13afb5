//! What was changed here and has to be stored and sent.

use serde::{Deserialize, Serialize};

use crate::document::Document;
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

/// How to update a stored undo history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryUpdate {
    /// Append one step, drop what could have been redone, keep the last 100 steps.
    Push(Vec<u8>),
    /// Store this in place of everything.
    Replace(Vec<u8>),
}

/// A stored undo history: what the last `Replace` gave, then each `Push` since.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StoredHistory {
    /// Of the last [`HistoryUpdate::Replace`].
    pub base: Option<Vec<u8>>,
    /// Of each [`HistoryUpdate::Push`] since, oldest first.
    pub pushed: Vec<Vec<u8>>,
}
