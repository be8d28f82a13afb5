//! Streams that are cut short: the others leave a frame of the project, and with it the comments behind it. Whoever may still
//! comment says these once more (R4, R13).

use std::collections::{BTreeMap, BTreeSet};

use graph::document::Document;
use sync::{Frame, StreamId};
use trust::{Membership, Right};

use super::Room;

/// Where frames of the project stand in the streams that are here, and behind which of them comments are left.
#[derive(Debug, Default)]
pub(super) struct Edits {
    streams: BTreeMap<StreamId, Last>,
    /// Streams of which comments are left, that this device says once more.
    left: BTreeSet<StreamId>,
}

/// Numbers of frames that only who may edit may write, 0 for none: the last, the last that a comment stands behind, and the last
/// that came although it does not count by itself, so that somebody stands for it.
#[derive(Debug, Default, Clone, Copy)]
struct Last {
    edit: u64,
    before_comment: u64,
    vouched: u64,
}

impl Last {
    /// Whether others leave the comments of the stream, with what is before them.
    fn is_left(self, stream: StreamId, members: &Membership) -> bool {
        self.before_comment > self.vouched && !counts(members, stream, self.before_comment)
    }
}

impl Edits {
    /// Those of a log. What was to be said once more because of it is known to be so already.
    pub(super) fn of(log: &[Frame], own: StreamId, members: &Membership) -> Self {
        let mut frames: Vec<&Frame> = log.iter().collect();
        frames.sort_unstable_by_key(|frame| (frame.header().stream, frame.header().number));
        let mut edits = Self::default();
        for frame in frames {
            edits.note(frame);
        }
        edits.look_again(own, members);
        edits
    }

    /// A frame is here, the next of its stream.
    fn note(&mut self, frame: &Frame) {
        let header = frame.header();
        let last = self.streams.entry(header.stream).or_default();
        match header.right() {
            Right::Edit => last.edit = header.number,
            _ => last.before_comment = last.edit,
        }
    }

    /// An own frame was made.
    pub(super) fn make(&mut self, frame: &Frame) {
        self.note(frame);
    }

    /// A frame of somebody else was taken.
    pub(super) fn take(&mut self, frame: &Frame, members: &Membership) {
        self.note(frame);
        let header = frame.header();
        if header.right() == Right::Edit
            && let Some(last) = self.streams.get_mut(&header.stream)
            && !counts(members, header.stream, header.number)
        {
            last.vouched = header.number;
        }
    }

    /// Whether the comments that have come in a stream are left by others, and this device says them once more.
    pub(super) fn leave(&mut self, stream: StreamId, own: StreamId, members: &Membership) -> bool {
        let last = self.streams.get(&stream).copied().unwrap_or_default();
        let is_left = may_only_comment(own, members) && last.is_left(stream, members);
        is_left && {
            self.left.insert(stream);
            true
        }
    }

    /// Whether a frame of the project counts no more that this device has written in a stream, and it may still comment.
    fn is_cut_short(&self, own: StreamId, members: &Membership) -> bool {
        let last = self.streams.get(&own).copied().unwrap_or_default();
        may_only_comment(own, members) && !counts(members, own, last.edit)
    }

    /// Whether comments are left that were not so far, and this device cannot stand for what is before them.
    fn look_again(&mut self, own: StreamId, members: &Membership) -> bool {
        let before = std::mem::take(&mut self.left);
        if may_only_comment(own, members) {
            let streams = self.streams.iter();
            let left = streams.filter(|(it, last)| last.is_left(**it, members));
            self.left = left.map(|(stream, _)| *stream).collect();
        }
        !self.left.is_subset(&before)
    }
}

impl Room {
    /// Members have changed. What may still be said goes on in another stream if others take nothing more of this one, and
    /// comments are said once more of which others leave what is before them: in whichever stream they are, since what was
    /// written here may build on them.
    pub(super) fn say_what_is_left(&mut self) {
        let members = self.exchange.membership();
        let is_cut_short = self.edits.is_cut_short(self.stream, members);
        self.is_stream_taken |= is_cut_short;
        if self.edits.look_again(self.stream, members) || is_cut_short {
            self.framed.forget(Document::Comments);
        }
    }
}

fn may_only_comment(own: StreamId, members: &Membership) -> bool {
    let may = |right| members.permits(&own.device, right).is_ok();
    may(Right::Comment) && !may(Right::Edit)
}

/// Whether a frame of the project counts by itself.
fn counts(members: &Membership, stream: StreamId, number: u64) -> bool {
    number == 0 || members.counts(&stream.device, Right::Edit, stream.nonce, number)
}
