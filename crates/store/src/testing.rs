//! For tests: the conformance suite, a disk that fails and loses power, a store that goes step by step, and short words
//! for appending.

#![allow(clippy::unwrap_used, reason = "a test ends where its expectation does")]

pub mod conformance;
mod disk;
mod random;
mod stepped;
mod vfs;

use std::{
    sync::mpsc::{self, Receiver, Sender},
    time::Duration,
};

pub use self::{
    disk::{Fault, TestDisk},
    random::Random,
    stepped::{Image, SteppedStore},
};
use crate::{
    Acknowledgement, Chunk, Document, Frame, ProjectKey, ProjectRecord, RoomKey, RoomWrite, Rooms,
    Seq, Store, StoreError, StreamKey,
};

/// Longer than any disk takes; a test that waits so long has failed.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A project's key, by number.
pub fn project(number: u8) -> ProjectKey {
    ProjectKey([number; 16])
}

/// A record for a project of that number.
pub fn record(number: u8) -> ProjectRecord {
    ProjectRecord {
        key: project(number),
        name: format!("Project {number}"),
        template: "blank".to_owned(),
        created_ms: 1_700_000_000_000,
        opened_ms: None,
        trashed_ms: None,
        node_count: 0,
        stats: None,
    }
}

/// A chunk of the project document.
pub fn chunk(bytes: impl AsRef<[u8]>) -> Chunk {
    Chunk::new(Document::PROJECT, bytes.as_ref().to_vec())
}

/// A room's key, by number.
pub fn room(number: u8) -> RoomKey {
    RoomKey([number; 32])
}

/// A stream, by the number of its device.
pub fn stream(device: u8) -> StreamKey {
    StreamKey {
        device: [device; 32],
        stream: u64::MAX - 1,
    }
}

/// A frame of the project document.
pub fn frame(stream: StreamKey, number: u64, bytes: impl AsRef<[u8]>) -> Frame {
    Frame {
        document: Document::PROJECT,
        stream,
        number,
        bytes: bytes.as_ref().to_vec(),
    }
}

/// Appends to a room and lets the caller follow what becomes of it.
pub fn append_to_room(rooms: &dyn Rooms, write: RoomWrite) -> Fate {
    let (sender, fate) = Fate::channel();
    rooms.append(write, Box::new(move |news| drop(sender.send(news))));
    fate
}

/// What becomes of a chunk that was appended.
pub struct Fate(Receiver<Acknowledgement>);

/// Appends a chunk and lets the caller follow what becomes of it.
pub fn append(store: &dyn Store, project: ProjectKey, chunk: Chunk) -> Fate {
    let (sender, fate) = Fate::channel();
    // A test may look away.
    store.append(
        project,
        chunk,
        Box::new(move |news| drop(sender.send(news))),
    );
    fate
}

impl Fate {
    /// For an acknowledgement of the caller's own.
    pub fn channel() -> (Sender<Acknowledgement>, Self) {
        let (sender, receiver) = mpsc::channel();
        (sender, Self(receiver))
    }

    /// Waits until it is written.
    pub fn written(&self) -> Result<Seq, StoreError> {
        match self.next() {
            Acknowledgement::Written(seq) => Ok(seq),
            Acknowledgement::Failed(error) => Err(error),
            Acknowledgement::Durable(_) => panic!("durable before written"),
        }
    }

    /// Waits until it is written, and durable.
    pub fn durable(&self) -> Result<Seq, StoreError> {
        let written = self.written()?;
        match self.next() {
            Acknowledgement::Durable(seq) => assert_eq!(seq, written),
            other => panic!("{other:?} after written"),
        }
        Ok(written)
    }

    /// The next piece of news, if there is any yet.
    pub fn poll(&self) -> Option<Acknowledgement> {
        self.0.try_recv().ok()
    }

    fn next(&self) -> Acknowledgement {
        self.0.recv_timeout(DEADLINE).expect("no news of a chunk")
    }
}
