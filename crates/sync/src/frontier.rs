//! What a device has seen of others since it last wrote.

use std::collections::BTreeMap;

use trust::Right;

use crate::limits::MAX_DEPS;
use crate::{Frame, FrameId, StreamId};

/// The frames to list as dependencies of the next own frame: of each other stream the latest that was seen since the
/// last own frame and that no other seen frame lists. A frame of comments stands for comments only, since its device may
/// be one that vouches for no more.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Frontier {
    latest: BTreeMap<StreamId, Latest>,
    /// Frames seen so far, to tell which came last.
    seen: u64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Latest {
    seen: u64,
    id: FrameId,
    /// What somebody must be permitted to stand for it, and for those of its stream that came with it.
    right: Right,
}

impl Frontier {
    /// Nothing seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// A frame of another stream has been stored.
    pub fn see(&mut self, frame: &Frame) {
        let right = frame.header().right();
        let stands_for =
            |known: &Latest| known.right <= right && frame.deps().any(|dep| dep == known.id);
        self.latest.retain(|_, known| !stands_for(known));
        self.seen += 1;
        let stream = frame.header().stream;
        let before = self.latest.get(&stream).map_or(right, |known| known.right);
        let latest = Latest {
            seen: self.seen,
            id: frame.id(),
            right: right.max(before),
        };
        self.latest.insert(stream, latest);
    }

    /// The dependencies of the next own frame, which covers them: oldest first, at most 64, the latest ones.
    pub fn take(&mut self) -> Vec<FrameId> {
        let mut latest: Vec<_> = std::mem::take(&mut self.latest).into_values().collect();
        latest.sort_unstable_by_key(|known| known.seen);
        let surplus = latest.len().saturating_sub(MAX_DEPS);
        latest
            .into_iter()
            .skip(surplus)
            .map(|known| known.id)
            .collect()
    }
}
