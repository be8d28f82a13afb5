//! The checksum that every row of the log carries.

use crate::{Document, ProjectKey, RoomKey, StreamKey};

/// Enough of a BLAKE3 hash to notice damage; it is no defence against forgery.
pub(crate) type Sum = [u8; 16];

/// Of a chunk or snapshot: it covers where the row belongs, so a misplaced row is noticed too.
pub(crate) fn of_document(
    kind: u8,
    project: ProjectKey,
    document: Document,
    seq: i64,
    bytes: &[u8],
) -> Sum {
    sum(&[&[kind, document.0], &project.0, &seq.to_le_bytes(), bytes])
}

/// Of an entry of an undo stack.
pub(crate) fn of_entry(
    project: ProjectKey,
    author: &[u8],
    stack: i64,
    position: i64,
    bytes: &[u8],
) -> Sum {
    sum(&[
        &project.0,
        author,
        &stack.to_le_bytes(),
        &position.to_le_bytes(),
        bytes,
    ])
}

/// Of a frame.
pub(crate) fn of_frame(
    room: RoomKey,
    document: Document,
    stream: StreamKey,
    number: i64,
    bytes: &[u8],
) -> Sum {
    sum(&[
        &room.0,
        &[document.0],
        &stream.device,
        &stream.stream.to_le_bytes(),
        &number.to_le_bytes(),
        bytes,
    ])
}

/// Of how much of a stream is held.
pub(crate) fn of_count(room: RoomKey, stream: StreamKey, held: i64) -> Sum {
    sum(&[
        &room.0,
        &stream.device,
        &stream.stream.to_le_bytes(),
        &held.to_le_bytes(),
    ])
}

/// Of a room's named bytes.
pub(crate) fn of_meta(room: RoomKey, name: &str, bytes: &[u8]) -> Sum {
    sum(&[&room.0, name.as_bytes(), &[0], bytes])
}

fn sum(parts: &[&[u8]]) -> Sum {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    let mut sum = Sum::default();
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    sum
}
