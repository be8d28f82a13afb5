//! Bundles: what a peer would have sent, from a file.

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
                base: self.base.clone(),
            },
            frames,
        }
    }

    /// Takes a bundle as if a peer had sent it. How many frames could not be taken, because the bundle begins later than
    /// what is held here, is the second value; ask for a bundle since an earlier state.
    pub fn import(&mut self, bundle: &Bundle) -> Result<(Received, usize), LinkError> {
        let mut received = Received::default();
        for frame in &bundle.frames {
            self.verify(frame)?;
        }
        received.membership_changed = self.membership.merge(bundle.membership.records())?;
        received.own_stream_taken = self.own_is_taken(&bundle.advert.held);
        let base = bundle.advert.base.as_ref();
        let mut left = 0;
        for frame in &bundle.frames {
            let at = (frame.header().stream, frame.header().number);
            let is_offered = base.is_some_and(|base| base.stands(at.0, at.1));
            if is_offered && self.leap(None, frame, &mut received)? {
                continue;
            }
            let row = self.intern(at.0)?;
            if !self.accept(row, frame.clone(), &mut received) {
                left += 1;
            }
        }
        if received.membership_changed {
            self.spread_members(None);
        }
        Ok((received, left))
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
