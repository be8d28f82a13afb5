//! A data directory that cannot be written: everything in it can be read, and nothing is ever called written.
//!
//! SQLite reads a database in WAL mode only where it can make a file of shared memory beside it. Told that the file is
//! immutable it does without, but then it leaves out what is in the WAL: the newest changes, after an unclean end. So
//! the database and its WAL are copied to a directory of this process, and the copy is opened. The copy is private, and
//! is removed with the store.
//!
//! The lock of the directory cannot be taken for writing, but it can be shared while the copy is made, if the file is
//! there; then nobody writes meanwhile. Without that file nobody ever opened the directory for writing.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{
    Acknowledge, Acknowledgement, Backup, Blobs, Chunk, Document, Frame, Keep, Loaded, LoadedRoom,
    Observer, Opened, ProjectKey, ProjectRecord, Quarantined, QuarantinedPart, Result, RoomKey,
    RoomWrite, Rooms, Seq, SqliteStore, State, Store, StoreError, StreamKey, Vector, Watch,
    blobs::file::FileBlobs, data_dir, sqlite::Backups,
};

/// Opens the store in a data directory: to write where that is possible, else to read.
pub fn open(data_dir: &Path) -> Result<Arc<dyn Store>> {
    or_to_read(SqliteStore::open(data_dir), data_dir)
}

fn or_to_read(opened: Result<SqliteStore>, data_dir: &Path) -> Result<Arc<dyn Store>> {
    match opened {
        Ok(store) => Ok(Arc::new(store)),
        Err(StoreError::ReadOnly) => Ok(Arc::new(ReadOnlyStore::open(data_dir)?)),
        Err(error) => Err(error),
    }
}

/// Reads a data directory and refuses every write with [`StoreError::ReadOnly`].
///
/// Its state is [`State::ReadOnly`] from the start and never changes. Changes can be made on top of what it reads; they
/// stay with the caller.
pub struct ReadOnlyStore {
    blobs: FileBlobs,
    backups: Backups,
    refused: AtomicBool,
    copy: SqliteStore,
    // Removed after the copy is closed.
    _dir: TemporaryDir,
}

impl ReadOnlyStore {
    /// Opens a data directory in which a store has been; [`StoreError::ReadOnly`] if there is none to read.
    pub fn open(data_dir: &Path) -> Result<Self> {
        let failed = |error| StoreError::io("reading", data_dir, error);
        let path = data_dir.canonicalize().map_err(failed)?;
        if !path.join(DATABASE).exists() {
            return Err(StoreError::ReadOnly);
        }
        let dir = TemporaryDir::make()?;
        let lock = share(&path)?;
        for name in [DATABASE, "tally.db-wal"] {
            match fs::copy(path.join(name), dir.0.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
        }
        drop(lock);
        make_writable(&dir.0)?;
        Ok(Self {
            blobs: FileBlobs::to_read(&path),
            backups: Backups::new(&path),
            refused: AtomicBool::new(false),
            copy: SqliteStore::open(&dir.0)?,
            _dir: dir,
        })
    }

    fn refuse<T>(&self) -> Result<T> {
        Err(StoreError::ReadOnly)
    }

    fn refuse_append(&self, mut acknowledge: Acknowledge) {
        self.refused.store(true, Ordering::Relaxed);
        acknowledge(Acknowledgement::Failed(StoreError::ReadOnly));
    }
}

const DATABASE: &str = "tally.db";

/// Keeps others from writing until it is dropped; none if nobody ever wrote.
fn share(path: &Path) -> Result<Option<File>> {
    let failed = |error| StoreError::io("locking", path, error);
    let lock = match File::open(path.join("lock")) {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    match lock.try_lock_shared() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            pid: data_dir::read_holder(path),
        }),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// A copy has the permissions of its original.
fn make_writable(dir: &Path) -> Result<()> {
    let failed = |error| StoreError::io("preparing", dir, error);
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let mut permissions = fs::metadata(&path).map_err(failed)?.permissions();
        #[cfg(unix)]
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
        #[cfg(not(unix))]
        permissions.set_readonly(false);
        fs::set_permissions(&path, permissions).map_err(failed)?;
    }
    Ok(())
}

/// A directory for this user alone.
pub(crate) struct TemporaryDir(PathBuf);

impl TemporaryDir {
    pub(crate) fn make() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("talus-tally-{}", data_dir::nonce()));
        let failed = |error| StoreError::io("making", &path, error);
        data_dir::make_private(&path).map_err(failed)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryDir {
    fn drop(&mut self) {
        // The system clears its place for temporary files by itself.
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Store for ReadOnlyStore {
    fn opened(&self) -> Opened {
        // Nothing that is counted from here on is ever kept, so the numbers would be used again.
        Opened {
            clean: false,
            same_place: false,
        }
    }

    fn is_read_only(&self) -> bool {
        true
    }

    fn state(&self) -> State {
        State::ReadOnly
    }

    fn watch(&self, _observer: Observer) {}

    fn projects(&self) -> Result<Vec<ProjectRecord>> {
        self.copy.projects()
    }

    fn create_project(&self, _: &ProjectRecord, _: Vec<(Document, Vec<u8>)>) -> Result<()> {
        self.refuse()
    }

    fn update_project(&self, _: &ProjectRecord) -> Result<()> {
        self.refuse()
    }

    fn delete_project(&self, _: ProjectKey) -> Result<()> {
        self.refuse()
    }

    fn append(&self, _: ProjectKey, _: Chunk, acknowledge: Acknowledge) {
        self.refuse_append(acknowledge);
    }

    fn retry(&self, _: ProjectKey) -> Result<()> {
        self.refuse()
    }

    fn load(&self, project: ProjectKey) -> Result<Loaded> {
        Store::load(&self.copy, project)
    }

    fn compact(&self, _: ProjectKey, _: Document, _: Seq, _: Vec<u8>) -> Result<()> {
        self.refuse()
    }

    fn set_aside(&self, _: ProjectKey, _: Document, _: Seq, _: &str) -> Result<()> {
        self.refuse()
    }

    fn quarantined(&self, project: ProjectKey) -> Result<Vec<Quarantined>> {
        Store::quarantined(&self.copy, project)
    }

    fn flush(&self, _: Duration) -> Result<()> {
        if self.refused.load(Ordering::Relaxed) {
            self.refuse()
        } else {
            Ok(())
        }
    }

    fn close(&self, deadline: Duration) -> Result<()> {
        let flushed = self.flush(deadline);
        self.copy.close(deadline)?;
        flushed
    }

    fn setting(&self, key: &str) -> Result<Option<String>> {
        self.copy.setting(key)
    }

    fn set_setting(&self, _: &str, _: Option<&str>) -> Result<()> {
        self.refuse()
    }

    fn rooms(&self) -> &dyn Rooms {
        self
    }

    fn blobs(&self) -> &dyn Blobs {
        &self.blobs
    }

    fn back_up_watched(&self, _: i64, _: Keep, _: &Watch) -> Result<Backup> {
        self.refuse()
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

impl Rooms for ReadOnlyStore {
    fn list(&self) -> Result<Vec<RoomKey>> {
        self.copy.rooms().list()
    }

    fn create(&self, _: RoomKey, _: Vec<(String, Vec<u8>)>) -> Result<()> {
        self.refuse()
    }

    fn delete(&self, _: RoomKey) -> Result<()> {
        self.refuse()
    }

    fn load(&self, room: RoomKey) -> Result<LoadedRoom> {
        self.copy.rooms().load(room)
    }

    fn append(&self, _: RoomWrite, acknowledge: Acknowledge) {
        self.refuse_append(acknowledge);
    }

    fn retry(&self, _: RoomKey) -> Result<()> {
        self.refuse()
    }

    fn frames(
        &self,
        room: RoomKey,
        stream: StreamKey,
        after: u64,
        max_bytes: usize,
    ) -> Result<Vec<Frame>> {
        self.copy.rooms().frames(room, stream, after, max_bytes)
    }

    fn drop_frames(&self, _: RoomKey, _: Document, _: &Vector) -> Result<u64> {
        self.refuse()
    }

    fn meta(&self, room: RoomKey, name: &str) -> Result<Option<Vec<u8>>> {
        self.copy.rooms().meta(room, name)
    }

    fn quarantined(&self, room: RoomKey) -> Result<Vec<QuarantinedPart>> {
        self.copy.rooms().quarantined(room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_directory_that_cannot_be_written_is_opened_to_read() {
        let temp = tempfile::tempdir().unwrap();
        let refused = || or_to_read(Err(StoreError::ReadOnly), temp.path());
        assert!(matches!(refused().err(), Some(StoreError::ReadOnly)));
        drop(SqliteStore::open(temp.path()).unwrap());
        assert!(refused().unwrap().is_read_only());
        assert!(!open(temp.path()).unwrap().is_read_only());
        let full = or_to_read(Err(StoreError::Full), temp.path());
        assert!(matches!(full.err(), Some(StoreError::Full)));
    }
}
