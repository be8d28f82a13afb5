//! The `.talus` file: one project with its history and attachments, readable without Talus Tally.
//!
//! The format is described in `docs/talus-file.md`. It holds no keys: who has the file can read it.
//!
//! Reading and writing stream, and hold at most the two documents in memory. Lengths are checked
//! against limits before anything is read, and every part against its hash before it is used.

mod check;
mod read;
mod write;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

pub use self::{
    check::{Checked, check},
    read::read,
    write::Writer,
};

/// First bytes of every file. The first one and the line ends show damage by a transfer as text.
pub const MAGIC: [u8; 8] = *b"\x89TALUS\r\n";

/// Version of the format that is written, and the newest that is read.
pub const VERSION: u32 = 1;

/// A larger manifest is refused.
pub const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// A larger document is refused: it is held in memory whole. 100,000 nodes take about 5 MB.
pub const MAX_DOCUMENT_BYTES: u64 = 128 << 20;

/// A larger attachment is refused, as the blob store would.
pub const MAX_BLOB_BYTES: u64 = store::MAX_BLOB_BYTES;

/// What the file says about itself, so that it can be listed without loading the documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Name of the project.
    pub name: String,
    /// Name of the template it was made from.
    #[serde(default)]
    pub template: String,
    /// When the project was made, in milliseconds since 1970, UTC.
    #[serde(default)]
    pub created_ms: i64,
    /// When the file was written, in milliseconds since 1970, UTC.
    #[serde(default)]
    pub exported_ms: i64,
    /// Live nodes.
    #[serde(default)]
    pub node_count: u64,
    /// The program that wrote it.
    #[serde(default)]
    pub program: String,
}

/// What a file holds, apart from attachments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What it says about itself.
    pub manifest: Manifest,
    /// The project document, as automerge saves it.
    pub project: Vec<u8>,
    /// The comments document, as automerge saves it.
    pub comments: Vec<u8>,
}

/// What a part of the file is. Kinds from 128 on may be skipped by a reader that does not know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    End = 0,
    Manifest = 1,
    Project = 2,
    Comments = 3,
    Blob = 4,
}

const FIRST_OPTIONAL_KIND: u8 = 128;

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TalusFileError {
    /// It does not begin like a `.talus` file.
    #[error("this is not a Talus Tally project file")]
    NotATalusFile,
    /// It was written by a newer version.
    #[error("the file was written by a newer version of Talus Tally")]
    Newer,
    /// It ends too early.
    #[error("the file is incomplete: it ends too early")]
    Truncated,
    /// Something in it is not what was written.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// A part is larger than is read.
    #[error("a part of the file has {size} bytes; at most {limit} are read")]
    TooLarge {
        /// What the file says.
        size: u64,
        /// What is read.
        limit: u64,
    },
    /// The disk refused.
    #[error("the file cannot be read or written")]
    Io(#[source] std::io::Error),
    /// The blob store refused.
    #[error(transparent)]
    Store(store::StoreError),
}

impl From<store::StoreError> for TalusFileError {
    fn from(error: store::StoreError) -> Self {
        match error {
            store::StoreError::Source(error) => std::io::Error::from(error.kind()).into(),
            error => Self::Store(error),
        }
    }
}

impl From<std::io::Error> for TalusFileError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::Truncated,
            std::io::ErrorKind::InvalidData => Self::Damaged(error.to_string()),
            _ => Self::Io(error),
        }
    }
}

impl From<TalusFileError> for Failure {
    fn from(error: TalusFileError) -> Self {
        match error {
            TalusFileError::NotATalusFile => Failure::new(
                "NOT_A_TALUS_FILE",
                "This is not a Talus Tally project file.",
            ),
            TalusFileError::Newer => Failure::new(
                "NEWER_SCHEMA",
                "The file was written by a newer version of Talus Tally. Update this one to open it.",
            ),
            TalusFileError::Truncated => Failure::new(
                "FILE_DAMAGED",
                "The file is incomplete: it ends too early. Copy or export it again.",
            ),
            TalusFileError::Damaged(what) => Failure::new(
                "FILE_DAMAGED",
                "The file is damaged and was not opened. Copy or export it again.",
            )
            .with_detail(what),
            TalusFileError::TooLarge { limit, .. } => Failure::new(
                "FILE_TOO_LARGE",
                format!(
                    "The file is too large: a part of it exceeds {} MB.",
                    limit >> 20
                ),
            ),
            TalusFileError::Io(error) => crate::files::failure(&error),
            TalusFileError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests;
