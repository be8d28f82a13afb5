//! New frames on their way to every link that lacks them.

use super::{Exchange, Outgoing};
use crate::fault::{Fault, planted};
use crate::{Frame, LinkId};

impl Exchange {
    /// A frame of this device, or one that was received, is written: it counts as held, is announced, and goes to every
    /// link that lacks it. Frames of a stream are published in order; one that is held already is ignored.
    pub fn publish(&mut self, frame: &Frame) {
        let (stream, number) = (frame.header().stream, frame.header().number);
        let Ok(row) = self.intern(stream) else {
            return;
        };
        let entry = &mut self.table[row];
        if number != entry.held + 1 {
            return;
        }
        entry.held = number;
        let is_own = number > entry.accepted;
        entry.accepted = number.max(entry.accepted);
        if is_own {
            self.note_vouched(frame);
        }
        self.forward(row, frame);
    }

    /// The cost that every frame has for every link: no copy, no encoding, no allocation.
    pub(super) fn forward(&mut self, row: usize, frame: &Frame) {
        let number = frame.header().number;
        let message = frame.message();
        let budget = match planted(Fault::IgnoreBudget) {
            true => usize::MAX,
            false => self.budget(),
        };
        let recent = self.recent.next();
        let mut is_missed = false;
        for link in &mut self.links {
            let slot = &mut link.slots[row];
            if slot.theirs >= number || slot.is_missing || !link.has_vector {
                continue;
            }
            let is_next = slot.theirs + 1 == number;
            if is_next && !link.is_behind && link.has_room_for(message.len(), budget) {
                link.slots[row].theirs = number;
                link.in_flight_bytes += message.len();
                self.outbox.push(Outgoing::Send(link.id, message.clone()));
            } else {
                if !link.is_behind {
                    link.next_recent = recent;
                }
                link.is_behind = true;
                is_missed = true;
            }
        }
        if is_missed && !planted(Fault::ForgetBehind) {
            self.recent.push(frame, self.limits().recent_bytes);
        }
    }

    /// So many bytes of what was given to the shell for a link have left. The shell may keep back reports while less
    /// than [`MAX_UNREPORTED_BYTES`](crate::limits::MAX_UNREPORTED_BYTES) are unreported.
    pub fn sent(&mut self, link: LinkId, bytes: usize) {
        let Some(place) = self.place(link) else {
            return;
        };
        let link = &mut self.links[place];
        link.in_flight_bytes = link.in_flight_bytes.saturating_sub(bytes);
        if link.is_behind && !planted(Fault::ForgetBehind) {
            self.serve(place);
        } else if link.next_signal.is_some() {
            self.send_signals(place);
        }
    }

    /// What may be on its way to one link.
    pub(super) fn budget(&self) -> usize {
        let share = self.limits().room_bytes / self.links.len().max(1);
        share
            .max(self.limits().least_link_bytes)
            .min(self.limits().link_bytes)
    }
}
