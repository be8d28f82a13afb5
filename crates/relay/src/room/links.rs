//! Who is in a room.

use sync::{LinkId, Peer, Time};

use super::{Knowledge, Room};
use crate::cluster::CLUSTER;

impl Room {
    pub(super) fn up(&mut self, now: Time, link: LinkId, peer: Peer) {
        match &mut self.gate {
            Some(gate) if link == CLUSTER => gate.begin_anew(),
            Some(_) | None => self.links += 1,
        }
        match &mut self.knowledge {
            Knowledge::Name(name) => {
                name.links.insert(link, peer);
            }
            Knowledge::Known { exchange, .. } => exchange.connect(link, peer, now),
        }
    }

    pub(super) fn down(&mut self, link: LinkId) {
        let is_visitor = self.gate.is_none() || link != CLUSTER;
        self.links -= usize::from(is_visitor);
        match &mut self.knowledge {
            Knowledge::Name(name) => {
                name.links.remove(&link);
            }
            Knowledge::Known { exchange, .. } => exchange.disconnect(link),
        }
    }
}
