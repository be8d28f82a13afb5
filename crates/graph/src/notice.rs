//! What in a merge concerns one person, told from what merely happened.
//!
//! Derived from the delta, the view and the operations that came, and from nothing else: the same
//! merge gives the same notices. What the person did, on whichever machine, is no news to them.

mod assigned;
mod blocking;
mod conflicts;
mod mentions;
mod names;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::delta::Delta;
use crate::document::{Document, OpId};
use crate::id::{CommentId, FieldId, NodeId, PersonId};
use crate::problem::ProblemKind;
use crate::project::{Fresh, Merged, Project};
use crate::time::Timestamp;

use names::Names;

/// Something that concerns the person it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct Notice {
    /// Names the event: however often it is met, the key is the same.
    pub key: String,
    /// What happened.
    pub kind: NoticeKind,
    /// Whose doing it was; none: not known.
    pub by: Option<PersonId>,
    /// When, to the second, by the clock of whoever did it.
    pub at: Timestamp,
    /// The item that it is about.
    pub node: Option<NodeId>,
    /// Title of the item, or name of the person, as it was.
    pub title: String,
    /// The field, of an assignment, a mention in a text, and a conflict about a field.
    pub field: Option<FieldId>,
    /// The comment, of a mention in one.
    pub comment: Option<CommentId>,
    /// What kind of conflict.
    pub conflict: Option<ProblemKind>,
    /// More, for people: the words around a mention, the item that blocks, the name of the field.
    pub text: String,
}

/// What can happen that concerns somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub enum NoticeKind {
    /// They were put into a field of people.
    Assigned,
    /// They were named with an `@`.
    Mentioned,
    /// An item of theirs waits for another one now.
    Blocked,
    /// An item of theirs waits for nothing any more.
    Unblocked,
    /// Something they did is in conflict with what somebody else did at the same time.
    Conflict,
    /// Somebody is a member of the project who was none. No change of a document says so.
    Joined,
    /// Somebody is no member any more. Nor does one say this.
    Left,
}

/// Whom notices are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// The person of this installation.
    pub person: PersonId,
    /// Their name. Until identities are shared between machines, who has the same name is the same
    /// person; an item of a person type stands for the person whose name is its title.
    pub name: String,
}

impl Project {
    /// What in a merge of a document concerns somebody, in no particular order.
    pub fn notices(&self, document: Document, merged: &Merged, whom: &Addressee) -> Vec<Notice> {
        if merged.fresh.is_empty() {
            return vec![];
        }
        let case = Case {
            project: self,
            document,
            delta: &merged.delta,
            fresh: &merged.fresh,
            names: Names::of(self.view(), whom),
        };
        let mut found = case.mentions();
        if document == Document::Project {
            found.extend(case.assigned());
            found.extend(case.blocking());
            found.extend(case.conflicts());
        }
        found
    }
}

/// What notices are derived from.
struct Case<'a> {
    project: &'a Project,
    document: Document,
    delta: &'a Delta,
    fresh: &'a Fresh,
    names: Names,
}

impl Case<'_> {
    /// Who made an operation that came with the merge, and when, unless it was the addressee.
    fn news(&self, op: &OpId) -> Option<(Option<PersonId>, Timestamp)> {
        let at = self.fresh.made(op)?;
        let by = self.project.view().author_of(op);
        (!self.is_mine(by)).then_some((by, at))
    }

    fn is_mine(&self, by: Option<PersonId>) -> bool {
        by.is_some_and(|by| self.names.is_addressee(by))
    }

    /// A notice about an item, with nothing else filled in.
    fn about(
        &self,
        kind: NoticeKind,
        node: NodeId,
        key: String,
        (by, at): (Option<PersonId>, Timestamp),
    ) -> Notice {
        let view = self.project.view();
        let shown = view.node(node).or_else(|| view.trashed(node));
        Notice {
            key,
            kind,
            by,
            at,
            node: Some(node),
            title: shown.map(|node| node.title()).unwrap_or_default(),
            field: None,
            comment: None,
            conflict: None,
            text: String::new(),
        }
    }
}
