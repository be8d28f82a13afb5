//! How an author's undo history lies in the store, beside the changes that it takes back.
//!
//! Both keep two stacks of steps for each author and forget the oldest beyond the same limit, so that a command writes
//! one entry and an undo moves one.

use graph::document::Document;
use graph::id::AuthorId;
use graph::{HistoryUpdate, StoredHistory, Written};
use store::{AuthorKey, Chunk, UndoEdit, UndoStack, UndoStacks, UndoWrite};

use crate::fault::{Fault, planted};

/// What was written, as chunks of one document each; the author's history goes with the last of them.
pub fn chunks(written: Written) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = written
        .changes
        .into_iter()
        .map(|(document, bytes)| Chunk::new(store_document(document), bytes))
        .collect();
    if let Some(history) = written.history {
        if chunks.is_empty() {
            chunks.push(Chunk::new(store::Document::PROJECT, Vec::new()));
        }
        let last = chunks.last_mut().expect("one was pushed if there was none");
        last.undo = undo_writes(author_key(history.author), history.update);
    }
    chunks
}

/// An author's history as it was stored.
pub fn read(stacks: UndoStacks) -> StoredHistory {
    StoredHistory {
        undo: stacks.undo,
        redo: stacks.redo,
    }
}

pub(crate) fn author_key(author: AuthorId) -> AuthorKey {
    AuthorKey(author.0.into_bytes())
}

pub(crate) fn store_document(document: Document) -> store::Document {
    match document {
        Document::Project => store::Document::PROJECT,
        Document::Comments => store::Document::COMMENTS,
    }
}

pub(crate) fn graph_document(document: store::Document) -> Document {
    match document {
        store::Document::COMMENTS => Document::Comments,
        _ => Document::Project,
    }
}

fn undo_writes(author: AuthorKey, update: HistoryUpdate) -> Vec<UndoWrite> {
    let stacks = [
        (UndoStack::Undo, update.undo),
        (UndoStack::Redo, update.redo),
    ];
    let writes = stacks.into_iter().flat_map(|(stack, update)| {
        let count = match planted(Fault::ForgetHistory) {
            true => 0,
            false => update.pop,
        };
        let pops = std::iter::repeat_n(UndoEdit::Pop, count);
        let edits = pops.chain(update.push.into_iter().map(UndoEdit::Push));
        edits.map(move |edit| UndoWrite {
            author,
            stack,
            edit,
        })
    });
    writes.collect()
}

#[cfg(test)]
mod tests {
    use graph::{HistoryWrite, StackUpdate};
    use store::{MemoryStore, ProjectKey, ProjectRecord, Store};
    use uuid::Uuid;

    use super::*;

    fn written(author: AuthorId, update: HistoryUpdate) -> Written {
        Written {
            changes: vec![
                (Document::Comments, b"comment".to_vec()),
                (Document::Project, b"node".to_vec()),
            ],
            history: Some(HistoryWrite { author, update }),
        }
    }

    #[test]
    fn a_history_comes_back_as_it_was_given() {
        let (store, key) = (MemoryStore::new(), ProjectKey([1; 16]));
        let record = ProjectRecord {
            key,
            name: String::new(),
            template: String::new(),
            created_ms: 0,
            opened_ms: None,
            trashed_ms: None,
            node_count: 0,
            stats: None,
        };
        store.create_project(&record, Vec::new()).unwrap();
        let author = AuthorId(Uuid::from_u128(7));
        let stack = |pop, push: &[&str]| StackUpdate {
            pop,
            push: push.iter().map(|step| step.as_bytes().to_vec()).collect(),
        };
        let updates = [
            (stack(0, &["one"]), stack(0, &[])),
            (stack(0, &["two", "three"]), stack(0, &[])),
            (stack(2, &["two, owned anew"]), stack(0, &["three back"])),
            (stack(1, &[]), stack(0, &["two back"])),
        ];
        let updates = updates.map(|(undo, redo)| HistoryUpdate { undo, redo });
        for update in updates {
            for chunk in chunks(written(author, update)) {
                store.append(key, chunk, Box::new(|_| {}));
            }
        }
        let mut loaded = store.load(key).unwrap();
        let history = read(loaded.undo.remove(&author_key(author)).unwrap());
        assert_eq!(history.undo, [b"one".to_vec()]);
        assert_eq!(history.redo, [b"three back".to_vec(), b"two back".to_vec()]);
        assert_eq!(loaded.documents[&store::Document::COMMENTS].chunks.len(), 4);
    }
}
