//! What is known of a change without reading what it did.

use automerge::{Change, ChangeHash};
use smol_str::ToSmolStr;

use super::waiting::lacking;
use super::{Merged, Project};
use crate::document::Document;
use crate::id::PersonId;
use crate::time::Timestamp;

/// What a change is called, what it builds on, who made it and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeHeader {
    /// Its name: the hash of its content.
    pub hash: ChangeHash,
    /// The changes that must be there before it counts.
    pub dependencies: Vec<ChangeHash>,
    /// Who made it, if its actor has been introduced.
    pub person: Option<PersonId>,
    /// When, to the second.
    pub at: Timestamp,
}

impl Project {
    /// The header of a change as [`Project::changes_since`] or [`super::Written`] gave it, whether it
    /// has been merged or not; none if it cannot be read.
    pub fn header(&self, change: &[u8]) -> Option<ChangeHeader> {
        let change = Change::from_bytes(change.to_vec()).ok()?;
        Some(ChangeHeader {
            hash: change.hash(),
            dependencies: change.deps().to_vec(),
            person: self.person_of(&change.actor_id().to_hex_string()),
            at: Timestamp(change.timestamp().saturating_mul(1000)),
        })
    }

    /// Headers of the changes that a document has on top of these heads, oldest first; cheaper than
    /// the changes themselves.
    pub fn headers_since(&self, document: Document, heads: &[ChangeHash]) -> Vec<ChangeHeader> {
        let changes = self.document(document).get_changes_meta(heads).into_iter();
        let headers = changes.map(|change| ChangeHeader {
            hash: change.hash,
            dependencies: change.deps,
            person: self.person_of(&change.actor.to_hex_string()),
            at: Timestamp(change.timestamp.saturating_mul(1000)),
        });
        headers.collect()
    }

    /// Changes that were named by others and have not arrived: what waits, waits for these.
    pub fn missing(&self, document: Document) -> Vec<ChangeHash> {
        let waiting = &self.waiting[document as usize];
        let lacking = lacking(self.document(document), waiting);
        lacking.into_iter().collect()
    }

    /// Whose changes a merge brought, if all are one person's.
    pub fn maker(&self, merged: &Merged) -> Option<PersonId> {
        let mut people = merged
            .fresh
            .actors()
            .map(|it| self.person_of(&it.to_hex_string()));
        let first = people.next()??;
        people.all(|other| other == Some(first)).then_some(first)
    }

    /// Who writes as an actor.
    pub(super) fn person_of(&self, actor: &str) -> Option<PersonId> {
        let authors = &self.view.frame().authors;
        authors.get(&actor.to_smolstr()).copied()
    }
}
