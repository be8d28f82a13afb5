//! A node in depth.

use graph::id::{CommentId, FieldId, LinkId, NodeId, PersonId};
use graph::template::FieldKind;
use graph::time::Timestamp;
use graph::value::Value;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A node in depth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Details {
    /// The node.
    pub node: NodeId,
    /// Who made it.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: Timestamp,
    /// Its fields that have or had a value.
    pub fields: Vec<FieldDetails>,
    /// Values whose field is gone, is not of this type, or takes another kind.
    pub unmapped: Vec<Unmapped>,
    /// Links at either end.
    pub links: Vec<LinkId>,
    /// Comments, each thread in order of time.
    pub comments: Vec<Comment>,
}

/// Who changed a field last, and what lost a race for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct FieldDetails {
    /// Which.
    pub field: FieldId,
    /// Who changed it last.
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
    /// Concurrent values that lost.
    pub others: Vec<OtherValue>,
}

/// A value that lost a race.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct OtherValue {
    /// The value; none: cleared.
    pub value: Option<Value>,
    /// Whose.
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
}

/// A value that the template has no place for; nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Unmapped {
    /// Field it was written for.
    pub field: FieldId,
    /// Label of that field, where it is known.
    pub label: String,
    /// Kind of that field, where it is known.
    pub kind: Option<FieldKind>,
    /// The value as text.
    pub text: String,
    /// Why it has no place; for people.
    pub reason: String,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Comment {
    /// Id.
    pub id: CommentId,
    /// The comment that it answers.
    pub reply_to: Option<CommentId>,
    /// Whose.
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
    /// When it was edited last.
    pub edited_at: Option<Timestamp>,
    /// Markdown.
    pub body: String,
    /// Whether the thread is resolved (first comments only).
    pub resolved: bool,
    /// Whether the author of this window wrote it.
    pub mine: bool,
}
