//! Acknowledgements: which frames would survive a loss of power, told to whoever gave them.

use super::{Exchange, Received, Side};
use crate::{Message, StreamId, Time, Vector};

impl Exchange {
    /// What is held is not acknowledged before [`durable`](Self::durable) says so, however long it has been here: it has to be
    /// elsewhere, too.
    pub fn withhold_acks(&mut self) {
        self.table.forget_durable();
    }

    /// A frame, and all before it in its stream, would survive a loss of power here.
    pub fn durable(&mut self, stream: StreamId, number: u64, now: Time) {
        let Some(row) = self.table.find(&stream) else {
            return;
        };
        let entry = &mut self.table[row];
        entry.durable = number.min(entry.held).max(entry.durable);
        for place in 0..self.links.len() {
            self.note_ack(place, row, now);
        }
    }

    /// Plans an acknowledgement if there is something to tell.
    pub(super) fn note_ack(&mut self, place: usize, row: usize, now: Time) {
        let durable = self.table[row].acknowledgeable();
        let link = &self.links[place];
        let slot = &link.slots[row];
        if slot.given.min(durable) <= slot.told || link.ack_due.is_some() {
            return;
        }
        let due = match link.peer.side {
            Side::Accepted => link
                .last_ack
                .map_or(now, |last| last.plus_ms(self.limits().ack_accepted_ms))
                .max(now),
            Side::Dialled => now.plus_ms(self.limits().ack_dialled_ms),
        };
        self.links[place].ack_due = Some(due);
        self.wake_at(due);
    }

    /// A peer has said what it holds. Of its own streams it may have given us frames on an earlier link, which ended before
    /// they were durable or before it heard so.
    pub(super) fn acknowledge_again(&mut self, place: usize) {
        for row in 0..self.links[place].slots.len() {
            let stream = self.table[row].stream;
            if stream.device == self.links[place].peer.device {
                let slot = &mut self.links[place].slots[row];
                slot.given = slot.given.max(slot.theirs);
                self.note_ack(place, row, self.now);
            }
        }
    }

    pub(super) fn send_due_acks(&mut self, now: Time) {
        for place in 0..self.links.len() {
            match self.links[place].ack_due {
                Some(due) if due <= now => self.send_ack(place, now),
                Some(due) => self.wake_at(due),
                None => {}
            }
        }
    }

    fn send_ack(&mut self, place: usize, now: Time) {
        let link = &mut self.links[place];
        (link.ack_due, link.last_ack) = (None, Some(now));
        let mut news = Vec::new();
        for (place, slot) in link.slots.iter_mut().enumerate() {
            let row = &self.table[place];
            let number = slot.given.min(row.acknowledgeable());
            if number > slot.told {
                slot.told = number;
                news.push((row.stream, number));
            }
        }
        let ack = Message::Ack(news.into_iter().collect());
        self.send(place, ack.encode());
    }

    pub(super) fn take_ack(&mut self, place: usize, durable: &Vector, received: &mut Received) {
        for (stream, number) in durable.iter() {
            let Some(row) = self.table.find(&stream) else {
                continue;
            };
            let held = self.table[row].held;
            let slot = &mut self.links[place].slots[row];
            let number = number.min(held);
            received.acked |= number > slot.acked;
            slot.acked = number.max(slot.acked);
        }
    }
}
