//! The write-ahead log beside the connection that writes it: so others may write while it is synced, and while it is copied
//! into the database.
//!
//! It is one file for as long as the database is open. SQLite takes no locks on it, so it may be open twice.

use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use rusqlite::Connection;

use super::{
    commit,
    database::{Database, Vfs},
};
use crate::{Result, StoreError};

/// The log of an open database.
pub(super) struct Wal {
    path: PathBuf,
    way: Way,
    sweeper: Mutex<Connection>,
}

enum Way {
    /// Open since before the first write, so that it is told of each that the system could not carry out.
    File(File),
    Vfs(Vfs),
}

impl Wal {
    /// The log of a database to which something has been written.
    pub(super) fn open(database: &Database) -> Result<Self> {
        let path = Database::wal(&database.path);
        let way = match &database.vfs {
            Some(vfs) => Way::Vfs(vfs.clone()),
            None => {
                // Windows syncs only what may be written.
                let file = OpenOptions::new().write(true).open(&path);
                Way::File(file.map_err(|error| StoreError::io("opening", &path, error))?)
            }
        };
        let sweeper = Mutex::new(database.open_sweeper()?);
        Ok(Self { path, way, sweeper })
    }

    /// Makes durable what was committed before.
    pub(super) fn sync(&self) -> Result<()> {
        let synced = match &self.way {
            Way::File(file) => file.sync_data(),
            Way::Vfs(vfs) => (vfs.sync)(&self.path),
        };
        synced.map_err(|error| StoreError::io("syncing", &self.path, error))
    }

    /// Copies it into the database, as far as readers let it, durably; says whether all of it is there.
    pub(super) fn sweep(&self) -> Result<bool> {
        commit::sweep(&self.sweeper.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
