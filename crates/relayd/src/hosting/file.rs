//! The ledger on the disk. Whoever changes it holds a lock meanwhile; the file is there whole or not at all.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
    time::SystemTime,
};

use super::Ledger;
use crate::{
    device,
    failure::{Exit, Failure},
    owned,
};

/// In the data directory; nobody comes in by what is in it, but it tells who does.
const FILE: &str = "hosting.toml";

/// Whether the file is another one than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp(Option<(SystemTime, u64)>);

impl Stamp {
    pub fn of(dir: &Path) -> Self {
        let metadata = fs::metadata(dir.join(FILE)).ok();
        let changed = metadata.and_then(|it| Some((it.modified().ok()?, it.len())));
        Self(changed)
    }
}

/// The ledger; an empty one if there is none yet.
///
/// # Errors
/// If it cannot be read, or others than its user can change it.
pub fn read(dir: &Path) -> Result<Ledger, Failure> {
    let path = dir.join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ledger::default()),
        Err(error) => return Err(Failure::unreadable("TOKENS_UNREADABLE", &path, &error)),
    };
    device::is_private(&path)?;
    toml::from_str(&text).map_err(|error| {
        let path = path.display();
        let message = format!(
            "{path} cannot be read: {}; restore it from a backup, or move it away and invite anew",
            error.message()
        );
        Failure::new(Exit::Config, "TOKENS_UNREADABLE", message)
    })
}

/// Changes the ledger, and returns it with what the change says.
///
/// # Errors
/// As in [`read`], and if it cannot be written.
pub fn change<T>(
    dir: &Path,
    change: impl FnOnce(&mut Ledger) -> T,
) -> Result<(Ledger, T), Failure> {
    let refused = |error: io::Error| {
        let (exit, advice) = match error.kind() {
            io::ErrorKind::PermissionDenied => (
                Exit::Permission,
                "run this as the user that the relay has, or as root",
            ),
            _ => (Exit::Disk, "make space, and look at the disk"),
        };
        let dir = dir.display();
        let message = format!("cannot write {FILE} in {dir}: {error}; {advice}");
        Failure::new(exit, "TOKENS_NOT_WRITTEN", message)
    };
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join("hosting.lock"))
        .map_err(refused)?;
    owned::give(&lock, dir).map_err(refused)?;
    lock.lock().map_err(refused)?;
    let before = read(dir)?;
    let mut ledger = before.clone();
    let said = change(&mut ledger);
    if ledger != before {
        let text = toml::to_string(&ledger).expect("a ledger is TOML");
        write(dir, text.as_bytes()).map_err(refused)?;
    }
    Ok((ledger, said))
}

fn write(dir: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = dir.join("hosting.toml.unfinished");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = device::private(&unfinished)?;
    owned::give(&file, dir)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, dir.join(FILE))?;
    owned::sync(dir)
}
