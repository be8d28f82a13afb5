//! Putting a backup in place of the whole database.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{backups::Backups, database::Database};
use crate::{Result, StoreError, data_dir, data_dir::DataDir};

/// Puts a backup in place of the database. What was there is kept beside it, as `replaced.db`.
pub(super) fn restore(dir: &DataDir, database: &Path, backup: &str) -> Result<()> {
    let source = Backups::new(dir.path()).path(backup)?;
    let fresh = fresh_path(database);
    let failed = |error| StoreError::io("restoring", &source, error);
    fs::copy(&source, &fresh).map_err(failed)?;
    let copied = fs::File::options()
        .write(true)
        .open(&fresh)
        .map_err(failed)?;
    copied.sync_all().map_err(failed)?;
    let replaced = dir.path().join("replaced.db");
    // The WAL first: a database without its WAL is merely older, a WAL beside another database is poison.
    move_aside(&Database::wal(database), &Database::wal(&replaced))?;
    move_aside(database, &replaced)?;
    remove_shm(database)?;
    finish(database)
}

/// Finishes a restore that was cut off after the old database was moved aside. Does nothing if there was none.
pub(super) fn finish(database: &Path) -> Result<()> {
    let fresh = fresh_path(database);
    if database.exists() || !fresh.exists() {
        return Ok(());
    }
    fs::rename(&fresh, database).map_err(|error| StoreError::io("restoring", database, error))?;
    data_dir::sync_parent(database)
}

fn fresh_path(database: &Path) -> PathBuf {
    database.with_extension("restoring")
}

fn move_aside(from: &Path, to: &Path) -> Result<()> {
    unless_missing(fs::rename(from, to), from)
}

fn remove_shm(database: &Path) -> Result<()> {
    let shm = Database::shm(database);
    unless_missing(fs::remove_file(&shm), &shm)
}

fn unless_missing(done: io::Result<()>, path: &Path) -> Result<()> {
    match done {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("moving aside", path, error))
        }
        _ => Ok(()),
    }
}
