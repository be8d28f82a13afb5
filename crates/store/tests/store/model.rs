//! Whatever is asked of them, the store on disk and the store in memory hold the same.

use proptest::prelude::*;

use crate::common::open_on;
use store::{
    AuthorKey, Chunk, Document, MemoryStore, Seq, Store, UndoEdit, UndoStack,
    testing::{DEADLINE, TestDisk, append, project, record},
};

#[derive(Clone, Debug)]
enum Step {
    Create(u8),
    Delete(u8),
    Append(u8, Chunk),
    Retry(u8),
    /// A snapshot through one of the last few chunks.
    Compact(u8, Document, u64),
    SetAside(u8, Document, u64),
    Reopen {
        clean: bool,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let number = || 0..3_u8;
    let document = || (0..3_u8).prop_map(Document);
    let step = prop_oneof![
        2 => number().prop_map(Step::Create),
        1 => number().prop_map(Step::Delete),
        20 => (number(), chunk()).prop_map(|(number, chunk)| Step::Append(number, chunk)),
        2 => number().prop_map(Step::Retry),
        3 => (number(), document(), 0..8_u64).prop_map(|(number, document, back)| Step::Compact(number, document, back)),
        2 => (number(), document(), 0..8_u64).prop_map(|(number, document, back)| Step::SetAside(number, document, back)),
        1 => any::<bool>().prop_map(|clean| Step::Reopen { clean }),
    ];
    prop::collection::vec(step, 1..60)
}

fn chunk() -> impl Strategy<Value = Chunk> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..6);
    let edit = prop_oneof![
        4 => bytes().prop_map(UndoEdit::Push),
        2 => Just(UndoEdit::Pop),
        1 => Just(UndoEdit::Clear),
        1 => prop::collection::vec(bytes(), 0..4).prop_map(UndoEdit::Replace),
    ];
    let stack = prop_oneof![Just(UndoStack::Undo), Just(UndoStack::Redo)];
    let undo = prop::collection::vec((0..2_u8, stack, edit), 0..3);
    (0..3_u8, bytes(), undo).prop_map(|(document, bytes, undo)| {
        let chunk = Chunk::new(Document(document), bytes);
        undo.into_iter()
            .fold(chunk, |chunk, (author, stack, edit)| {
                chunk.with_undo(AuthorKey([author; 16]), stack, edit)
            })
    })
}

/// Takes a step and says what came of it.
fn take(store: &dyn Store, step: &Step, last: &mut Seq) -> Result<(), &'static str> {
    let taken = match step {
        Step::Create(number) => {
            let documents = vec![(Document::PROJECT, vec![*number])];
            store.create_project(&record(*number), documents)
        }
        Step::Delete(number) => store.delete_project(project(*number)),
        Step::Append(number, chunk) => append(store, project(*number), chunk.clone())
            .durable()
            .map(|seq| *last = seq),
        Step::Retry(number) => store.retry(project(*number)),
        Step::Compact(number, document, back) => {
            let through = Seq(last.0.saturating_sub(*back));
            store.compact(
                project(*number),
                *document,
                through,
                through.0.to_le_bytes().to_vec(),
            )
        }
        Step::SetAside(number, document, back) => store.set_aside(
            project(*number),
            *document,
            Seq(last.0.saturating_sub(*back)),
            "a test",
        ),
        Step::Reopen { .. } => Ok(()),
    };
    taken.map_err(|error| error.code())
}

fn assert_same(one: &dyn Store, other: &dyn Store) {
    assert_eq!(one.projects().unwrap(), other.projects().unwrap());
    for number in 0..3 {
        let key = project(number);
        let code = |error: store::StoreError| error.code();
        assert_eq!(one.load(key).map_err(code), other.load(key).map_err(code));
        assert_eq!(
            one.quarantined(key).map_err(code),
            other.quarantined(key).map_err(code)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_hold_the_same(steps in steps()) {
        let (dir, disk) = (tempfile::tempdir().unwrap(), TestDisk::new());
        let memory = MemoryStore::new();
        let mut sqlite = open_on(&disk, dir.path()).unwrap();
        let (mut last_in_memory, mut last_on_disk) = (Seq(0), Seq(0));
        for step in steps {
            let expected = take(&memory, &step, &mut last_in_memory);
            prop_assert_eq!(take(&sqlite, &step, &mut last_on_disk), expected, "{:?}", step);
            prop_assert_eq!(last_on_disk, last_in_memory);
            if let Step::Reopen { clean } = step {
                // A project that waits for a retry waits no more after this, on disk; so the other is told, too.
                (0..3).for_each(|number| memory.retry(project(number)).unwrap());
                (0..3).for_each(|number| sqlite.retry(project(number)).unwrap());
                if clean {
                    sqlite.close(DEADLINE).unwrap();
                }
                drop(sqlite);
                sqlite = open_on(&disk, dir.path()).unwrap();
            }
            assert_same(&sqlite, &memory);
        }
    }
}
