use proptest::prelude::*;

use super::*;
use crate::{
    Document, LoadedRoom,
    sqlite::{frames, schema},
};

const ROOM: RoomKey = RoomKey([1; 32]);
const STREAM: StreamKey = StreamKey {
    device: [2; 32],
    stream: 3,
};

fn database() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection).unwrap();
    let sql = "INSERT INTO room (key) VALUES (?)";
    connection.execute(sql, [ROOM.0]).unwrap();
    connection
}

fn append(connection: &Connection, ends: &mut Ends, numbers: impl IntoIterator<Item = u64>) {
    let frames = numbers.into_iter().map(|number| Frame {
        document: Document::PROJECT,
        stream: STREAM,
        number,
        bytes: vec![7; number as usize],
    });
    let write = RoomWrite::new(ROOM, frames.collect());
    let room = ends.room(connection, ROOM).unwrap().unwrap();
    room.append(connection, &write).unwrap();
}

fn cover(connection: &Connection, ends: &mut Ends, number: u64) {
    let write = RoomWrite {
        covered: [(STREAM, number)].into(),
        ..RoomWrite::new(ROOM, Vec::new())
    };
    let room = ends.room(connection, ROOM).unwrap().unwrap();
    room.append(connection, &write).unwrap();
}

fn drop_through(connection: &Connection, number: u64) {
    frames::drop_some(connection, ROOM, Document::PROJECT, STREAM, number).unwrap();
}

fn held(connection: &Connection) -> u64 {
    held_of(&rooms::read(connection, ROOM).unwrap())
}

fn held_of(loaded: &LoadedRoom) -> u64 {
    assert_eq!(loaded.quarantined, []);
    loaded.vector.get(&STREAM).copied().unwrap_or(0)
}

/// What the row itself says.
fn noted(connection: &Connection) -> (u64, u64) {
    let sql = "SELECT held, bytes FROM stream";
    let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64));
    connection.query_row(sql, [], read).unwrap()
}

#[test]
fn frames_that_continue_a_stream_are_noted_together() {
    let (connection, mut ends) = (database(), Ends::default());
    append(&connection, &mut ends, 1..=3);
    append(&connection, &mut ends, 4..=4);
    assert_eq!((noted(&connection), held(&connection)), ((0, 0), 4));
    ends.note(&connection).unwrap();
    assert_eq!((noted(&connection), held(&connection)), ((4, 10), 4));
}

#[test]
fn what_is_behind_a_hole_is_noted_at_once_and_joined_when_it_is_filled() {
    let (connection, mut ends) = (database(), Ends::default());
    append(&connection, &mut ends, [1, 4, 5]);
    assert_eq!(noted(&connection), (1, 10));
    append(&connection, &mut ends, [2]);
    assert_eq!((noted(&connection), held(&connection)), ((2, 12), 2));
    append(&connection, &mut ends, [3]);
    assert_eq!((noted(&connection), held(&connection)), ((5, 15), 5));
}

#[test]
fn a_damaged_frame_that_was_not_noted_yet_can_come_again() {
    let (connection, mut ends) = (database(), Ends::default());
    append(&connection, &mut ends, 1..=4);
    ends.forget();
    connection
        .execute("UPDATE frame SET bytes = X'00' WHERE number = 2", [])
        .unwrap();
    let piece = frames::read(&connection, ROOM, STREAM, 0, 1_000).unwrap();
    frames::set_aside(&connection, ROOM, STREAM, &piece.damaged).unwrap();
    assert_eq!(held(&connection), 1);
    append(&connection, &mut ends, [2]);
    assert_eq!(held(&connection), 4);
}

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<u64>),
    Cover(u64),
    /// As a sync does, or whoever else writes.
    Note,
    /// As a kill does.
    Forget,
    Drop(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (1..12_u64, 1..4_u64).prop_map(|(from, count)| Step::Append((from..from + count).collect())),
        2 => prop::collection::vec(1..12_u64, 1..4).prop_map(Step::Append),
        1 => (1..6_u64).prop_map(Step::Cover),
        2 => Just(Step::Note),
        2 => Just(Step::Forget),
        1 => (1..12_u64).prop_map(Step::Drop),
    ];
    prop::collection::vec(step, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// However much of it was noted, and whatever was forgotten, a room is what was appended to it.
    #[test]
    fn nothing_depends_on_what_is_noted(steps in steps()) {
        let (connection, mut ends) = (database(), Ends::default());
        let (mut there, mut held_so_far) = (std::collections::BTreeSet::new(), 0);
        for step in steps {
            match step {
                Step::Append(numbers) => {
                    there.extend(numbers.iter().filter(|&&number| number > held_so_far));
                    append(&connection, &mut ends, numbers);
                }
                Step::Cover(number) => {
                    held_so_far = held_so_far.max(number);
                    cover(&connection, &mut ends, number);
                }
                Step::Note => ends.note(&connection).unwrap(),
                Step::Forget => ends.forget(),
                Step::Drop(through) => {
                    ends.note(&connection).unwrap();
                    ends.forget();
                    // No relay drops what it does not hold.
                    let through = through.min(held_so_far);
                    drop_through(&connection, through);
                    there.retain(|&number| number > through);
                }
            }
            while there.contains(&(held_so_far + 1)) {
                held_so_far += 1;
            }
            let loaded = rooms::read(&connection, ROOM).unwrap();
            prop_assert_eq!(held_of(&loaded), held_so_far);
            prop_assert_eq!(loaded.bytes, there.iter().sum::<u64>());
        }
        let room = ends.room(&connection, ROOM).unwrap().unwrap();
        room.end(&connection, STREAM).unwrap();
        ends.note(&connection).unwrap();
        prop_assert_eq!(noted(&connection), (held_so_far, there.iter().sum::<u64>()));
    }
}
