//! The store on disk: one SQLite database in WAL mode, blobs in files beside it.
//!
//! | in the data directory | |
//! |---|---|
//! | `tally.db`, `-wal`, `-shm` | the database |
//! | `blobs/` | a file per blob, named by its hash |
//! | `backups/` | a database per backup |
//! | `lock`, `holder` | who uses the directory now |
//! | `opening` | who used it last, to notice a copy or a restored database |

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::{
    Acknowledge, Backup, Blobs, Chunk, Document, Keep, Loaded, Observer, Opened, ProjectKey,
    ProjectRecord, Quarantined, Result, Rooms, Seq, State, Store, StoreError, Watch,
    blobs::file::FileBlobs,
    chunk::Log,
    data_dir::{self, DataDir},
    state::Watched,
};

mod backups;
mod catalogue;
mod commit;
mod copies;
mod database;
mod ends;
mod frames;
mod load;
mod log;
mod place;
mod quarantine;
mod queue;
mod readers;
mod restore;
mod room_quarantine;
mod rooms;
mod salvage;
mod schema;
mod wal;
mod writer;

pub(crate) use self::backups::Backups;
pub use self::copies::{Examined, Extent, copy_data, examine_data};
pub use self::database::{SyncFile, Vfs};
use self::{
    database::Database,
    queue::{Append, Piece, Queue, Task},
    readers::Readers,
    wal::Wal,
    writer::{Shared, Writer},
};

/// The store on disk.
pub struct SqliteStore {
    opened: Opened,
    queue: Arc<Queue>,
    writer: Shared,
    state: Arc<Watched>,
    readers: Readers,
    blobs: FileBlobs,
    backups: Backups,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What an opening may differ in; tests use it to inject faults and to play another machine.
#[derive(Clone, Debug, Default)]
pub struct SqliteOptions {
    /// The file system to go through, instead of the platform's.
    pub vfs: Option<Vfs>,
    /// The machine this is, instead of what the system says.
    pub machine_id: Option<String>,
}

impl SqliteStore {
    /// Opens the store in a data directory, which is made if need be and is held until the store is closed or dropped.
    pub fn open(data_dir: &Path) -> Result<Self> {
        Self::open_with(data_dir, SqliteOptions::default())
    }

    /// The same, with options.
    pub fn open_with(data_dir: &Path, options: SqliteOptions) -> Result<Self> {
        let dir = DataDir::open(data_dir)?;
        let database = Database::new(database_path(&dir), options.vfs);
        restore::finish(&database.path)?;
        let connection = database.open_writer()?;
        let machine = options.machine_id.as_deref();
        let opened = place::record_opening(&connection, &dir, &database, machine)?;
        // The database and its log are there by now.
        data_dir::sync_parent(&database.path)?;
        let wal = Wal::open(&database)?;
        let blobs = FileBlobs::open(dir.path())?;
        let backups = Backups::new(dir.path());
        let (queue, state) = (Arc::new(Queue::default()), Arc::new(Watched::new()));
        let writer = Writer::new(connection, wal, dir, queue.clone(), state.clone())?;
        let writer = Shared::new(writer);
        let (work, waiting) = (writer.clone(), queue.clone());
        let thread = thread::Builder::new()
            .name("store writer".to_owned())
            .spawn(move || work.run(&waiting));
        let thread =
            thread.map_err(|error| StoreError::io("starting the writer for", data_dir, error))?;
        let thread = Mutex::new(Some(thread));
        Ok(Self {
            opened,
            queue,
            writer,
            state,
            readers: Readers::new(database),
            blobs,
            backups,
            thread,
        })
    }

    /// Opens a backup, wherever it is, as the store of a new data directory: on a copy, so that it stays as it is.
    pub fn unpack(backup: &Path, data_dir: &Path) -> Result<Self> {
        let dir = DataDir::open(data_dir)?;
        backups::unpack(backup, &database_path(&dir))?;
        drop(dir);
        Self::open(data_dir)
    }

    /// Puts a backup in place of the whole database, which nobody may have open. What was there is kept beside it.
    ///
    /// The next opening asks for a fresh identity.
    pub fn restore(data_dir: &Path, backup: &str) -> Result<()> {
        let dir = DataDir::open(data_dir)?;
        restore::restore(&dir, &database_path(&dir), backup)
    }

    /// Runs `write` on the writer's thread as one durable transaction.
    fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.ask_writer(|writer| writer.transact(0, write))
    }

    /// Has the writer do `work` after everything that was asked of it before, and waits for it.
    fn ask_writer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.on_writer(work)?
            .recv()
            .map_err(|_| StoreError::Closed)?
    }

    /// The same without waiting: the answer comes through the channel.
    fn on_writer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> T + Send + 'static,
    ) -> Result<mpsc::Receiver<T>> {
        let (reply, answer) = mpsc::sync_channel(1);
        let task: Task = Box::new(move |writer| {
            // Whoever asked may have stopped waiting.
            let _ = reply.send(work(writer));
        });
        if self.queue.run(task) {
            Ok(answer)
        } else {
            Err(StoreError::Closed)
        }
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.readers.read(read)
    }

    fn join(&self) {
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // An acknowledgement may hold the last reference to the store; the writer cannot wait for itself.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != thread::current().id())
        {
            // A panic in there has been reported, and there is nothing to add.
            let _ = thread.join();
        }
    }
}

fn database_path(dir: &DataDir) -> std::path::PathBuf {
    dir.path().join("tally.db")
}

impl Store for SqliteStore {
    fn opened(&self) -> Opened {
        self.opened
    }

    fn state(&self) -> State {
        self.state.get()
    }

    fn watch(&self, observer: Observer) {
        self.state.watch(observer);
    }

    fn projects(&self) -> Result<Vec<ProjectRecord>> {
        self.read(catalogue::list)
    }

    fn create_project(
        &self,
        record: &ProjectRecord,
        documents: Vec<(Document, Vec<u8>)>,
    ) -> Result<()> {
        let record = record.clone();
        let size = documents.iter().map(|(_, bytes)| bytes.len()).sum();
        self.ask_writer(move |writer| {
            writer.transact(size, |transaction| {
                catalogue::create(transaction, &record, &documents)
            })
        })
    }

    fn update_project(&self, record: &ProjectRecord) -> Result<()> {
        let record = record.clone();
        self.write(move |transaction| catalogue::update(transaction, &record))
    }

    fn delete_project(&self, project: ProjectKey) -> Result<()> {
        self.ask_writer(move |writer| {
            writer.transact(0, |transaction| catalogue::delete(transaction, project))?;
            writer.forget(Log::Project(project));
            Ok(())
        })
    }

    fn append(&self, project: ProjectKey, chunk: Chunk, acknowledge: Acknowledge) {
        self.queue.append(Append {
            logs: chunk.logs(project),
            piece: chunk.check().map(|()| Piece::Chunk(project, chunk)),
            acknowledge,
        });
    }

    fn retry(&self, project: ProjectKey) -> Result<()> {
        self.ask_writer(move |writer| writer.retry(Log::Project(project)))
    }

    fn load(&self, project: ProjectKey) -> Result<Loaded> {
        let found = self.read(|connection| load::load(connection, project))?;
        if !found.damaged.is_empty() {
            let rows: Vec<_> = found
                .damaged
                .into_iter()
                .zip(found.loaded.quarantined.clone())
                .collect();
            // If the disk does not take it, the damage is found and reported again next time.
            let _ =
                self.write(move |transaction| quarantine::move_rows(transaction, project, &rows));
        }
        Ok(found.loaded)
    }

    fn compact(
        &self,
        project: ProjectKey,
        document: Document,
        through: Seq,
        snapshot: Vec<u8>,
    ) -> Result<()> {
        self.ask_writer(move |writer| {
            if through > writer.last() {
                return Err(StoreError::NotWritten { document, through });
            }
            writer.transact(snapshot.len(), |transaction| {
                log::compact(transaction, project, document, through, &snapshot)
            })
        })
    }

    fn set_aside(
        &self,
        project: ProjectKey,
        document: Document,
        chunk: Seq,
        reason: &str,
    ) -> Result<()> {
        let reason = reason.to_owned();
        self.write(move |transaction| {
            log::set_aside(transaction, project, document, chunk, &reason)
        })
    }

    fn quarantined(&self, project: ProjectKey) -> Result<Vec<Quarantined>> {
        self.read(|connection| quarantine::list(connection, project))
    }

    fn flush(&self, deadline: Duration) -> Result<()> {
        wait(&self.on_writer(Writer::flush)?, deadline)
    }

    fn close(&self, deadline: Duration) -> Result<()> {
        let started = Instant::now();
        let answer = self.on_writer(Writer::finish)?;
        self.readers.close();
        self.queue.close();
        let closed = wait(&answer, deadline.saturating_sub(started.elapsed()));
        if !matches!(closed, Err(StoreError::TimedOut)) {
            self.join();
        }
        closed
    }

    fn setting(&self, key: &str) -> Result<Option<String>> {
        self.read(|connection| catalogue::setting(connection, key))
    }

    fn set_setting(&self, key: &str, value: Option<&str>) -> Result<()> {
        let (key, value) = (key.to_owned(), value.map(str::to_owned));
        self.write(move |transaction| catalogue::set_setting(transaction, &key, value.as_deref()))
    }

    fn rooms(&self) -> &dyn Rooms {
        self
    }

    fn blobs(&self) -> &dyn Blobs {
        &self.blobs
    }

    fn back_up_watched(&self, now_ms: i64, keep: Keep, watch: &Watch) -> Result<Backup> {
        // What was appended before is in it, also what nobody has been told about yet.
        self.ask_writer(|_| Ok(()))?;
        self.read(|connection| self.backups.take(connection, now_ms, keep, watch))
    }

    fn backups(&self) -> Result<Vec<Backup>> {
        self.backups.list()
    }

    fn backup_projects(&self, backup: &str) -> Result<Vec<ProjectRecord>> {
        self.backups.projects(backup)
    }

    fn load_backup(&self, backup: &str, project: ProjectKey) -> Result<Loaded> {
        self.backups.load(backup, project)
    }
}

fn wait(answer: &mpsc::Receiver<Result<()>>, deadline: Duration) -> Result<()> {
    answer.recv_timeout(deadline).map_err(|error| match error {
        mpsc::RecvTimeoutError::Timeout => StoreError::TimedOut,
        mpsc::RecvTimeoutError::Disconnected => StoreError::Closed,
    })?
}

impl Drop for SqliteStore {
    /// What was appended is written and synced, but the store does not count as left in order.
    fn drop(&mut self) {
        self.readers.close();
        self.queue.close();
        self.join();
    }
}
