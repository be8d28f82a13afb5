//! A project: two documents, the view of them, and the authors who edit them here.

use std::collections::BTreeMap;

use automerge::{ActorId, Automerge, Change, ChangeHash, LoadOptions, ReadDoc, TextEncoding};
use serde::{Deserialize, Serialize};
use smol_str::ToSmolStr;
use thiserror::Error;
use uuid::Uuid;

use crate::clipping::Clipping;
use crate::command::{Command, Place, Position};
use crate::commands;
use crate::delta::Delta;
use crate::document::{Document, NotOurs, OpId, SCHEMA, genesis};
use crate::edit::{Edit, Finished, Occasion};
use crate::fault::{Fault, planted};
use crate::history::{Entry, History, Item};
use crate::id::{AuthorId, FieldId, NodeId, PersonId};
use crate::person::Person;
use crate::rejection::Rejection;
use crate::template::Template;
use crate::time::Timestamp;
use crate::undo::{Direction, Skipped};
use crate::view::{Touched, View};

/// One open project.
///
/// The one door: every change enters through [`Project::apply`], [`Project::undo`],
/// [`Project::redo`] or [`Project::merge`] and leaves as a [`Delta`]. It does no I/O and knows no
/// clock; time and new ids are arguments. What was changed here waits in [`Project::take_written`]
/// to be stored and sent.
pub struct Project {
    pub(crate) project: Automerge,
    pub(crate) comments: Automerge,
    pub(crate) view: View,
    pub(crate) authors: BTreeMap<AuthorId, Author>,
    written: Vec<Written>,
}

/// What a project starts with.
#[derive(Debug, Clone, PartialEq)]
pub struct NewProject {
    /// Name of the project.
    pub name: String,
    /// ISO 4217 code of the one currency.
    pub currency: String,
    /// Fields and node types.
    pub template: Template,
    /// First content; may be empty.
    pub content: Clipping,
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

/// A document as it is stored: a snapshot and the changes since.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredDocument {
    /// What [`Saver::save`] gave; none: genesis.
    pub snapshot: Option<Vec<u8>>,
    /// Changes as [`Written`] gave them, in any order.
    pub changes: Vec<Vec<u8>>,
}

/// A project that could not be opened.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The bytes are not an Automerge document.
    #[error("the document is damaged: {0}")]
    Damaged(String),
    /// It is a document of something else.
    #[error("this is not a project: {0}")]
    NotOurs(#[from] NotOurs),
    /// A newer version wrote it.
    #[error("the project was written by a newer version (schema {found}, this version knows {known})")]
    NewerSchema {
        /// Version of the document.
        found: u64,
        /// Version of this program.
        known: u64,
    },
}

impl LoadError {
    /// The stable code that programs see.
    pub fn code(&self) -> &'static str {
        match self {
            LoadError::Damaged(_) => "PROJECT_DAMAGED",
            LoadError::NotOurs(_) => "NOT_A_PROJECT",
            LoadError::NewerSchema { .. } => "NEWER_SCHEMA",
        }
    }
}

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("there is nothing left to undo or redo")]
pub struct NothingToUndo;

/// What merging did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Merged {
    /// What changed in the view.
    pub delta: Delta,
    /// Changes that could not be read, with the reason; the others are in.
    pub set_aside: Vec<String>,
    /// Changes that others still have to send before all of these count.
    pub waiting_for: usize,
}

/// A copy of a document that can be saved on another thread.
pub struct Saver(Automerge);

impl Saver {
    /// The whole document in Automerge's storage format.
    pub fn save(&self) -> Vec<u8> {
        self.0.save()
    }
}

impl Project {
    /// A project without template and content.
    pub fn empty() -> Project {
        let (project, comments) = (genesis(Document::Project), genesis(Document::Comments));
        let view = View::rebuild(&project, &comments).expect("genesis has all containers");
        Project { project, comments, view, authors: BTreeMap::new(), written: vec![] }
    }

    /// A project with a template and content, as two changes that undo does not take back.
    ///
    /// `seed` is a fresh UUIDv7 from which the ids of the nodes are derived.
    ///
    /// # Errors
    /// When name, template or content break the rules that hold for commands.
    pub fn create(new: &NewProject, signature: Signature, seed: Uuid, now: Timestamp) -> Result<Project, Rejection> {
        let mut project = Project::empty();
        let author = signature.author;
        project.sign_on(signature, &StoredHistory::default());
        project.unrecorded(author, now, |edit| commands::set_up(edit, &new.name, &new.currency, &new.template))?;
        if !new.content.nodes.is_empty() {
            let command = Command::PasteNodes { clipping: new.content.clone(), place: Place { parent: None, at: Position::Last }, seed };
            project.unrecorded(author, now, |edit| commands::run(edit, &command).map(|_| ()))?;
        }
        Ok(project)
    }

    /// An edit without an undo step.
    fn unrecorded(&mut self, author: AuthorId, now: Timestamp, act: impl FnOnce(&mut Edit<'_>) -> Result<(), Rejection>) -> Result<(), Rejection> {
        let occasion = self.occasion(author, now);
        let mut edit = Edit::begin(&mut self.project, &mut self.comments, &mut self.view, &occasion);
        act(&mut edit)?;
        let mut finished = edit.commit();
        finished.items.clear();
        self.finish(author, finished, |_, _| {}, true);
        Ok(())
    }

    /// Opens a project from its stored documents.
    ///
    /// # Errors
    /// When a snapshot is damaged, not of a project, or of a newer schema. Changes that cannot be
    /// read are set aside and named in the second result.
    pub fn load(project: StoredDocument, comments: StoredDocument) -> Result<(Project, Vec<String>), LoadError> {
        let mut notices = vec![];
        let project = load_document(Document::Project, project, &mut notices)?;
        let comments = load_document(Document::Comments, comments, &mut notices)?;
        let view = View::rebuild(&project, &comments)?;
        let found = view.frame().schema_version;
        if found > SCHEMA {
            return Err(LoadError::NewerSchema { found, known: SCHEMA });
        }
        Ok((Project { project, comments, view, authors: BTreeMap::new(), written: vec![] }, notices))
    }

    /// Declares who writes, with the undo history that was stored.
    ///
    /// A history that cannot be read is dropped: it is a convenience, not content.
    pub fn sign_on(&mut self, signature: Signature, history: &StoredHistory) {
        let mut steps: History = history.base.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
        for entry in &history.pushed {
            if let Ok(entry) = serde_json::from_slice(entry) {
                steps.push(entry);
            }
        }
        let Signature { author, actor, person, profile } = signature;
        self.authors.insert(author, Author { actor: ActorId::from(actor), person, profile, history: steps });
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
    pub fn apply(&mut self, author: AuthorId, command: &Command, now: Timestamp) -> Result<Applied, Rejection> {
        let occasion = self.occasion(author, now);
        let mut edit = Edit::begin(&mut self.project, &mut self.comments, &mut self.view, &occasion);
        match commands::run(&mut edit, command) {
            Ok(label) => {
                let finished = edit.commit();
                let delta = self.finish(author, finished, |history, items| history.push(Entry { label: label.clone(), items }), true);
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

    fn step(&mut self, author: AuthorId, now: Timestamp, direction: Direction) -> Result<UndoReport, NothingToUndo> {
        let occasion = self.occasion(author, now);
        let mut skipped = vec![];
        loop {
            let history = &mut self.author_mut(author).history;
            let Some(entry) = direction.source(history).pop() else {
                self.push_history(author);
                return Err(NothingToUndo);
            };
            let edit = Edit::begin(&mut self.project, &mut self.comments, &mut self.view, &occasion);
            let reverted = edit.revert(&entry);
            skipped.extend(reverted.skipped);
            if reverted.finished.hashes.is_empty() {
                continue;
            }
            let label = entry.label;
            let inverse = label.clone();
            let (reowned, renamed) = (reverted.reowned, reverted.renamed);
            let delta = self.finish(author, reverted.finished, |history, items| {
                for (object, key, old, new) in &reowned {
                    if !planted(Fault::ForgetReown) {
                        history.reown(object, key, old, new);
                    }
                }
                for (text, renamed) in &renamed {
                    history.rename(text, renamed);
                }
                direction.target(history).push(Entry { label: inverse, items });
            }, false);
            return Ok(UndoReport { delta, label, skipped });
        }
    }

    fn occasion(&self, author: AuthorId, now: Timestamp) -> Occasion {
        let known = self.authors.get(&author).expect("authors sign on before they edit");
        Occasion { author, actor: known.actor.clone(), person: known.person, profile: known.profile.clone(), now }
    }

    fn author_mut(&mut self, author: AuthorId) -> &mut Author {
        self.authors.get_mut(&author).expect("authors sign on before they edit")
    }

    /// The common tail: the view reads what was written, the history takes it up, the change waits
    /// to be stored.
    fn finish(&mut self, author: AuthorId, finished: Finished, take_up: impl FnOnce(&mut History, Vec<Item>), push: bool) -> Delta {
        let Finished { hashes, items, touched, mut delta } = finished;
        delta.append(self.view.absorb(&self.project, &self.comments, &touched));
        let changes = hashes.into_iter().filter_map(|(document, hash)| Some((document, self.change_bytes(document, hash)?))).collect::<Vec<_>>();
        let purged: Vec<NodeId> = items.iter().filter_map(|item| if let Item::Purged(node) = item { Some(*node) } else { None }).collect();
        let items: Vec<Item> = items.into_iter().filter(|item| !matches!(item, Item::Purged(_))).collect();
        if changes.is_empty() {
            return delta;
        }
        let steps = !items.is_empty();
        if steps {
            take_up(&mut self.author_mut(author).history, items);
        }
        let update = match (push, steps) {
            (true, true) => {
                let entry = self.author_mut(author).history.undo.last();
                entry.map(|entry| HistoryUpdate::Push(to_bytes(entry)))
            }
            (true, false) => None,
            (false, _) => Some(HistoryUpdate::Replace(to_bytes(&self.author_mut(author).history))),
        };
        let history = update.map(|update| HistoryWrite { author, update });
        self.written.push(Written { changes, history });
        if !purged.is_empty() {
            self.forget(&purged);
        }
        delta
    }

    fn change_bytes(&mut self, document: Document, hash: ChangeHash) -> Option<Vec<u8>> {
        let doc = self.document(document);
        let last = doc.get_last_local_change().filter(|change| change.hash() == hash);
        last.or_else(|| doc.get_change_by_hash(&hash)).map(|change| change.raw_bytes().to_vec())
    }

    /// Clears undo entries that touch purged nodes, in every history.
    fn forget(&mut self, nodes: &[NodeId]) {
        let records: Vec<OpId> = nodes.iter().filter_map(|node| Some(OpId::of(&self.view.record(self.view.slot(*node)?).object))).collect();
        let authors: Vec<AuthorId> = self.authors.keys().copied().collect();
        for author in authors {
            if self.author_mut(author).history.forget(&records) {
                self.push_history(author);
            }
        }
    }

    /// Stores an author's history as it is.
    fn push_history(&mut self, author: AuthorId) {
        let update = HistoryUpdate::Replace(to_bytes(&self.author_mut(author).history));
        self.written.push(Written { changes: vec![], history: Some(HistoryWrite { author, update }) });
    }

    /// Takes in changes that were made elsewhere. Never refused; any order, any number of times.
    pub fn merge(&mut self, document: Document, changes: impl IntoIterator<Item = Vec<u8>>) -> Merged {
        let mut merged = Merged::default();
        let mut readable = vec![];
        for bytes in changes {
            match Change::from_bytes(bytes) {
                Ok(change) => readable.push(change),
                Err(error) => merged.set_aside.push(error.to_string()),
            }
        }
        let doc = match document {
            Document::Project => &mut self.project,
            Document::Comments => &mut self.comments,
        };
        let before = doc.get_heads();
        if let Err(error) = doc.apply_changes(readable) {
            merged.set_aside.push(error.to_string());
        }
        merged.waiting_for = doc.get_missing_deps(&[]).len();
        let touched: Vec<Touched> = doc.get_changes(&before).iter().flat_map(|change| touched_by(document, change)).filter(|touch| !View::forgets(touch)).collect();
        merged.delta = self.view.absorb(&self.project, &self.comments, &touched);
        merged
    }

    /// The changes that a document has on top of what somebody else holds.
    pub fn changes_since(&self, document: Document, heads: &[ChangeHash]) -> Vec<Vec<u8>> {
        self.document(document).get_changes(heads).into_iter().map(|change| change.raw_bytes().to_vec()).collect()
    }

    /// What a document's newest changes are.
    pub fn heads(&self, document: Document) -> Vec<ChangeHash> {
        self.document(document).get_heads()
    }

    /// What was changed here since the last call, oldest first.
    pub fn take_written(&mut self) -> Vec<Written> {
        std::mem::take(&mut self.written)
    }

    /// Copies live subtrees, for pasting here or elsewhere.
    pub fn clip(&self, nodes: &[NodeId]) -> Clipping {
        commands::clip(&self.view, nodes)
    }

    /// A copy of a document for saving it elsewhere.
    pub fn fork(&self, document: Document) -> Saver {
        Saver(self.document(document).clone())
    }

    /// Labels of the steps that undo and redo would take up.
    pub fn history_labels(&self, author: AuthorId) -> (Option<&str>, Option<&str>) {
        let history = self.authors.get(&author).map(|author| &author.history);
        (
            history.and_then(|history| history.undo.last()).map(|entry| entry.label.as_str()),
            history.and_then(|history| history.redo.last()).map(|entry| entry.label.as_str()),
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
        let person = self.view.frame().authors.get(&op.actor.to_hex_string().to_smolstr()).copied();
        let meta = doc.hash_for_opid(&op.object()).and_then(|hash| doc.get_change_meta_by_hash(&hash).map(|meta| meta.timestamp));
        (person, Timestamp(meta.unwrap_or(0).saturating_mul(1000)))
    }

    /// A view read anew from the documents; it equals [`Project::view`], which tests check.
    pub fn rebuilt_view(&self) -> View {
        View::rebuild(&self.project, &self.comments).expect("an open project has all containers")
    }

    /// The visible operations of every register (object and key) and text (object and an empty key)
    /// of nodes and links, as text. Slow; for tests and checks.
    pub fn visible_operations(&self) -> BTreeMap<(String, String), Vec<String>> {
        let mut all = BTreeMap::new();
        for bucket in self.view.containers.nodes.iter().chain(&self.view.containers.links) {
            for record in self.project.map_range(bucket, ..) {
                for item in self.project.map_range(record.id(), ..) {
                    let values = self.project.get_all(record.id(), &*item.key).unwrap_or_default();
                    for (_, text) in values.iter().filter(|(value, _)| value.is_object()) {
                        let characters = self.project.list_range(text, ..).map(|item| OpId::of(&item.id()).to_string());
                        all.insert((OpId::of(text).to_string(), String::new()), characters.collect());
                    }
                    let operations = values.iter().map(|(_, op)| OpId::of(op).to_string()).collect();
                    all.insert((OpId::of(&record.id()).to_string(), item.key.to_string()), operations);
                }
            }
        }
        all
    }

    /// The state of a long text that positions can refer to.
    pub fn text(&self, node: NodeId, field: &FieldId) -> Option<TextSnapshot> {
        let node = self.view.node(node)?;
        let text = match node.value(field) {
            Some(crate::value::Value::Prose(text)) => text,
            _ => String::new(),
        };
        let heads: Vec<String> = self.project.get_heads().iter().map(ToString::to_string).collect();
        Some(TextSnapshot { text, base: heads.join(" ") })
    }
}

/// A long text and the state that it was read at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSnapshot {
    /// The text.
    pub text: String,
    /// For [`Command::EditText`].
    pub base: String,
}

fn to_bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("histories have no maps with keys that JSON lacks")
}

fn load_document(document: Document, stored: StoredDocument, notices: &mut Vec<String>) -> Result<Automerge, LoadError> {
    let mut doc = match stored.snapshot {
        None => genesis(document),
        Some(bytes) => {
            let options = LoadOptions::new().text_encoding(TextEncoding::Utf16CodeUnit);
            Automerge::load_with_options(&bytes, options).map_err(|error| LoadError::Damaged(error.to_string()))?
        }
    };
    let mut changes = vec![];
    for bytes in stored.changes {
        match Change::from_bytes(bytes) {
            Ok(change) => changes.push(change),
            Err(error) => notices.push(format!("a change could not be read: {error}")),
        }
    }
    if let Err(error) = doc.apply_changes(changes) {
        notices.push(format!("changes could not be applied: {error}"));
    }
    Ok(doc)
}

/// The registers that a change wrote to.
fn touched_by(document: Document, change: &Change) -> Vec<Touched> {
    let decoded = change.decode();
    let mut touched: Vec<Touched> = vec![];
    for op in &decoded.operations {
        let object = match &op.obj {
            automerge::legacy::ObjectId::Root => continue,
            automerge::legacy::ObjectId::Id(id) => automerge::ObjId::Id(id.counter(), id.actor().clone(), 0),
        };
        let key = match &op.key {
            automerge::legacy::Key::Map(key) => Some(key.clone()),
            automerge::legacy::Key::Seq(_) => None,
        };
        let touch = Touched { document, object, key };
        if touched.last() != Some(&touch) {
            touched.push(touch);
        }
    }
    touched
}
