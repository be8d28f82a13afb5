//! A project: two documents, the view of them, and the authors who edit them here.

mod apply;
mod audit;
mod chunk;
mod copy;
mod create;
mod fresh;
mod guest;
mod header;
mod load;
mod merge;
mod names;
mod pack;
mod past;
mod pieces;
mod problems;
mod read_text;
mod report;
mod waiting;
mod written;

use std::collections::BTreeMap;

use automerge::{ActorId, Automerge, Change, ChangeHash, ReadDoc};

use crate::clipping::Clipping;
use crate::command::Command;
use crate::commands;
use crate::delta::Delta;
use crate::document::{Document, OpId, genesis};
use crate::edit::{Edit, Finished, Occasion};
use crate::fault::{Fault, planted};
use crate::history::{Entry, History, Item};
use crate::id::{AuthorId, NodeId, PersonId};
use crate::person::Person;
use crate::rejection::Rejection;
use crate::time::Timestamp;
use crate::undo::Direction;
use crate::view::View;

pub use create::NewProject;
pub use fresh::Fresh;
pub use guest::{Guest, Refusal, Said};
pub use header::ChangeHeader;
pub use load::{LoadError, Saver, StoredDocument};
pub use merge::Merged;
pub use names::hashes_in;
pub use pack::{Packed, is_whole};
pub use past::PastChange;
pub use read_text::TextSnapshot;
pub use report::{Applied, NothingToUndo, UndoReport};
pub use written::{HistoryUpdate, HistoryWrite, StackUpdate, StoredHistory, Written};

/// One open project.
///
/// The one door: every change enters through [`Project::apply`], [`Project::undo`],
/// [`Project::redo`], [`Project::merge`] or [`Project::hear`] and leaves as a [`Delta`]. It does no I/O and knows no
/// clock; time and new ids are arguments. What was changed here waits in [`Project::take_written`]
/// to be stored and sent.
pub struct Project {
    pub(crate) project: Automerge,
    pub(crate) comments: Automerge,
    /// Changes of each document that came before what they build on.
    waiting: [Vec<Change>; 2],
    pub(crate) view: View,
    pub(crate) authors: BTreeMap<AuthorId, Author>,
    written: Vec<Written>,
}

/// Somebody who edits here.
pub(crate) struct Author {
    pub actor: ActorId,
    pub person: PersonId,
    pub profile: Person,
    pub history: History,
}

/// Who writes from here on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The person at this installation.
    pub author: AuthorId,
    /// Automerge actor. Fresh whenever a sequence number might be used twice: after an unclean
    /// close, a restore, an import or a move to another machine.
    pub actor: [u8; 16],
    /// The person.
    pub person: PersonId,
    /// How the person is shown until the project says otherwise.
    pub profile: Person,
}

impl Project {
    /// A project without template and content.
    pub fn empty() -> Project {
        let (project, comments) = (genesis(Document::Project), genesis(Document::Comments));
        let view = View::rebuild(&project, &comments).expect("genesis has all containers");
        Project {
            project,
            comments,
            waiting: Default::default(),
            view,
            authors: BTreeMap::new(),
            written: vec![],
        }
    }

    /// Declares who writes, with the undo history that was stored.
    ///
    /// Steps that cannot be read are dropped: a history is a convenience, not content.
    pub fn sign_on(&mut self, signature: Signature, history: &StoredHistory) {
        let Signature {
            author,
            actor,
            person,
            profile,
        } = signature;
        self.authors.insert(
            author,
            Author {
                actor: ActorId::from(actor),
                person,
                profile,
                history: History::read(history),
            },
        );
    }

    /// Goes on as another person, with another actor: an actor is one person's for ever. The undo history stays.
    ///
    /// # Panics
    /// When the author has not signed on.
    pub fn go_on_as(&mut self, signature: Signature) {
        let known = self.author_mut(signature.author);
        known.actor = ActorId::from(signature.actor);
        known.person = signature.person;
        known.profile = signature.profile;
    }

    /// The project as it is shown.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Carries out a command as one change and one undo step.
    ///
    /// # Errors
    /// The reason why it was refused; then nothing has changed.
    ///
    /// # Panics
    /// When the author has not signed on.
    pub fn apply(
        &mut self,
        author: AuthorId,
        command: &Command,
        now: Timestamp,
    ) -> Result<Applied, Rejection> {
        let occasion = self.occasion(author, now);
        let mut edit = Edit::begin(
            &mut self.project,
            &mut self.comments,
            &mut self.view,
            &occasion,
        );
        match commands::run(&mut edit, command) {
            Ok(label) => {
                let finished = edit.commit();
                let delta = self.finish(author, finished, |history, items, changes| {
                    history.push(Entry {
                        label: label.clone(),
                        items,
                        changes,
                    })
                });
                Ok(Applied { delta, label })
            }
            Err(rejection) => {
                let touched = edit.roll_back();
                if !touched.is_empty() && !planted(Fault::RollbackForgetsView) {
                    self.view.absorb(&self.project, &self.comments, &touched);
                }
                Err(rejection)
            }
        }
    }

    /// Takes the author's last step back whose effect is still visible.
    ///
    /// # Errors
    /// When there is no such step.
    ///
    /// # Panics
    /// When the author has not signed on.
    pub fn undo(&mut self, author: AuthorId, now: Timestamp) -> Result<UndoReport, NothingToUndo> {
        self.step(author, now, Direction::Undo)
    }

    /// Repeats the step that was undone last.
    ///
    /// # Errors
    /// When there is no such step.
    ///
    /// # Panics
    /// When the author has not signed on.
    pub fn redo(&mut self, author: AuthorId, now: Timestamp) -> Result<UndoReport, NothingToUndo> {
        self.step(author, now, Direction::Redo)
    }

    fn step(
        &mut self,
        author: AuthorId,
        now: Timestamp,
        direction: Direction,
    ) -> Result<UndoReport, NothingToUndo> {
        let occasion = self.occasion(author, now);
        let mut skipped = vec![];
        loop {
            let history = &mut self.author_mut(author).history;
            let Some(entry) = direction.source(history).pop() else {
                self.push_history(author);
                return Err(NothingToUndo { skipped });
            };
            let edit = Edit::begin(
                &mut self.project,
                &mut self.comments,
                &mut self.view,
                &occasion,
            );
            let reverted = edit.revert(&entry);
            skipped.extend(reverted.skipped);
            let history = &mut self.author_mut(author).history;
            for (object, key, old, new) in &reverted.reowned {
                if !planted(Fault::ForgetReown) {
                    history.reown(object, key, old, new);
                }
            }
            for (text, renamed) in &reverted.renamed {
                history.rename(text, renamed);
            }
            if reverted.finished.hashes.is_empty() {
                continue;
            }
            let label = entry.label;
            let inverse = label.clone();
            let delta = self.finish(author, reverted.finished, |history, items, changes| {
                direction.target(history).push(Entry {
                    label: inverse,
                    items,
                    changes,
                });
            });
            return Ok(UndoReport {
                delta,
                label,
                skipped,
            });
        }
    }

    fn occasion(&self, author: AuthorId, now: Timestamp) -> Occasion {
        let known = self
            .authors
            .get(&author)
            .expect("authors sign on before they edit");
        Occasion {
            actor: known.actor.clone(),
            person: known.person,
            profile: known.profile.clone(),
            now,
        }
    }

    fn author_mut(&mut self, author: AuthorId) -> &mut Author {
        self.authors
            .get_mut(&author)
            .expect("authors sign on before they edit")
    }

    /// The common tail: the view reads what was written, the history takes it up, the change waits
    /// to be stored.
    fn finish(
        &mut self,
        author: AuthorId,
        finished: Finished,
        take_up: impl FnOnce(&mut History, Vec<Item>, Vec<(Document, ChangeHash)>),
    ) -> Delta {
        let Finished {
            hashes,
            items,
            touched,
            mut delta,
        } = finished;
        delta.append(self.view.absorb(&self.project, &self.comments, &touched));
        let changes = hashes
            .iter()
            .filter_map(|(document, hash)| Some((*document, self.change_bytes(*document, *hash)?)))
            .collect::<Vec<_>>();
        let purged: Vec<NodeId> = items
            .iter()
            .filter_map(|item| {
                if let Item::Purged(node) = item {
                    Some(*node)
                } else {
                    None
                }
            })
            .collect();
        let items: Vec<Item> = items
            .into_iter()
            .filter(|item| !matches!(item, Item::Purged(_)))
            .collect();
        if changes.is_empty() {
            return delta;
        }
        if !items.is_empty() {
            take_up(&mut self.author_mut(author).history, items, hashes);
        }
        let history = self.history_write(author);
        self.written.push(Written { changes, history });
        if !purged.is_empty() {
            self.forget(&purged);
        }
        delta
    }

    fn change_bytes(&mut self, document: Document, hash: ChangeHash) -> Option<Vec<u8>> {
        let doc = self.document(document);
        let last = doc
            .get_last_local_change()
            .filter(|change| change.hash() == hash);
        last.or_else(|| doc.get_change_by_hash(&hash))
            .map(|change| change.raw_bytes().to_vec())
    }

    /// Clears undo entries that touch purged nodes, in every history.
    fn forget(&mut self, nodes: &[NodeId]) {
        let records: Vec<OpId> = nodes
            .iter()
            .filter_map(|node| Some(OpId::of(&self.view.record(self.view.slot(*node)?).object)))
            .collect();
        let authors: Vec<AuthorId> = self.authors.keys().copied().collect();
        for author in authors {
            if self.author_mut(author).history.forget(&records) {
                self.push_history(author);
            }
        }
    }

    /// Stores what became of an author's history without a change.
    fn push_history(&mut self, author: AuthorId) {
        let history = self.history_write(author);
        if history.is_some() {
            self.written.push(Written {
                changes: vec![],
                history,
            });
        }
    }

    /// What differs between an author's history and what is stored of it.
    fn history_write(&mut self, author: AuthorId) -> Option<HistoryWrite> {
        let update = self.author_mut(author).history.update();
        (update != HistoryUpdate::default()).then_some(HistoryWrite { author, update })
    }

    /// What was changed here since the last call, oldest first.
    pub fn take_written(&mut self) -> Vec<Written> {
        std::mem::take(&mut self.written)
    }

    /// Copies live subtrees, for pasting here or elsewhere.
    pub fn clip(&self, nodes: &[NodeId]) -> Clipping {
        commands::clip(&self.view, nodes)
    }

    /// Labels of the steps that undo and redo would take up.
    pub fn history_labels(&self, author: AuthorId) -> (Option<&str>, Option<&str>) {
        let history = self.authors.get(&author).map(|author| &author.history);
        (
            history
                .and_then(|history| history.undo.last())
                .map(|entry| entry.label.as_str()),
            history
                .and_then(|history| history.redo.last())
                .map(|entry| entry.label.as_str()),
        )
    }

    pub(crate) fn document(&self, document: Document) -> &Automerge {
        match document {
            Document::Project => &self.project,
            Document::Comments => &self.comments,
        }
    }

    /// Who made an operation, and when (to the second).
    pub(crate) fn made(&self, document: Document, op: &OpId) -> (Option<PersonId>, Timestamp) {
        let doc = self.document(document);
        let person = self.person_of(&op.actor.to_hex_string());
        let meta = doc.hash_for_opid(&op.object()).and_then(|hash| {
            doc.get_change_meta_by_hash(&hash)
                .map(|meta| meta.timestamp)
        });
        (person, Timestamp(meta.unwrap_or(0).saturating_mul(1000)))
    }
}
