//! Reading and dropping frames. Each function is part of the caller's transaction.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    ends::{self, End, Stream},
    room_quarantine, rooms,
};
use crate::{Document, Frame, Result, RoomKey, StoreError, StreamKey, checksum::of_frame};

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
    let stream = ends::find(&view, rooms::id(&view, room)?, key)?;
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
        let newest = ends::reach(&view, stream.id, stream.held)?.0;
        match super::salvage::readable_after(newest, piece.through, readable) {
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
pub(super) fn set_aside(
    connection: &Connection,
    room_key: RoomKey,
    key: StreamKey,
    found: &[Damaged],
) -> Result<()> {
    let room = rooms::id(connection, room_key)?;
    noted(connection, room, room_key, key)?;
    for damaged in found {
        if delete(connection, damaged)? {
            room_quarantine::insert_frame(connection, room, damaged, true)?;
            ends::add_bytes(connection, damaged.stream, -(damaged.bytes.len() as i64))?;
        }
    }
    Ok(())
}

/// The stream, once its row says how far it reaches: a hole that is made now must not end it.
fn noted(
    connection: &Connection,
    room: i64,
    room_key: RoomKey,
    key: StreamKey,
) -> Result<Option<End>> {
    let mut end = End::find(connection, room, key)?;
    end.iter_mut()
        .try_for_each(|end| end.note(connection, room_key, key))?;
    Ok(end)
}

/// How many frames one step of a drop takes, so that those who write are not held up.
const DROP_STEP: i64 = 1_000;

/// Deletes some frames of a document up to a number; says how many, none if there are no more.
pub(super) fn drop_some(
    connection: &Connection,
    room_key: RoomKey,
    document: Document,
    key: StreamKey,
    through: u64,
) -> Result<u64> {
    let room = rooms::id(connection, room_key)?;
    let Some(stream) = noted(connection, room, room_key, key)? else {
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
    ends::add_bytes(connection, stream.id, -sizes.iter().sum::<i64>())?;
    room_quarantine::no_longer_missing(connection, stream.id, Some(document), through)?;
    Ok(sizes.len() as u64)
}

/// Counts a stream anew whose count is damaged: as far as whole frames reach from 1 on. Returned is the frame, too, at which
/// they end because it is not whole.
pub(super) fn recount(
    connection: &Connection,
    room: RoomKey,
    key: StreamKey,
    stream: i64,
) -> Result<(i64, Option<Damaged>)> {
    let sql = "SELECT number, document, sum, bytes FROM frame WHERE stream = ? ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([stream])?;
    let mut held = 0;
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        if number != held + 1 {
            break;
        }
        if let Err((document, bytes)) = whole(row, room, key, number) {
            let damaged = Damaged {
                stream,
                number,
                document,
                bytes,
            };
            return Ok((held, Some(damaged)));
        }
        held = number;
    }
    Ok((held, None))
}

/// Writes how much of a stream is held whose count is damaged. What is not whole does not count, and is set aside: where it stood
/// it would be taken for held.
pub(super) fn mend_count(
    connection: &Connection,
    room: RoomKey,
    key: StreamKey,
    stream: i64,
) -> Result<()> {
    let (held, damaged) = recount(connection, room, key, stream)?;
    let room_id = rooms::id(connection, room)?;
    if let Some(damaged) = damaged {
        delete(connection, &damaged)?;
        room_quarantine::insert_frame(connection, room_id, &damaged, false)?;
    }
    ends::write_anew(connection, room, key, Stream { id: stream, held })?;
    room_quarantine::insert_count(connection, room_id, stream)
}

/// Says whether it was there.
fn delete(connection: &Connection, damaged: &Damaged) -> Result<bool> {
    let sql = "DELETE FROM frame WHERE stream = ? AND number = ?";
    Ok(connection.execute(sql, [damaged.stream, damaged.number])? == 1)
}
