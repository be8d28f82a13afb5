//! Whom files belong to: what an admin writes, mostly root, is for the relay's user to read.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// Makes a file that of a folder's user.
pub fn give(file: &File, folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let (owner, own) = (fs::metadata(folder)?, file.metadata()?);
        if owner.uid() != own.uid() {
            fchown(file, Some(owner.uid()), Some(owner.gid()))?;
        }
    }
    #[cfg(not(unix))]
    let _ = (file, folder);
    Ok(())
}

/// Makes a folder and all that is in it that of another folder's user.
pub fn give_all(path: &Path, folder: &Path) -> io::Result<()> {
    give(&File::open(path)?, folder)?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            give_all(&entry?.path(), folder)?;
        }
    }
    Ok(())
}

/// Makes names in a folder durable.
pub fn sync(folder: &Path) -> io::Result<()> {
    // Windows has no way to do it, and needs none.
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}
