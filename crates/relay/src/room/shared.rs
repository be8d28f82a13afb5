//! A room that other relays have, too.

use sync::{Exchange, StreamId, Time, Vector};

use super::{Gate, Room};
use crate::cluster;

impl Room {
    /// The same, shared with other relays: what comes here is acknowledged when it is kept there, too.
    pub(crate) fn shared(mut self) -> Self {
        let mut held = Vector::new();
        self.with_exchange(|exchange| {
            begin(exchange);
            held = exchange.held();
        });
        self.gate = Some(Box::new(Gate::new(held)));
        self
    }

    /// Whether nothing that came here waits to be shared with other relays.
    pub(crate) fn is_settled(&self) -> bool {
        self.gate.as_deref().is_none_or(Gate::is_settled)
    }

    /// Whether all that is here is shared with other relays.
    pub(crate) fn is_shared(&self) -> bool {
        self.gate.as_deref().is_some_and(Gate::is_shared)
    }

    /// A frame is durable here.
    pub(super) fn durable(&mut self, now: Time, stream: StreamId, number: u64) {
        let durable = match &mut self.gate {
            Some(gate) => gate.durable(stream, number),
            None => Some((stream, number)),
        };
        self.acknowledge(now, durable);
    }

    /// These frames are kept where relays share the room.
    pub(super) fn hear_shared(&mut self, now: Time, kept: &Vector) {
        let durable = self.gate.as_mut().map(|gate| gate.share(kept));
        self.acknowledge(now, durable.into_iter().flatten());
    }

    fn acknowledge(&mut self, now: Time, durable: impl IntoIterator<Item = (StreamId, u64)>) {
        for (stream, number) in durable {
            self.with_exchange(|exchange| exchange.durable(stream, number, now));
        }
    }
}

/// What relays share is served in closed rooms, too, and nothing is acknowledged before it is there.
pub(super) fn begin(exchange: &mut Exchange) {
    exchange.trust_carrier(cluster::DEVICE);
    exchange.withhold_acks();
}
