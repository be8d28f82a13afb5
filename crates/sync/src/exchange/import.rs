//! Bundles: what a peer would have sent, from a file.

use trust::Standing;

use super::{Exchange, Received};
use crate::{Advert, Bundle, Frame, LinkError};

impl Exchange {
    /// A bundle of these frames. They are what the host read from its log for
    /// [`lacking_in`](Self::lacking_in), in that order.
    pub fn bundle(&self, frames: Vec<Frame>) -> Bundle {
        Bundle {
            membership: self.membership.clone(),
            advert: Advert {
                held: self.table.held(),
                base: self.base().cloned(),
            },
            frames,
        }
    }

    /// Takes a bundle as if a peer had sent it. How many frames could not be taken, because the bundle begins later than
    /// what is held here, is the second value; ask for a bundle since an earlier state.
    pub fn import(&mut self, bundle: &Bundle) -> Result<(Received, usize), LinkError> {
        let mut received = Received::default();
        let known = self.membership.clone();
        let before = self.welcome();
        let changed = self.membership.merge(bundle.membership.records())?;
        let checked = bundle.frames.iter().map(|frame| self.verify(frame));
        let standings = checked.collect::<Result<Vec<Option<Standing>>, _>>();
        let standings = standings.inspect_err(|_| self.membership = known)?;
        received.membership_changed = changed;
        if changed {
            self.members_changed(None, before);
        }
        received.own_stream_taken = self.own_is_taken(&bundle.advert.held);
        let mut waiting: Vec<(&Frame, Option<Standing>)> =
            bundle.frames.iter().zip(standings).collect();
        // A frame may be the one that makes others count that stand before it.
        loop {
            let before = waiting.len();
            let mut left = Vec::new();
            for (frame, standing) in waiting {
                if !self.take_imported(frame, standing, &bundle.advert, &mut received)? {
                    left.push((frame, standing));
                }
            }
            if left.is_empty() || left.len() == before {
                return Ok((received, left.len()));
            }
            waiting = left;
        }
    }

    /// False if the frame cannot be taken as things are.
    fn take_imported(
        &mut self,
        frame: &Frame,
        standing: Option<Standing>,
        advert: &Advert,
        received: &mut Received,
    ) -> Result<bool, LinkError> {
        if !self.counts(frame, standing) {
            return Ok(false);
        }
        let at = (frame.header().stream, frame.header().number);
        let base = advert.base.as_ref();
        let is_offered = base.is_some_and(|base| base.stands(at.0, at.1));
        if is_offered && self.leap(None, frame, received)? {
            return Ok(true);
        }
        let row = self.intern(at.0)?;
        Ok(self.accept(row, frame, received))
    }

    /// What was handed over and is not written will not be written: the disk refused it, or a quota. It counts as not
    /// received, and peers are asked for it again.
    pub fn refused(&mut self) {
        self.table.forget_accepted();
        self.coming_base = None;
        for place in 0..self.links.len() {
            self.ask_again(place, self.now);
        }
    }
}
