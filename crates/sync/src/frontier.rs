//! What a device has seen of others since it last wrote.

use std::collections::{BTreeMap, BTreeSet};

use trust::Right;

use crate::limits::MAX_DEPS;
use crate::{Frame, FrameId, StreamId};

/// The frames to list as dependencies of the next own frame: of each other stream the latest that was seen since the
/// last own frame and that no other seen frame lists. A frame of comments stands for comments only, since its device may
/// be one that vouches for no more. It lists besides of each other stream the latest comment that no other frame of comments lists:
/// a change of the project behind that, or one that lists it, may count for nobody, and stands for nothing then.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Frontier {
    /// By stream, and by what somebody must be permitted to write such a frame.
    latest: BTreeMap<(StreamId, Right), Latest>,
    /// The latest comments that no seen frame of comments lists, nor an own one.
    comments: BTreeMap<StreamId, Latest>,
    /// Frames seen so far, to tell which came last.
    seen: u64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Latest {
    seen: u64,
    id: FrameId,
    number: u64,
}

impl Frontier {
    /// Nothing seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// A frame of another stream has been stored.
    pub fn see(&mut self, frame: &Frame) {
        let (header, right) = (frame.header(), frame.header().right());
        for dep in frame.deps() {
            let mut known = self.latest.iter();
            let known = known.find(|((_, least), it)| it.id == dep && *least <= right);
            if let Some(((stream, _), it)) = known {
                let (stream, number) = (*stream, it.number);
                let stands_for = |(of, least): &(StreamId, Right), it: &Latest| {
                    *of == stream && *least <= right && it.number <= number
                };
                self.latest.retain(|key, it| !stands_for(key, it));
            }
        }
        self.seen += 1;
        let latest = Latest {
            seen: self.seen,
            id: frame.id(),
            number: header.number,
        };
        if right == Right::Comment {
            let listed: BTreeSet<FrameId> = frame.deps().collect();
            self.comments.retain(|_, it| !listed.contains(&it.id));
            self.comments.insert(header.stream, latest.clone());
        }
        self.latest.insert((header.stream, right), latest);
    }

    /// The dependencies of the next own frame, which covers them: oldest first, at most 64, the latest ones. What it is permitted
    /// by says for what it stands.
    pub fn take(&mut self, by: Right) -> Vec<FrameId> {
        let all = std::mem::take(&mut self.latest);
        let is_covered = |stream: StreamId, number: u64| {
            let mut of_stream = all.range((stream, Right::Read)..=(stream, Right::Edit));
            by == Right::Edit && of_stream.any(|(_, it)| it.number > number)
        };
        let last = all
            .iter()
            .filter(|((stream, _), it)| !is_covered(*stream, it.number));
        let mut listed: BTreeMap<u64, FrameId> = last.map(|(_, it)| (it.seen, it.id)).collect();
        if by < Right::Edit {
            let comments = std::mem::take(&mut self.comments);
            listed.extend(comments.into_values().map(|it| (it.seen, it.id)));
        }
        let surplus = listed.len().saturating_sub(MAX_DEPS);
        listed.into_values().skip(surplus).collect()
    }
}
