//! A store whose disk does nothing before the test says so, and that comes back from a kill or a power cut.

use std::{
    collections::VecDeque,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    Acknowledge, Acknowledgement, Backup, Blobs, Chunk, Document, Keep, Loaded, LoadedRoom,
    MemoryStore, Observer, Opened, ProjectKey, ProjectRecord, Quarantined, Result, RoomKey,
    RoomWrite, Seq, State, Store, StoreError, Watch,
};

mod rooms;

/// Everything that a disk holds at one moment.
pub struct Image {
    store: MemoryStore,
    /// The store was closed in order.
    is_clean: bool,
}

/// Keeps what it is given when it is told to: what is appended waits for [`write`](Self::write), what is written for
/// [`sync`](Self::sync). What blocks until it is durable does both first, as a store with one writer does.
///
/// No thread and no file. Acknowledgements are called inside `write`, `sync` and whatever blocks.
pub struct SteppedStore {
    disk: Mutex<Disk>,
    opened: Opened,
    is_prompt: bool,
    turn: Mutex<()>,
    /// The blobs, and the state of the disk, are those of this one.
    written: MemoryStore,
}

/// What has not reached the disk for certain.
struct Disk {
    durable: MemoryStore,
    waiting: VecDeque<(Write, Acknowledge)>,
    unsynced: VecDeque<(Write, Seq, Acknowledge)>,
    is_clean: bool,
}

#[derive(Clone)]
enum Write {
    Chunk(ProjectKey, Chunk),
    Room(RoomWrite),
}

impl Image {
    /// A disk without anything.
    pub fn empty() -> Self {
        Self {
            store: MemoryStore::new(),
            is_clean: false,
        }
    }
}

impl Clone for Image {
    fn clone(&self) -> Self {
        Self {
            store: self.store.fork(),
            is_clean: self.is_clean,
        }
    }
}

impl SteppedStore {
    /// Opens what is on a disk. A copy, or a directory in another place, is not the same place.
    pub fn open(image: Image, same_place: bool) -> Self {
        let disk = Disk {
            durable: image.store.fork(),
            waiting: VecDeque::new(),
            unsynced: VecDeque::new(),
            is_clean: false,
        };
        Self {
            disk: Mutex::new(disk),
            opened: Opened {
                clean: image.is_clean,
                same_place,
            },
            is_prompt: false,
            turn: Mutex::default(),
            written: image.store,
        }
    }

    /// An empty one that writes and syncs before `append` returns.
    pub fn prompt() -> Self {
        Self {
            is_prompt: true,
            ..Self::open(Image::empty(), false)
        }
    }

    /// Commits the oldest so many of what waits; says how many there were.
    pub fn write(&self, most: usize) -> usize {
        let mut done = 0;
        while done < most {
            let Some((write, acknowledge)) = self.lock().waiting.pop_front() else {
                break;
            };
            self.write_one(write, acknowledge);
            done += 1;
        }
        done
    }

    /// Makes everything durable that is written; says how many there were.
    pub fn sync(&self) -> usize {
        let mut disk = self.lock();
        let unsynced = mem::take(&mut disk.unsynced);
        let count = unsynced.len();
        let mut told = Vec::new();
        for (write, seq, acknowledge) in unsynced {
            write.carry_out(&disk.durable, Box::new(|_| {}));
            told.push((seq, acknowledge));
        }
        drop(disk);
        for (seq, mut acknowledge) in told {
            acknowledge(Acknowledgement::Durable(seq));
        }
        count
    }

    /// What a room would hold after a loss of power.
    pub fn durable_room(&self, room: RoomKey) -> Result<LoadedRoom> {
        self.lock().durable.rooms().load(room)
    }

    /// How much is appended and not written, and written and not durable.
    pub fn pending(&self) -> (usize, usize) {
        let disk = self.lock();
        (disk.waiting.len(), disk.unsynced.len())
    }

    /// From now on every write fails with `fault`, or with none of it.
    pub fn set_fault(&self, fault: Option<StoreError>) {
        self.written.set_fault(fault);
    }

    /// What the disk holds now; what an end of the process leaves behind.
    pub fn image(&self) -> Image {
        Image {
            store: self.written.fork(),
            is_clean: self.lock().is_clean,
        }
    }

    /// What a loss of power leaves behind: all that is durable, and the oldest `kept` of what is written since. Whole
    /// blobs are among that; parts of others are spoiled.
    pub fn torn_image(&self, kept: usize) -> Image {
        let disk = self.lock();
        let store = disk.durable.fork().with_torn_blobs(&self.written);
        for (write, ..) in disk.unsynced.iter().take(kept) {
            write.clone().carry_out(&store, Box::new(|_| {}));
        }
        Image {
            store,
            is_clean: disk.is_clean,
        }
    }

    fn write_one(&self, write: Write, mut acknowledge: Acknowledge) {
        let (sender, told) = std::sync::mpsc::channel();
        let tell = Box::new(move |news| drop(sender.send(news)));
        write.clone().carry_out(&self.written, tell);
        match told.try_recv() {
            Ok(Acknowledgement::Written(seq)) => {
                acknowledge(Acknowledgement::Written(seq));
                self.lock().unsynced.push_back((write, seq, acknowledge));
            }
            Ok(refused) => acknowledge(refused),
            Err(_) => unreachable!("a store in memory answers at once"),
        }
    }

    fn push(&self, write: Write, acknowledge: Acknowledge) {
        // One after the other, or what is written by two threads at once is told out of order.
        let _turn = self.is_prompt.then(|| self.turn.lock());
        self.lock().waiting.push_back((write, acknowledge));
        if self.is_prompt {
            self.settle();
        }
    }

    fn settle(&self) {
        self.write(usize::MAX);
        self.sync();
    }

    /// What blocks: everything before it is on the disk first, and it is durable at once.
    fn both<T>(&self, work: impl Fn(&MemoryStore) -> Result<T>) -> Result<T> {
        self.settle();
        let done = work(&self.written)?;
        // What is not there yet was not there either.
        work(&self.lock().durable).ok();
        Ok(done)
    }

    fn lock(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write {
    fn carry_out(self, store: &MemoryStore, acknowledge: Acknowledge) {
        match self {
            Self::Chunk(project, chunk) => store.append(project, chunk, acknowledge),
            Self::Room(write) => store.rooms().append(write, acknowledge),
        }
    }
}

impl Store for SteppedStore {
    fn opened(&self) -> Opened {
        self.opened
    }

    fn state(&self) -> State {
        self.written.state()
    }

    fn watch(&self, observer: Observer) {
        self.written.watch(observer);
    }

    fn projects(&self) -> Result<Vec<ProjectRecord>> {
        self.written.projects()
    }

    fn create_project(
        &self,
        record: &ProjectRecord,
        documents: Vec<(Document, Vec<u8>)>,
    ) -> Result<()> {
        self.both(|store| store.create_project(record, documents.clone()))
    }

    fn update_project(&self, record: &ProjectRecord) -> Result<()> {
        self.both(|store| store.update_project(record))
    }

    fn delete_project(&self, project: ProjectKey) -> Result<()> {
        self.both(|store| store.delete_project(project))
    }

    fn append(&self, project: ProjectKey, chunk: Chunk, acknowledge: Acknowledge) {
        self.push(Write::Chunk(project, chunk), acknowledge);
    }

    fn retry(&self, project: ProjectKey) -> Result<()> {
        self.both(|store| store.retry(project))
    }

    fn load(&self, project: ProjectKey) -> Result<Loaded> {
        self.written.load(project)
    }

    fn compact(
        &self,
        project: ProjectKey,
        document: Document,
        through: Seq,
        snapshot: Vec<u8>,
    ) -> Result<()> {
        self.both(|store| store.compact(project, document, through, snapshot.clone()))
    }

    fn set_aside(
        &self,
        project: ProjectKey,
        document: Document,
        chunk: Seq,
        reason: &str,
    ) -> Result<()> {
        self.both(|store| store.set_aside(project, document, chunk, reason))
    }

    fn quarantined(&self, project: ProjectKey) -> Result<Vec<Quarantined>> {
        self.written.quarantined(project)
    }

    fn flush(&self, deadline: Duration) -> Result<()> {
        self.both(|store| store.flush(deadline))
    }

    fn close(&self, deadline: Duration) -> Result<()> {
        self.both(|store| store.close(deadline))?;
        self.lock().is_clean = true;
        Ok(())
    }

    fn setting(&self, key: &str) -> Result<Option<String>> {
        self.written.setting(key)
    }

    fn set_setting(&self, key: &str, value: Option<&str>) -> Result<()> {
        self.both(|store| store.set_setting(key, value))
    }

    fn rooms(&self) -> &dyn crate::Rooms {
        self
    }

    fn blobs(&self) -> &dyn Blobs {
        self.written.blobs()
    }

    fn back_up_watched(&self, now_ms: i64, keep: Keep, watch: &Watch) -> Result<Backup> {
        self.both(|store| store.back_up_watched(now_ms, keep, watch))
    }

    fn backups(&self) -> Result<Vec<Backup>> {
        self.written.backups()
    }

    fn backup_projects(&self, backup: &str) -> Result<Vec<ProjectRecord>> {
        self.written.backup_projects(backup)
    }

    fn load_backup(&self, backup: &str, project: ProjectKey) -> Result<Loaded> {
        self.written.load_backup(backup, project)
    }
}
