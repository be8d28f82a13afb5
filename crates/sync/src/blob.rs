//! Attachments on their way: fetched by name, piece by piece, from whoever has them.

use bytes::Bytes;

use crate::BlobName;

/// A message about a blob.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BlobMessage {
    /// The sender wants the piece that begins here.
    Want {
        /// Which blob.
        name: BlobName,
        /// How much of it the sender has.
        offset: u64,
    },
    /// A piece.
    Piece {
        /// Which blob.
        name: BlobName,
        /// Where the piece begins.
        offset: u64,
        /// How many bytes the blob has.
        total: u64,
        /// The piece, at most 64 KiB.
        bytes: Bytes,
    },
    /// The sender does not have it, and will say so if that changes.
    Absent {
        /// Which blob.
        name: BlobName,
    },
    /// The sender has it now.
    Present {
        /// Which blob.
        name: BlobName,
        /// How many bytes it has.
        total: u64,
    },
}
