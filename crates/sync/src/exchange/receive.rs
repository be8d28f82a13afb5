//! What comes in.

use bytes::Bytes;

use super::{Exchange, Received};
use crate::{Advert, Frame, LinkError, Message, StreamId, Time, Vector};

impl Exchange {
    pub(super) fn take(
        &mut self,
        place: usize,
        message: Bytes,
        now: Time,
        received: &mut Received,
    ) -> Result<(), LinkError> {
        let bytes = message.clone();
        let message = Message::decode(message)?;
        let link = &self.links[place];
        match message {
            Message::Members(records) => self.take_members(place, &records, received),
            Message::Bye(bye) => Err(LinkError::Bye(bye.code)),
            Message::Hello(_) | Message::Welcome(_) => Err(LinkError::Unexpected("a handshake")),
            _ if !link.has_members => Err(LinkError::Unexpected("a message before the members")),
            Message::Vector(advert) => {
                self.take_vector(place, &advert, received);
                Ok(())
            }
            _ if !link.has_vector => Err(LinkError::Unexpected("a message before the vector")),
            Message::Frame(frame) => self.take_frame(place, frame, now, received),
            Message::Frames(frames) => frames
                .into_iter()
                .try_for_each(|frame| self.take_frame(place, frame, now, received)),
            Message::Ack(vector) => {
                self.take_ack(place, &vector, received);
                Ok(())
            }
            Message::Signal(signal) => self.take_signal(place, signal, &bytes, now, received),
            Message::Blob(blob) => {
                received.blobs.push(blob);
                Ok(())
            }
        }
    }

    fn take_members(
        &mut self,
        place: usize,
        records: &[Bytes],
        received: &mut Received,
    ) -> Result<(), LinkError> {
        let changed = self.membership.merge(records)?;
        self.links[place].has_members = true;
        received.membership_changed |= changed;
        Ok(())
    }

    /// A peer says what it holds: the first time, or again because it missed something.
    fn take_vector(&mut self, place: usize, advert: &Advert, received: &mut Received) {
        received.own_stream_taken |= self.own_is_taken(&advert.held);
        for slot in &mut self.links[place].slots {
            slot.theirs = 0;
        }
        for (stream, number) in advert.held.iter() {
            if let Some(row) = self.announce(stream) {
                self.links[place].slots[row].theirs = number;
            }
        }
        let link = &mut self.links[place];
        link.has_vector = true;
        link.is_stuck = false;
        link.is_behind = true;
        self.serve(place);
    }

    fn own_is_taken(&self, theirs: &Vector) -> bool {
        self.own.is_some_and(|own| {
            let held = self.table.find(&own).map_or(0, |row| self.table[row].held);
            theirs.get(&own) > held
        })
    }

    fn take_frame(
        &mut self,
        place: usize,
        frame: Frame,
        now: Time,
        received: &mut Received,
    ) -> Result<(), LinkError> {
        self.verify(&frame)?;
        let (stream, number) = (frame.header().stream, frame.header().number);
        let row = self.intern(stream)?;
        let slot = &mut self.links[place].slots[row];
        slot.theirs = number.max(slot.theirs);
        slot.given = number.max(slot.given);
        let accepted = &mut self.table[row].accepted;
        if number == *accepted + 1 {
            *accepted = number;
            received.own_stream_taken |= self.own == Some(stream);
            received.frames.push(frame);
        } else if number > *accepted {
            self.ask_again(place, now);
        } else {
            self.note_ack(place, row, now);
        }
        Ok(())
    }

    /// All that a sender could have checked before sending. The signature will be checked here, once for each frame.
    fn verify(&self, frame: &Frame) -> Result<(), LinkError> {
        let header = frame.header();
        if header.room != self.room() {
            return Err(LinkError::OtherRoom);
        }
        let device = header.stream.device;
        self.membership
            .permits(&device, header.right())
            .map_err(|refusal| LinkError::NotPermitted { device, refusal })
    }

    /// Our vector goes out again, at once or when it may.
    fn ask_again(&mut self, place: usize, now: Time) {
        let link = &mut self.links[place];
        if link.vector_due.is_some() {
            return;
        }
        let due = link
            .last_vector
            .map_or(now, |last| last.plus_ms(self.limits.vector_again_ms))
            .max(now);
        link.vector_due = Some(due);
        self.wake_at(due);
    }

    pub(super) fn send_due_vectors(&mut self, now: Time) {
        for place in 0..self.links.len() {
            match self.links[place].vector_due {
                Some(due) if due <= now => {
                    let link = &mut self.links[place];
                    (link.vector_due, link.last_vector) = (None, Some(now));
                    self.send_vector(place);
                }
                Some(due) => self.wake_at(due),
                None => {}
            }
        }
    }

    pub(super) fn intern(&mut self, stream: StreamId) -> Result<usize, LinkError> {
        let found = self.table.intern(stream)?;
        Ok(self.widen(found))
    }

    fn announce(&mut self, stream: StreamId) -> Option<usize> {
        let found = self.table.announce(stream)?;
        Some(self.widen(found))
    }

    fn widen(&mut self, found: super::table::Found) -> usize {
        if found.is_new {
            for link in &mut self.links {
                link.slots.insert(found.row, Default::default());
            }
        }
        found.row
    }
}
