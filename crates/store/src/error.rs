//! What can go wrong, in words a person can act on and codes a UI can look up.

use std::{io, path::Path, sync::Arc};

use crate::{BlobHash, Document, ProjectKey, RoomKey, Seq};

/// Why the store did not do what it was asked.
///
/// Cloneable, because one failed group commit is reported to every chunk in it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the data directory.
    #[error("the data directory is in use by process {pid}")]
    InUse {
        /// That process, or 0 where it left no note.
        pid: u32,
    },
    /// The database was written by a newer version of the app.
    #[error("the database has schema {found}, but this version knows only up to {known}")]
    NewerSchema {
        /// What the file says.
        found: i64,
        /// The newest this version can read.
        known: i64,
    },
    /// No space is left on the disk.
    #[error("the disk is full")]
    Full,
    /// The disk or the data directory does not take writes.
    #[error("the disk is read-only")]
    ReadOnly,
    /// An earlier chunk of this project was not written; call [`Store::retry`](crate::Store::retry) first.
    #[error("an earlier change of this project is not saved yet")]
    Stalled,
    /// More is waiting to be written than the store is willing to hold.
    #[error("too much is waiting to be written")]
    Busy,
    /// The bytes are larger than the store takes in one piece.
    #[error("{size} bytes are more than the limit of {limit}")]
    TooLarge {
        /// How large it is, or at least is.
        size: u64,
        /// How large it may be.
        limit: u64,
    },
    /// The catalogue has no such project.
    #[error("there is no project {0}")]
    UnknownProject(ProjectKey),
    /// The catalogue has that project already.
    #[error("project {0} exists already")]
    ProjectExists(ProjectKey),
    /// There is no such room.
    #[error("there is no room {0}")]
    UnknownRoom(RoomKey),
    /// There is that room already.
    #[error("room {0} exists already")]
    RoomExists(RoomKey),
    /// Frames are numbered from 1, in 63 bits.
    #[error("{0} is no number of a frame")]
    FrameNumber(u64),
    /// A snapshot claims to cover chunks that were never written.
    #[error("no chunk {through:?} of document {document:?} was written")]
    NotWritten {
        /// The document in question.
        document: Document,
        /// What the snapshot claimed.
        through: Seq,
    },
    /// There is no such chunk.
    #[error("there is no chunk {0:?}")]
    UnknownChunk(Seq),
    /// There is no such blob.
    #[error("there is no blob {0}")]
    UnknownBlob(BlobHash),
    /// A blob's content no longer has the hash it is named by; it was set aside and can be fetched anew.
    #[error("blob {0} is damaged")]
    DamagedBlob(BlobHash),
    /// There is no such backup.
    #[error("there is no backup {0}")]
    UnknownBackup(String),
    /// The database file itself is damaged beyond one row; a backup can be restored.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// Whoever watched broke it off.
    #[error("it was broken off")]
    Stopped,
    /// The deadline passed first.
    #[error("the disk did not answer in time")]
    TimedOut,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// What was to be kept could not be read to its end. The disk of this store is not to blame.
    #[error("what was to be kept could not be read")]
    Source(#[source] Arc<io::Error>),
    /// The file system refused.
    #[error("{action} failed")]
    Io {
        /// What was attempted.
        action: String,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// SQLite refused.
    #[error("the database failed")]
    Database(#[source] Arc<rusqlite::Error>),
}

/// Short for a result of this crate.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    /// A stable word for programs; the message may change, this may not.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "store.in_use",
            Self::NewerSchema { .. } => "store.newer_schema",
            Self::Full => "store.full",
            Self::ReadOnly => "store.read_only",
            Self::Stalled => "store.stalled",
            Self::Busy => "store.busy",
            Self::TooLarge { .. } => "store.too_large",
            Self::UnknownProject(_) => "store.unknown_project",
            Self::ProjectExists(_) => "store.project_exists",
            Self::UnknownRoom(_) => "store.unknown_room",
            Self::RoomExists(_) => "store.room_exists",
            Self::FrameNumber(_) => "store.frame_number",
            Self::NotWritten { .. } => "store.not_written",
            Self::UnknownChunk(_) => "store.unknown_chunk",
            Self::UnknownBlob(_) => "store.unknown_blob",
            Self::DamagedBlob(_) => "store.damaged_blob",
            Self::UnknownBackup(_) => "store.unknown_backup",
            Self::Damaged(_) => "store.damaged",
            Self::Stopped => "store.stopped",
            Self::TimedOut => "store.timed_out",
            Self::Closed => "store.closed",
            Self::Source(_) => "store.source",
            Self::Io { .. } => "store.io",
            Self::Database(_) => "store.database",
        }
    }

    /// Wraps what the file system said, keeping apart what a person can act on.
    pub(crate) fn io(action: &str, path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::Io {
                action: format!("{action} {}", path.display()),
                source: Arc::new(source),
            },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DiskFull) => Self::Full,
            Some(Code::ReadOnly) => Self::ReadOnly,
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Database(Arc::new(error)),
        }
    }
}
