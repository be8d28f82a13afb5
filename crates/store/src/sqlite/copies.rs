//! A copy of a whole data directory, made while it is in use, and a look at one, byte by byte.
//!
//! A copy has the shape of a data directory: it is brought back by putting it in the place of one.

use std::{fs::File, io, ops::ControlFlow, path::Path};

use rusqlite::Connection;

use super::{backups, database::Database, frames, rooms, schema};
use crate::{
    BlobHash, Blobs, Result, RoomKey, StoreError, StreamKey, Watch, blobs::file::FileBlobs,
    data_dir, read_only::TemporaryDir,
};

/// How much a data directory holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Logs shared between machines.
    pub rooms: u64,
    /// Pieces of these logs.
    pub frames: u64,
    /// Attachments.
    pub blobs: u64,
    /// Of frames and attachments together.
    pub bytes: u64,
}

/// What a look at a data directory found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// What is whole.
    pub whole: Extent,
    /// What is not, in words, one for each place. Nothing of it was touched.
    pub damage: Vec<String>,
}

/// Frames read at once.
const PIECE_BYTES: usize = 4 << 20;

/// The database within a data directory.
const DATABASE: &str = "tally.db";

/// Copies database and attachments of a data directory into another folder, which is made and must not hold any yet.
///
/// Whoever uses the directory goes on writing: the database is copied as it was at one moment, then the attachments,
/// each checked by its hash. One that was removed meanwhile is left out, and so are those that are damaged, which are returned.
/// What is in the copy is durable when this returns.
///
/// # Errors
/// If nothing was ever kept there, something cannot be read or written, or `watch` broke it off. What was copied by then
/// stays.
pub fn copy_data(from: &Path, into: &Path, watch: &Watch) -> Result<Vec<BlobHash>> {
    let source = from.join(DATABASE);
    if !source.exists() {
        return Err(StoreError::io("reading", &source, missing()));
    }
    let failed = |error| StoreError::io("writing a copy to", into, error);
    data_dir::make_private(into).map_err(failed)?;
    let target = into.join(DATABASE);
    if target.exists() {
        return Err(failed(io::ErrorKind::AlreadyExists.into()));
    }
    backups::copy(&Database::new(source, None).open_reader()?, &target, watch)?;
    let copied = File::options().write(true).open(&target).map_err(failed)?;
    copied.sync_all().map_err(failed)?;
    let blobs = FileBlobs::to_read(from);
    let mut damaged = Vec::new();
    for hash in blobs.list()? {
        if !blobs.copy_to(hash, into)? {
            damaged.push(hash);
        }
    }
    data_dir::sync_parent(&target)?;
    Ok(damaged)
}

/// Reads everything in a data directory that nobody uses and compares it with its checksums. It mends nothing.
///
/// # Errors
/// If it cannot be read at all: there is no database, it is a later version's, or the disk fails.
pub fn examine_data(dir: &Path) -> Result<Examined> {
    let path = dir.join(DATABASE);
    if !path.exists() {
        return Err(StoreError::io("reading", &path, missing()));
    }
    let reader = Database::new(path, None).open_reader()?;
    let mut examined = Examined::default();
    examined.structure(&reader)?;
    let (connection, _copy) = as_of_today(reader)?;
    for room in rooms::list(&connection)? {
        examined.room(&connection, room)?;
    }
    examined.blobs(&FileBlobs::to_read(dir))?;
    Ok(examined)
}

/// What an earlier version wrote, as this one reads it: brought to the schema of today in a copy, which is removed with the second.
fn as_of_today(reader: Connection) -> Result<(Connection, Option<TemporaryDir>)> {
    if schema::is_of_today(&reader)? {
        return Ok((reader, None));
    }
    let dir = TemporaryDir::make()?;
    let database = Database::new(dir.path().join(DATABASE), None);
    backups::copy(&reader, &database.path, &|_, _| ControlFlow::Continue(()))?;
    drop(database.open_writer()?);
    Ok((database.open_reader()?, Some(dir)))
}

impl Examined {
    fn structure(&mut self, connection: &Connection) -> Result<()> {
        let mut statement = connection.prepare("PRAGMA integrity_check(10)")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let line: String = row.get(0)?;
            if line != "ok" {
                self.damage.push(format!("database: {line}"));
            }
        }
        Ok(())
    }

    fn room(&mut self, connection: &Connection, room: RoomKey) -> Result<()> {
        let loaded = rooms::read(connection, room)?;
        self.whole.rooms += 1;
        for part in &loaded.quarantined {
            let (part, reason) = (&part.part, &part.reason);
            self.damage.push(format!("room {room}: {part:?}: {reason}"));
        }
        for stream in loaded.vector.keys() {
            self.stream(connection, room, *stream)?;
        }
        Ok(())
    }

    fn stream(&mut self, connection: &Connection, room: RoomKey, key: StreamKey) -> Result<()> {
        let mut after = 0;
        loop {
            let piece = frames::read(connection, room, key, after, PIECE_BYTES)?;
            self.whole.frames += piece.frames.len() as u64;
            let bytes = piece.frames.iter().map(|it| it.bytes.len() as u64);
            self.whole.bytes += bytes.sum::<u64>();
            let damaged = piece.damaged.iter().map(|it| it.number);
            self.damage.extend(
                damaged.map(|number| {
                    format!("room {room}: frame {number} does not match its checksum")
                }),
            );
            if piece.is_end {
                return Ok(());
            }
            after = piece.through as u64;
        }
    }

    fn blobs(&mut self, blobs: &FileBlobs) -> Result<()> {
        for hash in blobs.list()? {
            match blobs.copy(hash, &mut io::sink()) {
                Ok(bytes) => {
                    self.whole.blobs += 1;
                    self.whole.bytes += bytes;
                }
                Err(StoreError::DamagedBlob(_)) => self
                    .damage
                    .push(format!("attachment {hash} does not match its name")),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}
