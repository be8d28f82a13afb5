//! Links that lack more than the next frame: served from what is still in memory, then from the log.

use std::collections::VecDeque;

use super::{Exchange, Outgoing};
use crate::limits::{MAX_BATCH_BYTES, MAX_BATCH_FRAMES};
use crate::message::{batch_overhead, frames_message};
use crate::{Frame, LinkId, LogRange};

/// The newest frames, kept while a link is behind.
#[derive(Default)]
pub struct Recent {
    frames: VecDeque<Frame>,
    bytes: usize,
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
        }
    }
}

impl Exchange {
    /// What [`Outgoing::Replay`] asked for, in its order; fewer frames, or none, if the log does not have them.
    pub fn replayed(&mut self, link: LinkId, frames: Vec<Frame>) {
        let Some(place) = self.place(link) else {
            return;
        };
        if std::mem::take(&mut self.links[place].is_replaying) {
            self.replays -= 1;
        }
        let frames = self.lacked(place, frames);
        self.links[place].is_stuck = frames.is_empty() && self.lacks_something(place);
        self.send_batches(place, frames);
        self.serve(place);
        self.serve_next();
    }

    /// Gives a link that is behind what it lacks, as far as there is room on its way.
    pub(super) fn serve(&mut self, place: usize) {
        self.serve_recent(place);
        let budget = self.budget();
        let link = &self.links[place];
        if !link.is_behind || link.is_replaying {
            return;
        }
        if !self.lacks_something(place) {
            self.links[place].is_behind = false;
            if !self.links.iter().any(|link| link.is_behind) {
                self.recent = Recent::default();
            }
            return;
        }
        let link = &mut self.links[place];
        if link.is_stuck || !link.has_drained(budget) || self.replays >= self.limits.replays {
            return;
        }
        link.is_replaying = true;
        self.replays += 1;
        let room = budget - link.in_flight_bytes;
        let id = link.id;
        let ranges = self.lacking(place);
        self.outbox.push(Outgoing::Replay(id, ranges, room));
    }

    /// A read of the log has ended: whoever waits for one is served, the one who waits longest as a rule first.
    pub(super) fn serve_next(&mut self) {
        for place in 0..self.links.len() {
            if self.replays >= self.limits.replays {
                return;
            }
            if self.links[place].is_behind && self.links[place].has_vector {
                self.serve(place);
            }
        }
    }

    fn serve_recent(&mut self, place: usize) {
        let budget = self.budget();
        let link = &mut self.links[place];
        if !link.is_behind || link.is_replaying {
            return;
        }
        for frame in &self.recent.frames {
            let header = frame.header();
            let Some(row) = self.table.find(&header.stream) else {
                continue;
            };
            if link.slots[row].theirs + 1 != header.number {
                continue;
            }
            let message = frame.message();
            if !link.has_room_for(message.len(), budget) {
                return;
            }
            link.slots[row].theirs = header.number;
            link.in_flight_bytes += message.len();
            self.outbox.push(Outgoing::Send(link.id, message.clone()));
        }
    }

    fn lacks_something(&self, place: usize) -> bool {
        let rows = self.table.iter().zip(&self.links[place].slots);
        rows.into_iter().any(|(row, slot)| slot.theirs < row.held)
    }

    fn lacking(&self, place: usize) -> Vec<LogRange> {
        let rows = self.table.iter().zip(&self.links[place].slots);
        rows.filter(|(row, slot)| slot.theirs < row.held)
            .map(|(row, slot)| LogRange {
                stream: row.stream,
                from: slot.theirs + 1,
                through: row.held,
            })
            .collect()
    }

    /// Those of the frames that are next for the link, which counts them from here on.
    fn lacked(&mut self, place: usize, frames: Vec<Frame>) -> Vec<Frame> {
        let slots = &mut self.links[place].slots;
        let mut lacked = frames;
        lacked.retain(|frame| {
            let header = frame.header();
            let Some(row) = self.table.find(&header.stream) else {
                return false;
            };
            let is_next = slots[row].theirs + 1 == header.number;
            if is_next {
                slots[row].theirs = header.number;
            }
            is_next
        });
        lacked
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
