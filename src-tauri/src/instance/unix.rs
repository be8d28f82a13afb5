//! A socket in the data directory.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

fn socket(data_dir: &Path) -> PathBuf {
    data_dir.join("instance.sock")
}

pub fn connect(data_dir: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(socket(data_dir))
}

pub fn listen(data_dir: &Path) -> io::Result<impl Iterator<Item = UnixStream> + Send + 'static> {
    let path = socket(data_dir);
    // What lies there belonged to an instance that is gone: the directory is ours.
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    Ok(std::iter::from_fn(move || listener.accept().ok()).map(|(stream, _)| stream))
}
