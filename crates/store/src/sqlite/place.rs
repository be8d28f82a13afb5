//! Whether this is the directory that was closed, or a copy, a restored backup, another machine.
//!
//! The database notes where it is: the machine, the path, and what tells its file from a copy (the number the file
//! system gave it and the moment it was made). A copy, a restored or a moved file differs in one of them. An older
//! database written over the file in place differs in none, so the count and nonce of the last opening are mirrored in a
//! small file beside it: the two agree only if nobody exchanged one without the other. A clone of the whole machine
//! cannot be told from inside; the peers notice that one.

use std::{fs, path::Path};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database::Database;
use crate::{Opened, Result, StoreError, data_dir, data_dir::DataDir, machine};

#[derive(PartialEq, Eq)]
struct Place {
    machine: String,
    path: String,
    file: String,
}

#[derive(PartialEq, Eq)]
struct Opening {
    opens: i64,
    nonce: String,
}

/// Compares what is recorded with what is found, and records this opening as not yet closed, durably and before any
/// number can be handed out.
pub(super) fn record_opening(
    connection: &Connection,
    dir: &DataDir,
    database: &Database,
    machine: Option<&str>,
) -> Result<Opened> {
    let place = Place {
        machine: match machine {
            Some(machine) => machine.to_owned(),
            None => machine::machine_id(dir.path())?,
        },
        path: dir.path().display().to_string(),
        file: describe_file(&database.path)?,
    };
    let mirror_path = dir.path().join("opening");
    let mirror = read_mirror(&mirror_path);
    let recorded = connection
        .query_row("SELECT * FROM opening", [], read_row)
        .optional()?;
    let opened = match &recorded {
        Some((there, last, clean)) => Opened {
            clean: *clean,
            same_place: *there == place && mirror.as_ref() == Some(last),
        },
        None => Opened {
            clean: true,
            same_place: false,
        },
    };
    let highest = |opening: &Opening| opening.opens;
    let opens = recorded
        .iter()
        .map(|(_, last, _)| highest(last))
        .chain(mirror.iter().map(highest))
        .max();
    let opening = Opening {
        opens: opens.unwrap_or(0) + 1,
        nonce: dir.nonce().to_owned(),
    };
    // A crash between the two leaves them different, which asks for a fresh identity: the safe side.
    let line = format!("{} {}\n", opening.opens, opening.nonce);
    data_dir::replace_file(&mirror_path, line.as_bytes())?;
    write_row(connection, &place, &opening)?;
    Ok(opened)
}

/// Notes that the store was left in order; to be called when everything is durable.
pub(super) fn record_close(connection: &Connection) -> Result<()> {
    connection.execute("UPDATE opening SET clean = 1", [])?;
    Ok(())
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<(Place, Opening, bool)> {
    let place = Place {
        machine: row.get("machine")?,
        path: row.get("path")?,
        file: row.get("file")?,
    };
    let opening = Opening {
        opens: row.get("opens")?,
        nonce: row.get("nonce")?,
    };
    Ok((place, opening, row.get("clean")?))
}

fn write_row(connection: &Connection, place: &Place, opening: &Opening) -> Result<()> {
    connection.pragma_update(None, "synchronous", "full")?;
    connection.execute(
        "INSERT OR REPLACE INTO opening (id, machine, path, file, opens, nonce, clean) VALUES (1, ?, ?, ?, ?, ?, 0)",
        params![place.machine, place.path, place.file, opening.opens, opening.nonce],
    )?;
    connection.pragma_update(None, "synchronous", "normal")?;
    Ok(())
}

fn read_mirror(path: &Path) -> Option<Opening> {
    let text = fs::read_to_string(path).ok()?;
    let (opens, nonce) = text.trim().split_once(' ')?;
    Some(Opening {
        opens: opens.parse().ok()?,
        nonce: nonce.to_owned(),
    })
}

fn describe_file(path: &Path) -> Result<String> {
    let metadata = fs::metadata(path).map_err(|error| StoreError::io("looking at", path, error))?;
    let made = metadata
        .created()
        .ok()
        .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let made = made.map(|since| since.as_nanos().to_string());
    Ok(format!(
        "{} made {}",
        number(&metadata),
        made.as_deref().unwrap_or("some time")
    ))
}

#[cfg(unix)]
fn number(metadata: &fs::Metadata) -> u64 {
    // Not the device: its number may change with every start of the machine, and each would ask for a fresh identity.
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn number(_metadata: &fs::Metadata) -> u64 {
    0 // There the moment at which the file was made has to do.
}
