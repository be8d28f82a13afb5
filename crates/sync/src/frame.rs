//! What a room's log consists of.

mod codec;

use std::ops::Range;

use bytes::Bytes;
use trust::key::{BadSignature, DeviceKey, DevicePublic, SIGNATURE_BYTES};
use trust::{Right, RoomId, seal};

use crate::{FrameId, Heads, StreamId, Vector};

pub use codec::FrameError;

/// One entry of a room's log, in the bytes in which its device made it.
///
/// It keeps the whole message in which it travels, so that forwarding it to many links clones a reference and copies
/// nothing. Header, body and payload are checked when it is read, and read from the bytes when they are asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    message: Bytes,
    header: Header,
    parts: Parts,
}

/// What everybody can read of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// The version that its device wrote.
    pub version: u32,
    /// What it is for.
    pub kind: Kind,
    /// The room to which it belongs.
    pub room: RoomId,
    /// What it is about.
    pub document: Document,
    /// The key under which its payload is sealed.
    pub epoch: u64,
    /// The stream of which it is part.
    pub stream: StreamId,
    /// Its place in the stream, from 1.
    pub number: u64,
}

/// What a frame is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Its payload is changes.
    Changes,
    /// Its payload is everything that some vector counts.
    Snapshot,
    /// Somebody has the same heads as a snapshot.
    Countersignature,
    /// Something that only a later version knows. It is kept and forwarded.
    Later(u8),
}

/// What a frame is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Document {
    /// The project without its comments.
    Project,
    /// The comments.
    Comments,
    /// All documents of the room.
    Room,
    /// Something that only a later version knows.
    Later(u8),
}

/// What a snapshot states of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnapshotBody {
    /// What is in it: every frame that this counts. Of its own stream these are all frames before it.
    pub vector: Vector,
    /// The heads of its documents.
    pub heads: Heads,
}

/// That somebody who holds what a snapshot counts has the same heads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CountersignatureBody {
    /// The snapshot.
    pub snapshot: FrameId,
    /// The heads that both have.
    pub heads: Heads,
}

/// What is to become a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft<'a> {
    /// The room.
    pub room: RoomId,
    /// What it is about.
    pub document: Document,
    /// The key under which the payload is sealed; 0 while it is clear.
    pub epoch: u64,
    /// The stream, one of this device.
    pub stream: StreamId,
    /// The place in the stream: one more than the last.
    pub number: u64,
    /// The frontier: frames of other streams which have been seen and which no other known frame lists.
    pub deps: &'a [FrameId],
    /// What it is for.
    pub content: Content<'a>,
    /// What only members read.
    pub payload: &'a [u8],
}

/// What a frame is for, and what it states of that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content<'a> {
    /// Changes.
    Changes,
    /// A snapshot.
    Snapshot(&'a SnapshotBody),
    /// A countersignature.
    Countersignature(CountersignatureBody),
}

/// Where in the message the parts are.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Parts {
    deps: Range<u32>,
    body: Range<u32>,
    payload: Range<u32>,
    /// With what says how long it is: all before it and all behind it is signed.
    signature: Range<u32>,
}

impl Draft<'_> {
    /// What stands before the payload: whoever seals it seals it together with this.
    pub fn associated_data(&self) -> Vec<u8> {
        codec::associated_data(self)
    }
}

impl Frame {
    /// Makes a frame of an open room, without a signature. Once it has been given away it is sent again as it is, never made
    /// anew.
    pub fn mint(draft: &Draft<'_>) -> Result<Self, FrameError> {
        Self::from_message(codec::encode(draft, |_| None).into())
    }

    /// Makes a frame and signs it. Once it has been given away it is sent again as it is, never made anew.
    pub fn sign(draft: &Draft<'_>, key: &DeviceKey) -> Result<Self, FrameError> {
        let sign = |unsigned: &[u8]| Some(seal::sign_frame(key, unsigned));
        Self::from_message(codec::encode(draft, sign).into())
    }

    /// Reads a frame from the message in which it travels.
    pub fn from_message(message: Bytes) -> Result<Self, FrameError> {
        let (header, parts) = codec::decode(&message)?;
        Ok(Self {
            message,
            header,
            parts,
        })
    }

    /// Reads a frame from its own bytes, for example from a log. They are copied once.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrameError> {
        Self::from_message(codec::message_of(bytes).into())
    }

    /// The frame's own bytes: what is stored, hashed and signed.
    pub fn bytes(&self) -> &[u8] {
        &self.message[1..]
    }

    /// The message in which it travels: one byte for the kind of message, then [`bytes`](Self::bytes).
    pub fn message(&self) -> &Bytes {
        &self.message
    }

    /// What everybody can read.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The frame's name. Computed anew at every call.
    pub fn id(&self) -> FrameId {
        FrameId(*blake3::hash(self.bytes()).as_bytes())
    }

    /// The frames of other streams that its device had seen.
    pub fn deps(&self) -> impl ExactSizeIterator<Item = FrameId> + '_ {
        codec::deps(self.part(&self.parts.deps))
    }

    /// What it states beside its header.
    pub fn body(&self) -> &[u8] {
        self.part(&self.parts.body)
    }

    /// What only members read.
    pub fn payload(&self) -> &[u8] {
        self.part(&self.parts.payload)
    }

    /// What stands before the payload, with which it opens.
    pub fn associated_data(&self) -> &[u8] {
        &self.message[1..self.parts.body.end as usize]
    }

    /// Whether this key has signed it.
    pub fn verify(&self, key: &DevicePublic) -> Result<(), BadSignature> {
        let (start, end) = (self.parts.signature.start, self.parts.signature.end);
        let (before, behind) = (
            &self.message[1..start as usize],
            &self.message[end as usize..],
        );
        let signature = self.message[start as usize..end as usize].last_chunk::<SIGNATURE_BYTES>();
        let signature = signature.ok_or(BadSignature)?;
        match behind {
            [] => seal::verify_frame(key, before, signature),
            // Only a later version has something there.
            more => seal::verify_frame(key, &[before, more].concat(), signature),
        }
    }

    /// What a snapshot states; none if it is no snapshot.
    pub fn snapshot(&self) -> Option<SnapshotBody> {
        match self.header.kind {
            Kind::Snapshot => codec::snapshot(self.body()).ok(),
            _ => None,
        }
    }

    /// What a countersignature states; none if it is none.
    pub fn countersignature(&self) -> Option<CountersignatureBody> {
        match self.header.kind {
            Kind::Countersignature => codec::countersignature(self.body()).ok(),
            _ => None,
        }
    }

    fn part(&self, range: &Range<u32>) -> &[u8] {
        &self.message[range.start as usize..range.end as usize]
    }
}

impl Content<'_> {
    /// What a device must be permitted to write such a frame of a document.
    pub fn right(&self, document: Document) -> Right {
        match self {
            Self::Changes => right_for_changes(document),
            // They stand for what others have written.
            Self::Snapshot(_) | Self::Countersignature(_) => Right::Edit,
        }
    }
}

fn right_for_changes(document: Document) -> Right {
    match document {
        Document::Comments => Right::Comment,
        Document::Project | Document::Room | Document::Later(_) => Right::Edit,
    }
}

impl Header {
    /// What a device must be permitted to write such a frame.
    pub fn right(&self) -> Right {
        match self.kind {
            // They stand for what others have written.
            Kind::Snapshot | Kind::Countersignature => Right::Edit,
            Kind::Changes | Kind::Later(_) => right_for_changes(self.document),
        }
    }

    /// Whether this version knows what the frame means. One that is not known is held, forwarded and not applied.
    pub fn is_known(&self) -> bool {
        self.version <= codec::VERSION
    }
}
