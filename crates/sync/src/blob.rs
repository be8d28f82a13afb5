//! Attachments on their way: fetched by name, piece by piece, from whoever has them.

use bytes::Bytes;
use trust::DeviceId;

use crate::{BlobName, LinkId};

/// A message about a blob.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BlobMessage {
    /// The sender wants the piece that begins here.
    Want {
        /// Which blob.
        name: BlobName,
        /// Where the piece begins.
        offset: u64,
    },
    /// A piece.
    Piece(BlobPiece),
    /// The sender does not have it, and will say so if that changes.
    Absent {
        /// Which blob.
        name: BlobName,
    },
    /// The sender has it: it was asked for in vain before, or is new, or the link is.
    Present {
        /// Which blob.
        name: BlobName,
        /// How many bytes it has.
        total: u64,
    },
}

/// A piece of a blob.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BlobPiece {
    /// Which blob.
    pub name: BlobName,
    /// Where the piece begins.
    pub offset: u64,
    /// How many bytes the blob has.
    pub total: u64,
    /// The piece; 64 KiB unless it is the last.
    pub bytes: Bytes,
}

/// What the host is told about blobs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BlobEvent {
    /// A peer wants a piece. The host answers by `give_blob` or `deny_blob`.
    Asked {
        /// Where to.
        link: LinkId,
        /// Which blob.
        name: BlobName,
        /// Where the piece begins.
        offset: u64,
    },
    /// A peer has a blob that is not wanted here.
    Offered {
        /// Who says so.
        device: DeviceId,
        /// Which blob.
        name: BlobName,
        /// How many bytes it has.
        total: u64,
    },
    /// The next piece of a blob that was wanted. The host keeps it and says so by `want_blob` with the new length, by
    /// `have_blob` if it was the last, by `spoiled_blob` if the whole does not have its name, or by `overlong_blob` if it
    /// cannot have so many bytes.
    Came(BlobPiece),
}

/// How far a wanted blob is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BlobView {
    /// Which blob.
    pub name: BlobName,
    /// How much of it is here.
    pub kept_bytes: u64,
    /// How large it is, once somebody has said so.
    pub total_bytes: Option<u64>,
    /// From whom it comes.
    pub source: Option<DeviceId>,
    /// Who has said to have it, linked or not.
    pub holders: Vec<DeviceId>,
    /// Who has said not to have it.
    pub absent: Vec<DeviceId>,
}
