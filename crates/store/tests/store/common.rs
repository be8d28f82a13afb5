//! What several test files need.

use std::{collections::BTreeSet, path::Path};

use store::{
    AuthorKey, Chunk, Document, Loaded, MAX_UNDO_ENTRIES, RoomWrite, SqliteOptions, SqliteStore,
    Store, UndoEdit, UndoStack,
    testing::{TestDisk, chunk, frame, project, record, room, stream},
};

pub const AUTHOR: AuthorKey = AuthorKey([9; 16]);

pub fn open_on(disk: &TestDisk, dir: &Path) -> Result<SqliteStore, store::StoreError> {
    let vfs = Some(disk.vfs());
    SqliteStore::open_with(
        dir,
        SqliteOptions {
            vfs,
            ..SqliteOptions::default()
        },
    )
}

/// A chunk that carries a number, with an undo entry that carries the same.
pub fn numbered(number: u64, padding: usize) -> Chunk {
    let text = format!("{number} {}", "x".repeat(padding));
    chunk(text).with_undo(
        AUTHOR,
        UndoStack::Undo,
        UndoEdit::Push(number.to_string().into_bytes()),
    )
}

/// Project 1, and the room in which its changes travel.
pub fn create_shared(store: &dyn Store) {
    if store.rooms().list().unwrap().is_empty() {
        store.rooms().create(room(1), Vec::new()).unwrap();
    }
    if store.projects().unwrap().is_empty() {
        store.create_project(&record(1), Vec::new()).unwrap();
    }
}

/// A chunk that carries a number, with the frame that carries the same.
pub fn framed(number: u64, padding: usize) -> Chunk {
    let frame = frame(stream(1), number + 1, number.to_string());
    numbered(number, padding).in_room(RoomWrite::new(room(1), vec![frame]))
}

/// How many numbers project 1 holds, in chunks and frames alike.
pub fn count_shared(store: &dyn Store) -> u64 {
    if store.projects().unwrap().is_empty() {
        return 0;
    }
    let count = count(&store.load(project(1)).unwrap());
    let held = store.rooms().load(room(1)).unwrap();
    assert_eq!(held.quarantined, []);
    let held = held.vector.get(&stream(1)).copied().unwrap_or(0);
    assert_eq!(held, count, "frames and chunks differ");
    let mut next = 0;
    loop {
        let piece = store.rooms().frames(room(1), stream(1), next, 100).unwrap();
        for frame in &piece {
            assert_eq!(frame.bytes, next.to_string().into_bytes());
            next = frame.number;
        }
        if piece.is_empty() {
            assert_eq!(next, count, "a frame is missing");
            return count;
        }
    }
}

/// A snapshot that covers the numbers below `end`.
pub fn snapshot(end: u64) -> Vec<u8> {
    end.to_string().into_bytes()
}

/// How many numbers the project holds: all from 0 on, each whole, and as many undo entries as belong to them.
pub fn count(loaded: &Loaded) -> u64 {
    assert_eq!(loaded.quarantined, []);
    let count = numbers(loaded);
    let undo = loaded
        .undo
        .get(&AUTHOR)
        .map(|stacks| stacks.undo.clone())
        .unwrap_or_default();
    let first = count.saturating_sub(MAX_UNDO_ENTRIES as u64);
    let expected: Vec<Vec<u8>> = (first..count)
        .map(|number| number.to_string().into_bytes())
        .collect();
    assert_eq!(undo, expected, "undo entries and changes differ");
    count
}

fn numbers(loaded: &Loaded) -> u64 {
    let Some(document) = loaded.documents.get(&Document::PROJECT) else {
        return 0;
    };
    let covered = document
        .snapshot
        .as_ref()
        .map_or(0, |snapshot| parse(&snapshot.bytes));
    let tail = document.chunks.iter().map(|(_, bytes)| number_of(bytes));
    let all: BTreeSet<u64> = (0..covered).chain(tail).collect();
    let count = all.len() as u64;
    assert!(all.into_iter().eq(0..count), "a number is missing");
    count
}

pub fn number_of(chunk: &[u8]) -> u64 {
    let end = chunk
        .iter()
        .position(|&byte| byte == b' ')
        .expect("a number and a space");
    assert!(
        chunk[end + 1..].iter().all(|&byte| byte == b'x'),
        "half a chunk"
    );
    parse(&chunk[..end])
}

fn parse(digits: &[u8]) -> u64 {
    std::str::from_utf8(digits).unwrap().parse().unwrap()
}
