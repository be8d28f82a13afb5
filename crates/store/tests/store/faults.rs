//! A disk that is full, read-only or broken: a clear state, nothing reported that is not so, and on again afterwards.

use std::{
    path::Path,
    sync::{Arc, Mutex, mpsc},
};

use crate::common::{count, count_shared, create_shared, framed, numbered, open_on};
use rusqlite::{Connection, OpenFlags};
use store::{
    Acknowledgement, Keep, RoomWrite, SqliteStore, State, Store, StoreError,
    testing::{
        DEADLINE, Fate, Fault, TestDisk, append, append_to_room, chunk, frame, project, record,
        room, stream,
    },
};

fn states(store: &dyn Store) -> Arc<Mutex<Vec<State>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    store.watch(Box::new(move |state| {
        log.lock().unwrap().push(state.clone())
    }));
    seen
}

/// Breaks the disk under an open project, expects the state and the error, mends it and expects everything to be there.
fn breaks_and_mends(
    fault: Fault,
    expected: impl Fn(&State) -> bool,
    error: impl Fn(&StoreError) -> bool,
) {
    let (dir, disk) = (tempfile::tempdir().unwrap(), TestDisk::new());
    let store = open_on(&disk, dir.path()).unwrap();
    let seen = states(&store);
    (1..=2).for_each(|number| store.create_project(&record(number), Vec::new()).unwrap());
    append(&store, project(1), numbered(0, 10))
        .durable()
        .unwrap();

    disk.set_fault(Some(fault));
    let failed = append(&store, project(1), numbered(1, 10))
        .written()
        .unwrap_err();
    assert!(error(&failed), "{failed}");
    assert!(expected(&store.state()), "{:?}", store.state());
    let stalled = append(&store, project(1), numbered(2, 10))
        .written()
        .unwrap_err();
    assert!(matches!(stalled, StoreError::Stalled), "{stalled}");
    refuses_all_writes(&store, &error);
    assert_eq!(
        count(&store.load(project(1)).unwrap()),
        1,
        "what is there can still be read"
    );

    disk.set_fault(None);
    append(&store, project(2), numbered(0, 10))
        .durable()
        .unwrap();
    assert_eq!(
        store.state(),
        State::Ok,
        "the next write that succeeds ends the state"
    );
    let stalled = append(&store, project(1), numbered(3, 10))
        .written()
        .unwrap_err();
    assert!(matches!(stalled, StoreError::Stalled), "{stalled}");
    store.retry(project(1)).unwrap();
    for number in 1..4 {
        append(&store, project(1), numbered(number, 10))
            .durable()
            .unwrap();
    }
    store.close(DEADLINE).unwrap();
    drop(store);
    let store = open_on(&disk, dir.path()).unwrap();
    assert_eq!(count(&store.load(project(1)).unwrap()), 4);
    let seen = seen.lock().unwrap();
    assert!(expected(&seen[0]), "{seen:?}");
    assert_eq!(seen[1..], [State::Ok]);
}

fn refuses_all_writes(store: &dyn Store, error: &impl Fn(&StoreError) -> bool) {
    let refusals = [
        store.create_project(&record(3), Vec::new()),
        store.update_project(&record(1)),
        store.delete_project(project(1)),
        store.set_setting("key", Some("1")),
        store.retry(project(1)),
        store.flush(DEADLINE),
    ];
    for refusal in refusals {
        let refusal = refusal.unwrap_err();
        assert!(error(&refusal), "{refusal}");
    }
}

#[test]
fn a_full_disk() {
    breaks_and_mends(
        Fault::Full,
        |state| *state == State::Full,
        |error| matches!(error, StoreError::Full),
    );
}

#[test]
fn a_read_only_disk() {
    let error = |error: &StoreError| matches!(error, StoreError::ReadOnly);
    breaks_and_mends(Fault::ReadOnly, |state| *state == State::ReadOnly, error);
}

#[test]
fn a_disk_that_fails() {
    let state =
        |state: &State| matches!(state, State::Failed(reason) if reason.contains("disk I/O error"));
    breaks_and_mends(Fault::Write, state, |error| {
        matches!(error, StoreError::Database(_))
    });
}

#[test]
fn a_full_disk_under_a_room() {
    let (dir, disk) = (tempfile::tempdir().unwrap(), TestDisk::new());
    let store = open_on(&disk, dir.path()).unwrap();
    create_shared(&store);
    append(&store, project(1), framed(0, 10)).durable().unwrap();
    disk.set_fault(Some(Fault::Full));
    let failed = append(&store, project(1), framed(1, 10)).written();
    assert!(matches!(failed, Err(StoreError::Full)), "{failed:?}");
    let alone = RoomWrite::new(room(1), vec![frame(stream(2), 1, "a relay's")]);
    let stalled = append_to_room(store.rooms(), alone.clone()).written();
    assert!(matches!(stalled, Err(StoreError::Stalled)), "{stalled:?}");
    assert!(matches!(
        store.rooms().retry(room(1)),
        Err(StoreError::Full)
    ));
    assert_eq!(count_shared(&store), 1, "what is there can still be read");
    disk.set_fault(None);
    store.retry(project(1)).unwrap();
    store.rooms().retry(room(1)).unwrap();
    append(&store, project(1), framed(1, 10)).durable().unwrap();
    append_to_room(store.rooms(), alone).durable().unwrap();
    assert_eq!(count_shared(&store), 2);
    store.close(DEADLINE).unwrap();
}

#[test]
fn a_store_closed_on_a_full_disk_counts_as_unclean() {
    let (dir, disk) = (tempfile::tempdir().unwrap(), TestDisk::new());
    let store = open_on(&disk, dir.path()).unwrap();
    store.create_project(&record(1), Vec::new()).unwrap();
    disk.set_fault(Some(Fault::Full));
    append(&store, project(1), chunk("unsaved"))
        .written()
        .unwrap_err();
    store.close(DEADLINE).unwrap_err();
    drop(store);
    disk.set_fault(None);
    assert!(
        open_on(&disk, dir.path())
            .unwrap()
            .opened()
            .fresh_identity_needed()
    );
}

/// A store on a disk that fails to sync one chunk of two, until the caller mends it.
fn with_failed_sync(disk: &TestDisk, dir: &Path) -> (SqliteStore, Fate) {
    let store = open_on(disk, dir).unwrap();
    store.create_project(&record(1), Vec::new()).unwrap();
    append(&store, project(1), numbered(0, 10))
        .durable()
        .unwrap();
    disk.set_fault(Some(Fault::Sync));
    let fate = append(&store, project(1), numbered(1, 10));
    fate.written().unwrap();
    store.flush(DEADLINE).unwrap_err();
    assert!(fate.poll().is_none(), "not durable, and not failed either");
    assert!(
        matches!(store.state(), State::Failed(_)),
        "{:?}",
        store.state()
    );
    (store, fate)
}

/// Linux drops what it could not write and calls the next sync a success. So must nobody else.
#[test]
fn after_a_failed_sync_nothing_is_called_durable_that_is_not() {
    let (dir, disk) = (tempfile::tempdir().unwrap(), TestDisk::new());
    let (store, fate) = with_failed_sync(&disk, dir.path());
    disk.set_fault(None);
    store.flush(DEADLINE).unwrap();
    assert!(matches!(fate.poll(), Some(Acknowledgement::Durable(_))));
    assert_eq!(store.state(), State::Ok);
    cut_and_expect(&disk, store, dir.path(), 2);
}

/// What was dropped can be written anew only when nobody reads the old WAL.
#[test]
fn after_a_failed_sync_a_reader_in_the_way_is_waited_for() {
    let (dir, disk) = (tempfile::tempdir().unwrap(), TestDisk::new());
    let (store, fate) = with_failed_sync(&disk, dir.path());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let reader = Connection::open_with_flags_and_vfs(
        dir.path().join("tally.db"),
        flags,
        disk.vfs().name.as_str(),
    );
    let reader = reader.unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM chunk").unwrap();
    disk.set_fault(None); // not sooner: the writer tries again by itself
    assert!(matches!(store.flush(DEADLINE), Err(StoreError::TimedOut)));
    assert!(fate.poll().is_none());
    drop(reader);
    store.flush(DEADLINE).unwrap();
    assert!(matches!(fate.poll(), Some(Acknowledgement::Durable(_))));
    cut_and_expect(&disk, store, dir.path(), 2);
}

fn cut_and_expect(disk: &TestDisk, store: impl Store, dir: &Path, expected: u64) {
    disk.cut_power();
    drop(store);
    disk.come_back(0);
    let store = open_on(disk, dir).unwrap();
    assert_eq!(count(&store.load(project(1)).unwrap()), expected);
}

/// Holds the writer in an acknowledgement until the sender is dropped.
fn hold_writer(store: &dyn Store) -> mpsc::Sender<()> {
    let (hold, held) = mpsc::channel::<()>();
    let (entered, inside) = mpsc::channel();
    let wait = move |news| {
        if matches!(news, Acknowledgement::Written(_)) {
            entered.send(()).unwrap();
            let _ = held.recv();
        }
    };
    store.append(project(1), numbered(0, 10), Box::new(wait));
    inside.recv_timeout(DEADLINE).unwrap();
    hold
}

#[test]
fn what_waits_together_is_committed_together() {
    let (dir, disk) = (tempfile::tempdir().unwrap(), TestDisk::new());
    let store = open_on(&disk, dir.path()).unwrap();
    (1..=2).for_each(|number| store.create_project(&record(number), Vec::new()).unwrap());
    let hold = hold_writer(&store);
    let before = disk.syncs();
    let fates: Vec<_> = (0..1_000_u64)
        .map(|number| {
            append(
                &store,
                project(1 + (number % 2) as u8),
                numbered(number, 10),
            )
        })
        .collect();
    drop(hold);
    for fate in fates {
        fate.durable().unwrap();
    }
    let syncs = disk.syncs() - before;
    assert!(
        syncs <= 4,
        "{syncs} syncs for a thousand chunks of two projects"
    );
}

#[test]
fn more_than_the_store_will_hold_is_refused_in_order() {
    let (dir, disk) = (tempfile::tempdir().unwrap(), TestDisk::new());
    let store = open_on(&disk, dir.path()).unwrap();
    store.create_project(&record(1), Vec::new()).unwrap();
    let hold = hold_writer(&store);
    let fates: Vec<_> = (1..100)
        .map(|number| append(&store, project(1), numbered(number, 1 << 20)))
        .collect();
    drop(hold);
    let outcomes: Vec<_> = fates.iter().map(|fate| fate.written()).collect();
    let first = outcomes
        .iter()
        .position(Result::is_err)
        .expect("a hundred megabytes are too much");
    assert!(matches!(outcomes[first], Err(StoreError::Busy)));
    assert!(first >= 32, "{first} megabytes are not too much");
    assert!(outcomes[first..].iter().all(Result::is_err), "a hole");
    assert_eq!(count(&store.load(project(1)).unwrap()), first as u64 + 1);
    store.retry(project(1)).unwrap();
    append(&store, project(1), numbered(first as u64 + 1, 10))
        .durable()
        .unwrap();
}

#[test]
fn a_backup_that_finds_no_space_leaves_nothing() {
    let (dir, disk) = (tempfile::tempdir().unwrap(), TestDisk::new());
    let store = open_on(&disk, dir.path()).unwrap();
    store.create_project(&record(1), Vec::new()).unwrap();
    disk.set_fault(Some(Fault::Full));
    assert!(matches!(
        store.back_up(1, Keep::default()),
        Err(StoreError::Full)
    ));
    assert_eq!(store.backups().unwrap(), []);
    assert_eq!(
        std::fs::read_dir(dir.path().join("backups"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
fn a_panic_in_the_writer_is_a_state_and_nobody_waits_in_vain() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    store.create_project(&record(1), Vec::new()).unwrap();
    let (entered, inside) = mpsc::channel();
    let panic = move |_| {
        entered.send(()).unwrap();
        panic!("an acknowledgement that must not panic does");
    };
    store.append(project(1), numbered(0, 10), Box::new(panic));
    inside.recv_timeout(DEADLINE).unwrap();
    let late = append(&store, project(1), numbered(1, 10))
        .written()
        .unwrap_err();
    assert!(matches!(late, StoreError::Closed), "{late}");
    assert!(matches!(
        store.set_setting("key", None),
        Err(StoreError::Closed)
    ));
    assert!(
        matches!(store.state(), State::Failed(_)),
        "{:?}",
        store.state()
    );
    drop(store);
    let store = SqliteStore::open(dir.path()).unwrap();
    assert!(store.opened().fresh_identity_needed());
    assert_eq!(count(&store.load(project(1)).unwrap()), 1, "it was written");
}
