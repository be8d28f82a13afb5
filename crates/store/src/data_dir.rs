//! The directory that everything lives in, and its one user.

use std::{
    fs::{self, File, TryLockError},
    hash::{BuildHasher, RandomState},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{Result, StoreError};

/// A data directory held by this process until dropped.
///
/// The lock is advisory and belongs to the open file, so the system lets go of it however the process ends.
pub(crate) struct DataDir {
    path: PathBuf,
    nonce: String,
    lock: File,
}

impl DataDir {
    /// Makes the directory if need be and takes it, or says who has it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let refused = |error: io::Error| match error.kind() {
            io::ErrorKind::PermissionDenied => StoreError::ReadOnly,
            _ => StoreError::io("opening", path, error),
        };
        make_private(path).map_err(refused)?;
        let path = path.canonicalize().map_err(refused)?;
        let options = || {
            File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .clone()
        };
        let lock = options().open(path.join("lock")).map_err(refused)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse {
                    pid: read_holder(&path),
                });
            }
            Err(TryLockError::Error(error)) => return Err(refused(error)),
        }
        let nonce = nonce();
        // Beside the lock, not in it: on Windows a locked file cannot be read by the one who is refused.
        let note = format!("{} {nonce}\n", std::process::id());
        fs::write(path.join("holder"), note).map_err(refused)?;
        Ok(Self { path, nonce, lock })
    }

    /// Where it is, without symbolic links.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A random word, another at every opening.
    pub(crate) fn nonce(&self) -> &str {
        &self.nonce
    }
}

impl Drop for DataDir {
    /// Closing the file is not enough: a process that is being started holds a copy of it for a moment.
    fn drop(&mut self) {
        // If it cannot be let go of now, the system does so when the last copy is closed.
        let _ = self.lock.unlock();
    }
}

pub(crate) fn read_holder(path: &Path) -> u32 {
    let note = fs::read_to_string(path.join("holder")).unwrap_or_default();
    note.split_whitespace()
        .next()
        .and_then(|pid| pid.parse().ok())
        .unwrap_or(0)
}

/// Random enough to never meet twice; no secret.
pub(crate) fn nonce() -> String {
    format!(
        "{:016x}{:016x}",
        RandomState::new().hash_one(0),
        RandomState::new().hash_one(1)
    )
}

/// Makes the directory if need be, for this user alone. One that is there keeps the permissions it has.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Puts `content` in place of a file: after a crash there is the old or the new content, never a part.
pub(crate) fn replace_file(path: &Path, content: &[u8]) -> Result<()> {
    let failed = |error| StoreError::io("writing", path, error);
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh).map_err(failed)?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .map_err(failed)?;
    drop(file);
    fs::rename(&fresh, path).map_err(failed)?;
    sync_parent(path)
}

/// Makes a new name in a directory durable.
pub(crate) fn sync_parent(path: &Path) -> Result<()> {
    // Windows has no way to do it, and needs none.
    if cfg!(unix) {
        let parent = path.parent().unwrap_or(path);
        let synced = File::open(parent).and_then(|directory| directory.sync_all());
        synced.map_err(|error| StoreError::io("syncing", parent, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_one_user() {
        let temp = tempfile::tempdir().unwrap();
        let first = DataDir::open(temp.path()).unwrap();
        let refused = DataDir::open(temp.path()).err().unwrap();
        assert!(matches!(refused, StoreError::InUse { pid } if pid == std::process::id()));
        let nonce = first.nonce().to_owned();
        drop(first);
        assert_ne!(DataDir::open(temp.path()).unwrap().nonce(), nonce);
    }

    #[test]
    fn a_replaced_file_has_the_new_content_only() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("note");
        replace_file(&path, b"a long first content").unwrap();
        replace_file(&path, b"short").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"short");
    }

    #[cfg(unix)]
    #[test]
    fn others_cannot_look_in() {
        use std::os::unix::fs::PermissionsExt;
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("data");
        let _held = DataDir::open(&path).unwrap();
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o077, 0);
    }
}
