//! Acknowledging only what other relays have, too.

use sync::{StreamId, Vector};

/// What is durable here, and what is kept where relays share rooms. A frame is acknowledged when it is both.
#[derive(Debug, Default)]
pub(super) struct Gate {
    here: Vector,
    shared: Vector,
    told: Vector,
    /// It is known what is shared.
    is_known: bool,
    /// Something became durable here that was not before.
    has_news: bool,
}

impl Gate {
    /// With what was durable here when the room was opened.
    pub(super) fn new(here: Vector) -> Self {
        Self {
            here,
            ..Self::default()
        }
    }

    /// A frame, and all before it in its stream, is durable here: through which it may be acknowledged now, if that is more.
    pub(super) fn durable(&mut self, stream: StreamId, number: u64) -> Option<(StreamId, u64)> {
        self.here.raise(stream, number);
        self.has_news = true;
        self.lift(stream)
    }

    /// What is shared is kept somewhere else from now on, which has nothing yet.
    pub(super) fn begin_anew(&mut self) {
        self.shared = Vector::new();
        self.is_known = false;
    }

    /// These are shared: what of them may be acknowledged now.
    pub(super) fn share(&mut self, kept: &Vector) -> Vec<(StreamId, u64)> {
        self.shared.merge(kept);
        self.is_known = true;
        let lifted = kept.iter().filter_map(|(stream, _)| self.lift(stream));
        lifted.collect()
    }

    /// Whether all that is durable here is shared.
    pub(super) fn is_shared(&self) -> bool {
        self.is_known && self.shared.covers(&self.here)
    }

    /// Whether nothing that came here waits to be shared.
    pub(super) fn is_settled(&self) -> bool {
        !self.has_news || self.is_shared()
    }

    fn lift(&mut self, stream: StreamId) -> Option<(StreamId, u64)> {
        let both = self.here.get(&stream).min(self.shared.get(&stream));
        let is_more = both > self.told.get(&stream);
        self.told.raise(stream, both);
        is_more.then_some((stream, both))
    }
}

#[cfg(test)]
mod tests {
    use trust::DeviceId;

    use super::*;

    const STREAM: StreamId = StreamId {
        device: DeviceId([1; 32]),
        nonce: 7,
    };

    fn counts(number: u64) -> Vector {
        Vector::from_iter([(STREAM, number)])
    }

    #[test]
    fn a_frame_is_acknowledged_once_it_is_here_and_shared() {
        let mut gate = Gate::default();
        assert_eq!(gate.durable(STREAM, 2), None);
        assert_eq!(gate.share(&counts(1)), [(STREAM, 1)]);
        assert_eq!(gate.share(&counts(1)), [], "once");
        assert_eq!(gate.share(&counts(5)), [(STREAM, 2)]);
        assert_eq!(gate.durable(STREAM, 4), Some((STREAM, 4)));
    }

    #[test]
    fn what_was_here_before_is_not_acknowledged_before_it_is_shared() {
        let mut gate = Gate::new(counts(3));
        assert!(!gate.is_shared() && gate.is_settled());
        assert_eq!(gate.share(&counts(3)), [(STREAM, 3)]);
        assert!(gate.is_shared());
    }

    #[test]
    fn what_came_is_settled_once_it_is_shared() {
        let mut gate = Gate::default();
        gate.share(&Vector::new());
        gate.durable(STREAM, 1);
        assert!(!gate.is_settled());
        gate.share(&counts(1));
        assert!(gate.is_settled());
        gate.begin_anew();
        assert!(!gate.is_settled(), "what is kept there is not known");
    }
}
