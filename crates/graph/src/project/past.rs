//! What was done to a project, newest first.

use std::collections::BTreeMap;

use automerge::ChangeHash;

use super::{Project, StoredHistory};
use crate::document::{Document, GENESIS_ACTOR};
use crate::history::{Entry, History};
use crate::id::PersonId;
use crate::time::Timestamp;

/// One change of a document, as whoever asks what was done is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastChange {
    /// Where.
    pub document: Document,
    /// Its name: the hash of its content.
    pub hash: ChangeHash,
    /// Who made it, if its actor has been introduced.
    pub person: Option<PersonId>,
    /// When, to the second, by the clock of whoever made it.
    pub at: Timestamp,
    /// How many operations it has.
    pub operations: u64,
    /// What the step is called that it is, if that is still in a history of this installation.
    pub label: Option<String>,
    /// Whether it took that step back.
    pub is_undo: bool,
}

impl Project {
    /// At most `limit` changes of both documents after the newest `offset`, newest first, and how many there are.
    ///
    /// Within a document no change comes after one that it builds on; between the two the time decides. `absent` are the
    /// histories of authors who have not signed on, for the names of their steps.
    pub fn past(
        &self,
        absent: &[StoredHistory],
        offset: usize,
        limit: usize,
    ) -> (Vec<PastChange>, usize) {
        let [mut project, mut comments] =
            [Document::Project, Document::Comments].map(|it| self.changes_of(it));
        let total = project.len() + comments.len();
        let mut newest_first = std::iter::from_fn(|| {
            let time = |changes: &[PastChange]| changes.last().map(|it| it.at);
            match time(&project) >= time(&comments) {
                true => project.pop(),
                false => comments.pop(),
            }
        });
        let mut some: Vec<PastChange> = newest_first.by_ref().skip(offset).take(limit).collect();
        let labels = self.labels(absent);
        for change in &mut some {
            if let Some((label, is_undo)) = labels.get(&(change.document, change.hash)) {
                (change.label, change.is_undo) = (Some(label.clone()), *is_undo);
            }
        }
        (some, total)
    }

    /// The changes of a document, oldest first, without those that every document begins with.
    fn changes_of(&self, document: Document) -> Vec<PastChange> {
        let changes = self.document(document).get_changes_meta(&[]).into_iter();
        let theirs = changes.filter(|change| change.actor.to_bytes() != GENESIS_ACTOR);
        let past = theirs.map(|change| PastChange {
            document,
            hash: change.hash,
            person: self.person_of(&change.actor.to_hex_string()),
            at: Timestamp(change.timestamp.saturating_mul(1000)),
            operations: (change.max_op + 1).saturating_sub(change.start_op),
            label: None,
            is_undo: false,
        });
        past.collect()
    }

    /// What the changes in histories are called, and whether they took something back.
    fn labels(&self, absent: &[StoredHistory]) -> BTreeMap<(Document, ChangeHash), (String, bool)> {
        let absent: Vec<History> = absent.iter().map(History::read).collect();
        let present = self.authors.values().map(|author| &author.history);
        let mut labels = BTreeMap::new();
        let mut note = |entry: &Entry, is_undo| {
            for change in &entry.changes {
                labels.insert(*change, (entry.label.clone(), is_undo));
            }
        };
        for history in present.chain(&absent) {
            history.undo.iter().for_each(|entry| note(entry, false));
            // What can be repeated has been taken back by these.
            history.redo.iter().for_each(|entry| note(entry, true));
        }
        labels
    }
}
