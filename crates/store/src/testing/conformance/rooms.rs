//! Rooms and their frames.

use std::{collections::BTreeMap, sync::Barrier};

use crate::{
    Document, Frame, LoadedRoom, MAX_FRAME_BYTES, RoomWrite, Rooms, Seq, Store, StoreError, Vector,
    testing::{DEADLINE, append, append_to_room, chunk, frame, project, record, room, stream},
};

fn create(store: &dyn Store) -> &dyn Rooms {
    store.rooms().create(room(1), Vec::new()).unwrap();
    store.rooms()
}

fn write(rooms: &dyn Rooms, frames: Vec<Frame>) -> Seq {
    let write = RoomWrite::new(room(1), frames);
    append_to_room(rooms, write).durable().unwrap()
}

/// Numbered frames of one device, each with its number as text.
fn numbered(device: u8, numbers: std::ops::RangeInclusive<u64>) -> Vec<Frame> {
    numbers
        .map(|number| frame(stream(device), number, number.to_string()))
        .collect()
}

fn comment(device: u8, number: u64) -> Frame {
    Frame {
        document: Document::COMMENTS,
        ..frame(stream(device), number, "comment")
    }
}

fn numbers(frames: &[Frame]) -> Vec<u64> {
    frames.iter().map(|frame| frame.number).collect()
}

fn held(rooms: &dyn Rooms, device: u8) -> Vec<u64> {
    numbers(
        &rooms
            .frames(room(1), stream(device), 0, usize::MAX)
            .unwrap(),
    )
}

fn vector(rooms: &dyn Rooms) -> Vector {
    rooms.load(room(1)).unwrap().vector
}

fn of(entries: &[(u8, u64)]) -> Vector {
    let entries = entries.iter();
    entries
        .map(|&(device, number)| (stream(device), number))
        .collect()
}

fn is_unknown<T>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::UnknownRoom(key)) if key == room(1))
}

pub fn a_room_is_created_listed_and_deleted(store: &dyn Store) {
    let rooms = store.rooms();
    assert_eq!(rooms.list().unwrap(), []);
    rooms.create(room(2), Vec::new()).unwrap();
    let genesis = vec![("genesis".to_owned(), b"record".to_vec())];
    rooms.create(room(1), genesis.clone()).unwrap();
    assert_eq!(rooms.list().unwrap(), [room(1), room(2)]);
    let again = rooms.create(room(1), Vec::new()).unwrap_err();
    assert!(
        matches!(again, StoreError::RoomExists(key) if key == room(1)),
        "{again}"
    );
    let expected = LoadedRoom {
        meta: genesis.into_iter().collect(),
        ..LoadedRoom::default()
    };
    assert_eq!(rooms.load(room(1)).unwrap(), expected);
    write(rooms, numbered(1, 1..=3));
    rooms.delete(room(1)).unwrap();
    assert_eq!(rooms.list().unwrap(), [room(2)]);
    assert!(is_unknown(rooms.load(room(1))));
    assert!(is_unknown(rooms.frames(room(1), stream(1), 0, 1)));
    assert!(is_unknown(rooms.meta(room(1), "genesis")));
    assert!(is_unknown(rooms.quarantined(room(1))));
    assert!(is_unknown(rooms.delete(room(1))));
    assert!(is_unknown(rooms.drop_frames(
        room(1),
        Document::PROJECT,
        &Vector::new()
    )));
    create(store);
    assert_eq!(rooms.load(room(1)).unwrap(), LoadedRoom::default());
}

pub fn frames_come_back_in_order_and_in_pieces(store: &dyn Store) {
    let rooms = create(store);
    let first = write(rooms, numbered(1, 1..=40));
    let second = write(rooms, numbered(2, 1..=3));
    assert!(second > first);
    write(rooms, numbered(1, 41..=50));
    let mut all = Vec::new();
    loop {
        let after = numbers(&all).last().copied().unwrap_or(0);
        let piece = rooms.frames(room(1), stream(1), after, 20).unwrap();
        if piece.is_empty() {
            break;
        }
        assert!(piece.iter().map(|frame| frame.bytes.len()).sum::<usize>() <= 20);
        all.extend(piece);
    }
    assert_eq!(all, numbered(1, 1..=50));
    // However large it is, one frame comes.
    let one = rooms.frames(room(1), stream(1), 7, 0).unwrap();
    assert_eq!(one, numbered(1, 8..=8));
    let end = rooms.frames(room(1), stream(1), u64::MAX, 100).unwrap();
    assert_eq!(end, []);
    assert_eq!(rooms.frames(room(1), stream(9), 0, 100).unwrap(), []);
    let loaded = rooms.load(room(1)).unwrap();
    assert_eq!(loaded.vector, of(&[(1, 50), (2, 3)]));
    assert_eq!(loaded.bytes, 9 + 41 * 2 + 3);
}

pub fn a_frame_that_is_held_changes_nothing(store: &dyn Store) {
    let rooms = create(store);
    write(rooms, numbered(1, 1..=3));
    let before = rooms.load(room(1)).unwrap();
    let other = vec![
        frame(stream(1), 2, "another"),
        frame(stream(1), 3, "another"),
    ];
    write(rooms, other);
    assert_eq!(rooms.load(room(1)).unwrap(), before);
    let frames = rooms.frames(room(1), stream(1), 0, 100).unwrap();
    assert_eq!(frames, numbered(1, 1..=3));
}

pub fn a_frame_before_its_turn_counts_later(store: &dyn Store) {
    let rooms = create(store);
    write(rooms, numbered(1, 5..=6));
    assert_eq!(vector(rooms), of(&[]));
    let mut early = numbered(1, 1..=3);
    early.reverse();
    write(rooms, early);
    assert_eq!(vector(rooms), of(&[(1, 3)]));
    assert_eq!(held(rooms, 1), [1, 2, 3, 5, 6]);
    write(rooms, numbered(1, 4..=4));
    assert_eq!(vector(rooms), of(&[(1, 6)]));
}

pub fn a_chunk_and_its_frames_are_one(store: &dyn Store) {
    let rooms = create(store);
    store.create_project(&record(1), Vec::new()).unwrap();
    let write = RoomWrite {
        meta: vec![("heads".to_owned(), Some(b"h".to_vec()))],
        ..RoomWrite::new(room(1), numbered(1, 1..=2))
    };
    let change = chunk("change").in_room(write);
    let seq = append(store, project(1), change).durable().unwrap();
    let loaded = store.load(project(1)).unwrap();
    let chunks = &loaded.documents[&Document::PROJECT].chunks;
    assert_eq!(*chunks, [(seq, b"change".to_vec())]);
    assert_eq!(vector(rooms), of(&[(1, 2)]));
    assert_eq!(rooms.meta(room(1), "heads").unwrap().unwrap(), b"h");
}

pub fn what_belongs_to_a_refused_room_fails_for_both(store: &dyn Store) {
    store.create_project(&record(1), Vec::new()).unwrap();
    let lost = || chunk("lost").in_room(RoomWrite::new(room(1), numbered(1, 1..=1)));
    let failed = append(store, project(1), lost()).written();
    assert!(is_unknown(failed));
    assert_eq!(
        store.load(project(1)).unwrap().documents,
        Default::default()
    );
    let rooms = create(store);
    let stalled = append_to_room(rooms, RoomWrite::new(room(1), numbered(1, 2..=2))).written();
    assert!(matches!(stalled, Err(StoreError::Stalled)));
    let stalled = append(store, project(1), chunk("later")).written();
    assert!(matches!(stalled, Err(StoreError::Stalled)));
    store.retry(project(1)).unwrap();
    let stalled = append(store, project(1), lost()).written();
    assert!(matches!(stalled, Err(StoreError::Stalled)));
    store.retry(project(1)).unwrap();
    rooms.retry(room(1)).unwrap();
    append(store, project(1), lost()).durable().unwrap();
    assert_eq!(held(rooms, 1), [1]);
    store.flush(DEADLINE).unwrap();
}

pub fn after_a_failure_a_room_waits_for_a_retry(store: &dyn Store) {
    let lost = RoomWrite::new(room(1), numbered(1, 1..=1));
    let failed = append_to_room(store.rooms(), lost.clone()).written();
    assert!(is_unknown(failed));
    let rooms = create(store);
    let later = RoomWrite::new(room(1), numbered(1, 2..=2));
    let refused = append_to_room(rooms, later).written();
    assert!(matches!(refused, Err(StoreError::Stalled)));
    assert!(matches!(store.flush(DEADLINE), Err(StoreError::Stalled)));
    rooms.create(room(2), Vec::new()).unwrap();
    let other = RoomWrite::new(room(2), numbered(1, 1..=1));
    append_to_room(rooms, other).durable().unwrap();
    rooms.retry(room(1)).unwrap();
    append_to_room(rooms, lost).durable().unwrap();
    assert_eq!(held(rooms, 1), [1]);
    store.flush(DEADLINE).unwrap();
}

pub fn what_no_room_takes_is_refused(store: &dyn Store) {
    let rooms = create(store);
    let refused = |write| {
        let refused = append_to_room(rooms, write).written().unwrap_err();
        rooms.retry(room(1)).unwrap();
        refused
    };
    for number in [0, u64::MAX] {
        let frame = frame(stream(1), number, "");
        let error = refused(RoomWrite::new(room(1), vec![frame]));
        assert!(matches!(error, StoreError::FrameNumber(n) if n == number));
    }
    let large = frame(stream(1), 1, vec![0; MAX_FRAME_BYTES + 1]);
    let error = refused(RoomWrite::new(room(1), vec![large]));
    assert!(matches!(error, StoreError::TooLarge { .. }), "{error}");
    assert_eq!(rooms.load(room(1)).unwrap(), LoadedRoom::default());
}

pub fn dropped_frames_still_count(store: &dyn Store) {
    let rooms = create(store);
    let mut frames = numbered(1, 1..=5);
    frames[2] = comment(1, 3);
    write(rooms, frames);
    write(rooms, numbered(2, 1..=3));
    let through = of(&[(1, 4), (7, 9)]);
    let drop = || {
        rooms
            .drop_frames(room(1), Document::PROJECT, &through)
            .unwrap()
    };
    assert_eq!((drop(), drop()), (3, 0));
    assert_eq!(held(rooms, 1), [3, 5]);
    assert_eq!(held(rooms, 2), [1, 2, 3]);
    let loaded = rooms.load(room(1)).unwrap();
    assert_eq!(loaded.vector, of(&[(1, 5), (2, 3)]));
    assert_eq!(loaded.bytes, 7 + 1 + 3);
    // What was dropped does not come back.
    write(rooms, numbered(1, 1..=6));
    assert_eq!(held(rooms, 1), [3, 5, 6]);
    assert_eq!(vector(rooms), of(&[(1, 6), (2, 3)]));
}

pub fn covered_numbers_count_without_their_frames(store: &dyn Store) {
    let rooms = create(store);
    write(rooms, numbered(1, 1..=2));
    write(rooms, numbered(1, 9..=9));
    let snapshot = RoomWrite {
        covered: of(&[(1, 7), (2, 4)]),
        ..RoomWrite::new(room(1), numbered(1, 8..=8))
    };
    append_to_room(rooms, snapshot).durable().unwrap();
    assert_eq!(vector(rooms), of(&[(1, 9), (2, 4)]));
    assert_eq!(held(rooms, 1), [1, 2, 8, 9]);
    write(rooms, numbered(2, 4..=5));
    assert_eq!(held(rooms, 2), [5]);
    let less = RoomWrite {
        covered: of(&[(1, 3)]),
        ..RoomWrite::new(room(1), Vec::new())
    };
    append_to_room(rooms, less).durable().unwrap();
    assert_eq!(vector(rooms), of(&[(1, 9), (2, 5)]));
}

pub fn named_bytes_are_kept_replaced_and_removed(store: &dyn Store) {
    let rooms = store.rooms();
    let first = vec![("a".to_owned(), b"1".to_vec()), (String::new(), vec![])];
    rooms.create(room(1), first).unwrap();
    let meta = |meta: &[(&str, Option<&str>)]| {
        let meta = meta.iter();
        let named = meta.map(|(name, value)| ((*name).to_owned(), value.map(|v| v.into())));
        let write = RoomWrite {
            meta: named.collect(),
            ..RoomWrite::new(room(1), Vec::new())
        };
        append_to_room(rooms, write).durable().unwrap();
    };
    meta(&[("b", Some("2")), ("a", Some("one")), ("never there", None)]);
    meta(&[("b", None), ("c", Some("\0"))]);
    let expected = [("", ""), ("a", "one"), ("c", "\0")];
    let expected: BTreeMap<String, Vec<u8>> = expected
        .map(|(name, value)| (name.into(), value.into()))
        .into();
    assert_eq!(rooms.load(room(1)).unwrap().meta, expected);
    assert_eq!(rooms.meta(room(1), "b").unwrap(), None);
    assert_eq!(rooms.meta(room(1), "c").unwrap().unwrap(), b"\0");
}

pub fn many_rooms_each_keep_their_order(store: &dyn Store) {
    const ROOMS: u8 = 6;
    const FRAMES: u64 = 100;
    let rooms = store.rooms();
    (0..ROOMS).for_each(|number| rooms.create(room(number), Vec::new()).unwrap());
    let start = Barrier::new(ROOMS.into());
    std::thread::scope(|scope| {
        for number in 0..ROOMS {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                let writes = numbered(number, 1..=FRAMES).into_iter();
                let fates: Vec<_> = writes
                    .map(|frame| append_to_room(rooms, RoomWrite::new(room(number), vec![frame])))
                    .collect();
                let seqs: Vec<Seq> = fates.iter().map(|fate| fate.durable().unwrap()).collect();
                assert!(seqs.is_sorted());
            });
        }
    });
    for number in 0..ROOMS {
        let loaded = rooms.load(room(number)).unwrap();
        assert_eq!(loaded.vector, of(&[(number, FRAMES)]));
    }
}
