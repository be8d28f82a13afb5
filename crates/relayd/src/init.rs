//! `tally-relay init`.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

use anyhow::{Context, Result};
use figment::value::Value;
use store::{SqliteStore, Store};
use trust::key::words_of;

use crate::{
    config::{self, Flags, Setting, flag_for, toml_of},
    device,
    failure::{Exit, Failure},
};

/// For a store in which nothing happens.
const STORE_END: std::time::Duration = std::time::Duration::from_secs(3);

/// Writes a file with everything that can be configured, makes the data directory and the key, and says what comes next.
///
/// A key that is there already stays; a file that is there already ends this before anything is touched.
pub fn command(flags: &Flags) -> Result<()> {
    let named = std::env::var("TALLY_RELAY_CONFIG").ok();
    let file = flags.file_to_write(named).ok_or_else(|| {
        let message = "this user has no home; say with --config where the file is to be";
        Failure::new(Exit::Config, "CONFIG_UNKNOWN", message)
    })?;
    if file.exists() {
        return Err(exists(&file).into());
    }
    let defaults = config::load(
        &Flags::default(),
        [("TALLY_RELAY_CONFIG".into(), "".into())],
    )?;
    let chosen = config::load(&flags.without_file(), [])?;
    let dir = &chosen.config.data_dir;
    let store = SqliteStore::open(dir).map_err(|error| Failure::store(dir, &error))?;
    let device = device::of(dir)?.device();
    store.close(STORE_END).context("cannot close the store")?;

    // Where it is later run from may be somewhere else.
    let absolute = std::path::absolute(dir).context("there is no current directory")?;
    let listen = Setting::of("listen").expect("it is in the table");
    let mut written = vec![
        (
            "data_dir",
            toml_of(&Value::from(&*absolute.to_string_lossy())),
        ),
        ("listen", toml_of(&chosen.value(listen))),
    ];
    let flags = flags.values()?;
    let said = flags.iter().map(|(_, setting, _)| setting);
    written.extend(said.map(|it| (it.key, toml_of(&chosen.value(it)))));
    write(&file, &config::template(&defaults, &written))?;

    let flag = flag_for(&file);
    let (file, dir) = (file.display(), absolute.display());
    println!("configuration   {file}");
    println!("data directory  {dir}");
    println!("device          {device}");
    println!("in words        {}", words_of(&device));
    println!();
    println!("Next:");
    println!("  tally-relay invite{flag}     a link for somebody whose projects are kept here");
    println!("  tally-relay serve{flag}");
    Ok(())
}

/// A file is there whole or not at all, and none is overwritten.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let refused = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => exists(path),
        io::ErrorKind::PermissionDenied => Failure::new(
            Exit::Permission,
            "CONFIG_NOT_WRITTEN",
            format!(
                "cannot write {}: {error}; say with --config where the file may be",
                path.display()
            ),
        ),
        _ => Failure::new(
            Exit::Disk,
            "CONFIG_NOT_WRITTEN",
            format!(
                "cannot write {}: {error}; make space, or say with --config where the file may be",
                path.display()
            ),
        ),
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(refused)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(refused)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a file would be taken for a whole one.
        let _ = fs::remove_file(path);
        refused(error)
    })
}

fn exists(path: &Path) -> Failure {
    let message = format!(
        "{} is there already; edit it, or name another file with --config",
        path.display()
    );
    Failure::new(Exit::Config, "CONFIG_EXISTS", message)
}
