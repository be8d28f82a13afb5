//! Attachments in a store, piece by piece: what whoever owns a room does for `sync`'s blob events. It waits for the disk.

use bytes::Bytes;
use store::{BlobHash, Store, StoreError};
use sync::limits::BLOB_PIECE_BYTES;
use sync::{BlobName, BlobPiece};

/// What became of a piece that came.
#[derive(Clone, Debug)]
pub enum Kept {
    /// So much of the blob is here.
    Part(u64),
    /// So much is here, which is less than before: something else took the part away.
    Short(u64),
    /// It was the last, and the blob is whole: so many bytes.
    Whole(u64),
    /// It was the last, and the whole does not have its name. It was thrown away.
    Spoiled,
    /// The disk did not take it.
    Failed(StoreError),
}

/// Whether a blob of so many bytes has a piece that begins at `offset`. One without any has one piece, without any.
pub const fn has_piece(total: u64, offset: u64) -> bool {
    offset == 0 || offset < total
}

/// A piece that somebody asked for; none if it is not here. What is here is checked before its first piece goes out, so
/// that a bad disk does not make this machine send what it would be blamed for.
pub fn read_piece(store: &dyn Store, name: BlobName, offset: u64) -> Option<BlobPiece> {
    let (blobs, hash) = (store.blobs(), BlobHash(name.0));
    let total = blobs.size(hash).ok()??;
    if offset == 0 {
        blobs.copy(hash, &mut std::io::sink()).ok()?;
    }
    if !has_piece(total, offset) {
        return None;
    }
    let bytes = Bytes::from(blobs.read(hash, offset, BLOB_PIECE_BYTES).ok()?);
    Some(BlobPiece {
        name,
        offset,
        total,
        bytes,
    })
}

/// Keeps a piece that came. The pieces of a blob are to be kept one after the other, in the order in which they came.
pub fn keep_piece(store: &dyn Store, piece: &BlobPiece) -> Kept {
    let (blobs, hash) = (store.blobs(), BlobHash(piece.name.0));
    let end = piece.offset.saturating_add(piece.bytes.len() as u64);
    let kept = match blobs.put_part(hash, piece.offset, &piece.bytes) {
        Ok(kept) => kept,
        Err(error) => return Kept::Failed(error),
    };
    if kept < end {
        return Kept::Short(kept);
    }
    if end < piece.total {
        return Kept::Part(kept);
    }
    match blobs.finish_part(hash) {
        Ok(total) => Kept::Whole(total),
        Err(StoreError::DamagedBlob(_)) => Kept::Spoiled,
        Err(error) => Kept::Failed(error),
    }
}
