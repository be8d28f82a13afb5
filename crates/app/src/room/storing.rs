//! Frames on their way to the disk, and what became of them.

use sync::{Base, Frame, Time};

use super::Room;
use crate::fault::{Fault, planted};
use crate::outbox::{Fate, Number};

impl Room {
    /// These frames are handed to the store under this number, and the base of the log after them.
    pub(crate) fn hand_over(&mut self, number: Number, frames: Vec<Frame>, base: Option<Base>) {
        if planted(Fault::PublishBeforeWritten) {
            frames.iter().for_each(|frame| self.exchange.publish(frame));
        }
        self.unwritten.insert(number, (frames, base));
    }

    /// Whether the base of the log is another since the last time.
    pub(crate) fn take_rebased(&mut self) -> bool {
        std::mem::take(&mut self.is_rebased)
    }

    /// What became of what was handed over. Written frames are announced and forwarded, durable ones acknowledged.
    pub(crate) fn learn(&mut self, number: Number, fate: &Fate, now: Time) {
        if let Fate::Failed(_) = fate {
            return;
        }
        if let Some((frames, base)) = self.unwritten.remove(&number) {
            if let Some(base) = base {
                self.unopened.forget_below(base.vector());
                self.exchange.rebase(base);
                self.is_rebased = true;
            }
            frames.iter().for_each(|frame| self.exchange.publish(frame));
            self.note_news();
            let places = frames.iter().map(|frame| {
                let header = frame.header();
                (header.stream, header.number)
            });
            self.written.insert(number, places.collect());
        }
        let is_early = planted(Fault::AcknowledgeBeforeDurable);
        if matches!(fate, Fate::Durable(_)) || is_early {
            for (stream, number) in self.written.remove(&number).unwrap_or_default() {
                self.exchange.durable(stream, number, now);
            }
        }
    }
}
