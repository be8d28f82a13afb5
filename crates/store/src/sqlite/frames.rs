//! Writing, reading and dropping frames. Each function is part of the caller's transaction.

use std::collections::{BTreeMap, btree_map::Entry};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{room_quarantine, rooms};
use crate::{
    Document, Frame, Result, RoomKey, RoomWrite, StoreError, StreamKey,
    checksum::{of_count, of_frame},
};

/// A stream's row: its short number, and how many frames are held.
#[derive(Clone, Copy)]
pub(super) struct Stream {
    pub(super) id: i64,
    pub(super) held: i64,
}

/// Adds to a room that is known to be there.
pub(super) fn append(connection: &Connection, room: i64, write: &RoomWrite) -> Result<()> {
    let mut streams = BTreeMap::new();
    for (&key, &number) in &write.covered {
        let mut growth = Growth::of(open_stream(connection, room, write.room, key)?);
        growth.held = growth.held.max(number as i64);
        room_quarantine::no_longer_missing(connection, growth.stream.id, None, growth.held)?;
        streams.insert(key, growth);
    }
    for frame in &write.frames {
        let growth = match streams.entry(frame.stream) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let stream = open_stream(connection, room, write.room, frame.stream)?;
                unknown.insert(Growth::of(stream))
            }
        };
        growth.insert(connection, write.room, frame)?;
    }
    for (&key, growth) in &mut streams {
        growth.count_on(connection)?;
        growth.write(connection, write.room, key)?;
    }
    for (name, value) in &write.meta {
        rooms::set_meta(connection, room, write.room, name, value.as_deref())?;
    }
    Ok(())
}

/// What a write adds to a stream.
struct Growth {
    /// As it was before.
    stream: Stream,
    /// How far it reaches now.
    held: i64,
    /// Of the frames that are added.
    bytes: i64,
}

impl Growth {
    fn of(stream: Stream) -> Self {
        Self {
            stream,
            held: stream.held,
            bytes: 0,
        }
    }

    /// Adds a frame if it is not there yet.
    fn insert(&mut self, connection: &Connection, room: RoomKey, frame: &Frame) -> Result<()> {
        let (stream, number) = (self.stream.id, frame.number as i64);
        if number <= self.held && !room_quarantine::found_again(connection, stream, number)? {
            return Ok(());
        }
        let sum = of_frame(room, frame.document, frame.stream, number, &frame.bytes);
        let sql = "INSERT OR IGNORE INTO frame (stream, number, document, sum, bytes) VALUES (?, ?, ?, ?, ?)";
        let row = params![stream, number, frame.document.0, sum, frame.bytes];
        if connection.prepare_cached(sql)?.execute(row)? == 1 {
            self.bytes += frame.bytes.len() as i64;
            self.held += i64::from(number == self.held + 1);
        }
        Ok(())
    }

    /// Goes on as far as the stream reaches now without a hole: frames that came too early may be there.
    fn count_on(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        // Number by number: SQLite prepares a statement anew each time whose range begins at a parameter.
        let sql = "SELECT 1 FROM frame WHERE stream = ? AND number = ?";
        let mut statement = connection.prepare_cached(sql)?;
        while statement.exists([self.stream.id, self.held + 1])? {
            self.held += 1;
        }
        Ok(())
    }

    fn write(&self, connection: &Connection, room: RoomKey, key: StreamKey) -> Result<()> {
        if self.held != self.stream.held {
            let sum = of_count(room, key, self.held);
            let sql = "UPDATE stream SET held = ?, sum = ?, bytes = bytes + ? WHERE id = ?";
            let row = params![self.held, sum, self.bytes, self.stream.id];
            connection.prepare_cached(sql)?.execute(row)?;
        } else if self.bytes > 0 {
            add_bytes(connection, self.stream.id, self.bytes)?;
        }
        Ok(())
    }
}

/// The stream's row, which is made if need be.
fn open_stream(
    connection: &Connection,
    room: i64,
    room_key: RoomKey,
    key: StreamKey,
) -> Result<Stream> {
    if let Some(stream) = find_stream(connection, room, key)? {
        return Ok(stream);
    }
    let sum = of_count(room_key, key, 0);
    let sql = "INSERT INTO stream (room, device, stream, held, sum) VALUES (?, ?, ?, 0, ?)";
    let row = params![room, key.device, key.stream as i64, sum];
    connection.prepare_cached(sql)?.execute(row)?;
    let id = connection.last_insert_rowid();
    Ok(Stream { id, held: 0 })
}

fn find_stream(
    connection: &Connection,
    room: i64,
    key: StreamKey,
) -> rusqlite::Result<Option<Stream>> {
    let sql = "SELECT id, held FROM stream WHERE room = ? AND device = ? AND stream = ?";
    let read = |row: &Row<'_>| {
        Ok(Stream {
            id: row.get(0)?,
            held: row.get(1)?,
        })
    };
    connection
        .prepare_cached(sql)?
        .query_row(params![room, key.device, key.stream as i64], read)
        .optional()
}

pub(super) fn write_held(
    connection: &Connection,
    room: RoomKey,
    key: StreamKey,
    stream: Stream,
) -> rusqlite::Result<()> {
    let sum = of_count(room, key, stream.held);
    let sql = "UPDATE stream SET held = ?, sum = ? WHERE id = ?";
    let row = params![stream.held, sum, stream.id];
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

fn add_bytes(connection: &Connection, stream: i64, bytes: i64) -> Result<()> {
    let sql = "UPDATE stream SET bytes = max(bytes + ?, 0) WHERE id = ?";
    connection.prepare_cached(sql)?.execute([bytes, stream])?;
    Ok(())
}

/// What [`read`] found: whole frames, damaged rows, and whether there are more behind them.
pub(super) struct Piece {
    pub(super) frames: Vec<Frame>,
    pub(super) damaged: Vec<Damaged>,
    /// Everything up to this number has been looked at.
    pub(super) through: i64,
    pub(super) is_end: bool,
}

/// A row whose checksum does not match.
pub(super) struct Damaged {
    pub(super) stream: i64,
    pub(super) number: i64,
    pub(super) document: Option<u8>,
    pub(super) bytes: Vec<u8>,
}

/// Reads a piece of a stream behind `after`, up to about so many bytes.
pub(super) fn read(
    connection: &Connection,
    room: RoomKey,
    key: StreamKey,
    after: u64,
    max_bytes: usize,
) -> Result<Piece> {
    let view = connection.unchecked_transaction()?;
    let stream = find_stream(&view, rooms::id(&view, room)?, key)?;
    let mut piece = Piece {
        frames: Vec::new(),
        damaged: Vec::new(),
        through: i64::try_from(after).unwrap_or(i64::MAX),
        is_end: true,
    };
    let Some(stream) = stream else {
        return Ok(piece);
    };
    while let Err(error) = read_on(&view, (room, key, stream.id), max_bytes, &mut piece) {
        let StoreError::Damaged(_) = error else {
            return Err(error);
        };
        let readable = |place| is_readable(&view, stream.id, place);
        match super::salvage::readable_after(stream.held, piece.through, readable) {
            Some(place) => piece.through = place,
            None => break,
        }
    }
    Ok(piece)
}

fn read_on(
    connection: &Connection,
    (room, key, stream): (RoomKey, StreamKey, i64),
    max_bytes: usize,
    piece: &mut Piece,
) -> Result<()> {
    let sql = "SELECT number, document, sum, bytes FROM frame WHERE stream = ? AND number > ? ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([stream, piece.through])?;
    let weigh = |frame: &Frame| frame.bytes.len().max(1);
    let mut taken: usize = piece.frames.iter().map(weigh).sum();
    while let Some(row) = rows.next()? {
        let size = row.get_ref(3)?.as_blob().map_or(0, <[u8]>::len).max(1);
        if taken > 0 && taken + size > max_bytes {
            piece.is_end = false;
            break;
        }
        let number = row.get(0)?;
        match whole(row, room, key, number) {
            Ok(frame) => {
                taken += size;
                piece.frames.push(frame);
            }
            Err((document, bytes)) => piece.damaged.push(Damaged {
                stream,
                number,
                document,
                bytes,
            }),
        }
        piece.through = number;
    }
    Ok(())
}

/// The frame in a row of number, document, checksum and bytes; or what is left of it.
fn whole(
    row: &Row<'_>,
    room: RoomKey,
    stream: StreamKey,
    number: i64,
) -> Result<Frame, (Option<u8>, Vec<u8>)> {
    let blob = |index| row.get_ref(index).ok().and_then(|v| v.as_blob().ok());
    let document: Option<u8> = row.get(1).ok();
    let (sum, bytes) = (blob(2), blob(3).unwrap_or_default());
    let matches = document.is_some_and(|document| {
        sum == Some(&of_frame(room, Document(document), stream, number, bytes))
    });
    match document {
        Some(document) if matches => Ok(Frame {
            document: Document(document),
            stream,
            number: number as u64,
            bytes: bytes.to_vec(),
        }),
        _ => Err((document, bytes.to_vec())),
    }
}

fn is_readable(connection: &Connection, stream: i64, after: i64) -> bool {
    let sql = "SELECT bytes FROM frame WHERE stream = ? AND number > ? ORDER BY number LIMIT 1";
    let read = || -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(sql)?;
        let found = statement.query_row([stream, after], |_| Ok(()));
        found.optional().map(|_| ())
    };
    read().is_ok()
}

/// Moves damaged frames out of the way, so that they count as missing.
pub(super) fn set_aside(connection: &Connection, room: RoomKey, found: &[Damaged]) -> Result<()> {
    let room = rooms::id(connection, room)?;
    for damaged in found {
        let sql = "DELETE FROM frame WHERE stream = ? AND number = ?";
        if connection.execute(sql, [damaged.stream, damaged.number])? == 1 {
            room_quarantine::insert_frame(connection, room, damaged)?;
            add_bytes(connection, damaged.stream, -(damaged.bytes.len() as i64))?;
        }
    }
    Ok(())
}

/// How many frames one step of a drop takes, so that those who write are not held up.
const DROP_STEP: i64 = 1_000;

/// Deletes some frames of a document up to a number; says how many, none if there are no more.
pub(super) fn drop_some(
    connection: &Connection,
    room: RoomKey,
    document: Document,
    key: StreamKey,
    through: u64,
) -> Result<u64> {
    let room = rooms::id(connection, room)?;
    let Some(stream) = find_stream(connection, room, key)? else {
        return Ok(0);
    };
    let through = i64::try_from(through).unwrap_or(i64::MAX);
    let sql = "DELETE FROM frame WHERE stream = ?1 AND number IN (SELECT number FROM frame \
        WHERE stream = ?1 AND number <= ?2 AND document = ?3 ORDER BY number LIMIT ?4) \
        RETURNING length(bytes)";
    let mut statement = connection.prepare_cached(sql)?;
    let of = params![stream.id, through, document.0, DROP_STEP];
    let sizes = statement.query_map(of, |row| row.get(0))?;
    let sizes: Vec<i64> = sizes.collect::<rusqlite::Result<_>>()?;
    add_bytes(connection, stream.id, -sizes.iter().sum::<i64>())?;
    room_quarantine::no_longer_missing(connection, stream.id, Some(document), through)?;
    Ok(sizes.len() as u64)
}

/// Counts a stream anew whose count is damaged: as far as whole frames reach from 1 on.
pub(super) fn recount(
    connection: &Connection,
    room: RoomKey,
    key: StreamKey,
    stream: i64,
) -> Result<i64> {
    let sql = "SELECT number, document, sum, bytes FROM frame WHERE stream = ? ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([stream])?;
    let mut held = 0;
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        if number != held + 1 || whole(row, room, key, number).is_err() {
            break;
        }
        held = number;
    }
    Ok(held)
}
