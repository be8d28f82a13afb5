//! A disk that can fill up, refuse, and lose power.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::ffi;

use super::{Random, vfs};
use crate::Vfs;

/// What a disk does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Writes fail for want of space.
    Full,
    /// Writes are refused.
    ReadOnly,
    /// Writes fail.
    Write,
    /// Writes succeed, syncs fail.
    Sync,
}

/// A disk under SQLite that a test can break.
///
/// Everything goes to real files, and beside them it is kept what a power cut would leave: what was synced, and the
/// writes since, which a real disk may have carried out in part and in any order.
#[derive(Clone)]
pub struct TestDisk {
    name: String,
    disk: Arc<Mutex<Disk>>,
}

#[derive(Default)]
pub(super) struct Disk {
    files: BTreeMap<PathBuf, File>,
    fault: Option<Fault>,
    power_is_cut: bool,
    syncs: u64,
}

#[derive(Default)]
struct File {
    synced: Vec<u8>,
    unsynced: Vec<Change>,
}

enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate(usize),
}

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

impl Default for TestDisk {
    fn default() -> Self {
        Self::new()
    }
}

impl TestDisk {
    /// A disk without faults.
    pub fn new() -> Self {
        let disk = Arc::default();
        Self {
            name: vfs::register(Arc::clone(&disk)),
            disk,
        }
    }

    /// For [`SqliteOptions`](crate::SqliteOptions).
    pub fn vfs(&self) -> Vfs {
        let disk = self.disk.clone();
        let sync = move |path: &Path| {
            // SQLite opens files by the paths to which links lead.
            let path = path.canonicalize()?;
            let synced = disk
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .sync(&path);
            synced.map_err(|_| io::Error::other("this disk refuses to sync"))
        };
        Vfs {
            name: self.name.clone(),
            sync: Arc::new(sync),
        }
    }

    /// What it does wrong from now on.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.lock().fault = fault;
    }

    /// How often it was synced.
    pub fn syncs(&self) -> u64 {
        self.lock().syncs
    }

    /// From now on nothing reaches the disk.
    pub fn cut_power(&self) {
        self.lock().power_is_cut = true;
    }

    /// After a cut, when the store is gone: leaves in the files what the disk may hold, and turns the power on.
    ///
    /// Of what was not synced a random part is there, sector by sector; with seed 0 nothing.
    pub fn come_back(&self, seed: u64) {
        let mut disk = self.lock();
        let mut random = Random::new(seed);
        for (path, file) in std::mem::take(&mut disk.files) {
            let odds = if seed == 0 { 0 } else { random.below(5) };
            fs::write(&path, file.after_power_loss(odds, &mut random)).unwrap();
            // Memory shared between processes; it is gone with them.
            let _ = fs::remove_file(path.with_extension("db-shm"));
        }
        disk.power_is_cut = false;
    }

    fn lock(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk {
    pub(super) fn open(&mut self, path: PathBuf) {
        // A temporary file without a name; nobody looks for it after a power cut.
        if path.as_os_str().is_empty() {
            return;
        }
        // What is there before anybody writes has been there for long.
        let file = || File {
            synced: fs::read(&path).unwrap_or_default(),
            unsynced: Vec::new(),
        };
        self.files.entry(path.clone()).or_insert_with(file);
    }

    pub(super) fn write(&mut self, path: &Path, offset: usize, bytes: &[u8]) -> Result<(), i32> {
        self.change(
            path,
            Change::Write {
                offset,
                bytes: bytes.to_vec(),
            },
        )
    }

    pub(super) fn truncate(&mut self, path: &Path, size: usize) -> Result<(), i32> {
        self.change(path, Change::Truncate(size))
    }

    fn change(&mut self, path: &Path, change: Change) -> Result<(), i32> {
        match self.fault {
            _ if self.power_is_cut => Err(ffi::SQLITE_IOERR_WRITE),
            Some(Fault::Full) => Err(ffi::SQLITE_FULL),
            Some(Fault::ReadOnly) => Err(ffi::SQLITE_READONLY),
            Some(Fault::Write) => Err(ffi::SQLITE_IOERR_WRITE),
            Some(Fault::Sync) | None => {
                if let Some(file) = self.files.get_mut(path) {
                    file.unsynced.push(change);
                }
                Ok(())
            }
        }
    }

    pub(super) fn sync(&mut self, path: &Path) -> Result<(), i32> {
        if self.power_is_cut {
            return Err(ffi::SQLITE_IOERR_FSYNC);
        }
        let Some(file) = self.files.get_mut(path) else {
            return Ok(());
        };
        if self.fault == Some(Fault::Sync) {
            // As Linux does: the system forgets what it could not write, and the next sync says all is well.
            file.unsynced.clear();
            return Err(ffi::SQLITE_IOERR_FSYNC);
        }
        for change in file.unsynced.drain(..) {
            change.apply(&mut file.synced, |_| true);
        }
        self.syncs += 1;
        Ok(())
    }

    pub(super) fn delete(&mut self, path: &Path) -> Result<(), i32> {
        if self.power_is_cut {
            return Err(ffi::SQLITE_IOERR_DELETE);
        }
        self.files.remove(path);
        Ok(())
    }
}

impl File {
    fn after_power_loss(mut self, odds: u64, random: &mut Random) -> Vec<u8> {
        for change in self.unsynced {
            change.apply(&mut self.synced, |_| random.below(4) < odds);
        }
        self.synced
    }
}

impl Change {
    /// Carries the change out, as far as `reaches_disk` says of each sector.
    fn apply(self, content: &mut Vec<u8>, mut reaches_disk: impl FnMut(usize) -> bool) {
        match self {
            Self::Write { offset, bytes } => {
                let mut start = 0;
                while start < bytes.len() {
                    let sector = (offset + start) / SECTOR_BYTES;
                    let end = bytes.len().min((sector + 1) * SECTOR_BYTES - offset);
                    if reaches_disk(sector) {
                        put(content, offset + start, &bytes[start..end]);
                    }
                    start = end;
                }
            }
            Self::Truncate(size) => {
                if reaches_disk(size / SECTOR_BYTES) {
                    content.resize(size, 0);
                }
            }
        }
    }
}

fn put(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(bytes);
}
