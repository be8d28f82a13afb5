//! What is on its way to the disk.

use std::collections::VecDeque;

use sync::{Base, Frame, StreamId};

use crate::fault::{Fault, planted};

/// What is stored in one commit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Frames, those of a stream in their order.
    pub frames: Vec<Frame>,
    /// Where the log begins from now on.
    pub base: Option<Base>,
    /// All records of who is a member, if that differs: no frame is stored before what its device was allowed by.
    pub(crate) members: Option<Vec<Vec<u8>>>,
    /// The snapshots that are known, if that differs.
    pub(crate) snapshots: Option<Vec<u8>>,
}

/// What the disk does not hold yet, in the order in which it came.
///
/// It is offered in batches, and what becomes of each is told in the order of the offers. After one has failed, all later
/// ones fail too, until the disk is mended; then everything is offered again.
///
/// Where there is nothing it takes a pointer: a relay has thousands of rooms in which nothing happens.
#[derive(Debug, Default)]
pub(super) struct Unwritten(Option<Box<Queues>>);

#[derive(Debug, Default)]
struct Queues {
    waiting: Batch,
    offered: VecDeque<Batch>,
    undurable: VecDeque<Vec<(StreamId, u64)>>,
    bytes: usize,
    failed: usize,
}

impl Unwritten {
    pub(super) fn push(&mut self, frames: Vec<Frame>, base: Option<Base>) {
        if frames.is_empty() && base.is_none() {
            return;
        }
        let queues = self.queues();
        queues.bytes += weight(&frames);
        queues.waiting.add(Batch {
            frames,
            base,
            ..Batch::default()
        });
    }

    /// What is offered next carries these.
    pub(super) fn note_members(&mut self, records: Vec<Vec<u8>>) {
        self.queues().waiting.members = Some(records);
    }

    /// What is offered next carries these.
    pub(super) fn note_snapshots(&mut self, snapshots: Vec<u8>) {
        self.queues().waiting.snapshots = Some(snapshots);
    }

    /// The frames that are offered next.
    pub(super) fn waiting(&self) -> &[Frame] {
        self.0
            .as_ref()
            .map_or(&[], |it| it.waiting.frames.as_slice())
    }

    /// What to offer now.
    pub(super) fn offer(&mut self) -> Option<Batch> {
        let queues = self.0.as_mut()?;
        let waiting = &queues.waiting;
        let is_nothing =
            waiting.frames.is_empty() && waiting.base.is_none() && waiting.members.is_none();
        if is_nothing || queues.failed > 0 {
            return None;
        }
        let batch = std::mem::take(&mut queues.waiting);
        queues.offered.push_back(batch.clone());
        Some(batch)
    }

    /// The oldest offer is written: this one.
    pub(super) fn written(&mut self) -> Batch {
        let queues = self.queues();
        let batch = queues.offered.pop_front().unwrap_or_default();
        queues.bytes -= weight(&batch.frames);
        queues.undurable.push_back(last_of_each(&batch.frames));
        batch
    }

    /// The oldest written batch is durable: these frames and all before them in their streams.
    pub(super) fn durable(&mut self) -> Vec<(StreamId, u64)> {
        let durable = self.queues().undurable.pop_front().unwrap_or_default();
        self.0.take_if(|queues| queues.are_empty());
        durable
    }

    /// The oldest offer that has not failed has.
    pub(super) fn fail(&mut self) {
        self.queues().failed += 1;
    }

    /// Whether everything that was offered has failed, so that trying again makes sense.
    pub(super) fn is_stuck(&self) -> bool {
        let queues = self.0.as_ref();
        queues.is_some_and(|it| it.failed > 0 && it.failed >= it.offered.len())
    }

    /// The disk takes writes again.
    pub(super) fn mended(&mut self) {
        let queues = self.queues();
        let later = std::mem::take(&mut queues.waiting);
        if planted(Fault::ForgetRefused) {
            queues.offered.clear();
        }
        for batch in queues.offered.drain(..).chain([later]) {
            queues.waiting.add(batch);
        }
        queues.failed = 0;
    }

    /// Bytes that are not written.
    pub(super) fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |it| it.bytes)
    }

    /// Whether all there was is durable.
    pub(super) fn is_empty(&self) -> bool {
        let queues = self.0.as_ref();
        queues.is_none_or(|it| it.bytes == 0 && it.undurable.is_empty())
    }

    fn queues(&mut self) -> &mut Queues {
        self.0.get_or_insert_default()
    }
}

impl Queues {
    fn are_empty(&self) -> bool {
        let are_done = self.offered.is_empty() && self.undurable.is_empty();
        are_done && self.failed == 0 && self.waiting == Batch::default()
    }
}

impl Batch {
    /// What came later goes with it.
    fn add(&mut self, later: Self) {
        self.frames.extend(later.frames);
        self.base = later.base.or(self.base.take());
        self.members = later.members.or(self.members.take());
        self.snapshots = later.snapshots.or(self.snapshots.take());
    }
}

fn weight(frames: &[Frame]) -> usize {
    frames.iter().map(|frame| frame.message().len()).sum()
}

fn last_of_each(frames: &[Frame]) -> Vec<(StreamId, u64)> {
    let mut last: Vec<(StreamId, u64)> = Vec::new();
    for header in frames.iter().map(Frame::header) {
        match last.iter_mut().find(|(stream, _)| *stream == header.stream) {
            Some((_, number)) => *number = header.number,
            None => last.push((header.stream, header.number)),
        }
    }
    last
}
