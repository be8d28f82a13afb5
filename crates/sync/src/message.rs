//! What travels on a link: one message per WebSocket binary message, its first byte the kind.

mod codec;

use bytes::Bytes;

use crate::{Base, BlobMessage, ByeCode, Frame, Hello, LinkError, Signal, Vector, Welcome};

pub(crate) use codec::{
    KIND_FRAME, KIND_FRAMES, batch_overhead, frames_message, read_advert, write_advert,
};

/// A message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Message {
    /// The first message of whoever dialled.
    Hello(Hello),
    /// The answer to it.
    Welcome(Welcome),
    /// The membership log, before anything else in the room.
    Members(Vec<Bytes>),
    /// What the sender holds.
    Vector(Advert),
    /// One frame.
    Frame(Frame),
    /// Several frames, for catching up.
    Frames(Vec<Frame>),
    /// What the sender has durably, of what it got on this link.
    Ack(Vector),
    /// Something that passes.
    Signal(Signal),
    /// About a blob.
    Blob(BlobMessage),
    /// The last message.
    Bye(Bye),
}

/// What somebody says to hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Advert {
    /// The frames, whether they are in its log or in a snapshot.
    pub held: Vector,
    /// What its log has no frames of any more.
    pub base: Option<Base>,
}

/// Why the other side ends a link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bye {
    /// For programs.
    pub code: ByeCode,
    /// For people.
    pub reason: String,
}

impl Message {
    /// Whether these bytes of a message are frames, if they are a message at all.
    pub fn is_frames(message: &[u8]) -> bool {
        matches!(message.first(), Some(&(KIND_FRAME | KIND_FRAMES)))
    }

    /// Reads a message. Whatever the bytes are, this returns.
    pub fn decode(message: Bytes) -> Result<Self, LinkError> {
        codec::decode(message)
    }

    /// Whether these bytes claim to be a last message, without reading them.
    pub fn is_bye(message: &[u8]) -> bool {
        message.first() == Some(&codec::KIND_BYE)
    }

    /// The bytes. A frame's are shared, not copied.
    pub fn encode(&self) -> Bytes {
        codec::encode(self)
    }
}
