//! The database file and how it is opened.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::schema;
use crate::Result;

/// A file system of SQLite to go through, instead of the platform's.
#[derive(Clone)]
pub struct Vfs {
    /// Under which name SQLite knows it.
    pub name: String,
    /// Syncs a file that is open there: what was written to it before survives a loss of power.
    pub sync: SyncFile,
}

/// How a file is synced.
pub type SyncFile = Arc<dyn Fn(&Path) -> io::Result<()> + Send + Sync>;

impl std::fmt::Debug for Vfs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vfs({})", self.name)
    }
}

/// Where the database is, and through which of SQLite's file systems it is reached.
#[derive(Clone)]
pub(super) struct Database {
    pub(super) path: PathBuf,
    pub(super) vfs: Option<Vfs>,
}

/// How long to wait for another connection of this process: only ever for the blink of a checkpoint's restart.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What a connection that reads may keep of pages, in KiB. Logs and documents are read from one end to the other, and the
/// system keeps them, too; the usual 2 MB for each of several readers would be most of what an idle relay weighs.
const READER_CACHE_KIB: i64 = 256;

/// Pages of WAL after which the writer copies them into the database when it is idle: 4 MiB.
pub(super) const CHECKPOINT_PAGES: u64 = 1_000;

/// Pages of WAL after which it does so at once, so that a steady load does not grow the WAL for ever: 16 MiB.
pub(super) const CHECKPOINT_PAGES_AT_ONCE: u64 = 4_000;

/// Pages of WAL above which nobody else writes meanwhile: 32 MiB, which whoever opens it after a kill reads in 60 ms.
pub(super) const MAX_WAL_PAGES: u64 = 8_000;

impl Database {
    pub(super) fn new(path: PathBuf, vfs: Option<Vfs>) -> Self {
        Self { path, vfs }
    }

    /// The one connection that writes; makes the database and brings it to the schema of today.
    pub(super) fn open_writer(&self) -> Result<Connection> {
        self.make_private();
        let mut connection =
            self.open(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        // The version first: a newer database is left exactly as it is.
        schema::check(&connection)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // The writer checkpoints by itself, so that a failed sync in there does not go unnoticed.
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        // macOS: a plain fsync leaves the bytes in the drive's own memory.
        connection.pragma_update(None, "fullfsync", true)?;
        connection.pragma_update(None, "checkpoint_fullfsync", true)?;
        connection.pragma_update(None, "synchronous", "full")?;
        schema::migrate(&mut connection)?;
        connection.pragma_update(None, "synchronous", "normal")?;
        Ok(connection)
    }

    /// A connection that copies the WAL into the database while the writer writes.
    pub(super) fn open_sweeper(&self) -> Result<Connection> {
        let connection = self.open(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        connection.pragma_update(None, "checkpoint_fullfsync", true)?;
        connection.pragma_update(None, "synchronous", "normal")?;
        Ok(connection)
    }

    /// A new database is this user's alone in whatever folder it is, and so is what SQLite puts beside it, which has the
    /// permissions of the database. What cannot be made here, SQLite says.
    fn make_private(&self) {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        if self.vfs.is_none() {
            options.open(&self.path).ok();
        }
    }

    /// A connection that only reads, and sees each transaction whole.
    pub(super) fn open_reader(&self) -> Result<Connection> {
        let connection = self.open(OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
        schema::check(&connection)?;
        Ok(connection)
    }

    fn open(&self, flags: OpenFlags) -> Result<Connection> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match &self.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(&self.path, flags, vfs.name.as_str())?,
            None => Connection::open_with_flags(&self.path, flags)?,
        };
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(64);
        // A damaged file must not make SQLite trust its own broken records.
        connection.pragma_update(None, "cell_size_check", true)?;
        Ok(connection)
    }

    pub(super) fn wal(path: &Path) -> PathBuf {
        suffixed(path, "-wal")
    }

    pub(super) fn shm(path: &Path) -> PathBuf {
        suffixed(path, "-shm")
    }
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
