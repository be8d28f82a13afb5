//! What other machines are known to have held, so that a file can be made of what one of them lacks.

use std::collections::BTreeMap;

use graph::time::Timestamp;
use serde::{Deserialize, Serialize};
use sync::{StreamId, Time, Vector};
use trust::DeviceId;

use super::Room;

/// Another machine, and what it held when that was last known. It may hold more by now, never less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acquaintance {
    /// Who was there; none on a relay.
    pub name: Option<String>,
    /// When that was known.
    pub at: Timestamp,
    /// What it held.
    pub holds: Vector,
}

/// All of one room, by device.
pub type Acquaintances = BTreeMap<DeviceId, Acquaintance>;

/// A vector as the store keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    name: Option<String>,
    at: Timestamp,
    holds: Vec<(String, u64, u64)>,
}

/// As the store keeps them.
pub(crate) fn encode(acquaintances: &Acquaintances) -> String {
    let kept = acquaintances.iter().map(|(device, known)| {
        let holds = known.holds.iter();
        let holds = holds.map(|(stream, number)| (stream.device.to_string(), stream.nonce, number));
        let kept = Kept {
            name: known.name.clone(),
            at: known.at,
            holds: holds.collect(),
        };
        (device.to_string(), kept)
    });
    let kept: BTreeMap<String, Kept> = kept.collect();
    serde_json::to_string(&kept).expect("texts and numbers become JSON")
}

/// What [`encode`] gave. What cannot be read is as if it were not known: then more is put into a file than is needed.
pub(crate) fn decode(text: &str) -> Acquaintances {
    let kept: BTreeMap<String, Kept> = serde_json::from_str(text).unwrap_or_default();
    let known = kept.into_iter().filter_map(|(device, kept)| {
        let holds = kept.holds.into_iter().map(|(device, nonce, number)| {
            let device = device.parse().ok()?;
            Some((StreamId { device, nonce }, number))
        });
        let known = Acquaintance {
            name: kept.name,
            at: kept.at,
            holds: holds.collect::<Option<Vector>>()?,
        };
        Some((device.parse().ok()?, known))
    });
    known.collect()
}

/// Adds what is newer.
pub(crate) fn merge(into: &mut Acquaintances, newer: Acquaintances) {
    for (device, mut known) in newer {
        if let Some(before) = into.get(&device) {
            known.name = known.name.or_else(|| before.name.clone());
            known.holds.merge(&before.holds);
        }
        into.insert(device, known);
    }
}

impl Room {
    /// What the others are known to hold, this session.
    pub(crate) fn acquaintances(&self) -> &Acquaintances {
        &self.acquaintances
    }

    /// What is held here.
    pub(crate) fn held(&self) -> Vector {
        self.exchange.held()
    }

    /// Notes what those who are linked have acknowledged, and who says to hold just what is held here. What is on its way
    /// to somebody does not count: it may never arrive.
    pub(crate) fn note_acquaintances(&mut self, now: Timestamp, time: Time) {
        let held = self.exchange.held();
        let digest = held.digest();
        let peers = self.exchange.peers();
        let mut found: BTreeMap<DeviceId, Vector> = peers
            .map(|peer| (peer.peer.device, peer.acknowledged))
            .filter(|(_, acknowledged)| !acknowledged.is_empty())
            .collect();
        let mut names = BTreeMap::new();
        for device in self.exchange.devices(time) {
            let is_here = device.presence.is_some();
            let presence = self.said.get(&device.device).filter(|_| is_here);
            names.extend(presence.map(|it| (device.device, it.profile.name.clone())));
            if device.state.is_some_and(|state| state.digest == digest) {
                found.insert(device.device, held.clone());
            }
        }
        for (device, holds) in found {
            let name = names.remove(&device);
            let known = Acquaintance {
                name,
                at: now,
                holds,
            };
            merge(&mut self.acquaintances, [(device, known)].into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(at: i64, name: Option<&str>, number: u64) -> Acquaintance {
        let stream = StreamId {
            device: DeviceId([7; 32]),
            nonce: u64::MAX,
        };
        Acquaintance {
            name: name.map(str::to_owned),
            at: Timestamp(at),
            holds: [(stream, number)].into_iter().collect(),
        }
    }

    #[test]
    fn they_are_read_back() {
        let all: Acquaintances = [
            (DeviceId([1; 32]), known(5, Some("Ana"), 3)),
            (DeviceId([2; 32]), known(6, None, 9)),
        ]
        .into();
        assert_eq!(decode(&encode(&all)), all);
        assert_eq!(decode("what"), Acquaintances::new());
    }

    #[test]
    fn a_machine_never_holds_less_than_it_did() {
        let ana = DeviceId([1; 32]);
        let mut all: Acquaintances = [(ana, known(5, Some("Ana"), 9))].into();
        merge(&mut all, [(ana, known(8, None, 4))].into());
        assert_eq!(all[&ana], known(8, Some("Ana"), 9));
    }
}
