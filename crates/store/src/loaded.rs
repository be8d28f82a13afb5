//! What a project is when it comes back from the disk.

use std::collections::BTreeMap;

use crate::{AuthorKey, Document, Seq};

/// A project as the store holds it: per document a snapshot and the chunks after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The documents that have anything.
    pub documents: BTreeMap<Document, LoadedDocument>,
    /// The undo stacks that are not empty.
    pub undo: BTreeMap<AuthorKey, UndoStacks>,
    /// What was found damaged by this load, and set aside. The rest is whole.
    pub quarantined: Vec<Quarantined>,
}

/// A document: the newest snapshot that reads back whole, and every chunk it does not cover.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadedDocument {
    /// Where to start; none while the document was never compacted.
    pub snapshot: Option<Snapshot>,
    /// What to apply to it, in the order written. May repeat what the snapshot holds.
    pub chunks: Vec<(Seq, Vec<u8>)>,
}

/// A document saved whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// It holds every chunk up to this one.
    pub through: Seq,
    /// The document, in the caller's own format.
    pub bytes: Vec<u8>,
}

/// The stacks of one author, oldest entry first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoStacks {
    /// What can be undone.
    pub undo: Vec<Vec<u8>>,
    /// What can be redone.
    pub redo: Vec<Vec<u8>>,
}

/// Something set aside, kept as it is for whoever wants to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// What it was.
    pub kind: QuarantinedKind,
    /// Its document; none for an undo entry.
    pub document: Option<Document>,
    /// The chunk's place, the snapshot's `through`, or the entry's position.
    pub seq: Seq,
    /// Why, in words.
    pub reason: String,
    /// The bytes as they were found.
    pub bytes: Vec<u8>,
}

/// What can be set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuarantinedKind {
    /// A chunk.
    Chunk,
    /// A snapshot.
    Snapshot,
    /// An entry of an undo stack.
    UndoEntry,
}
