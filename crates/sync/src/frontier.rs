//! What a device has seen of others since it last wrote.

use std::collections::BTreeMap;

use crate::limits::MAX_DEPS;
use crate::{Frame, FrameId, StreamId};

/// The frames to list as dependencies of the next own frame: of each other stream the latest that was seen since the
/// last own frame and that no other seen frame lists.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Frontier {
    latest: BTreeMap<StreamId, (u64, FrameId)>,
    /// Frames seen so far, to tell which came last.
    seen: u64,
}

impl Frontier {
    /// Nothing seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// A frame of another stream has been stored.
    pub fn see(&mut self, frame: &Frame) {
        self.latest
            .retain(|_, (_, id)| !frame.deps().any(|dep| dep == *id));
        self.seen += 1;
        let stream = frame.header().stream;
        self.latest.insert(stream, (self.seen, frame.id()));
    }

    /// The dependencies of the next own frame, which covers them: oldest first, at most 64, the latest ones.
    pub fn take(&mut self) -> Vec<FrameId> {
        let mut latest: Vec<_> = std::mem::take(&mut self.latest).into_values().collect();
        latest.sort_unstable();
        let surplus = latest.len().saturating_sub(MAX_DEPS);
        latest.into_iter().skip(surplus).map(|(_, id)| id).collect()
    }
}
