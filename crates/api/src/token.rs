//! The token, and the files by which programs of this account find the server.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The file with the token, in the data directory. Only its owner may read it.
pub const TOKEN_FILE: &str = "api-token";
/// The file with the address of the server that runs, in the data directory.
pub const ADDRESS_FILE: &str = "api-address";

/// Bytes that are drawn for a token.
const TOKEN_BYTES: usize = 32;

/// A secret that lets a program in. `Debug` does not show it.
#[derive(Clone)]
pub(crate) struct Secret {
    text: String,
    hash: blake3::Hash,
}

impl Secret {
    /// A new one, of 256 bits.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub(crate) fn draw(prefix: &str) -> io::Result<Self> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self::new(format!("{prefix}{digits}")))
    }

    /// The one of a data directory, drawn at the first start. It is kept, because undo histories belong to it; where nothing
    /// can be written it is good for this time only.
    pub(crate) fn of(folder: &Path, is_read_only: bool) -> io::Result<Self> {
        let path = folder.join(TOKEN_FILE);
        match read(&path) {
            Ok(text) => Ok(Self::new(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let drawn = Self::draw("")?;
                if !is_read_only {
                    private(&path)?.write_all(drawn.text.as_bytes())?;
                }
                Ok(drawn)
            }
            Err(error) => Err(error),
        }
    }

    fn new(text: String) -> Self {
        let hash = blake3::hash(text.as_bytes());
        Self { text, hash }
    }

    /// The secret itself.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> blake3::Hash {
        self.hash
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open_private(path)?.read_to_string(&mut text)?;
    let text = text.trim().to_owned();
    if text.len() < TOKEN_BYTES {
        let why = format!("{} holds no token; delete it", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    Ok(text)
}

/// A file that others than its owner cannot read.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            let why = format!("{} can be read by others; delete it", path.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
    }
    Ok(file)
}

/// A new file that only its owner may read.
pub(crate) fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Where the server is, for as long as this lives.
pub(crate) struct AddressFile(PathBuf);

impl AddressFile {
    pub(crate) fn write(folder: &Path, address: &str) -> io::Result<Self> {
        let path = folder.join(ADDRESS_FILE);
        fs::write(&path, address)?;
        Ok(Self(path))
    }
}

impl Drop for AddressFile {
    fn drop(&mut self) {
        // One that stays says an address at which nobody answers.
        fs::remove_file(&self.0).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_drawn_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let passing = Secret::of(folder.path(), true).expect("it is drawn");
        let first = Secret::of(folder.path(), false).expect("it is drawn");
        assert_ne!(passing.text(), first.text());
        let again = Secret::of(folder.path(), true).expect("it is read");
        assert_eq!(first.text(), again.text());
        assert_ne!(first.text(), Secret::draw("").expect("it is drawn").text());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = folder.path().join(TOKEN_FILE);
            let mode = fs::metadata(&path)
                .expect("it is there")
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("it is ours");
            let refused = Secret::of(folder.path(), false)
                .err()
                .expect("others may read it");
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        }
    }
}
