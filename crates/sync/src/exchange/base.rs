//! Logs that begin with snapshots, because the frames below them were dropped.

use trust::Right;

use super::{Exchange, Received};
use crate::fault::{Fault, planted};
use crate::{Base, BaseSnapshot, Frame, LinkError, LogRange, Snapshot, StreamId, Vector};

impl Exchange {
    /// The base of the log once the host has dropped the frames that a snapshot counts. The host stores it in the commit
    /// in which it drops them, after everything that it was handed before, and then says [`rebase`](Self::rebase).
    pub fn base_below(&mut self, snapshot: &Snapshot) -> Base {
        let base = self.base_to_be();
        let base = base.with(snapshot.stream, snapshot.number, snapshot.counted.clone());
        self.coming_base = Some(Box::new(base.clone()));
        base
    }

    /// The store's base is this now: what it counts is held, and peers learn that they get its snapshots in place of
    /// what it counts. Frames of the same commit are published after it.
    pub fn rebase(&mut self, base: Base) {
        let snapshots = base.snapshots().iter().map(BaseSnapshot::place);
        let held = base.vector().iter().chain(snapshots);
        for (stream, number) in held {
            let Ok(row) = self.intern(stream) else {
                continue;
            };
            let row = &mut self.table[row];
            if number <= base.vector().get(&stream) || number == row.held + 1 {
                row.held = number.max(row.held);
                row.accepted = row.held.max(row.accepted);
            }
        }
        if self.coming_base.as_deref() == Some(&base) {
            self.coming_base = None;
        }
        self.base = Some(Box::new(base));
        self.tell_base();
    }

    /// What a holder of `theirs` lacks, as ranges of the log in the order in which it wants them: first the snapshots
    /// that stand for dropped frames.
    pub fn lacking_in(&self, theirs: &Vector) -> Vec<LogRange> {
        let theirs = self.table.iter().map(|row| theirs.get(&row.stream));
        self.ranges(theirs.collect(), &[], &[])
    }

    /// `theirs` by row. `given` are snapshots that are not needed again, `missing` says of which rows the log has holes.
    pub(super) fn ranges(
        &self,
        mut theirs: Vec<u64>,
        given: &[(StreamId, u64)],
        missing: &[bool],
    ) -> Vec<LogRange> {
        let is_missing = |row: usize| missing.get(row).copied().unwrap_or(false);
        let mut ranges = Vec::new();
        let below = |base: &&Base| self.is_below(base, &theirs, missing);
        if let Some(base) = self.base().filter(below) {
            // What may be left there comes last: it seems to say all that the others do, which are then not sent.
            let counts = |(stream, number): &(StreamId, u64)| {
                let log = &self.membership;
                log.counts(&stream.device, Right::Edit, stream.nonce, *number)
            };
            let places = base.snapshots().iter().map(BaseSnapshot::place);
            let needed = places.filter(|at| !given.contains(at));
            let (first, last): (Vec<_>, Vec<_>) = needed.partition(counts);
            let needed = first.into_iter().chain(last);
            ranges.extend(needed.map(|(stream, number)| LogRange {
                stream,
                from: number,
                through: number,
            }));
            self.raise_to(base, &mut theirs);
        }
        let rows = self.table.iter().enumerate().zip(theirs);
        let lacking =
            rows.filter(|((place, row), theirs)| *theirs < row.held && !is_missing(*place));
        ranges.extend(lacking.map(|((_, row), theirs)| LogRange {
            stream: row.stream,
            from: theirs + 1,
            through: row.held,
        }));
        ranges
    }

    /// What somebody holds, by row, once it has the snapshots of the base.
    fn raise_to(&self, base: &Base, theirs: &mut [u64]) {
        for (row, theirs) in self.table.iter().zip(&mut *theirs) {
            *theirs = base.vector().get(&row.stream).max(*theirs);
        }
        for snapshot in base.snapshots() {
            let next = self
                .table
                .find(&snapshot.stream)
                .map(|row| &mut theirs[row]);
            if let Some(theirs) = next.filter(|theirs| **theirs + 1 == snapshot.number) {
                *theirs = snapshot.number;
            }
        }
    }

    fn is_below(&self, base: &Base, theirs: &[u64], missing: &[bool]) -> bool {
        let below = |(stream, number)| match self.table.find(&stream) {
            Some(row) => theirs[row] < number && !missing.get(row).copied().unwrap_or(false),
            None => true,
        };
        base.vector().iter().any(below) && !planted(Fault::ForgetSnapshot)
    }

    /// Takes a snapshot in place of what it counts, because its sender has nothing else. False if nothing is lacking.
    pub(super) fn leap(
        &mut self,
        from: Option<usize>,
        frame: &Frame,
        received: &mut Received,
    ) -> Result<bool, LinkError> {
        let header = frame.header();
        let Some(body) = frame.snapshot() else {
            return Ok(false);
        };
        let (stream, number, counted) = (header.stream, header.number, body.vector);
        let lacks = |(stream, number)| self.accepted(&stream) < number;
        if !counted.iter().any(lacks) {
            return Ok(false);
        }
        for (stream, _) in counted.iter() {
            self.intern(stream)?;
        }
        // That its frame counts as held does not say that it is in the log: another snapshot may stand for it.
        let before = self.base_to_be();
        let is_handed = before.stands(stream, number)
            || (before.vector().get(&stream) < number && number <= self.accepted(&stream));
        for (stream, number) in counted.iter().chain([(stream, number)]) {
            let row = self.intern(stream)?;
            let entry = &mut self.table[row];
            received.own_stream_taken |= self.own == Some(stream) && number > entry.held;
            entry.accepted = number.max(entry.accepted);
            if let Some(place) = from {
                let slot = &mut self.links[place].slots[row];
                slot.theirs = number.max(slot.theirs);
            }
        }
        let base = before.with(stream, number, counted);
        self.coming_base = Some(Box::new(base.clone()));
        received.base = Some(base);
        if !is_handed {
            self.note_vouched(frame);
            received.frames.push(frame.clone());
        }
        Ok(true)
    }

    /// The base that there will be once everything that was handed over is written.
    fn base_to_be(&self) -> Base {
        let base = self.coming_base.as_deref().or(self.base());
        base.cloned().unwrap_or_default()
    }

    fn tell_base(&mut self) {
        for place in 0..self.links.len() {
            if !self.links[place].is_let_in {
                continue;
            }
            self.send_vector(place);
            let link = &mut self.links[place];
            link.slots
                .iter_mut()
                .for_each(|slot| slot.is_missing = false);
            link.given_snapshots.clear();
            if link.has_vector {
                link.is_behind = true;
                self.serve(place);
            }
        }
    }

    pub(super) fn accepted(&self, stream: &StreamId) -> u64 {
        self.table
            .find(stream)
            .map_or(0, |row| self.table[row].accepted)
    }

    /// Counts a snapshot that was just sent in place of what it counts; none if the frame is not one of the base.
    pub(super) fn give_snapshot(&mut self, place: usize, frame: &Frame) -> Option<()> {
        let header = frame.header();
        let at = (header.stream, header.number);
        let base = self.base.as_deref()?;
        let link = &self.links[place];
        if !base.stands(at.0, at.1) || link.given_snapshots.contains(&at) {
            return None;
        }
        let theirs: Vec<u64> = link.slots.iter().map(|slot| slot.theirs).collect();
        if !self.is_below(base, &theirs, &[]) {
            return None;
        }
        let mut counted = frame.snapshot()?.vector;
        let link = &mut self.links[place];
        link.given_snapshots.push(at);
        // With the last of them the peer has all that is here below the base, whatever each of them counts.
        let mut places = base.snapshots().iter().map(BaseSnapshot::place);
        if places.all(|at| link.given_snapshots.contains(&at)) {
            counted.merge(base.vector());
        }
        for (stream, number) in counted.iter().chain([at]) {
            if let Some(row) = self.table.find(&stream) {
                let slot = &mut link.slots[row];
                slot.theirs = number.max(slot.theirs);
            }
        }
        Some(())
    }
}
