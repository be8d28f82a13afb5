//! How far the streams reach that are written to, and what of it their rows do not say yet.
//!
//! A frame that continues its stream is a row of its own and nothing else: the stream's row, which is in another page, is
//! written once for all frames that one sync makes durable. Until then, and where the process was killed before, the row is
//! behind. So two rules hold for whoever reads or writes it:
//!
//! - Frames right behind `held`, without a hole, are held too, and are not in `bytes` yet.
//! - Whoever changes the row, or takes frames away, first counts on to where they end.
//!
//! What is remembered here may be forgotten at any time, since it can be read again.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{room_quarantine, rooms};
use crate::{
    Frame, Result, RoomKey, RoomWrite, StoreError, StreamKey,
    checksum::{of_count, of_frame},
};

/// Of the rooms that were written to since the last sync.
#[derive(Default)]
pub(super) struct Ends(BTreeMap<RoomKey, RoomEnds>);

/// Of one room.
pub(super) struct RoomEnds {
    id: i64,
    key: RoomKey,
    streams: BTreeMap<StreamKey, End>,
}

impl Ends {
    /// None if there is no such room.
    pub(super) fn room(
        &mut self,
        connection: &Connection,
        key: RoomKey,
    ) -> Result<Option<&mut RoomEnds>> {
        Ok(match self.0.entry(key) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(unknown) => rooms::find(connection, key)?.map(|id| {
                unknown.insert(RoomEnds {
                    id,
                    key,
                    streams: BTreeMap::new(),
                })
            }),
        })
    }

    /// Writes what the rows do not say yet. If the transaction fails, everything has to be forgotten.
    pub(super) fn note(&mut self, connection: &Connection) -> Result<()> {
        for room in self.0.values_mut() {
            for (&key, end) in &mut room.streams {
                end.note(connection, room.key, key)?;
            }
        }
        Ok(())
    }

    /// After something failed, or others wrote.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

impl RoomEnds {
    fn end(&mut self, connection: &Connection, key: StreamKey) -> Result<&mut End> {
        Ok(match self.streams.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let found = End::find(connection, self.id, key)?;
                let end =
                    found.map_or_else(|| End::make(connection, self.id, self.key, key), Ok)?;
                unknown.insert(end)
            }
        })
    }

    /// Adds to the room.
    pub(super) fn append(&mut self, connection: &Connection, write: &RoomWrite) -> Result<()> {
        // Where more than the end of the stream changes, its row says so at once.
        let mut changed = BTreeSet::new();
        for (&key, &number) in &write.covered {
            let end = self.end(connection, key)?;
            end.held = end.held.max(number as i64);
            room_quarantine::no_longer_missing(connection, end.id, None, end.held)?;
            changed.insert(key);
        }
        let room = self.key;
        for frame in &write.frames {
            let end = self.end(connection, frame.stream)?;
            if !end.insert(connection, room, frame)? {
                changed.insert(frame.stream);
            }
        }
        for key in changed {
            let end = self.end(connection, key)?;
            end.held = reach(connection, end.id, end.held)?.0;
            end.last = end.last.max(end.held);
            end.note(connection, room, key)?;
        }
        for (name, value) in &write.meta {
            rooms::set_meta(connection, self.id, room, name, value.as_deref())?;
        }
        Ok(())
    }
}

/// Of one stream.
pub(super) struct End {
    pub(super) id: i64,
    /// Numbers from 1 on without a hole, as far as they go.
    held: i64,
    /// The highest number that is there; frames that came too early are behind a hole.
    last: i64,
    /// How much its row says is held.
    noted: i64,
    /// Of the frames that are not in the row.
    bytes: i64,
}

impl End {
    /// As the tables have it.
    pub(super) fn find(connection: &Connection, room: i64, key: StreamKey) -> Result<Option<Self>> {
        let Some(Stream { id, held: noted }) = find(connection, room, key)? else {
            return Ok(None);
        };
        let (held, bytes) = reach(connection, id, noted)?;
        let sql = "SELECT max(number) FROM frame WHERE stream = ?";
        let mut highest = connection.prepare_cached(sql)?;
        let last: Option<i64> = highest.query_row([id], |row| row.get(0))?;
        Ok(Some(Self {
            id,
            held,
            last: last.map_or(held, |last| held.max(last)),
            noted,
            bytes,
        }))
    }

    fn make(connection: &Connection, room: i64, room_key: RoomKey, key: StreamKey) -> Result<Self> {
        let sum = of_count(room_key, key, 0);
        let sql = "INSERT INTO stream (room, device, stream, held, sum) VALUES (?, ?, ?, 0, ?)";
        let row = params![room, key.device, key.stream as i64, sum];
        connection.prepare_cached(sql)?.execute(row)?;
        Ok(Self {
            id: connection.last_insert_rowid(),
            held: 0,
            last: 0,
            noted: 0,
            bytes: 0,
        })
    }

    /// Adds a frame if it is not there yet; whether that did no more than to continue the stream, or nothing.
    fn insert(&mut self, connection: &Connection, room: RoomKey, frame: &Frame) -> Result<bool> {
        let number = frame.number as i64;
        if number <= self.held && !room_quarantine::found_again(connection, self.id, number)? {
            return Ok(true);
        }
        let sum = of_frame(room, frame.document, frame.stream, number, &frame.bytes);
        let sql = "INSERT OR IGNORE INTO frame (stream, number, document, sum, bytes) VALUES (?, ?, ?, ?, ?)";
        let row = params![self.id, number, frame.document.0, sum, frame.bytes];
        if connection.prepare_cached(sql)?.execute(row)? == 0 {
            return Ok(true);
        }
        self.bytes += frame.bytes.len() as i64;
        let continues = number == self.held + 1 && self.last == self.held;
        self.held += i64::from(number == self.held + 1);
        self.last = self.last.max(number);
        Ok(continues)
    }

    /// Writes into the stream's row what it does not say yet.
    pub(super) fn note(
        &mut self,
        connection: &Connection,
        room: RoomKey,
        key: StreamKey,
    ) -> Result<()> {
        if self.held != self.noted {
            let sum = of_count(room, key, self.held);
            let sql = "UPDATE stream SET held = ?, sum = ?, bytes = bytes + ? WHERE id = ?";
            let row = params![self.held, sum, self.bytes, self.id];
            connection.prepare_cached(sql)?.execute(row)?;
        } else if self.bytes != 0 {
            add_bytes(connection, self.id, self.bytes)?;
        }
        (self.noted, self.bytes) = (self.held, 0);
        Ok(())
    }
}

/// A stream's row: its short number, and how many frames are held at least.
#[derive(Clone, Copy)]
pub(super) struct Stream {
    pub(super) id: i64,
    pub(super) held: i64,
}

pub(super) fn find(
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

/// The number up to which frames follow `held` without a hole, and how large these are together. What is in a damaged page
/// counts as a hole.
pub(super) fn reach(connection: &Connection, stream: i64, held: i64) -> Result<(i64, i64)> {
    // Number by number: SQLite prepares a statement anew each time whose range begins at a parameter.
    let sql = "SELECT length(bytes) FROM frame WHERE stream = ? AND number = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let (mut end, mut bytes) = (held, 0);
    loop {
        let next = statement.query_row([stream, end + 1], |row| row.get::<_, i64>(0));
        match next.optional().map_err(StoreError::from) {
            Ok(Some(size)) => (end, bytes) = (end + 1, bytes + size),
            Ok(None) | Err(StoreError::Damaged(_)) => return Ok((end, bytes)),
            Err(error) => return Err(error),
        }
    }
}

/// Writes how much is held of a stream whose count was damaged, and how large its frames are together.
pub(super) fn write_anew(
    connection: &Connection,
    room: RoomKey,
    key: StreamKey,
    Stream { id, held }: Stream,
) -> Result<()> {
    let sql = "UPDATE stream SET held = ?1, sum = ?2, \
        bytes = (SELECT coalesce(sum(length(frame.bytes)), 0) FROM frame WHERE frame.stream = ?3) WHERE id = ?3";
    let row = params![held, of_count(room, key, held), id];
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

pub(super) fn add_bytes(connection: &Connection, stream: i64, bytes: i64) -> Result<()> {
    let sql = "UPDATE stream SET bytes = max(bytes + ?, 0) WHERE id = ?";
    connection.prepare_cached(sql)?.execute([bytes, stream])?;
    Ok(())
}

#[cfg(test)]
mod tests;
