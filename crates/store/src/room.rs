//! Rooms: append-only logs of numbered frames, for whoever moves them between machines.
//!
//! A *frame* is opaque bytes in a *stream*, the numbered sequence of one device. Numbers begin with 1. What of a stream
//! is held without a hole is one number; the *vector* has it for each stream. A relay keeps rooms and no projects; an
//! application keeps the frames of a room and the changes they carry as one chunk ([`Chunk::in_room`](crate::Chunk)).
//!
//! - A frame is written once: one whose number is held already changes nothing, so it can be offered any number of times
//!   and in any order. One that arrives before its predecessor is kept, and counts when that has arrived.
//! - A number counts as held for ever: also after [`Rooms::drop_frames`], and when it is
//!   [`covered`](RoomWrite::covered) by a snapshot that came instead of the frames below it.
//! - Only damage takes a number back. A damaged frame is set aside when it is read; from then on the vector ends before
//!   it, until the frame is appended again. A frame on a page that cannot be read at all is left out and still counts:
//!   nothing can be written in its place.

use std::collections::BTreeMap;

use crate::{Acknowledge, Document, Result, RoomKey, StoreError};

/// One numbered sequence of frames of one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKey {
    /// The device that numbers them.
    pub device: [u8; 32],
    /// Which of its sequences.
    pub stream: u64,
}

/// How many frames of each stream are held, counted from 1 without a hole. A stream of none is not in it.
pub type Vector = BTreeMap<StreamKey, u64>;

/// A frame, whatever is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Whose changes it carries; what [`Rooms::drop_frames`] goes by.
    pub document: Document,
    /// The sequence it belongs to.
    pub stream: StreamKey,
    /// Its place in there, from 1.
    pub number: u64,
    /// At most [`MAX_FRAME_BYTES`].
    pub bytes: Vec<u8>,
}

/// A frame above this size is refused: one frame is held in memory whole.
pub const MAX_FRAME_BYTES: usize = 256 << 20;

/// What is added to a room in one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomWrite {
    /// Which room.
    pub room: RoomKey,
    /// The frames, in any order.
    pub frames: Vec<Frame>,
    /// Numbers up to which streams count as held from now on although their frames are not here, since a snapshot among
    /// the frames stands for them.
    pub covered: Vector,
    /// Named bytes to keep, or to forget.
    pub meta: Vec<(String, Option<Vec<u8>>)>,
}

impl RoomWrite {
    /// Frames and nothing else.
    pub fn new(room: RoomKey, frames: Vec<Frame>) -> Self {
        Self {
            room,
            frames,
            covered: Vector::new(),
            meta: Vec::new(),
        }
    }

    /// How much memory it holds, roughly.
    pub(crate) fn weight(&self) -> usize {
        let frames = self.frames.iter().map(|frame| frame.bytes.len());
        let meta = self.meta.iter().filter_map(|(_, value)| value.as_ref());
        frames.sum::<usize>() + meta.map(Vec::len).sum::<usize>()
    }

    /// Refuses what no store takes.
    pub(crate) fn check(&self) -> Result<()> {
        let numbers = self.frames.iter().map(|frame| frame.number);
        let mut numbers = numbers.chain(self.covered.values().copied());
        if let Some(number) = numbers.find(|&number| number == 0 || i64::try_from(number).is_err())
        {
            return Err(StoreError::FrameNumber(number));
        }
        let frames = self.frames.iter().map(|frame| frame.bytes.len());
        let values = self.meta.iter().filter_map(|(_, value)| value.as_ref());
        let largest = frames.chain(values.map(Vec::len)).max().unwrap_or(0);
        if largest > MAX_FRAME_BYTES {
            return Err(StoreError::TooLarge {
                size: largest as u64,
                limit: MAX_FRAME_BYTES as u64,
            });
        }
        Ok(())
    }
}

/// A room as the store holds it, without its frames: they are read in pieces, by [`Rooms::frames`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadedRoom {
    /// What is held.
    pub vector: Vector,
    /// The named bytes.
    pub meta: BTreeMap<String, Vec<u8>>,
    /// How large all its frames are together.
    pub bytes: u64,
    /// What was found damaged by this load, and set aside. The rest is whole.
    pub quarantined: Vec<QuarantinedPart>,
}

/// Something of a room that was set aside, kept as it is for whoever wants to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantinedPart {
    /// What it was.
    pub part: RoomPart,
    /// Why, in words.
    pub reason: String,
    /// The bytes as they were found.
    pub bytes: Vec<u8>,
}

/// What can be set aside of a room.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoomPart {
    /// A frame.
    Frame {
        /// Its stream.
        stream: StreamKey,
        /// Its number.
        number: u64,
    },
    /// Bytes of that name.
    Meta(String),
    /// How much of a stream is held; it was counted anew.
    Count(StreamKey),
}

/// The rooms of a [`Store`](crate::Store), under the contract of the crate's page: `Written` and `Durable`, one order for
/// what is appended to a room, one commit for what waits together, whatever the room.
pub trait Rooms: Send + Sync {
    /// All rooms, by key.
    fn list(&self) -> Result<Vec<RoomKey>>;

    /// Makes an empty room with these named bytes, all or nothing.
    fn create(&self, room: RoomKey, meta: Vec<(String, Vec<u8>)>) -> Result<()>;

    /// Removes a room and all it has, for ever.
    fn delete(&self, room: RoomKey) -> Result<()>;

    /// Reads what is held and what is named, but no frame.
    fn load(&self, room: RoomKey) -> Result<LoadedRoom>;

    /// Appends to a room; `acknowledge` learns the rest, in the order appended. Waits for nobody: where nobody else is
    /// writing it may write by itself, which takes less than a millisecond, and acknowledge before it returns.
    ///
    /// After a failure everything later for this room is refused until [`Rooms::retry`], as with a project's chunks. A
    /// chunk that is in a room waits for both, and fails for both.
    fn append(&self, write: RoomWrite, acknowledge: Acknowledge);

    /// Tries whether the disk takes writes again. If so, this room's writes are accepted from here on.
    fn retry(&self, room: RoomKey) -> Result<()>;

    /// The frames of a stream behind the number `after`, in order: as many as fit into `max_bytes`, and at least one
    /// unless there is none. To read on, ask for those behind the last; an empty answer is the end.
    ///
    /// Numbers leap over what was dropped, is still missing, or was found damaged and set aside.
    fn frames(
        &self,
        room: RoomKey,
        stream: StreamKey,
        after: u64,
        max_bytes: usize,
    ) -> Result<Vec<Frame>>;

    /// Deletes the frames of a document up to the numbers in `through`, and says how many. They still count as held.
    ///
    /// It works in steps, between which others write; one that fails half way has deleted some, and can be repeated.
    fn drop_frames(&self, room: RoomKey, document: Document, through: &Vector) -> Result<u64>;

    /// The bytes of that name.
    fn meta(&self, room: RoomKey, name: &str) -> Result<Option<Vec<u8>>>;

    /// Everything of this room that was ever set aside, oldest first.
    fn quarantined(&self, room: RoomKey) -> Result<Vec<QuarantinedPart>>;
}
