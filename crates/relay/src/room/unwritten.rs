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
#[derive(Debug, Default)]
pub(super) struct Unwritten {
    waiting: Batch,
    offered: VecDeque<Batch>,
    undurable: VecDeque<Vec<(StreamId, u64)>>,
    bytes: usize,
    failed: usize,
}

impl Unwritten {
    pub(super) fn push(&mut self, frames: Vec<Frame>, base: Option<Base>) {
        self.bytes += weight(&frames);
        self.waiting.frames.extend(frames);
        self.waiting.base = base.or(self.waiting.base.take());
    }

    /// What is offered next carries these.
    pub(super) fn note_members(&mut self, records: Vec<Vec<u8>>) {
        self.waiting.members = Some(records);
    }

    /// What is offered next carries these.
    pub(super) fn note_snapshots(&mut self, snapshots: Vec<u8>) {
        self.waiting.snapshots = Some(snapshots);
    }

    /// The frames that are offered next.
    pub(super) fn waiting(&self) -> &[Frame] {
        &self.waiting.frames
    }

    /// What to offer now.
    pub(super) fn offer(&mut self) -> Option<Batch> {
        let waiting = &self.waiting;
        let is_nothing =
            waiting.frames.is_empty() && waiting.base.is_none() && waiting.members.is_none();
        if is_nothing || self.failed > 0 {
            return None;
        }
        let batch = std::mem::take(&mut self.waiting);
        self.offered.push_back(batch.clone());
        Some(batch)
    }

    /// The oldest offer is written: this one.
    pub(super) fn written(&mut self) -> Batch {
        let batch = self.offered.pop_front().unwrap_or_default();
        self.bytes -= weight(&batch.frames);
        self.undurable.push_back(last_of_each(&batch.frames));
        batch
    }

    /// The oldest written batch is durable: these frames and all before them in their streams.
    pub(super) fn durable(&mut self) -> Vec<(StreamId, u64)> {
        self.undurable.pop_front().unwrap_or_default()
    }

    /// The oldest offer that has not failed has.
    pub(super) fn fail(&mut self) {
        self.failed += 1;
    }

    /// Whether everything that was offered has failed, so that trying again makes sense.
    pub(super) fn is_stuck(&self) -> bool {
        self.failed > 0 && self.failed >= self.offered.len()
    }

    /// The disk takes writes again.
    pub(super) fn mended(&mut self) {
        let later = std::mem::take(&mut self.waiting);
        if planted(Fault::ForgetRefused) {
            self.offered.clear();
        }
        for batch in self.offered.drain(..).chain([later]) {
            self.waiting.frames.extend(batch.frames);
            self.waiting.base = batch.base.or(self.waiting.base.take());
            self.waiting.members = batch.members.or(self.waiting.members.take());
            self.waiting.snapshots = batch.snapshots.or(self.waiting.snapshots.take());
        }
        self.failed = 0;
    }

    /// Bytes that are not written.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether all there was is durable.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes == 0 && self.undurable.is_empty()
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
