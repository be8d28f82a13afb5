//! Which device this relay is: a key in its data directory.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use anyhow::{Context, Result};
use trust::key::DeviceKey;
use zeroize::Zeroizing;

use crate::{
    failure::{Exit, Failure},
    owned,
};

/// The 32 bytes of the secret key, as they are.
const FILE: &str = "device.key";

/// The key that this data directory has had since it was first used. Only one process may be here at a time.
///
/// # Errors
/// If the file cannot be read or made, is no key, or can be read by others than its user.
pub fn of(dir: &Path) -> Result<DeviceKey> {
    match kept(dir)? {
        Some(key) => Ok(key),
        None => make(dir).with_context(|| format!("cannot make {}", dir.join(FILE).display())),
    }
}

/// The key of this data directory, if it was ever used.
///
/// # Errors
/// If the file cannot be read, is no key, or can be read by others than its user.
pub fn kept(dir: &Path) -> Result<Option<DeviceKey>> {
    let path = dir.join(FILE);
    let kept = match fs::read(&path) {
        Ok(kept) => Zeroizing::new(kept),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::unreadable("KEY_UNREADABLE", &path, &error).into()),
    };
    is_private(&path)?;
    let Ok(seed) = <&[u8; 32]>::try_from(&kept[..]) else {
        let message = format!(
            "{} is no key; restore it from a backup, or delete it, which makes this relay another device",
            path.display()
        );
        return Err(Failure::new(Exit::Config, "KEY_INVALID", message).into());
    };
    Ok(Some(DeviceKey::from_seed(seed)))
}

/// 32 random bytes that nobody knows.
pub fn secret() -> Result<Zeroizing<[u8; 32]>> {
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *secret).context("the system has no random numbers")?;
    Ok(secret)
}

/// A file is there whole or not at all.
fn make(dir: &Path) -> Result<DeviceKey> {
    let seed = secret()?;
    let unfinished = dir.join("device.key.unfinished");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    let mut file = private(&unfinished)?;
    file.write_all(&*seed)?;
    file.sync_all()?;
    fs::rename(&unfinished, dir.join(FILE))?;
    owned::sync(dir)?;
    Ok(DeviceKey::from_seed(&seed))
}

/// A new file that only its user may read, from its beginning on. Where there are no modes, the folder has to do.
pub fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A key that others could read may be theirs by now.
///
/// # Errors
/// If others than its user can read it.
pub fn is_private(path: &Path) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = fs::metadata(path)
            .map_err(|error| Failure::unreadable("SECRET_UNREADABLE", path, &error))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            let path = path.display();
            let message = format!(
                "others than its user can read {path}; if nobody has, take that away (chmod 600), and otherwise move it \
                 away, which makes a new one"
            );
            return Err(Failure::new(Exit::Permission, "SECRET_READABLE", message));
        }
    }
    Ok(())
}

/// What somebody else has written, who may let a group read it, but nobody else.
///
/// # Errors
/// If everybody can read it.
pub fn is_secret(path: &Path) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = fs::metadata(path)
            .map_err(|error| Failure::unreadable("SECRET_UNREADABLE", path, &error))?;
        if metadata.permissions().mode() & 0o007 != 0 {
            let path = path.display();
            let message = format!(
                "everybody on this machine can read {path}; take that away (chmod o= {path}), and if somebody has, change what is in it"
            );
            return Err(Failure::new(Exit::Permission, "SECRET_READABLE", message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_stays_who_it_is() -> Result<()> {
        let (dir, other) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let device = of(dir.path())?.device();
        assert_eq!(of(dir.path())?.device(), device);
        assert_ne!(of(other.path())?.device(), device);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_the_key() -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir()?;
        of(dir.path())?;
        let path = dir.path().join(FILE);
        let mut permissions = fs::metadata(&path)?.permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
        permissions.set_mode(0o640);
        fs::set_permissions(&path, permissions)?;
        let refused = of(dir.path()).expect_err("the group can read it");
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
        Ok(())
    }

    #[test]
    fn what_is_no_key_is_not_overwritten() -> Result<()> {
        let dir = tempfile::tempdir()?;
        drop(private(&dir.path().join(FILE))?);
        assert!(of(dir.path()).is_err());
        assert!(fs::read(dir.path().join(FILE))?.is_empty());
        Ok(())
    }

    #[test]
    fn a_key_that_was_not_finished_is_made_anew() -> Result<()> {
        let dir = tempfile::tempdir()?;
        fs::write(dir.path().join("device.key.unfinished"), b"half")?;
        of(dir.path())?;
        assert_eq!(fs::read_dir(dir.path())?.count(), 1);
        Ok(())
    }
}
