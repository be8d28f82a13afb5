//! What was set aside of rooms, and which frames are missing since.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{frames::Damaged, rooms};
use crate::{Document, QuarantinedPart, Result, RoomKey, RoomPart, StreamKey};

const FRAME: i64 = 0;
const META: i64 = 1;
const COUNT: i64 = 2;

const NO_MATCH: &str = "damaged: the checksum does not match";

/// Keeps a damaged frame and notes whether it is missing, since it counts as held.
pub(super) fn insert_frame(
    connection: &Connection,
    room: i64,
    damaged: &Damaged,
    is_missing: bool,
) -> Result<()> {
    let sql = "INSERT INTO room_quarantine (room, kind, stream, number, document, missing, reason, bytes) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    let Damaged {
        stream,
        number,
        document,
        bytes,
    } = damaged;
    let row = params![
        room, FRAME, stream, number, document, is_missing, NO_MATCH, bytes
    ];
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

pub(super) fn insert_meta(
    connection: &Connection,
    room: i64,
    name: &str,
    bytes: &[u8],
) -> Result<()> {
    let sql = "INSERT INTO room_quarantine (room, kind, name, missing, reason, bytes) VALUES (?, ?, ?, 0, ?, ?)";
    connection.execute(sql, params![room, META, name, NO_MATCH, bytes])?;
    Ok(())
}

pub(super) fn insert_count(connection: &Connection, room: i64, stream: i64) -> Result<()> {
    let sql = "INSERT INTO room_quarantine (room, kind, stream, missing, reason, bytes) VALUES (?, ?, ?, 0, ?, X'')";
    connection.execute(sql, params![room, COUNT, stream, NO_MATCH])?;
    Ok(())
}

pub(super) fn no_match(part: RoomPart, bytes: Vec<u8>) -> QuarantinedPart {
    QuarantinedPart {
        part,
        reason: NO_MATCH.to_owned(),
        bytes,
    }
}

/// The first missing number of a stream.
pub(super) fn first_missing(connection: &Connection, stream: i64) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT min(number) FROM room_quarantine WHERE stream = ? AND missing = 1";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row([stream], |row| row.get(0))
}

/// If the frame was missing, notes that it is there again, and says so.
pub(super) fn found_again(
    connection: &Connection,
    stream: i64,
    number: i64,
) -> rusqlite::Result<bool> {
    let sql =
        "UPDATE room_quarantine SET missing = 0 WHERE stream = ? AND number = ? AND missing = 1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.execute([stream, number])? > 0)
}

/// Nobody misses what a snapshot stands for: the frames of one document, or of all.
pub(super) fn no_longer_missing(
    connection: &Connection,
    stream: i64,
    document: Option<Document>,
    through: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE room_quarantine SET missing = 0 \
        WHERE stream = ?1 AND number <= ?2 AND missing = 1 AND (?3 IS NULL OR document = ?3)";
    let document = document.map(|document| document.0);
    let mut statement = connection.prepare_cached(sql)?;
    statement.execute(params![stream, through, document])?;
    Ok(())
}

/// Everything of a room that was ever set aside, oldest first.
pub(super) fn list(connection: &Connection, room: RoomKey) -> Result<Vec<QuarantinedPart>> {
    let room = rooms::id(connection, room)?;
    let sql = "SELECT kind, stream, number, name, reason, bytes FROM room_quarantine WHERE room = ? ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let read = |row: &Row<'_>| {
        let stream = stream_key(connection, row.get(1)?)?;
        let part = match row.get(0)? {
            FRAME => RoomPart::Frame {
                stream,
                number: row.get::<_, Option<i64>>(2)?.unwrap_or(0) as u64,
            },
            META => RoomPart::Meta(row.get::<_, Option<String>>(3)?.unwrap_or_default()),
            _ => RoomPart::Count(stream),
        };
        Ok(QuarantinedPart {
            part,
            reason: row.get(4)?,
            bytes: row.get(5)?,
        })
    };
    let rows = statement.query_map([room], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The key of a stream; one of zeroes where there is none, or none that can be read.
fn stream_key(connection: &Connection, id: Option<i64>) -> rusqlite::Result<StreamKey> {
    let sql = "SELECT device, stream FROM stream WHERE id = ?";
    let read = |row: &Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?));
    let found = connection.prepare_cached(sql)?.query_row([id], read);
    let (device, stream) = found.optional()?.unwrap_or_default();
    Ok(StreamKey {
        device: device.try_into().unwrap_or_default(),
        stream: stream as u64,
    })
}
