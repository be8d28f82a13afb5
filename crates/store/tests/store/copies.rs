//! A copy of a data directory that is in use, and what a look at one finds.

use std::{
    fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    thread,
};

use rusqlite::Connection;
use store::{
    Examined, RoomWrite, Rooms, SqliteStore, Store, StoreError, copy_data, examine_data,
    testing::{DEADLINE, append_to_room, frame, room, stream},
};

fn go_on(_: u64, _: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn write(rooms: &dyn Rooms, number: u64) {
    let frame = frame(stream(1), number, format!("frame {number}"));
    append_to_room(rooms, RoomWrite::new(room(1), vec![frame]))
        .durable()
        .unwrap();
}

fn held(store: &SqliteStore) -> u64 {
    let loaded = store.rooms().load(room(1)).unwrap();
    loaded.vector.get(&stream(1)).copied().unwrap_or(0)
}

/// A store with a room of five frames and an attachment.
fn filled(dir: &Path) -> SqliteStore {
    let store = SqliteStore::open(dir).unwrap();
    let genesis = vec![("genesis".to_owned(), b"record".to_vec())];
    store.rooms().create(room(1), genesis).unwrap();
    (1..=5).for_each(|number| write(store.rooms(), number));
    store.blobs().put(&mut &b"a picture"[..]).unwrap();
    store
}

#[test]
fn a_copy_made_while_it_is_written_is_whole_and_has_all_that_was_durable_before() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(&dir.path().join("data"));
    thread::scope(|scope| {
        let writing = scope.spawn(|| (6..=400).for_each(|number| write(store.rooms(), number)));
        let mut last = 0;
        for copy in 0.. {
            let is_last = writing.is_finished();
            let before = held(&store);
            let into = dir.path().join(copy.to_string());
            copy_data(&dir.path().join("data"), &into, &go_on).unwrap();
            let examined = examine_data(&into).unwrap();
            assert_eq!(examined.damage, Vec::<String>::new());
            assert_eq!((examined.whole.rooms, examined.whole.blobs), (1, 1));
            let copied = SqliteStore::open(&into).unwrap();
            let now = held(&copied);
            assert_eq!(examined.whole.frames, now);
            assert!((before..=400).contains(&now) && now >= last, "{now}");
            assert_eq!(
                copied.blobs().list().unwrap(),
                store.blobs().list().unwrap()
            );
            last = now;
            if is_last {
                break;
            }
        }
        assert_eq!(last, 400);
    });
}

#[test]
fn a_look_names_what_is_damaged_and_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    let hash = store.blobs().list().unwrap()[0].to_string();
    store.close(DEADLINE).unwrap();
    let examined = examine_data(dir.path()).unwrap();
    assert_eq!((examined.whole.frames, examined.damage.len()), (5, 0));

    let connection = Connection::open(dir.path().join("tally.db")).unwrap();
    let sql = "UPDATE frame SET bytes = X'00' WHERE number = 3; UPDATE room_meta SET sum = X'00';";
    connection.execute_batch(sql).unwrap();
    drop(connection);
    let blob = dir.path().join("blobs").join(&hash[..2]).join(&hash);
    fs::write(&blob, "another picture").unwrap();
    for _ in 0..2 {
        let Examined { whole, damage } = examine_data(dir.path()).unwrap();
        assert_eq!((whole.frames, whole.blobs), (4, 0));
        let found = |words: &str| damage.iter().any(|it| it.contains(words));
        assert!(
            found("frame 3") && found("genesis") && found(&hash),
            "{damage:?}"
        );
        assert_eq!(damage.len(), 3);
    }
    let into = dir.path().join("copy");
    let damaged = copy_data(dir.path(), &into, &go_on).unwrap();
    assert_eq!(damaged.len(), 1);
    assert!(blob.exists(), "it is still where it was");
    assert_eq!(
        examine_data(&into).unwrap().damage.len(),
        2,
        "it is not in the copy"
    );
}

#[test]
fn nothing_is_copied_over_a_store_or_out_of_none_or_further_than_it_may() {
    let dir = tempfile::tempdir().unwrap();
    let [data, other, none] = ["data", "other", "none"].map(|it| dir.path().join(it));
    let _stores = [filled(&data), filled(&other)];
    let copied = |from: &PathBuf, into: &PathBuf| copy_data(from, into, &go_on);
    let kind = |refused| match refused {
        Err(StoreError::Io { source, .. }) => source.kind(),
        other => panic!("{other:?}"),
    };
    assert_eq!(kind(copied(&data, &other)), io::ErrorKind::AlreadyExists);
    assert_eq!(
        kind(copied(&none, &dir.path().join("new"))),
        io::ErrorKind::NotFound
    );
    assert!(!none.exists() && examine_data(&none).is_err());
    let stopped = copy_data(&data, &none, &|_, _| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(StoreError::Stopped)));
}
