//! For tests: the conformance suite, a disk that fails and loses power, and short words for appending.

#![allow(clippy::unwrap_used, reason = "a test ends where its expectation does")]

pub mod conformance;
mod disk;
mod random;
mod vfs;

use std::{
    sync::mpsc::{self, Receiver, Sender},
    time::Duration,
};

pub use self::{
    disk::{Fault, TestDisk},
    random::Random,
};
use crate::{Acknowledgement, Chunk, Document, ProjectKey, ProjectRecord, Seq, Store, StoreError};

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
