//! What is wrong with a project although nobody did anything wrong: merges may not fail, so what
//! two valid edits combine to is accepted, and listed here with a way out.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::command::Command;
use crate::document::OpId;
use crate::id::{FieldId, LinkId, NodeId, PersonId};
use crate::time::Timestamp;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct Problem {
    /// What kind of thing.
    pub kind: ProblemKind,
    /// The node that it is about; none: the project as a whole.
    pub node: Option<NodeId>,
    /// Field, where it is about one.
    pub field: Option<FieldId>,
    /// Link, where it is about one.
    pub link: Option<LinkId>,
    /// Other nodes that take part, for example those of a cycle.
    pub others: Vec<NodeId>,
    /// A sentence for people.
    pub message: String,
    /// Of a conflict: the edits that it is between, the one in force first.
    pub sides: Vec<Side>,
    /// Ways out, the recommended one first.
    pub fixes: Vec<Fix>,
}

/// One of the edits that a conflict is between.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct Side {
    /// What it says, for people: a value, a place, what was done.
    pub text: String,
    /// Whose it is.
    pub by: Option<PersonId>,
    /// When it was made, to the second; none if it left no trace, or was not looked up: see
    /// [`crate::Project::problems`].
    pub at: Option<Timestamp>,
    /// Whether it is in force.
    pub is_shown: bool,
    /// The operation, for looking up when.
    #[serde(skip)]
    #[ts(skip)]
    pub(crate) op: Option<OpId>,
}

/// A way out of a problem.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct Fix {
    /// Text of the button.
    pub label: String,
    /// What it does.
    pub command: Command,
}

/// Kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub enum ProblemKind {
    /// Concurrent moves would have made a cycle; one of them was set aside.
    MoveCycle,
    /// Two people moved the node to different places at the same time.
    MoveRace,
    /// The parent was deleted elsewhere; the node was lifted to the nearest live ancestor.
    ParentDeleted,
    /// Nodes block each other in a circle.
    BlockingCycle,
    /// Somebody edited the node while it was being deleted.
    EditedAfterDelete,
    /// Two people set the field at the same time.
    FieldRace,
    /// The type is not allowed here, or is gone from the template.
    TypeNotAllowed,
    /// A required value is missing.
    RequiredMissing,
    /// A reference points to a node that is not there, or is of the wrong type.
    DeadReference,
    /// A value does not fit its field, or its field is gone; it is kept as it is.
    Unmapped,
    /// The record of a node, or a part of the document, was removed by a program that is not Talus
    /// Tally. It is kept.
    RecordRemoved,
}
