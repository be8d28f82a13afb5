//! Rooms on disk.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    SqliteStore, ends, frames,
    queue::{Append, Piece},
    room_quarantine,
};
use crate::{
    Acknowledge, Document, Frame, LoadedRoom, QuarantinedPart, Result, RoomKey, RoomPart,
    RoomWrite, Rooms, StoreError, StreamKey, Vector,
    checksum::{of_count, of_meta},
    chunk::Log,
};

impl Rooms for SqliteStore {
    fn list(&self) -> Result<Vec<RoomKey>> {
        self.read(list)
    }

    fn create(&self, room: RoomKey, meta: Vec<(String, Vec<u8>)>) -> Result<()> {
        self.write(move |transaction| {
            if find(transaction, room)?.is_some() {
                return Err(StoreError::RoomExists(room));
            }
            transaction.execute("INSERT INTO room (key) VALUES (?)", [room.0])?;
            let id = transaction.last_insert_rowid();
            meta.iter()
                .try_for_each(|(name, value)| set_meta(transaction, id, room, name, Some(value)))
        })
    }

    fn delete(&self, room: RoomKey) -> Result<()> {
        self.ask_writer(move |writer| {
            writer.transact(0, |transaction| delete(transaction, room))?;
            writer.forget(Log::Room(room));
            Ok(())
        })
    }

    fn load(&self, room: RoomKey) -> Result<LoadedRoom> {
        let (loaded, damaged) = self.read(|connection| load(connection, room))?;
        if !damaged.is_empty() {
            // If the disk does not take it, the damage is found and reported again next time.
            let _ = self.write(move |transaction| mend(transaction, room, &damaged));
        }
        Ok(loaded)
    }

    fn append(&self, write: RoomWrite, acknowledge: Acknowledge) {
        let append = Append {
            logs: vec![Log::Room(write.room)],
            piece: write.check().map(|()| Piece::Room(write)),
            acknowledge,
        };
        self.queue.append_or_write(append, &self.writer);
    }

    fn retry(&self, room: RoomKey) -> Result<()> {
        self.ask_writer(move |writer| writer.retry(Log::Room(room)))
    }

    fn frames(
        &self,
        room: RoomKey,
        stream: StreamKey,
        after: u64,
        max_bytes: usize,
    ) -> Result<Vec<Frame>> {
        let mut after = after;
        loop {
            let piece =
                self.read(|connection| frames::read(connection, room, stream, after, max_bytes))?;
            if !piece.damaged.is_empty() {
                // If the disk does not take it, the damage is found again next time.
                let _ = self.write(move |transaction| {
                    frames::set_aside(transaction, room, stream, &piece.damaged)
                });
            }
            if piece.is_end || !piece.frames.is_empty() {
                return Ok(piece.frames);
            }
            after = piece.through as u64;
        }
    }

    fn drop_frames(&self, room: RoomKey, document: Document, through: &Vector) -> Result<u64> {
        let mut dropped = 0;
        self.read(|connection| id(connection, room))?;
        for (&stream, &through) in through {
            loop {
                let step = self.write(move |transaction| {
                    frames::drop_some(transaction, room, document, stream, through)
                })?;
                dropped += step;
                if step == 0 {
                    break;
                }
            }
        }
        Ok(dropped)
    }

    fn meta(&self, room: RoomKey, name: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.load(room)?.meta.remove(name))
    }

    fn quarantined(&self, room: RoomKey) -> Result<Vec<QuarantinedPart>> {
        self.read(|connection| room_quarantine::list(connection, room))
    }
}

/// All rooms, by key.
pub(super) fn list(connection: &Connection) -> Result<Vec<RoomKey>> {
    let mut statement = connection.prepare_cached("SELECT key FROM room ORDER BY key")?;
    let keys = statement.query_map([], |row| row.get(0).map(RoomKey))?;
    Ok(keys.collect::<rusqlite::Result<_>>()?)
}

/// A room as it is, with what is damaged listed and left where it is.
pub(super) fn read(connection: &Connection, room: RoomKey) -> Result<LoadedRoom> {
    Ok(load(connection, room)?.0)
}

/// The short number of a room.
pub(super) fn find(connection: &Connection, room: RoomKey) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT id FROM room WHERE key = ?")?;
    statement.query_row([room.0], |row| row.get(0)).optional()
}

pub(super) fn id(connection: &Connection, room: RoomKey) -> Result<i64> {
    find(connection, room)?.ok_or(StoreError::UnknownRoom(room))
}

pub(super) fn set_meta(
    connection: &Connection,
    room: i64,
    key: RoomKey,
    name: &str,
    value: Option<&[u8]>,
) -> Result<()> {
    let Some(value) = value else {
        let sql = "DELETE FROM room_meta WHERE room = ? AND name = ?";
        connection
            .prepare_cached(sql)?
            .execute(params![room, name])?;
        return Ok(());
    };
    let sum = of_meta(key, name, value);
    let sql = "INSERT OR REPLACE INTO room_meta (room, name, sum, bytes) VALUES (?, ?, ?, ?)";
    let row = params![room, name, sum, value];
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

fn delete(connection: &Connection, room: RoomKey) -> Result<()> {
    let room = id(connection, room)?;
    for sql in [
        "DELETE FROM frame WHERE stream IN (SELECT id FROM stream WHERE room = ?)",
        "DELETE FROM stream WHERE room = ?",
        "DELETE FROM room_meta WHERE room = ?",
        "DELETE FROM room_quarantine WHERE room = ?",
        "DELETE FROM room WHERE id = ?",
    ] {
        connection.execute(sql, [room])?;
    }
    Ok(())
}

/// What a load found damaged.
enum Mend {
    Meta(String, Vec<u8>),
    Count(StreamKey, i64),
}

fn load(connection: &Connection, key: RoomKey) -> Result<(LoadedRoom, Vec<Mend>)> {
    let view = connection.unchecked_transaction()?;
    let room = id(&view, key)?;
    let mut loaded = LoadedRoom::default();
    let mut mends = Vec::new();
    load_meta(&view, room, key, &mut loaded, &mut mends)?;
    load_vector(&view, room, key, &mut loaded, &mut mends)?;
    Ok((loaded, mends))
}

fn load_meta(
    view: &Connection,
    room: i64,
    key: RoomKey,
    loaded: &mut LoadedRoom,
    mends: &mut Vec<Mend>,
) -> Result<()> {
    let sql = "SELECT name, sum, bytes FROM room_meta WHERE room = ? ORDER BY name";
    let mut statement = view.prepare_cached(sql)?;
    let mut rows = statement.query([room])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let (sum, bytes): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
        if of_meta(key, &name, &bytes) == *sum {
            loaded.meta.insert(name, bytes);
        } else {
            let part = RoomPart::Meta(name.clone());
            let what = room_quarantine::no_match(part, bytes.clone());
            loaded.quarantined.push(what);
            mends.push(Mend::Meta(name, bytes));
        }
    }
    Ok(())
}

fn load_vector(
    view: &Connection,
    room: i64,
    key: RoomKey,
    loaded: &mut LoadedRoom,
    mends: &mut Vec<Mend>,
) -> Result<()> {
    let sql = "SELECT id, device, stream, held, sum, bytes FROM stream WHERE room = ? ORDER BY id";
    let mut statement = view.prepare_cached(sql)?;
    let mut rows = statement.query([room])?;
    while let Some(row) = rows.next()? {
        let (id, device): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let (number, mut held): (i64, i64) = (row.get(2)?, row.get(3)?);
        let Ok(device) = device.try_into() else {
            continue; // nobody asks for it, and what it held comes again
        };
        let stream = StreamKey {
            device,
            stream: number as u64,
        };
        let (sum, bytes): (Vec<u8>, i64) = (row.get(4)?, row.get(5)?);
        if of_count(key, stream, held) == *sum {
            let (end, more) = ends::reach(view, id, held)?;
            held = end;
            loaded.bytes += more as u64;
        } else {
            held = frames::recount(view, key, stream, id)?.0;
            let what = room_quarantine::no_match(RoomPart::Count(stream), Vec::new());
            loaded.quarantined.push(what);
            mends.push(Mend::Count(stream, id));
        }
        loaded.bytes += bytes.max(0) as u64;
        let missing = room_quarantine::first_missing(view, id)?;
        let vector = missing.map_or(held, |missing| held.min(missing - 1));
        if vector > 0 {
            loaded.vector.insert(stream, vector as u64);
        }
    }
    Ok(())
}

fn mend(connection: &Connection, key: RoomKey, mends: &[Mend]) -> Result<()> {
    let room = id(connection, key)?;
    for mend in mends {
        match mend {
            Mend::Meta(name, bytes) => {
                set_meta(connection, room, key, name, None)?;
                room_quarantine::insert_meta(connection, room, name, bytes)?;
            }
            Mend::Count(stream, id) => frames::mend_count(connection, key, *stream, *id)?,
        }
    }
    Ok(())
}
