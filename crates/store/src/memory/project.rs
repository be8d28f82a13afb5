//! One project in memory.

use std::collections::BTreeMap;

use super::{
    Chunk, Document, Loaded, ProjectRecord, Quarantined, QuarantinedKind, Result, Seq, StoreError,
};
use crate::{
    AuthorKey, LoadedDocument, MAX_UNDO_ENTRIES, Snapshot, UndoEdit, UndoStack, UndoStacks,
    UndoWrite,
};

#[derive(Clone)]
pub(super) struct Project {
    pub(super) record: ProjectRecord,
    pub(super) quarantined: Vec<Quarantined>,
    documents: BTreeMap<Document, Log>,
    undo: BTreeMap<AuthorKey, UndoStacks>,
}

/// A document: at most two snapshots, and the chunks since the older.
#[derive(Clone, Default)]
struct Log {
    snapshots: BTreeMap<Seq, Vec<u8>>,
    chunks: BTreeMap<Seq, Vec<u8>>,
}

impl Project {
    pub(super) fn new(record: ProjectRecord, documents: Vec<(Document, Vec<u8>)>) -> Self {
        let log = |bytes| Log {
            snapshots: BTreeMap::from([(Seq(0), bytes)]),
            ..Log::default()
        };
        Self {
            record,
            quarantined: Vec::new(),
            documents: documents
                .into_iter()
                .map(|(document, bytes)| (document, log(bytes)))
                .collect(),
            undo: BTreeMap::new(),
        }
    }

    pub(super) fn append(&mut self, seq: Seq, chunk: Chunk) {
        if !chunk.bytes.is_empty() {
            self.documents
                .entry(chunk.document)
                .or_default()
                .chunks
                .insert(seq, chunk.bytes);
        }
        for write in chunk.undo {
            self.edit_undo(write);
        }
    }

    fn edit_undo(&mut self, write: UndoWrite) {
        let stacks = self.undo.entry(write.author).or_default();
        let stack = match write.stack {
            UndoStack::Undo => &mut stacks.undo,
            UndoStack::Redo => &mut stacks.redo,
        };
        match write.edit {
            UndoEdit::Push(entry) => stack.push(entry),
            UndoEdit::Pop => drop(stack.pop()),
        }
        stack.drain(..stack.len().saturating_sub(MAX_UNDO_ENTRIES));
    }

    pub(super) fn load(&self) -> Loaded {
        let documents = self
            .documents
            .iter()
            .map(|(&document, log)| (document, log.load()));
        let undo = self
            .undo
            .iter()
            .filter(|(_, stacks)| **stacks != UndoStacks::default());
        Loaded {
            documents: documents
                .filter(|(_, loaded)| *loaded != LoadedDocument::default())
                .collect(),
            undo: undo
                .map(|(&author, stacks)| (author, stacks.clone()))
                .collect(),
            quarantined: Vec::new(),
        }
    }

    pub(super) fn compact(&mut self, document: Document, through: Seq, snapshot: Vec<u8>) {
        self.documents
            .entry(document)
            .or_default()
            .compact(through, snapshot);
    }

    pub(super) fn set_aside(&mut self, document: Document, chunk: Seq, reason: &str) -> Result<()> {
        let log = self.documents.get_mut(&document);
        let bytes = log
            .and_then(|log| log.chunks.remove(&chunk))
            .ok_or(StoreError::UnknownChunk(chunk))?;
        self.quarantined.push(Quarantined {
            kind: QuarantinedKind::Chunk,
            document: Some(document),
            seq: chunk,
            reason: reason.to_owned(),
            bytes,
        });
        Ok(())
    }
}

impl Log {
    fn load(&self) -> LoadedDocument {
        let newest = self.snapshots.last_key_value();
        let through = newest.map_or(Seq(0), |(&through, _)| through);
        let tail = self.chunks.range(Seq(through.0 + 1)..);
        LoadedDocument {
            snapshot: newest.map(|(&through, bytes)| Snapshot {
                through,
                bytes: bytes.clone(),
            }),
            chunks: tail.map(|(&seq, bytes)| (seq, bytes.clone())).collect(),
        }
    }

    fn compact(&mut self, through: Seq, snapshot: Vec<u8>) {
        let previous = self.snapshots.last_key_value().map(|(&through, _)| through);
        if previous > Some(through) {
            return;
        }
        self.snapshots.insert(through, snapshot);
        if let Some(previous) = previous.filter(|&previous| previous < through) {
            self.snapshots = self.snapshots.split_off(&previous);
            self.chunks = self.chunks.split_off(&Seq(previous.0 + 1));
        }
    }
}
