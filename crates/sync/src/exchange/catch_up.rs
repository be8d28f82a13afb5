//! Links that lack more than the next frame: served from what is still in memory, then from the log.

use std::collections::VecDeque;

use super::{Exchange, Outgoing};
use crate::fault::{Fault, planted};
use crate::limits::{MAX_BATCH_BYTES, MAX_BATCH_FRAMES};
use crate::message::{batch_overhead, frames_message};
use crate::{Frame, Header, LinkId, LogRange, StreamId};

/// The newest frames, counted from the first, kept while a link is behind.
#[derive(Default)]
pub struct Recent {
    frames: VecDeque<Frame>,
    bytes: usize,
    /// The number of the first frame that is still here.
    first: u64,
}

impl Recent {
    pub fn push(&mut self, frame: &Frame, limit: usize) {
        self.bytes += frame.message().len();
        self.frames.push_back(frame.clone());
        while self.bytes > limit {
            let Some(oldest) = self.frames.pop_front() else {
                break;
            };
            self.bytes -= oldest.message().len();
            self.first += 1;
        }
    }

    /// The number that the next frame will have.
    pub fn next(&self) -> u64 {
        self.first + self.frames.len() as u64
    }

    fn clear(&mut self) {
        let first = self.next();
        *self = Self {
            first,
            ..Self::default()
        };
    }

    fn from(&self, number: u64) -> impl Iterator<Item = &Frame> {
        let passed = number.saturating_sub(self.first) as usize;
        self.frames.range(passed.min(self.frames.len())..)
    }
}

fn at(header: &Header) -> (StreamId, u64) {
    (header.stream, header.number)
}

impl Exchange {
    /// What [`Outgoing::Replay`] asked for, in its order; fewer frames, or none, if the log does not have them.
    pub fn replayed(&mut self, link: LinkId, frames: Vec<Frame>) {
        let Some(place) = self.place(link) else {
            return;
        };
        let Some(asked) = self.links[place].replaying.take() else {
            return;
        };
        self.replays -= 1;
        let came: Vec<_> = frames.iter().map(|frame| at(frame.header())).collect();
        let frames = self.lacked(place, frames);
        self.note_holes(place, &asked, &came);
        self.send_batches(place, frames);
        if planted(Fault::OneReplay) {
            self.links[place].is_behind = false;
        }
        self.serve(place);
        self.serve_next();
    }

    /// Gives a link that is behind what it lacks, as far as there is room on its way.
    pub(super) fn serve(&mut self, place: usize) {
        let link = &self.links[place];
        if !link.is_behind || link.replaying.is_some() {
            return;
        }
        self.serve_recent(place);
        if !self.lacks_something(place) {
            return self.is_caught_up(place);
        }
        let budget = self.budget();
        let link = &self.links[place];
        if !link.has_drained(budget) || self.replays >= self.limits().replays {
            return;
        }
        let room = budget - link.in_flight_bytes;
        let ranges = self.lacking(place);
        let link = &mut self.links[place];
        link.replaying = Some(ranges.clone());
        self.outbox.push(Outgoing::Replay(link.id, ranges, room));
        self.replays += 1;
    }

    /// A read of the log has ended: whoever waits for one is served, in turn.
    pub(super) fn serve_next(&mut self) {
        let links = self.links.len();
        let first = self.turn;
        for place in (first..first + links).map(|place| place % links) {
            if self.replays >= self.limits().replays {
                return;
            }
            if self.links[place].is_behind {
                self.turn = (place + 1) % links;
                self.serve(place);
            }
        }
    }

    fn is_caught_up(&mut self, place: usize) {
        let link = &mut self.links[place];
        link.is_behind = false;
        if !self.links.iter().any(|link| link.is_behind) {
            self.recent.clear();
        }
        self.send_signals(place);
    }

    fn serve_recent(&mut self, place: usize) {
        let budget = self.budget();
        let link = &mut self.links[place];
        for frame in self.recent.from(link.next_recent) {
            let header = frame.header();
            let row = self.table.find(&header.stream);
            let is_next = |row: &usize| link.slots[*row].theirs + 1 == header.number;
            if let Some(row) = row.filter(is_next) {
                let message = frame.message();
                if !link.has_room_for(message.len(), budget) {
                    return;
                }
                link.slots[row].theirs = header.number;
                link.in_flight_bytes += message.len();
                self.outbox.push(Outgoing::Send(link.id, message.clone()));
            }
            link.next_recent = link.next_recent.max(self.recent.first) + 1;
        }
    }

    fn lacks_something(&self, place: usize) -> bool {
        let rows = self.table.iter().zip(&self.links[place].slots);
        rows.into_iter()
            .any(|(row, slot)| slot.theirs < row.held && !slot.is_missing)
    }

    fn lacking(&self, place: usize) -> Vec<LogRange> {
        let link = &self.links[place];
        let theirs = link.slots.iter().map(|slot| slot.theirs).collect();
        let missing: Vec<bool> = link.slots.iter().map(|slot| slot.is_missing).collect();
        self.ranges(theirs, &link.given_snapshots, &missing)
    }

    /// What was asked for before the last frame that came, did not come and is still lacking, the log does not have. Such
    /// streams are left alone until the peer says again what it holds, so that a hole in one does not keep the others
    /// back.
    fn note_holes(&mut self, place: usize, asked: &[LogRange], came: &[(StreamId, u64)]) {
        let holds = |range: &LogRange, (stream, number): (StreamId, u64)| {
            range.stream == stream && (range.from..=range.through).contains(&number)
        };
        let passed = match came.last() {
            Some(last) => asked.iter().position(|range| holds(range, *last)),
            None => Some(asked.len()),
        };
        let passed = &asked[..passed.unwrap_or(0)];
        if passed.is_empty() {
            return;
        }
        let begins = |range: &LogRange| (range.stream, range.from);
        for hole in self.lacking(place) {
            let is_passed = passed.iter().any(|range| begins(range) == begins(&hole));
            if !is_passed || came.contains(&begins(&hole)) {
                continue;
            }
            let base = self.base.as_deref();
            let base = base.filter(|base| base.stands(hole.stream, hole.from));
            let slots = &mut self.links[place].slots;
            for (row, slot) in self.table.iter().zip(slots) {
                let below = base.map_or(0, |base| base.vector().get(&row.stream));
                slot.is_missing |= row.stream == hole.stream || slot.theirs < below;
            }
        }
    }

    /// Those of the frames that are next for the link, which counts them from here on.
    fn lacked(&mut self, place: usize, frames: Vec<Frame>) -> Vec<Frame> {
        let mut lacked = frames;
        lacked.retain(|frame| self.give(place, frame));
        lacked
    }

    fn give(&mut self, place: usize, frame: &Frame) -> bool {
        if self.give_snapshot(place, frame).is_some() {
            return true;
        }
        let header = frame.header();
        let Some(row) = self.table.find(&header.stream) else {
            return false;
        };
        let slot = &mut self.links[place].slots[row];
        let is_next = slot.theirs + 1 == header.number;
        if is_next {
            slot.theirs = header.number;
        }
        is_next
    }

    fn send_batches(&mut self, place: usize, frames: Vec<Frame>) {
        let mut batch = Vec::new();
        let mut bytes = 16;
        for frame in frames {
            let more = frame.bytes().len() + batch_overhead();
            if bytes + more > MAX_BATCH_BYTES || batch.len() == MAX_BATCH_FRAMES {
                self.send_batch(place, &std::mem::take(&mut batch));
                bytes = 16;
            }
            bytes += more;
            batch.push(frame);
        }
        self.send_batch(place, &batch);
    }

    /// A frame alone travels in the buffer that it already has.
    fn send_batch(&mut self, place: usize, batch: &[Frame]) {
        match batch {
            [] => {}
            [frame] => self.send(place, frame.message().clone()),
            frames => self.send(place, frames_message(frames)),
        }
    }
}
