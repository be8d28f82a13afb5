//! Whether a file with projects is whole: a `.talus` file, or a backup of an installation.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use store::{ProjectRecord, SqliteStore, Store, StoreError};
use uuid::Uuid;

use super::{Reading, Verification};
use crate::failure::Failure;
use crate::files;
use crate::opening;
use crate::package::Package;
use crate::progress::Progress;
use crate::request::ProjectId;
use crate::talus_file::{self, TalusFileError};

/// How a database begins (<https://sqlite.org/fileformat.html>, 1.3).
const DATABASE: &[u8] = b"SQLite format 3\0";

/// What was read of one project in a file, or of a file in which none was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFile {
    /// Its id in a backup; a `.talus` file has none.
    pub project: Option<ProjectId>,
    /// Its name; empty if that could not be read.
    pub name: String,
    /// What was read, and what is wrong.
    pub read: Verification,
}

/// Reads a `.talus` file, or a backup, to its end. It needs no installation, and stays as it is: a backup is read from a copy in
/// `scratch`, an empty folder.
///
/// A backup has no attachments: those stay where they are when one is made.
///
/// # Errors
/// If the file or the folder cannot be used. What is damaged is in what is returned.
pub fn verify_file(path: &Path, scratch: &Path) -> Result<Vec<InFile>, Failure> {
    let (mut input, _) = files::open(path)?;
    let mut start = Vec::new();
    let begun = input
        .by_ref()
        .take(DATABASE.len() as u64)
        .read_to_end(&mut start);
    begun.map_err(|error| files::failure(&error))?;
    match start == DATABASE {
        true => backup(path, scratch),
        false => talus_file(path).map(|it| vec![it]),
    }
}

fn talus_file(path: &Path) -> Result<InFile, Failure> {
    let (mut input, _) = files::open(path)?;
    let mut found = Verification::default();
    let checked = match talus_file::check(&mut input) {
        Ok(checked) => checked,
        Err(TalusFileError::Io(error)) => return Err(files::failure(&error)),
        Err(error) => return Ok(nothing_of(error.into())),
    };
    found.attachments = checked.blobs.len() as u64;
    found.bytes = checked.blob_bytes;
    for flaw in checked.flaws {
        found.find("part-damaged", true, flaw);
    }
    let mut name = String::new();
    if let Some(content) = checked.content {
        name = content.manifest.name.clone();
        let graph = found.documents(opening::loaded(content.project, content.comments));
        let here: BTreeSet<String> = checked.blobs.iter().map(ToString::to_string).collect();
        let named = graph.map(|graph| Package::of(&graph).blobs);
        for blob in named.into_iter().flatten() {
            if !here.contains(blob.as_str()) {
                let message = format!("The content of attachment {blob} is not in the file.");
                found.find("attachment-missing", false, message);
            }
        }
    }
    Ok(InFile {
        project: None,
        name,
        read: found,
    })
}

fn backup(path: &Path, scratch: &Path) -> Result<Vec<InFile>, Failure> {
    let unpacked = SqliteStore::unpack(path, scratch);
    let read = unpacked.and_then(|store| Ok((store.projects()?, store)));
    let (records, store) = match read {
        Ok(read) => read,
        Err(error) if is_of_file(&error) => return Ok(vec![nothing_of(error.into())]),
        Err(error) => return Err(error.into()),
    };
    let read = records.into_iter().map(|record| project(&store, record));
    read.collect()
}

fn project(store: &SqliteStore, record: ProjectRecord) -> Result<InFile, Failure> {
    let project = ProjectId(Uuid::from_bytes(record.key.0));
    let mut reading = Reading {
        store,
        progress: Progress::default(),
        found: Verification::default(),
    };
    reading.project(project)?;
    Ok(InFile {
        project: Some(project),
        name: record.name,
        read: reading.found,
    })
}

/// Whether it is the file that is not as it should be, and not the disk that refuses.
fn is_of_file(error: &StoreError) -> bool {
    use StoreError::{Damaged, Database, NewerSchema};
    matches!(error, Damaged(_) | Database(_) | NewerSchema { .. })
}

/// A file of which nothing can be read.
fn nothing_of(failure: Failure) -> InFile {
    let mut read = Verification::default();
    let message = match failure.detail {
        Some(detail) => format!("{} ({detail})", failure.message),
        None => failure.message,
    };
    read.find("file-unreadable", true, message);
    InFile {
        project: None,
        name: String::new(),
        read,
    }
}
