//! Files of this machine that a person names: reading them and replacing them whole.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: the files a person names are read and written here"
)]

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use crate::failure::Failure;

/// Opens a file for reading; also says how many bytes it has.
pub(crate) fn open(path: &Path) -> Result<(impl Read + use<>, u64), Failure> {
    let file = File::open(path).map_err(|error| failure(&error))?;
    let about = file.metadata().map_err(|error| failure(&error))?;
    if !about.is_file() {
        return Err(Failure::new("NOT_A_FILE", "This is not a file."));
    }
    Ok((BufReader::new(file), about.len()))
}

/// The name of a file as people read it.
pub(crate) fn shown(path: &str) -> String {
    let name = Path::new(path).file_name();
    let name = name.map_or(path.into(), |name| name.to_string_lossy());
    format!("“{name}”")
}

/// Writes a file whole or not at all: beside it first, then in its place.
pub(crate) fn replace<E>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), Failure>
where
    Failure: From<E>,
{
    let part = beside(path)?;
    let written = write_beside(&part, write)
        .and_then(|()| fs::rename(&part, path).map_err(|error| failure(&error)));
    if written.is_err() {
        // What is left of a file that could not be written is of no use; that it stays is no harm.
        fs::remove_file(&part).ok();
    }
    written
}

fn write_beside<E>(
    part: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), Failure>
where
    Failure: From<E>,
{
    let mut output = BufWriter::new(File::create(part).map_err(|error| failure(&error))?);
    write(&mut output)?;
    let file = output
        .into_inner()
        .map_err(|error| failure(error.error()))?;
    file.sync_all().map_err(|error| failure(&error))
}

fn beside(path: &Path) -> Result<PathBuf, Failure> {
    let name = path
        .file_name()
        .ok_or_else(|| Failure::new("NOT_A_FILE", "This path does not name a file."))?;
    let mut part = name.to_owned();
    part.push(".part");
    Ok(path.with_file_name(part))
}

/// What the file system said, in words and with a code.
pub(crate) fn failure(error: &io::Error) -> Failure {
    let (code, message) = match error.kind() {
        io::ErrorKind::NotFound => ("FILE_NOT_FOUND", "There is no such file or folder."),
        io::ErrorKind::PermissionDenied => {
            ("PERMISSION_DENIED", "This file or folder may not be used.")
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => (
            "DISK_FULL",
            "The disk is full. Free some space or choose another place.",
        ),
        io::ErrorKind::ReadOnlyFilesystem => (
            "DISK_READ_ONLY",
            "This disk cannot be written. Choose another place.",
        ),
        io::ErrorKind::IsADirectory => ("NOT_A_FILE", "This is a folder, not a file."),
        _ => ("FILE_FAILED", "The file could not be read or written."),
    };
    Failure::new(code, message).with_detail(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_could_not_be_written_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.talus");
        replace(&path, |output| {
            output.write_all(b"old").map_err(|e| failure(&e))
        })
        .unwrap();
        let refused = replace(&path, |output| {
            output.write_all(b"ne").map_err(|e| failure(&e))?;
            Err(Failure::new("TEST", "stopped"))
        });
        assert_eq!(refused.unwrap_err().code, "TEST");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(open(folder.path()).err().unwrap().code, "NOT_A_FILE");
        let missing = open(&folder.path().join("missing")).err().unwrap();
        assert_eq!(missing.code, "FILE_NOT_FOUND");
    }
}
