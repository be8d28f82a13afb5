//! What the writer does to the database and the disk, one step at a time.

use std::{collections::BTreeSet, fs, io::Write, path::Path};

use rusqlite::Connection;

use super::{catalogue, ends::Ends, log, queue::Piece};
use crate::{Result, RoomWrite, Seq, StoreError, chunk::Log};

/// More than a file system hides in spare room of what it already has.
const PROBE_BYTES: usize = 64 << 10;

/// Writes a group as one commit. An error means that none of it was written, and nothing is known of any ends.
pub(super) fn group<'a>(
    connection: &Connection,
    ends: &mut Ends,
    last: Seq,
    pieces: impl Iterator<Item = (&'a [Log], &'a Piece)>,
) -> Result<Vec<Result<Seq>>> {
    let written = transact(connection, |transaction| {
        let (mut seq, mut has_chunk) = (last, false);
        let mut refused: BTreeSet<Log> = BTreeSet::new();
        let mut fates = Vec::new();
        for (logs, piece) in pieces {
            let fate = match logs.iter().any(|log| refused.contains(log)) {
                true => Err(StoreError::Stalled),
                false => append(transaction, ends, Seq(seq.0 + 1), piece)?,
            };
            match fate {
                Ok(written) => {
                    seq = written;
                    has_chunk |= matches!(piece, Piece::Chunk(..));
                }
                Err(_) => refused.extend(logs),
            }
            fates.push(fate);
        }
        // Only chunks are kept under their numbers; of others a sync notes how far they went.
        if has_chunk {
            let sql = "UPDATE counter SET last_seq = ?";
            transaction.prepare_cached(sql)?.execute([seq.0 as i64])?;
        }
        Ok(fates)
    });
    if written.is_err() {
        ends.forget();
    }
    written
}

/// The inner error is a refusal of this piece alone; nothing of it is written.
fn append(
    connection: &Connection,
    ends: &mut Ends,
    seq: Seq,
    piece: &Piece,
) -> Result<Result<Seq>> {
    let write = match piece {
        Piece::Chunk(_, chunk) => chunk.room.as_ref(),
        Piece::Room(write) => Some(write),
    };
    if let Piece::Chunk(project, _) = piece
        && !catalogue::exists(connection, *project)?
    {
        return Ok(Err(StoreError::UnknownProject(*project)));
    }
    if let Some(write) = write
        && !append_to_room(connection, ends, write)?
    {
        return Ok(Err(StoreError::UnknownRoom(write.room)));
    }
    if let Piece::Chunk(project, chunk) = piece {
        log::append(connection, *project, seq, chunk)?;
    }
    Ok(Ok(seq))
}

/// Says no if there is no such room.
fn append_to_room(connection: &Connection, ends: &mut Ends, write: &RoomWrite) -> Result<bool> {
    match ends.room(connection, write.room)? {
        Some(room) => room.append(connection, write).map(|()| true),
        None => Ok(false),
    }
}

/// Writes how far streams reach, and then what `write` does, as one transaction; after that nothing is known of any ends.
pub(super) fn note_and<T>(
    connection: &Connection,
    ends: &mut Ends,
    write: impl FnOnce(&Connection) -> Result<T>,
) -> Result<T> {
    let written = transact(connection, |transaction| {
        ends.note(transaction)?;
        write(transaction)
    });
    ends.forget();
    written
}

/// Runs `write` as one transaction.
fn transact<T>(connection: &Connection, write: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    // Kept ready: to read `BEGIN` and `COMMIT` anew takes as long as to write a frame.
    let run = |sql| connection.prepare_cached(sql)?.execute([]);
    run("BEGIN IMMEDIATE")?;
    let _undo = Undo(connection);
    let value = write(connection)?;
    run("COMMIT")?;
    Ok(value)
}

/// Takes back what a transaction wrote that was not committed.
struct Undo<'a>(&'a Connection);

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            // Where it fails the connection takes no further transaction, and says so.
            let _ = self.0.execute_batch("ROLLBACK");
        }
    }
}

/// Copies the WAL into the database while others read and write; says whether all of it is there.
pub(super) fn sweep(connection: &Connection) -> Result<bool> {
    checkpoint(connection, "passive")
}

/// Copies the WAL into the database and empties it; says whether readers let it.
pub(super) fn empty_wal(connection: &Connection) -> Result<bool> {
    checkpoint(connection, "truncate")
}

fn checkpoint(connection: &Connection, mode: &str) -> Result<bool> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    let (is_busy, pages, copied): (bool, i64, i64) =
        connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(!is_busy && copied == pages)
}

/// How many pages the WAL has, of which some may be in the database already.
pub(super) fn wal_pages(connection: &Connection) -> Result<u64> {
    let pages: i64 = connection.query_row("PRAGMA wal_checkpoint(noop)", [], |row| row.get(1))?;
    Ok(pages.max(0).cast_unsigned())
}

/// SQLite tells of a failed write but not why; the directory itself does.
pub(super) fn probe(dir: &Path) -> Result<()> {
    let path = dir.join("probe");
    let written = fs::File::create(&path).and_then(|mut file| {
        file.write_all(&[0; PROBE_BYTES])?;
        file.sync_all()
    });
    // Best effort: the next probe overwrites it.
    let _ = fs::remove_file(&path);
    match written.map_err(|error| StoreError::io("writing", &path, error)) {
        Err(error @ (StoreError::Full | StoreError::ReadOnly)) => Err(error),
        _ => Ok(()),
    }
}
