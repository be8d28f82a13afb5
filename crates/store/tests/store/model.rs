//! Whatever is asked of them, the store on disk and the store in memory hold the same.

use proptest::prelude::*;

use crate::common::open_on;
use store::{
    AuthorKey, Chunk, Document, Frame, MemoryStore, RoomWrite, Seq, Store, UndoEdit, UndoStack,
    Vector,
    testing::{DEADLINE, TestDisk, append, append_to_room, project, record, room, stream},
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
    CreateRoom(u8),
    DeleteRoom(u8),
    AppendToRoom(RoomWrite),
    RetryRoom(u8),
    DropFrames(u8, Document, Vector),
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
        2 => number().prop_map(Step::CreateRoom),
        1 => number().prop_map(Step::DeleteRoom),
        10 => room_write().prop_map(Step::AppendToRoom),
        2 => number().prop_map(Step::RetryRoom),
        2 => (number(), document(), vector()).prop_map(|(number, document, through)| Step::DropFrames(number, document, through)),
        1 => any::<bool>().prop_map(|clean| Step::Reopen { clean }),
    ];
    prop::collection::vec(step, 1..60)
}

fn chunk() -> impl Strategy<Value = Chunk> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..6);
    let edit = prop_oneof![
        4 => bytes().prop_map(UndoEdit::Push),
        2 => Just(UndoEdit::Pop),
    ];
    let stack = prop_oneof![Just(UndoStack::Undo), Just(UndoStack::Redo)];
    let undo = prop::collection::vec((0..2_u8, stack, edit), 0..3);
    let in_room = prop::option::weighted(0.3, room_write());
    (0..3_u8, bytes(), undo, in_room).prop_map(|(document, bytes, undo, room)| {
        let chunk = Chunk {
            room,
            ..Chunk::new(Document(document), bytes)
        };
        undo.into_iter()
            .fold(chunk, |chunk, (author, stack, edit)| {
                chunk.with_undo(AuthorKey([author; 16]), stack, edit)
            })
    })
}

fn vector() -> impl Strategy<Value = Vector> {
    let entries = prop::collection::btree_map(0..2_u8, 1..9_u64, 0..2);
    entries.prop_map(|entries| {
        let entries = entries.into_iter();
        entries
            .map(|(device, number)| (stream(device), number))
            .collect()
    })
}

fn room_write() -> impl Strategy<Value = RoomWrite> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..6);
    let frame = (0..3_u8, 0..2_u8, 1..12_u64, bytes());
    let frame = frame.prop_map(|(document, device, number, bytes)| Frame {
        document: Document(document),
        stream: stream(device),
        number,
        bytes,
    });
    let meta = prop::collection::vec(("[ab]", prop::option::of(bytes())), 0..2);
    let covered = prop_oneof![4 => Just(Vector::new()), 1 => vector()];
    let frames = prop::collection::vec(frame, 0..4);
    (0..3_u8, frames, covered, meta).prop_map(|(number, frames, covered, meta)| RoomWrite {
        room: room(number),
        frames,
        covered,
        meta,
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
        Step::CreateRoom(number) => {
            let meta = vec![("genesis".to_owned(), vec![*number])];
            store.rooms().create(room(*number), meta)
        }
        Step::DeleteRoom(number) => store.rooms().delete(room(*number)),
        Step::AppendToRoom(write) => append_to_room(store.rooms(), write.clone())
            .durable()
            .map(|seq| *last = seq),
        Step::RetryRoom(number) => store.rooms().retry(room(*number)),
        Step::DropFrames(number, document, through) => store
            .rooms()
            .drop_frames(room(*number), *document, through)
            .map(|_| ()),
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
        assert_same_room(one, other, number);
    }
}

fn assert_same_room(one: &dyn Store, other: &dyn Store, number: u8) {
    let (one, other, key) = (one.rooms(), other.rooms(), room(number));
    let code = |error: store::StoreError| error.code();
    assert_eq!(one.load(key).map_err(code), other.load(key).map_err(code));
    for (device, after, bytes) in [(0, 0, 1_000), (1, 0, 5), (1, 3, 0)] {
        let frames = |rooms: &dyn store::Rooms| {
            let found = rooms.frames(key, stream(device), after, bytes);
            found.map_err(code)
        };
        assert_eq!(frames(one), frames(other));
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
                (0..3).for_each(|number| memory.rooms().retry(room(number)).unwrap());
                (0..3).for_each(|number| sqlite.rooms().retry(room(number)).unwrap());
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
