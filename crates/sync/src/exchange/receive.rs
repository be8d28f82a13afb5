//! What comes in.

use bytes::Bytes;

use super::{Exchange, Received};
use crate::fault::{Fault, planted};
use crate::{Advert, Base, BaseSnapshot, Frame, LinkError, Message, StreamId, Time, Vector};

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
            // It is at the door, and may have said the rest before it heard so.
            _ if !link.is_let_in => Ok(()),
            Message::Vector(advert) => {
                self.take_vector(place, &advert, received);
                Ok(())
            }
            // It said so before it was let in, and says again what it holds.
            _ if !link.has_vector && link.has_waited => Ok(()),
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
            Message::Blob(blob) => self.take_blob(place, blob, now, received),
        }
    }

    /// A peer says what it holds: the first time, or again because it missed something.
    fn take_vector(&mut self, place: usize, advert: &Advert, received: &mut Received) {
        received.own_stream_taken |= self.own_is_taken(&advert.held);
        for slot in &mut self.links[place].slots {
            slot.is_missing = false;
            if !planted(Fault::KeepOldVector) {
                slot.theirs = 0;
            }
        }
        for (stream, number) in advert.held.iter() {
            if let Some(row) = self.announce(stream) {
                let slot = &mut self.links[place].slots[row];
                slot.theirs = number.max(slot.theirs);
            }
        }
        if !self.links[place].has_vector {
            self.send_offers(place);
        }
        let link = &mut self.links[place];
        link.has_vector = true;
        link.is_behind = true;
        link.given_snapshots.clear();
        let offers = advert.base.iter().flat_map(Base::snapshots);
        link.offers = offers.map(BaseSnapshot::place).collect();
        self.acknowledge_again(place);
        if self.lacks_what_is_counted(advert) {
            self.ask_again(place, self.now);
        }
        self.serve(place);
        self.ask_for_blobs(self.now);
    }

    /// Whether a log begins with a snapshot that came here like any other frame, and counts what is not here: what it counts stands
    /// in that log no more, and its owner may not know that it is lacking.
    fn lacks_what_is_counted(&self, advert: &Advert) -> bool {
        let lacks = |(stream, number)| self.accepted(&stream) < number;
        let mut snapshots = advert.base.iter().flat_map(Base::snapshots);
        snapshots.any(|it| !lacks(it.place()) && it.counted.iter().any(lacks))
    }

    pub(super) fn own_is_taken(&self, theirs: &Vector) -> bool {
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
        let (stream, number) = (frame.header().stream, frame.header().number);
        let is_offered = self.links[place].offers.contains(&(stream, number));
        // What is there already is not looked at again, however many bring it.
        if is_offered || self.accepted(&stream) < number || planted(Fault::HandedTwice) {
            let standing = self.verify(&frame)?;
            if !self.counts(&frame, standing) {
                return Ok(());
            }
        }
        let row = self.intern(stream)?;
        let link = &mut self.links[place];
        let slot = &mut link.slots[row];
        if !planted(Fault::Echo) {
            slot.theirs = number.max(slot.theirs);
        }
        slot.given = number.max(slot.given);
        self.note_ack(place, row, now);
        if is_offered && self.leap(Some(place), &frame, received)? {
            return Ok(());
        }
        let next = self.table[row].accepted + 1;
        if !self.accept(row, &frame, received) {
            self.fill_gap(place, &frame, next);
        }
        Ok(())
    }

    /// Hands a frame to the host if it is the next of its stream; false if there is a gap before it.
    pub(super) fn accept(&mut self, row: usize, frame: &Frame, received: &mut Received) -> bool {
        let (stream, number) = (frame.header().stream, frame.header().number);
        let entry = &mut self.table[row];
        let is_gap = number > entry.accepted + 1 && !planted(Fault::AcceptGap);
        if is_gap || (number <= entry.accepted && !planted(Fault::HandedTwice)) {
            return !is_gap;
        }
        entry.accepted = number.max(entry.accepted);
        if planted(Fault::HeldBeforeWritten) {
            entry.held = entry.accepted;
            self.forward(row, frame);
        }
        received.own_stream_taken |= self.own == Some(stream);
        self.note_vouched(frame);
        received.frames.push(frame.clone());
        true
    }

    /// Our vector goes out again, at once or when it may.
    pub(super) fn ask_again(&mut self, place: usize, now: Time) {
        let link = &self.links[place];
        if !link.is_let_in || link.vector_due.is_some() || planted(Fault::ForgetToAsk) {
            return;
        }
        let due = link
            .last_vector
            .map_or(now, |last| last.plus_ms(self.limits().vector_again_ms))
            .max(now);
        self.links[place].vector_due = Some(due);
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
