//! How an author's undo history lies in the store, beside the changes that it takes back.
//!
//! The graph gives either one step to append or the whole history in place of everything. The store
//! keeps two stacks for each author, of opaque entries: what was given whole lies alone on the one
//! called redo, the steps since on the one called undo. So a command writes one entry, and the store
//! forgets steps beyond its limit, as the graph does.

use graph::document::Document;
use graph::id::AuthorId;
use graph::{HistoryUpdate, StoredHistory, Written};
use store::{AuthorKey, Chunk, UndoEdit, UndoStack, UndoStacks, UndoWrite};

/// What was written, as chunks of one document each; the author's history goes with the last of them.
pub fn chunks(written: Written, author: AuthorId) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = written
        .changes
        .into_iter()
        .map(|(document, bytes)| Chunk::new(store_document(document), bytes))
        .collect();
    if let Some(history) = written.history.filter(|history| history.author == author) {
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
        base: stacks.redo.into_iter().next_back(),
        pushed: stacks.undo,
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
    let write = |stack, edit| UndoWrite {
        author,
        stack,
        edit,
    };
    match update {
        HistoryUpdate::Push(step) => vec![write(UndoStack::Undo, UndoEdit::Push(step))],
        HistoryUpdate::Replace(whole) => vec![
            write(UndoStack::Redo, UndoEdit::Replace(vec![whole])),
            write(UndoStack::Undo, UndoEdit::Clear),
        ],
    }
}

#[cfg(test)]
mod tests {
    use graph::HistoryWrite;
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
        let updates = [
            HistoryUpdate::Push(b"lost".to_vec()),
            HistoryUpdate::Replace(b"old".to_vec()),
            HistoryUpdate::Replace(b"base".to_vec()),
            HistoryUpdate::Push(b"one".to_vec()),
            HistoryUpdate::Push(b"two".to_vec()),
        ];
        for update in updates {
            for chunk in chunks(written(author, update), author) {
                store.append(key, chunk, Box::new(|_| {}));
            }
        }
        let mut loaded = store.load(key).unwrap();
        let history = read(loaded.undo.remove(&author_key(author)).unwrap());
        assert_eq!(history.base, Some(b"base".to_vec()));
        assert_eq!(history.pushed, [b"one".to_vec(), b"two".to_vec()]);
        assert_eq!(loaded.documents[&store::Document::COMMENTS].chunks.len(), 5);
    }
}
