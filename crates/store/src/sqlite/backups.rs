//! Backups in files of their own.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

use rusqlite::Connection;

use super::{catalogue, database::Database, load};
use crate::{
    Backup, Keep, Loaded, ProjectKey, ProjectRecord, Result, StoreError, Watch, data_dir, rotate,
};

/// The directory of backups: `backups/<milliseconds since 1970>.db`.
pub(crate) struct Backups {
    dir: PathBuf,
}

impl Backups {
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self {
            dir: data_dir.join("backups"),
        }
    }

    /// Copies what `source` sees at this moment; the file gets its name only when it is whole and durable.
    pub(super) fn take(
        &self,
        source: &Connection,
        now_ms: i64,
        keep: Keep,
        watch: &Watch,
    ) -> Result<Backup> {
        let failed = |error| StoreError::io("writing a backup to", &self.dir, error);
        fs::create_dir_all(&self.dir).map_err(failed)?;
        let part = self.dir.join(format!("{now_ms}.part"));
        remove_if_there(&part)?;
        if let Err(error) = copy(source, &part, watch) {
            // A part of a backup is worth nothing, and takes space that may be the very thing missing.
            remove_if_there(&part)?;
            return Err(error);
        }
        let file = File::options().write(true).open(&part).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        let backup = Backup {
            name: format!("{now_ms}.db"),
            taken_ms: now_ms,
            bytes: file.metadata().map_err(failed)?.len(),
        };
        let path = self.dir.join(&backup.name);
        fs::rename(&part, &path).map_err(failed)?;
        data_dir::sync_parent(&path)?;
        self.delete_expired(keep)?;
        Ok(backup)
    }

    fn delete_expired(&self, keep: Keep) -> Result<()> {
        let backups = self.list()?;
        let taken: Vec<i64> = backups.iter().map(|backup| backup.taken_ms).collect();
        let expired = rotate(&taken, keep);
        let gone = backups
            .iter()
            .filter(|backup| expired.contains(&backup.taken_ms));
        gone.map(|backup| self.dir.join(&backup.name))
            .try_for_each(|path| remove_if_there(&path))
    }

    /// Newest first.
    pub(crate) fn list(&self) -> Result<Vec<Backup>> {
        if !self.dir.exists() {
            return Ok(Vec::new());
        }
        let failed = |error| StoreError::io("listing", &self.dir, error);
        let mut backups = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let taken_ms = name.strip_suffix(".db").and_then(|stem| stem.parse().ok());
            if let Some(taken_ms) = taken_ms {
                let bytes = entry.metadata().map_err(failed)?.len();
                backups.push(Backup {
                    name,
                    taken_ms,
                    bytes,
                });
            }
        }
        backups.sort_by_key(|backup| std::cmp::Reverse(backup.taken_ms));
        Ok(backups)
    }

    /// The projects in a backup.
    pub(crate) fn projects(&self, name: &str) -> Result<Vec<ProjectRecord>> {
        catalogue::list(&self.open(name)?)
    }

    /// A project as it is in a backup.
    pub(crate) fn load(&self, name: &str, project: ProjectKey) -> Result<Loaded> {
        Ok(load::load(&self.open(name)?, project)?.loaded)
    }

    /// Opens a backup for reading. A name that is not listed, such as a path, is unknown.
    fn open(&self, name: &str) -> Result<Connection> {
        Database::new(self.path(name)?, None).open_reader()
    }

    pub(super) fn path(&self, name: &str) -> Result<PathBuf> {
        let known = self.list()?.iter().any(|backup| backup.name == name);
        if known {
            Ok(self.dir.join(name))
        } else {
            Err(StoreError::UnknownBackup(name.to_owned()))
        }
    }
}

/// Copies a backup to where no database is yet.
pub(super) fn unpack(backup: &Path, database: &Path) -> Result<()> {
    let failed = |error| StoreError::io("reading", backup, error);
    let mut source = File::open(backup).map_err(failed)?;
    let mut copy =
        File::create_new(database).map_err(|error| StoreError::io("making", database, error))?;
    std::io::copy(&mut source, &mut copy).map_err(failed)?;
    Ok(())
}

/// How often whoever watches is told.
const TICK: Duration = Duration::from_millis(50);

/// Copies the database, which is one statement; so a second thread looks how far it is, and interrupts it if need be.
pub(super) fn copy(source: &Connection, target: &Path, watch: &Watch) -> Result<()> {
    if watch(0, 0).is_break() {
        return Err(StoreError::Stopped);
    }
    let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let total: i64 = source.query_row(sql, [], |row| row.get(0))?;
    let interrupt = source.get_interrupt_handle();
    let (over, is_over) = mpsc::channel::<()>();
    let look = move || {
        let mut stopped = false;
        while is_over.recv_timeout(TICK) == Err(mpsc::RecvTimeoutError::Timeout) {
            let done = fs::metadata(target).map_or(0, |file| file.len());
            if stopped || watch(done, total as u64).is_break() {
                stopped = true;
                interrupt.interrupt();
            }
        }
        stopped
    };
    thread::scope(|scope| {
        let looking = scope.spawn(look);
        let copied = source.execute("VACUUM INTO ?", [target.to_string_lossy()]);
        drop(over);
        match (copied, looking.join()) {
            (Ok(_), _) => Ok(()),
            (Err(_), Ok(true)) => Err(StoreError::Stopped),
            (Err(error), _) => Err(error.into()),
        }
    })
}

fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::io("removing", path, error))
        }
        _ => Ok(()),
    }
}
