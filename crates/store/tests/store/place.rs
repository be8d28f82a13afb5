//! A directory that was copied, restored, cut off or moved to another machine asks for a fresh identity; no other does.

use std::{fs, path::Path};

use store::{
    Keep, Opened, SqliteOptions, SqliteStore, Store, StoreError,
    testing::{DEADLINE, append, chunk, project, record},
};

/// Opens, looks, closes in order.
fn visit(dir: &Path) -> Opened {
    let store = SqliteStore::open(dir).unwrap();
    store.close(DEADLINE).unwrap();
    store.opened()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (entry, target) = (
            entry.as_ref().unwrap(),
            to.join(entry.as_ref().unwrap().file_name()),
        );
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn a_directory_that_was_closed_in_order_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(
        visit(dir.path()),
        Opened {
            clean: true,
            same_place: false
        }
    );
    for _ in 0..3 {
        assert_eq!(
            visit(dir.path()),
            Opened {
                clean: true,
                same_place: true
            }
        );
    }
    assert!(!visit(dir.path()).fresh_identity_needed());
}

#[test]
fn one_that_was_not_closed_asks() {
    let dir = tempfile::tempdir().unwrap();
    visit(dir.path());
    drop(SqliteStore::open(dir.path()).unwrap());
    assert_eq!(
        visit(dir.path()),
        Opened {
            clean: false,
            same_place: true
        }
    );
    assert!(!visit(dir.path()).fresh_identity_needed());
}

#[test]
fn a_copy_asks_and_the_original_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let (original, copied) = (dir.path().join("original"), dir.path().join("copied"));
    visit(&original);
    copy(&original, &copied);
    assert!(visit(&copied).fresh_identity_needed());
    assert!(!visit(&original).fresh_identity_needed());
    assert!(
        !visit(&copied).fresh_identity_needed(),
        "it has its own from now on"
    );
}

#[test]
fn a_copy_put_in_the_place_of_the_original_asks() {
    let dir = tempfile::tempdir().unwrap();
    let (original, copied) = (dir.path().join("original"), dir.path().join("copied"));
    visit(&original);
    copy(&original, &copied);
    fs::remove_dir_all(&original).unwrap();
    copy(&copied, &original);
    assert!(visit(&original).fresh_identity_needed());
}

#[test]
fn an_older_database_written_over_the_file_asks() {
    let dir = tempfile::tempdir().unwrap();
    visit(dir.path());
    let database = dir.path().join("tally.db");
    let older = fs::read(&database).unwrap();
    assert!(!visit(dir.path()).fresh_identity_needed());
    // In place: the file is the same one, only its content is older.
    fs::write(&database, older).unwrap();
    assert_eq!(
        visit(dir.path()),
        Opened {
            clean: true,
            same_place: false
        }
    );
}

#[test]
fn a_database_without_the_count_beside_it_asks() {
    let dir = tempfile::tempdir().unwrap();
    visit(dir.path());
    for damage in [None, Some(""), Some("word"), Some("7 another-nonce\n")] {
        match damage {
            None => fs::remove_file(dir.path().join("opening")).unwrap(),
            Some(text) => fs::write(dir.path().join("opening"), text).unwrap(),
        }
        assert!(visit(dir.path()).fresh_identity_needed(), "{damage:?}");
        assert!(!visit(dir.path()).fresh_identity_needed());
    }
}

#[test]
fn another_machine_asks() {
    let dir = tempfile::tempdir().unwrap();
    let open = |machine: &str| {
        let machine_id = Some(machine.to_owned());
        let options = SqliteOptions {
            machine_id,
            ..SqliteOptions::default()
        };
        let store = SqliteStore::open_with(dir.path(), options).unwrap();
        store.close(DEADLINE).unwrap();
        store.opened()
    };
    open("one");
    assert!(!open("one").fresh_identity_needed());
    assert_eq!(
        open("two"),
        Opened {
            clean: true,
            same_place: false
        }
    );
    assert!(open("one").fresh_identity_needed());
}

#[test]
fn a_directory_has_one_user() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    let refused = SqliteStore::open(dir.path()).err().unwrap();
    assert!(
        matches!(refused, StoreError::InUse { pid } if pid == std::process::id()),
        "{refused}"
    );
    assert!(SqliteStore::restore(dir.path(), "1.db").is_err());
    store.close(DEADLINE).unwrap();
    // Closed, it lets go even while somebody still holds the store.
    SqliteStore::open(dir.path()).unwrap();
}

#[test]
fn a_restored_backup_is_whole_and_asks() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    store.create_project(&record(1), Vec::new()).unwrap();
    let kept = append(&store, project(1), chunk("kept")).durable().unwrap();
    let backup = store.back_up(1, Keep::default()).unwrap();
    let later = append(&store, project(1), chunk("later"))
        .durable()
        .unwrap();
    drop(store);

    SqliteStore::restore(dir.path(), &backup.name).unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    assert!(store.opened().fresh_identity_needed());
    let chunks = |store: &SqliteStore| {
        let mut loaded = store.load(project(1)).unwrap();
        loaded
            .documents
            .remove(&store::Document::PROJECT)
            .unwrap()
            .chunks
    };
    assert_eq!(chunks(&store), [(kept, b"kept".to_vec())]);
    store.close(DEADLINE).unwrap();
    assert!(!visit(dir.path()).fresh_identity_needed());

    // What was there before the restore is beside it.
    let other = tempfile::tempdir().unwrap();
    fs::copy(
        dir.path().join("replaced.db"),
        other.path().join("tally.db"),
    )
    .unwrap();
    let wal = dir.path().join("replaced.db-wal");
    if wal.exists() {
        fs::copy(wal, other.path().join("tally.db-wal")).unwrap();
    }
    let replaced = SqliteStore::open(other.path()).unwrap();
    assert_eq!(
        chunks(&replaced),
        [(kept, b"kept".to_vec()), (later, b"later".to_vec())]
    );
}

#[test]
fn a_restore_that_was_cut_off_is_finished_at_the_next_opening() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    store.create_project(&record(1), Vec::new()).unwrap();
    store.close(DEADLINE).unwrap();
    // The old database moved aside, the new one not yet in its place.
    fs::copy(
        dir.path().join("tally.db"),
        dir.path().join("tally.restoring"),
    )
    .unwrap();
    fs::rename(dir.path().join("tally.db"), dir.path().join("replaced.db")).unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    assert_eq!(store.projects().unwrap(), [record(1)]);
    assert!(store.opened().fresh_identity_needed());
}
