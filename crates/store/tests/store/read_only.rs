//! A directory that cannot be written is read whole, and stays as it is.

use std::{collections::BTreeMap, fs, path::Path};

use crate::common::{count_shared, create_shared, framed};
use store::{
    Document, Keep, ReadOnlyStore, RoomWrite, SqliteStore, State, Store, StoreError,
    testing::{DEADLINE, append, append_to_room, frame, project, record, room, stream},
};

/// A directory with a project of three changes, a blob and a backup.
fn written(dir: &Path) -> SqliteStore {
    let store = SqliteStore::open(dir).unwrap();
    create_shared(&store);
    for number in 0..3 {
        append(&store, project(1), framed(number, 10))
            .durable()
            .unwrap();
    }
    store.set_setting("theme", Some("\"dark\"")).unwrap();
    store.blobs().put(&mut &b"attached"[..]).unwrap();
    store.back_up(1, Keep::default()).unwrap();
    store
}

fn files(dir: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            let bytes = fs::read(&path).unwrap();
            found.insert(path.display().to_string(), bytes);
        }
    }
}

fn all_files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    files(dir, &mut found);
    found
}

#[test]
fn everything_is_read_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = written(dir.path());
    drop(store); // not closed: the newest changes are in the WAL
    let before = all_files(dir.path());
    let store = ReadOnlyStore::open(dir.path()).unwrap();
    assert_eq!(store.state(), State::ReadOnly);
    assert!(store.opened().fresh_identity_needed());
    assert_eq!(count_shared(&store), 3);
    assert_eq!(store.setting("theme").unwrap().as_deref(), Some("\"dark\""));
    let blob = store.blobs().list().unwrap()[0];
    assert_eq!(store.blobs().get(blob).unwrap(), b"attached");
    let backup = store.backups().unwrap().remove(0);
    assert_eq!(store.backup_projects(&backup.name).unwrap(), [record(1)]);
    store.load_backup(&backup.name, project(1)).unwrap();
    store.flush(DEADLINE).unwrap();
    refuses_every_write(&store);
    assert_eq!(count_shared(&store), 3);
    assert!(matches!(store.close(DEADLINE), Err(StoreError::ReadOnly)));
    drop(store);
    assert_eq!(all_files(dir.path()), before);
    assert_eq!(count_shared(&SqliteStore::open(dir.path()).unwrap()), 3);
}

fn refuses_every_write(store: &dyn Store) {
    let blob = store.blobs().list().unwrap()[0];
    let rooms = store.rooms();
    let write = RoomWrite::new(room(1), vec![frame(stream(2), 1, "x")]);
    let refusals = [
        store.create_project(&record(2), Vec::new()),
        store.update_project(&record(1)),
        store.delete_project(project(1)),
        store.retry(project(1)),
        store.compact(project(1), Document::PROJECT, store::Seq(1), Vec::new()),
        store.set_setting("theme", None),
        store.back_up(2, Keep::default()).map(|_| ()),
        store.blobs().put(&mut &b"new"[..]).map(|_| ()),
        store.blobs().remove(blob).map(|_| ()),
        append(store, project(1), framed(3, 1))
            .written()
            .map(|_| ()),
        rooms.create(room(2), Vec::new()),
        rooms.delete(room(1)),
        rooms.retry(room(1)),
        append_to_room(rooms, write).written().map(|_| ()),
        store.flush(DEADLINE),
    ];
    for refusal in refusals {
        assert!(matches!(refusal, Err(StoreError::ReadOnly)), "{refusal:?}");
    }
}

#[test]
fn a_directory_that_is_being_written_is_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let _writing = written(dir.path());
    let refused = ReadOnlyStore::open(dir.path()).err().unwrap();
    assert!(matches!(refused, StoreError::InUse { pid } if pid == std::process::id()));
}

#[test]
fn nothing_is_left_of_the_copy() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path()).close(DEADLINE).unwrap();
    let copies = || {
        let entries = fs::read_dir(std::env::temp_dir()).unwrap();
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names
            .filter(|name| name.starts_with("talus-tally-"))
            .collect::<Vec<_>>()
    };
    let store = ReadOnlyStore::open(dir.path()).unwrap();
    let during = copies();
    store.close(DEADLINE).unwrap();
    drop(store);
    let after = copies();
    assert!(during.iter().any(|name| !after.contains(name)));
}
