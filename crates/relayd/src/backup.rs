//! `tally-relay backup`, `verify`, `restore` and `prune`.
//!
//! A backup is a folder with the shape of a data directory, named by when it was taken. Nothing of it needs a relay that
//! runs, and a relay that runs need not be stopped for it.

mod name;

use std::{
    fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use store::{Examined, Keep, SqliteStore, Store, StoreError, copy_data, examine_data, rotate};

use crate::{
    audit::{self, Deed},
    config::Place,
    device,
    failure::{Exit, Failure},
    owned,
};

/// What is in a data directory beside database and attachments.
const FILES: &[&str] = &["device.key", "hosting.toml", "audit.log"];

/// Frames read at once.
const PIECE_BYTES: usize = 4 << 20;

/// For a store that nobody uses.
const STORE_END: Duration = Duration::from_secs(3);

/// Where `restore` gathers everything before it is put in place.
const RESTORING: &str = "restoring";

#[derive(Args)]
pub struct Backup {
    #[command(flatten)]
    place: Place,

    /// The folder of backups, in which this one gets a folder of its own.
    into: PathBuf,
}

#[derive(Args)]
pub struct Verify {
    /// A backup, or the data directory of a relay that does not run.
    backup: PathBuf,
}

#[derive(Args)]
pub struct Restore {
    #[command(flatten)]
    place: Place,

    /// Bring back what is whole of a backup that is damaged.
    #[arg(long)]
    despite_damage: bool,

    /// The backup.
    backup: PathBuf,
}

#[derive(Args)]
pub struct Prune {
    /// The folder of backups.
    folder: PathBuf,

    /// Keep the newest backup of so many hours that have one.
    #[arg(long, default_value_t = Keep::default().hours)]
    hours: usize,

    /// The same of days, by UTC.
    #[arg(long, default_value_t = Keep::default().days)]
    days: usize,

    /// The same of weeks.
    #[arg(long, default_value_t = Keep::default().weeks)]
    weeks: usize,

    /// Only say what would be deleted.
    #[arg(long)]
    dry_run: bool,
}

/// Copies everything, reads the copy back, and prints where it is. It gets its name only once it is all there and durable.
pub fn backup(backup: Backup) -> Result<()> {
    let dir = backup.place.load()?.config.data_dir;
    let into = &backup.into;
    let written = |error: &io::Error| not_written(into, error);
    fs::create_dir_all(into).map_err(|error| written(&error))?;
    let name = name::of(Timestamp::now());
    let unfinished = into.join(name::unfinished(&name));
    let copied = copy_all(&dir, &unfinished).and_then(|left_out| {
        let mut examined = examine(&unfinished)?;
        examined.damage.extend(left_out);
        Ok(examined)
    });
    let examined = copied.inspect_err(|_| {
        // Part of a backup is worth nothing, and takes the space that may be missing.
        let _ = fs::remove_dir_all(&unfinished);
    })?;
    let path = into.join(name);
    let named = fs::rename(&unfinished, &path).and_then(|()| owned::sync(into));
    named.map_err(|error| written(&error))?;
    println!("{}", path.display());
    is_whole(&examined, &path)?;
    eprintln!("{}", summary(&examined));
    Ok(())
}

/// Says what is in a backup, or what of it is damaged.
pub fn verify(verify: &Verify) -> Result<()> {
    let examined = examine(&verify.backup)?;
    for damage in &examined.damage {
        eprintln!("{damage}");
    }
    is_whole(&examined, &verify.backup)?;
    println!("{}", summary(&examined));
    Ok(())
}

/// Puts a backup into a data directory that has nothing yet.
pub fn restore(restore: Restore) -> Result<()> {
    let dir = restore.place.load()?.config.data_dir;
    let taken = ["tally.db", "device.key"].map(|it| dir.join(it));
    if let Some(taken) = taken.iter().find(|it| it.exists()) {
        let message = format!(
            "{} is there already; stop the relay and move {} away, or name another folder with --data-dir",
            taken.display(),
            dir.display()
        );
        return Err(Failure::new(Exit::Config, "RESTORE_NOT_EMPTY", message).into());
    }
    let examined = examine(&restore.backup)?;
    if !restore.despite_damage {
        is_whole(&examined, &restore.backup)?;
    }
    let written = |error: &io::Error| not_written(&dir, error);
    let gathered = dir.join(RESTORING);
    if gathered.exists() {
        fs::remove_dir_all(&gathered).map_err(|error| written(&error))?;
    }
    copy_all(&restore.backup, &gathered)?;
    if !examined.damage.is_empty() {
        set_aside(&gathered).map_err(|error| Failure::store(&gathered, &error))?;
    }
    put_in_place(&gathered, &dir).map_err(|error| written(&error))?;
    let backup = &*restore.backup.to_string_lossy();
    audit::note(&dir, Deed::Restored { backup });
    println!("{}", summary(&examined));
    eprintln!(
        "in {}; it is the same relay as before: start it, and never the old one beside it",
        dir.display()
    );
    Ok(())
}

/// Deletes backups that are no longer needed.
pub fn prune(prune: &Prune) -> Result<()> {
    let (hours, days, weeks) = (prune.hours, prune.days, prune.weeks);
    let failed = |error: &io::Error| not_written(&prune.folder, error);
    let mut taken = Vec::new();
    for entry in fs::read_dir(&prune.folder).map_err(|error| failed(&error))? {
        let name = entry.map_err(|error| failed(&error))?.file_name();
        taken.extend(name.to_str().and_then(name::taken_ms));
    }
    for taken_ms in rotate(&taken, Keep { hours, days, weeks }) {
        let Ok(at) = Timestamp::from_millisecond(taken_ms) else {
            continue;
        };
        let path = prune.folder.join(name::of(at));
        println!("{}", path.display());
        if !prune.dry_run {
            fs::remove_dir_all(&path).map_err(|error| failed(&error))?;
        }
    }
    Ok(())
}

/// Database, attachments and files of a data directory into a new folder. Says what was left out since it is damaged.
fn copy_all(from: &Path, into: &Path) -> Result<Vec<String>, Failure> {
    let left_out = copy_data(from, into, &|_, _| ControlFlow::Continue(()))
        .map_err(|error| failed(from, &error))?;
    for name in FILES {
        let path = from.join(name);
        if path.exists() {
            copy_private(&path, &into.join(name)).map_err(|error| not_written(into, &error))?;
        }
    }
    let words = |hash| format!("attachment {hash} does not match its name, and is left out");
    Ok(left_out.into_iter().map(words).collect())
}

/// Has what is damaged no longer count as held, so that members bring it again.
fn set_aside(dir: &Path) -> Result<(), StoreError> {
    let store = SqliteStore::open(dir)?;
    let rooms = store.rooms();
    for room in rooms.list()? {
        for stream in rooms.load(room)?.vector.into_keys() {
            let mut after = 0;
            while let Some(last) = rooms.frames(room, stream, after, PIECE_BYTES)?.last() {
                after = last.number;
            }
        }
    }
    store.close(STORE_END)
}

fn copy_private(from: &Path, into: &Path) -> io::Result<()> {
    let mut file = device::private(into)?;
    io::copy(&mut fs::File::open(from)?, &mut file)?;
    file.sync_all()
}

/// Moves everything up one folder, the database last: with it the data directory is one.
fn put_in_place(gathered: &Path, dir: &Path) -> io::Result<()> {
    owned::give_all(gathered, dir)?;
    let mut names: Vec<_> = fs::read_dir(gathered)?
        .map(|entry| Ok(entry?.file_name()))
        .collect::<io::Result<_>>()?;
    names.sort_by_key(|name| name == "tally.db");
    for name in names {
        owned::sync(dir)?;
        fs::rename(gathered.join(&name), dir.join(&name))?;
    }
    fs::remove_dir(gathered)?;
    owned::sync(dir)
}

fn examine(backup: &Path) -> Result<Examined, Failure> {
    examine_data(backup).map_err(|error| failed(backup, &error))
}

fn is_whole(examined: &Examined, backup: &Path) -> Result<(), Failure> {
    let Some(first) = examined.damage.first() else {
        return Ok(());
    };
    let message = format!(
        "{} is damaged in {} place(s), the first: {first}; `restore --despite-damage` brings back the rest, and members \
         bring what they have",
        backup.display(),
        examined.damage.len()
    );
    Err(Failure::new(Exit::Disk, "BACKUP_DAMAGED", message))
}

fn summary(examined: &Examined) -> String {
    let whole = &examined.whole;
    format!(
        "{} rooms, {} frames, {} attachments, {} bytes",
        whole.rooms, whole.frames, whole.blobs, whole.bytes
    )
}

fn failed(dir: &Path, error: &StoreError) -> Failure {
    match error {
        StoreError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            let message = format!(
                "{} holds no rooms; name a data directory or a backup, which have a file tally.db",
                dir.display()
            );
            Failure::new(Exit::Config, "NO_DATA", message)
        }
        StoreError::Damaged(_) | StoreError::DamagedBlob(_) => {
            let message = format!("{}: {error}; take another backup", dir.display());
            Failure::new(Exit::Disk, "BACKUP_DAMAGED", message)
        }
        error => Failure::store(dir, error),
    }
}

fn not_written(folder: &Path, error: &io::Error) -> Failure {
    let exit = match error.kind() {
        io::ErrorKind::PermissionDenied => Exit::Permission,
        io::ErrorKind::NotFound => Exit::Config,
        _ => Exit::Disk,
    };
    let folder = folder.display();
    let message =
        format!("cannot work in {folder}: {error}; make space, or run this as a user that may");
    Failure::new(exit, "BACKUP_NOT_WRITTEN", message)
}
