//! Where an installation keeps what nobody else may see.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::{Result, StoreError, data_dir};

/// A larger secret is none that was kept here.
const MAX_SECRET_BYTES: u64 = 4 << 10;

/// A few small secrets, each under a name. What is in it is in no backup and in no export.
pub trait Vault: Send + Sync {
    /// The secret of that name.
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>>;

    /// Keeps a secret; once this returns it survives a loss of power. The one before is gone.
    fn keep_secret(&self, name: &str, secret: &[u8]) -> Result<()>;
}

/// A file for each secret in the data directory, which only its user may read (mode 0600), and which is not encrypted: it is
/// as safe as the user's files are. On Windows it has the permissions of the directory.
pub struct FileVault {
    folder: PathBuf,
}

impl FileVault {
    /// The secrets of a data directory.
    pub fn new(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.to_owned(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.secret"))
    }
}

impl Vault for FileVault {
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let path = self.path(name);
        let failed = |error| StoreError::io("reading", &path, error);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        // Somebody may have copied it with other permissions; where that cannot be put right it is used as it is.
        make_private(&file).ok();
        // Large enough from the start, so that no part of it is left where the buffer was before it grew.
        let mut secret = Zeroizing::new(Vec::with_capacity(MAX_SECRET_BYTES as usize + 1));
        let mut all = file.take(MAX_SECRET_BYTES);
        all.read_to_end(&mut secret).map_err(failed)?;
        Ok(Some(secret))
    }

    fn keep_secret(&self, name: &str, secret: &[u8]) -> Result<()> {
        let path = self.path(name);
        let failed = |error| StoreError::io("writing", &path, error);
        data_dir::make_private(&self.folder).map_err(failed)?;
        let fresh = path.with_extension("secret-new");
        // One that is there has whatever permissions it has.
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let mut options = OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options
            .write(true)
            .create_new(true)
            .open(&fresh)
            .map_err(failed)?;
        file.write_all(secret)
            .and_then(|()| file.sync_all())
            .map_err(failed)?;
        drop(file);
        fs::rename(&fresh, &path).map_err(failed)?;
        data_dir::sync_parent(&path)
    }
}

#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if file.metadata()?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> (tempfile::TempDir, FileVault) {
        let temp = tempfile::tempdir().unwrap();
        let vault = FileVault::new(&temp.path().join("data"));
        (temp, vault)
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let (_temp, vault) = vault();
        assert_eq!(vault.secret("device").unwrap(), None);
        for secret in [&[7; 69][..], b"another"] {
            vault.keep_secret("device", secret).unwrap();
            assert_eq!(vault.secret("device").unwrap().unwrap().as_slice(), secret);
        }
        assert_eq!(vault.secret("other").unwrap(), None);
    }

    #[test]
    fn what_cannot_be_read_is_not_taken_for_nothing() {
        let (_temp, vault) = vault();
        data_dir::make_private(&vault.path("device")).unwrap();
        assert!(vault.secret("device").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_temp, vault) = vault();
        let mode = || {
            let permissions = fs::metadata(vault.path("device")).unwrap().permissions();
            permissions.mode() & 0o777
        };
        vault.keep_secret("device", b"secret").unwrap();
        assert_eq!(mode(), 0o600);
        let open = fs::Permissions::from_mode(0o644);
        fs::set_permissions(vault.path("device"), open).unwrap();
        vault.secret("device").unwrap();
        assert_eq!(mode(), 0o600);
    }
}
