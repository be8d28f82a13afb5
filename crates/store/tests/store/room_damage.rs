//! What is damaged of a room is set aside, no longer counts as held, and is taken again when it comes again.

use std::path::Path;

use rusqlite::Connection;
use store::{
    Document, LoadedRoom, RoomPart, RoomWrite, Rooms, SqliteStore, Store,
    testing::{DEADLINE, append_to_room, frame, room, stream},
};

/// A closed store with a room of five frames of two devices each, and a named record.
fn five_frames(dir: &Path) {
    let store = SqliteStore::open(dir).unwrap();
    let genesis = vec![("genesis".to_owned(), b"record".to_vec())];
    store.rooms().create(room(1), genesis).unwrap();
    write(store.rooms(), 1, 1..=5);
    write(store.rooms(), 2, 1..=5);
    store.close(DEADLINE).unwrap();
}

fn write(rooms: &dyn Rooms, device: u8, numbers: std::ops::RangeInclusive<u64>) {
    let frames = numbers.map(|number| frame(stream(device), number, format!("frame {number}")));
    let write = RoomWrite::new(room(1), frames.collect());
    append_to_room(rooms, write).durable().unwrap();
}

fn spoil(dir: &Path, sql: &str) {
    let connection = Connection::open(dir.join("tally.db")).unwrap();
    assert_eq!(connection.execute(sql, []).unwrap(), 1);
}

fn numbers(rooms: &dyn Rooms, device: u8) -> Vec<u64> {
    let mut numbers = Vec::new();
    loop {
        // Pieces so small that one may hold nothing but damage.
        let after = numbers.last().copied().unwrap_or(0);
        let piece = rooms.frames(room(1), stream(device), after, 1).unwrap();
        if piece.is_empty() {
            return numbers;
        }
        for frame in piece {
            assert_eq!(frame.bytes, format!("frame {}", frame.number).into_bytes());
            numbers.push(frame.number);
        }
    }
}

fn held(loaded: &LoadedRoom, device: u8) -> Option<u64> {
    loaded.vector.get(&stream(device)).copied()
}

#[test]
fn a_damaged_frame_is_set_aside_and_taken_again() {
    let dir = tempfile::tempdir().unwrap();
    five_frames(dir.path());
    for column in ["bytes = zeroblob(7)", "sum = X'00'", "document = 7"] {
        spoil(
            dir.path(),
            &format!("UPDATE frame SET {column} WHERE number = 3 AND stream = 1"),
        );
        let store = SqliteStore::open(dir.path()).unwrap();
        let rooms = store.rooms();
        assert_eq!(numbers(rooms, 1)[..4], [1, 2, 4, 5]);
        let loaded = rooms.load(room(1)).unwrap();
        assert_eq!((held(&loaded, 1), held(&loaded, 2)), (Some(2), Some(5)));
        let lost = rooms.quarantined(room(1)).unwrap().pop().unwrap();
        let (stream, number) = (stream(1), 3);
        assert_eq!(lost.part, RoomPart::Frame { stream, number });
        write(rooms, 1, 2..=6);
        assert_eq!(numbers(rooms, 1)[..5], [1, 2, 3, 4, 5]);
        let loaded = rooms.load(room(1)).unwrap();
        assert_eq!(held(&loaded, 1), Some(6));
        let bytes: usize = numbers(rooms, 1).len() + numbers(rooms, 2).len();
        assert_eq!(loaded.bytes, 7 * bytes as u64);
        store.close(DEADLINE).unwrap();
    }
    let store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(store.rooms().quarantined(room(1)).unwrap().len(), 3);
}

#[test]
fn nobody_misses_a_damaged_frame_below_a_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    five_frames(dir.path());
    spoil(
        dir.path(),
        "UPDATE frame SET bytes = X'00' WHERE number = 3 AND stream = 1",
    );
    spoil(
        dir.path(),
        "UPDATE frame SET bytes = X'00' WHERE number = 2 AND stream = 2",
    );
    let store = SqliteStore::open(dir.path()).unwrap();
    let rooms = store.rooms();
    numbers(rooms, 1);
    numbers(rooms, 2);
    let through = [(stream(1), 4)].into();
    rooms
        .drop_frames(room(1), Document::PROJECT, &through)
        .unwrap();
    let covered = RoomWrite {
        covered: [(stream(2), 2)].into(),
        ..RoomWrite::new(room(1), Vec::new())
    };
    append_to_room(rooms, covered).durable().unwrap();
    let loaded = rooms.load(room(1)).unwrap();
    assert_eq!((held(&loaded, 1), held(&loaded, 2)), (Some(5), Some(5)));
}

#[test]
fn a_damaged_count_is_counted_anew() {
    let dir = tempfile::tempdir().unwrap();
    five_frames(dir.path());
    spoil(
        dir.path(),
        "UPDATE stream SET held = 900 WHERE device = zeroblob(0) OR id = 1",
    );
    let store = SqliteStore::open(dir.path()).unwrap();
    let first = store.rooms().load(room(1)).unwrap();
    assert_eq!(held(&first, 1), Some(5));
    assert_eq!(first.quarantined.len(), 1);
    assert_eq!(first.quarantined[0].part, RoomPart::Count(stream(1)));
    let second = store.rooms().load(room(1)).unwrap();
    assert_eq!(second.quarantined, []);
    assert_eq!(second.vector, first.vector);
    write(store.rooms(), 1, 6..=6);
    assert_eq!(numbers(store.rooms(), 1).len(), 6);
}

#[test]
fn a_stream_that_is_counted_anew_ends_at_a_damaged_frame_until_it_comes_again() {
    let dir = tempfile::tempdir().unwrap();
    five_frames(dir.path());
    spoil(dir.path(), "UPDATE stream SET held = 900 WHERE id = 1");
    let sql = "UPDATE frame SET bytes = X'00' WHERE number = 3 AND stream = 1";
    spoil(dir.path(), sql);
    let store = SqliteStore::open(dir.path()).unwrap();
    let rooms = store.rooms();
    assert_eq!(held(&rooms.load(room(1)).unwrap(), 1), Some(2));
    assert_eq!(held(&rooms.load(room(1)).unwrap(), 1), Some(2));
    let (stream, number) = (stream(1), 3);
    let lost = &rooms.quarantined(room(1)).unwrap()[0];
    assert_eq!(lost.part, RoomPart::Frame { stream, number });
    write(rooms, 1, 3..=3);
    let loaded = rooms.load(room(1)).unwrap();
    assert_eq!((held(&loaded, 1), loaded.bytes), (Some(5), 70));
    assert_eq!(numbers(rooms, 1), [1, 2, 3, 4, 5]);
}

#[test]
fn a_stream_under_a_false_name_is_not_held() {
    let dir = tempfile::tempdir().unwrap();
    five_frames(dir.path());
    spoil(
        dir.path(),
        "UPDATE stream SET stream = stream + 1 WHERE id = 1",
    );
    let store = SqliteStore::open(dir.path()).unwrap();
    let loaded = store.rooms().load(room(1)).unwrap();
    assert_eq!(loaded.vector, [(stream(2), 5)].into());
    let loaded = store.rooms().load(room(1)).unwrap();
    assert_eq!(loaded.vector, [(stream(2), 5)].into());
    write(store.rooms(), 1, 1..=5);
    assert_eq!(numbers(store.rooms(), 1).len(), 5);
}

#[test]
fn damaged_named_bytes_are_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    five_frames(dir.path());
    spoil(dir.path(), "UPDATE room_meta SET bytes = X'00'");
    let store = SqliteStore::open(dir.path()).unwrap();
    let loaded = store.rooms().load(room(1)).unwrap();
    assert!(loaded.meta.is_empty());
    let part = RoomPart::Meta("genesis".to_owned());
    assert_eq!(loaded.quarantined[0].part, part);
    assert_eq!(
        store.rooms().quarantined(room(1)).unwrap(),
        loaded.quarantined
    );
    assert_eq!(store.rooms().load(room(1)).unwrap().quarantined, []);
}

/// Whole pages of frames are overwritten with nonsense: what is in them is left out, and the rest can be read.
#[test]
fn behind_a_damaged_page_the_rest_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    five_frames(dir.path());
    let store = SqliteStore::open(dir.path()).unwrap();
    write(store.rooms(), 1, 6..=3_000);
    store.close(DEADLINE).unwrap();
    let page = crate::damage::leaf_page(dir.path(), "frame", 20);
    crate::damage::overwrite_page(dir.path(), page);
    let store = SqliteStore::open(dir.path()).unwrap();
    let found = numbers(store.rooms(), 1);
    assert!((2_800..3_000).contains(&found.len()), "{}", found.len());
    assert_eq!((found[0], found[found.len() - 1]), (1, 3_000));
    write(store.rooms(), 1, 3_001..=3_010);
    assert_eq!(held(&store.rooms().load(room(1)).unwrap(), 1), Some(3_010));
}

/// A database of the first schema, as the first version left it.
#[test]
fn a_database_without_rooms_gets_them() {
    let dir = tempfile::tempdir().unwrap();
    let connection = Connection::open(dir.path().join("tally.db")).unwrap();
    let schema = include_str!("../../src/sqlite/schema_1.sql");
    connection.execute_batch(schema).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    let project = "INSERT INTO project VALUES (zeroblob(16), 'Old', '', 0, NULL, NULL, 0, NULL)";
    connection.execute(project, []).unwrap();
    drop(connection);
    let store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(store.projects().unwrap()[0].name, "Old");
    assert_eq!(store.rooms().list().unwrap(), []);
    store.rooms().create(room(1), Vec::new()).unwrap();
    write(store.rooms(), 1, 1..=2);
    store.close(DEADLINE).unwrap();
    drop(store);
    let store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(numbers(store.rooms(), 1), [1, 2]);
}

/// A database of the second schema, which noted with the room how large its frames are.
#[test]
fn what_frames_weigh_is_known_after_the_schema_that_noted_it_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    five_frames(dir.path());
    let before = {
        let store = SqliteStore::open(dir.path()).unwrap();
        let loaded = store.rooms().load(room(1)).unwrap();
        store.close(DEADLINE).unwrap();
        loaded
    };
    assert!(before.bytes > 0);
    let connection = Connection::open(dir.path().join("tally.db")).unwrap();
    let back = "ALTER TABLE room ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0; \
        ALTER TABLE stream DROP COLUMN bytes; PRAGMA user_version = 2";
    connection.execute_batch(back).unwrap();
    drop(connection);
    let store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(store.rooms().load(room(1)).unwrap(), before);
    write(store.rooms(), 1, 1..=9);
    assert!(store.rooms().load(room(1)).unwrap().bytes > before.bytes);
}
