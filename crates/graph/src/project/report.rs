//! What became of a command, an undo or a redo.

use thiserror::Error;

use crate::delta::Delta;
use crate::undo::Skipped;

/// A command was applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// What changed in the view.
    pub delta: Delta,
    /// What the step is called.
    pub label: String,
}

/// A step was undone or redone.
#[derive(Debug, Clone, PartialEq)]
pub struct UndoReport {
    /// What changed in the view.
    pub delta: Delta,
    /// What the step is called.
    pub label: String,
    /// What was left alone because somebody else has changed it since.
    pub skipped: Vec<Skipped>,
}

/// There was nothing to undo or redo.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is nothing left to undo or redo")]
pub struct NothingToUndo {
    /// What was left alone because somebody else has changed it since.
    pub skipped: Vec<Skipped>,
}
