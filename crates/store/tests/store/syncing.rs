//! Who writes does not wait for the disk to sync what was written before.

use std::{
    path::Path,
    sync::{Arc, Mutex, mpsc},
};

use store::{
    Acknowledgement, RoomWrite, SqliteOptions, SqliteStore, Store, Vfs,
    testing::{DEADLINE, Fate, TestDisk, append_to_room, frame, room, stream},
};

/// Stops syncs before they begin.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<Option<Shut>>>);

struct Shut {
    arrive: mpsc::Sender<()>,
    passed: mpsc::Receiver<()>,
}

impl Gate {
    /// From now on each sync says that it is there, and waits to be let through.
    fn shut(&self) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
        let ((arrive, arrived), (pass, passed)) = (mpsc::channel(), mpsc::channel());
        *self.0.lock().unwrap() = Some(Shut { arrive, passed });
        (arrived, pass)
    }

    fn sync(&self) {
        if let Some(Shut { arrive, passed }) = &*self.0.lock().unwrap() {
            // Where nobody holds them any more they pass.
            let _ = arrive.send(()).map(|()| passed.recv());
        }
    }
}

fn open(disk: &TestDisk, gate: Gate, dir: &Path) -> SqliteStore {
    let Vfs { name, sync } = disk.vfs();
    let sync = Arc::new(move |path: &Path| {
        gate.sync();
        sync(path)
    });
    let options = SqliteOptions {
        vfs: Some(Vfs { name, sync }),
        ..SqliteOptions::default()
    };
    SqliteStore::open_with(dir, options).unwrap()
}

fn write(store: &SqliteStore, number: u64) -> Fate {
    let frames = vec![frame(stream(1), number, [7; 100])];
    append_to_room(store.rooms(), RoomWrite::new(room(1), frames))
}

#[test]
fn what_comes_while_the_disk_syncs_is_written_and_made_durable_by_the_next_sync() {
    let (dir, disk, gate) = (
        tempfile::tempdir().unwrap(),
        TestDisk::new(),
        Gate::default(),
    );
    let store = open(&disk, gate.clone(), dir.path());
    store.rooms().create(room(1), Vec::new()).unwrap();
    let (arrived, pass) = gate.shut();
    let first = write(&store, 1);
    first.written().unwrap();
    arrived.recv_timeout(DEADLINE).unwrap();
    let second = write(&store, 2);
    second.written().unwrap();
    assert!(first.poll().is_none(), "it is not synced yet");
    let loaded = store.rooms().load(room(1)).unwrap();
    assert_eq!(loaded.vector, [(stream(1), 2)].into());
    assert_eq!(loaded.bytes, 200);

    pass.send(()).unwrap();
    arrived.recv_timeout(DEADLINE).unwrap();
    assert!(matches!(first.poll(), Some(Acknowledgement::Durable(_))));
    assert!(second.poll().is_none(), "it came after that sync began");

    drop(pass);
    store.flush(DEADLINE).unwrap();
    assert!(matches!(second.poll(), Some(Acknowledgement::Durable(_))));
    disk.cut_power();
    drop(store);
    disk.come_back(0);
    let store = open(&disk, Gate::default(), dir.path());
    let frames = store.rooms().frames(room(1), stream(1), 0, usize::MAX);
    assert_eq!(frames.unwrap().len(), 2);
}
