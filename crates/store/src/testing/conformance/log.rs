//! Chunks, snapshots and undo stacks.

use std::sync::Barrier;

use crate::{
    AuthorKey, Chunk, Document, LoadedDocument, MAX_CHUNK_BYTES, MAX_UNDO_ENTRIES, QuarantinedKind,
    Seq, Snapshot, Store, StoreError, UndoEdit, UndoStack, UndoStacks,
    testing::{DEADLINE, append, chunk, project, record},
};

const AUTHOR: AuthorKey = AuthorKey([7; 16]);

fn create(store: &dyn Store, number: u8) {
    store.create_project(&record(number), Vec::new()).unwrap();
}

fn write(store: &dyn Store, number: u8, bytes: &str) -> Seq {
    append(store, project(number), chunk(bytes))
        .durable()
        .unwrap()
}

fn document(store: &dyn Store, number: u8, document: Document) -> LoadedDocument {
    store
        .load(project(number))
        .unwrap()
        .documents
        .remove(&document)
        .unwrap_or_default()
}

fn undo(edit: UndoEdit) -> Chunk {
    chunk("x").with_undo(AUTHOR, UndoStack::Undo, edit)
}

fn push(entry: &str) -> UndoEdit {
    UndoEdit::Push(entry.into())
}

fn entries(entries: &[&str]) -> Vec<Vec<u8>> {
    entries
        .iter()
        .map(|entry| entry.as_bytes().to_vec())
        .collect()
}

pub fn chunks_come_back_in_order(store: &dyn Store) {
    create(store, 1);
    create(store, 2);
    let first = write(store, 1, "a");
    write(store, 2, "other");
    let comment = Chunk::new(Document::COMMENTS, b"comment".to_vec());
    let comment = append(store, project(1), comment).durable().unwrap();
    let second = write(store, 1, "b");
    assert!(first < comment && comment < second);
    let loaded = store.load(project(1)).unwrap();
    let expected = [(first, b"a".to_vec()), (second, b"b".to_vec())];
    assert_eq!(loaded.documents[&Document::PROJECT].chunks, expected);
    assert_eq!(
        loaded.documents[&Document::COMMENTS].chunks,
        [(comment, b"comment".to_vec())]
    );
    assert_eq!(loaded.documents[&Document::PROJECT].snapshot, None);
    assert_eq!(loaded.quarantined, []);
}

pub fn a_chunk_is_written_then_durable(store: &dyn Store) {
    create(store, 1);
    let fate = append(store, project(1), chunk("a"));
    let seq = fate.durable().unwrap();
    assert!(fate.poll().is_none());
    assert!(append(store, project(1), chunk("b")).written().unwrap() > seq);
    store.flush(DEADLINE).unwrap();
}

pub fn a_chunk_without_bytes_changes_undo_only(store: &dyn Store) {
    create(store, 1);
    let only_undo = chunk("").with_undo(AUTHOR, UndoStack::Undo, push("entry"));
    append(store, project(1), only_undo).durable().unwrap();
    let loaded = store.load(project(1)).unwrap();
    assert_eq!(loaded.documents, Default::default());
    assert_eq!(loaded.undo[&AUTHOR].undo, entries(&["entry"]));
}

pub fn undo_stacks_follow_their_edits(store: &dyn Store) {
    create(store, 1);
    let stacks = |edits: Vec<(UndoStack, UndoEdit)>| {
        let mut next = chunk("x");
        for (stack, edit) in edits {
            next = next.with_undo(AUTHOR, stack, edit);
        }
        append(store, project(1), next).durable().unwrap();
        store
            .load(project(1))
            .unwrap()
            .undo
            .remove(&AUTHOR)
            .unwrap_or_default()
    };
    use UndoStack::{Redo, Undo};
    stacks(vec![(Undo, push("one"))]);
    let after = stacks(vec![(Undo, push("two"))]);
    assert_eq!(
        after,
        UndoStacks {
            undo: entries(&["one", "two"]),
            redo: vec![]
        }
    );
    let after = stacks(vec![(Undo, UndoEdit::Pop), (Redo, push("two again"))]);
    assert_eq!(
        after,
        UndoStacks {
            undo: entries(&["one"]),
            redo: entries(&["two again"])
        }
    );
    let after = stacks(vec![(Undo, push("three")), (Redo, UndoEdit::Pop)]);
    assert_eq!(
        after,
        UndoStacks {
            undo: entries(&["one", "three"]),
            redo: vec![]
        }
    );
    let after = stacks(vec![(Undo, UndoEdit::Pop), (Undo, push("three, longer"))]);
    assert_eq!(after.undo, entries(&["one", "three, longer"]));
    let pop = || (Undo, UndoEdit::Pop);
    assert_eq!(stacks(vec![pop(), pop(), pop()]), UndoStacks::default());
}

pub fn an_undo_stack_keeps_the_last_entries(store: &dyn Store) {
    create(store, 1);
    let count = MAX_UNDO_ENTRIES + 20;
    let names: Vec<String> = (0..count).map(|number| number.to_string()).collect();
    let fates: Vec<_> = names
        .iter()
        .map(|name| append(store, project(1), undo(push(name))))
        .collect();
    let written: Vec<Seq> = fates.iter().map(|fate| fate.durable().unwrap()).collect();
    assert_eq!(written.len(), count);
    let kept: Vec<Vec<u8>> = names[20..]
        .iter()
        .map(|name| name.clone().into_bytes())
        .collect();
    assert_eq!(store.load(project(1)).unwrap().undo[&AUTHOR].undo, kept);
    append(store, project(1), undo(UndoEdit::Pop))
        .durable()
        .unwrap();
    assert_eq!(
        store.load(project(1)).unwrap().undo[&AUTHOR].undo,
        kept[..kept.len() - 1]
    );
}

pub fn a_chunk_for_an_unknown_project_fails(store: &dyn Store) {
    let failed = append(store, project(1), chunk("a")).written().unwrap_err();
    assert!(
        matches!(failed, StoreError::UnknownProject(key) if key == project(1)),
        "{failed}"
    );
    assert!(matches!(
        store.load(project(1)),
        Err(StoreError::UnknownProject(_))
    ));
}

pub fn after_a_failure_the_project_waits_for_a_retry(store: &dyn Store) {
    create(store, 2);
    append(store, project(1), chunk("lost"))
        .written()
        .unwrap_err();
    create(store, 1);
    // Or the project would have a hole where "lost" belongs.
    let refused = append(store, project(1), chunk("later"))
        .written()
        .unwrap_err();
    assert!(matches!(refused, StoreError::Stalled), "{refused}");
    write(store, 2, "another project goes on");
    assert!(matches!(store.flush(DEADLINE), Err(StoreError::Stalled)));
    store.retry(project(1)).unwrap();
    let seq = write(store, 1, "lost");
    assert_eq!(
        document(store, 1, Document::PROJECT).chunks,
        [(seq, b"lost".to_vec())]
    );
    store.flush(DEADLINE).unwrap();
}

pub fn a_chunk_that_is_too_large_is_refused(store: &dyn Store) {
    create(store, 1);
    let failed = append(store, project(1), chunk(vec![0; MAX_CHUNK_BYTES + 1]))
        .written()
        .unwrap_err();
    assert!(matches!(failed, StoreError::TooLarge { .. }), "{failed}");
    assert_eq!(
        store.load(project(1)).unwrap().documents,
        Default::default()
    );
}

pub fn a_snapshot_replaces_the_chunks_it_covers(store: &dyn Store) {
    create(store, 1);
    let comment = Chunk::new(Document::COMMENTS, b"comment".to_vec());
    let comment = append(store, project(1), comment).durable().unwrap();
    write(store, 1, "a");
    let b = write(store, 1, "b");
    let c = write(store, 1, "c");
    store
        .compact(project(1), Document::PROJECT, b, b"ab".to_vec())
        .unwrap();
    let snapshot = |through, bytes: &[u8]| {
        Some(Snapshot {
            through,
            bytes: bytes.to_vec(),
        })
    };
    let expected = LoadedDocument {
        snapshot: snapshot(b, b"ab"),
        chunks: vec![(c, b"c".to_vec())],
    };
    assert_eq!(document(store, 1, Document::PROJECT), expected);
    store
        .compact(project(1), Document::PROJECT, c, b"abc".to_vec())
        .unwrap();
    let expected = LoadedDocument {
        snapshot: snapshot(c, b"abc"),
        chunks: vec![],
    };
    assert_eq!(document(store, 1, Document::PROJECT), expected);
    let d = write(store, 1, "d");
    let expected = LoadedDocument {
        snapshot: snapshot(c, b"abc"),
        chunks: vec![(d, b"d".to_vec())],
    };
    assert_eq!(document(store, 1, Document::PROJECT), expected);
    assert_eq!(
        document(store, 1, Document::COMMENTS).chunks,
        [(comment, b"comment".to_vec())]
    );
}

pub fn an_older_snapshot_is_ignored(store: &dyn Store) {
    create(store, 1);
    let a = write(store, 1, "a");
    let b = write(store, 1, "b");
    store
        .compact(project(1), Document::PROJECT, b, b"ab".to_vec())
        .unwrap();
    store
        .compact(project(1), Document::PROJECT, a, b"a".to_vec())
        .unwrap();
    assert_eq!(
        document(store, 1, Document::PROJECT)
            .snapshot
            .unwrap()
            .bytes,
        b"ab"
    );
    store
        .compact(project(1), Document::PROJECT, b, b"ab, again".to_vec())
        .unwrap();
    assert_eq!(
        document(store, 1, Document::PROJECT)
            .snapshot
            .unwrap()
            .bytes,
        b"ab, again"
    );
}

pub fn a_snapshot_of_what_was_never_written_is_refused(store: &dyn Store) {
    create(store, 1);
    let beyond = Seq(write(store, 1, "a").0 + 1);
    let refused = store
        .compact(project(1), Document::PROJECT, beyond, b"?".to_vec())
        .unwrap_err();
    assert!(
        matches!(refused, StoreError::NotWritten { .. }),
        "{refused}"
    );
    let refused = store
        .compact(project(2), Document::PROJECT, Seq(0), b"?".to_vec())
        .unwrap_err();
    assert!(
        matches!(refused, StoreError::UnknownProject(_)),
        "{refused}"
    );
}

pub fn what_is_set_aside_is_not_loaded(store: &dyn Store) {
    create(store, 1);
    let a = write(store, 1, "a");
    let bad = write(store, 1, "bad");
    store
        .set_aside(project(1), Document::PROJECT, bad, "the app panicked on it")
        .unwrap();
    assert_eq!(
        document(store, 1, Document::PROJECT).chunks,
        [(a, b"a".to_vec())]
    );
    let quarantined = store.quarantined(project(1)).unwrap();
    assert_eq!(quarantined.len(), 1);
    assert_eq!(quarantined[0].kind, QuarantinedKind::Chunk);
    assert_eq!(
        (quarantined[0].document, quarantined[0].seq),
        (Some(Document::PROJECT), bad)
    );
    assert_eq!(quarantined[0].bytes, b"bad");
    assert_eq!(quarantined[0].reason, "the app panicked on it");
    let again = store.set_aside(project(1), Document::PROJECT, bad, "again");
    assert!(matches!(again, Err(StoreError::UnknownChunk(seq)) if seq == bad));
}

pub fn a_deleted_project_leaves_nothing(store: &dyn Store) {
    create(store, 1);
    let seq = append(store, project(1), undo(push("entry")))
        .durable()
        .unwrap();
    let bad = write(store, 1, "bad");
    store
        .set_aside(project(1), Document::PROJECT, bad, "bad")
        .unwrap();
    store
        .compact(project(1), Document::PROJECT, seq, b"snapshot".to_vec())
        .unwrap();
    store.delete_project(project(1)).unwrap();
    assert!(matches!(
        store.load(project(1)),
        Err(StoreError::UnknownProject(_))
    ));
    append(store, project(1), chunk("late"))
        .written()
        .unwrap_err();
    create(store, 1);
    assert_eq!(store.load(project(1)).unwrap(), Default::default());
    assert_eq!(store.quarantined(project(1)).unwrap(), []);
}

/// Eight writers share four projects and never wait for each other.
pub fn many_writers_each_keep_their_order(store: &dyn Store) {
    const WRITERS: u8 = 8;
    const CHUNKS: u16 = 100;
    (0..4).for_each(|number| create(store, number));
    let start = Barrier::new(WRITERS.into());
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                let to = project(writer % 4);
                let chunks = (0..CHUNKS).map(|number| chunk(format!("{writer} {number}")));
                let fates: Vec<_> = chunks.map(|chunk| append(store, to, chunk)).collect();
                let seqs: Vec<Seq> = fates.iter().map(|fate| fate.durable().unwrap()).collect();
                assert!(seqs.is_sorted());
            });
        }
    });
    for number in 0..4 {
        let chunks = document(store, number, Document::PROJECT).chunks;
        for writer in [number, number + 4] {
            let own = format!("{writer} ");
            let texts = chunks
                .iter()
                .map(|(_, bytes)| String::from_utf8(bytes.clone()).unwrap());
            let found: Vec<String> = texts.filter(|text| text.starts_with(&own)).collect();
            let expected: Vec<String> = (0..CHUNKS)
                .map(|number| format!("{writer} {number}"))
                .collect();
            assert_eq!(found, expected);
        }
    }
}
