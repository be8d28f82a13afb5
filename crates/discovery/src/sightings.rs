//! What is known of the network, and what of it was not told yet.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::{self, Heard};
use crate::{Announcement, DevicePrefix, Event, Instance, Interface, Peer};

/// How many peers are told of. More than any network has; a hostile machine can announce any number.
pub const MAX_PEERS: usize = 1000;

/// All that mDNS has of an instance at one moment.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Its full name.
    pub full_name: String,
    /// The port of its SRV record.
    pub port: u16,
    /// What its TXT record says, if that makes sense.
    pub announcement: Option<Announcement>,
    /// Its addresses, and where they were heard.
    pub heard: Vec<Heard>,
}

/// The instances that are there, next to those that the reader was told of.
///
/// Pure: it holds two tables and the names in which they may differ. [`next_news`](Self::next_news) compares them, so what
/// changes twice before somebody asks is told once, and what changes back is not told at all.
#[derive(Default)]
pub struct Sightings {
    own: Option<DevicePrefix>,
    now: BTreeMap<Instance, Peer>,
    told: BTreeMap<Instance, Peer>,
    differing: BTreeSet<Instance>,
}

impl Sightings {
    /// Passes `own` over whenever it is seen.
    pub fn new(own: Option<DevicePrefix>) -> Self {
        Self {
            own,
            ..Self::default()
        }
    }

    /// Takes in what mDNS now has of an instance.
    ///
    /// While it does not make sense, as happens before all records are there, what was known stays.
    pub fn resolved(&mut self, resolved: &Resolved, interfaces: &[Interface]) {
        let Some(instance) = Instance::of(&resolved.full_name) else {
            return;
        };
        let Some(announcement) = resolved.announcement else {
            return;
        };
        let device = announcement.device;
        let is_consistent = announcement.port == resolved.port
            && instance.as_str().starts_with(&device.to_string());
        let is_full = self.now.len() >= MAX_PEERS && !self.now.contains_key(&instance);
        if !is_consistent || self.own == Some(device) || is_full {
            return;
        }
        let addresses = address::best_first(&resolved.heard, resolved.port, interfaces);
        if addresses.is_empty() {
            return self.remove(instance);
        }
        let peer = Peer {
            instance: instance.clone(),
            device,
            protocol: announcement.protocol,
            addresses,
        };
        self.now.insert(instance.clone(), peer);
        self.note(instance);
    }

    /// Takes in that an instance is gone.
    pub fn removed(&mut self, full_name: &str) {
        if let Some(instance) = Instance::of(full_name) {
            self.remove(instance);
        }
    }

    /// Takes in that nothing is known any more.
    pub fn forget(&mut self) {
        for instance in std::mem::take(&mut self.now).into_keys() {
            self.note(instance);
        }
    }

    /// Whether there is something to tell.
    pub fn has_news(&self) -> bool {
        !self.differing.is_empty()
    }

    /// The next thing to tell, if there is one. It then counts as told.
    pub fn next_news(&mut self) -> Option<Event> {
        let instance = self.differing.pop_first()?;
        match self.now.get(&instance) {
            Some(peer) => {
                self.told.insert(instance, peer.clone());
                Some(Event::Found(peer.clone()))
            }
            None => {
                self.told.remove(&instance);
                Some(Event::Lost(instance))
            }
        }
    }

    fn remove(&mut self, instance: Instance) {
        self.now.remove(&instance);
        self.note(instance);
    }

    fn note(&mut self, instance: Instance) {
        if self.now.get(&instance) == self.told.get(&instance) {
            self.differing.remove(&instance);
        } else {
            self.differing.insert(instance);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::{InterfaceKind, SERVICE};

    const OWN: DevicePrefix = DevicePrefix::new([0; 8]);

    fn lan() -> Vec<Interface> {
        vec![Interface {
            name: "eth0".to_owned(),
            index: 2,
            address: "10.0.0.1".parse().expect("an address"),
            network_bits: 24,
            kind: InterfaceKind::Lan,
        }]
    }

    fn resolved(device: u8, port: u16, addresses: &[&str]) -> Resolved {
        let device = DevicePrefix::new([device; 8]);
        Resolved {
            full_name: format!("{device}.{SERVICE}"),
            port,
            announcement: Some(Announcement {
                protocol: 1,
                device,
                port,
            }),
            heard: addresses
                .iter()
                .map(|address| Heard {
                    address: address.parse().expect("an address"),
                    on: vec![2],
                })
                .collect(),
        }
    }

    fn news(sightings: &mut Sightings) -> Vec<String> {
        std::iter::from_fn(|| sightings.next_news())
            .map(|event| match event {
                Event::Found(peer) => format!("{} at {:?}", peer.device, peer.addresses),
                Event::Lost(instance) => format!("{instance} lost"),
            })
            .collect()
    }

    #[test]
    fn addresses_that_come_one_by_one_are_each_told() {
        let mut sightings = Sightings::new(Some(OWN));
        sightings.resolved(&resolved(7, 1, &["10.0.0.7"]), &lan());
        assert_eq!(news(&mut sightings), ["0707070707070707 at [10.0.0.7:1]"]);
        sightings.resolved(&resolved(7, 1, &["10.0.0.7"]), &lan());
        assert_eq!(news(&mut sightings), [""; 0]);
        sightings.resolved(&resolved(7, 1, &["10.0.0.8", "10.0.0.7"]), &lan());
        assert_eq!(
            news(&mut sightings),
            ["0707070707070707 at [10.0.0.7:1, 10.0.0.8:1]"]
        );
        sightings.removed(&format!("0707070707070707.{SERVICE}"));
        assert_eq!(news(&mut sightings), ["0707070707070707 lost"]);
    }

    #[test]
    fn what_changes_back_before_it_is_told_is_not_told() {
        let mut sightings = Sightings::new(None);
        sightings.resolved(&resolved(7, 1, &["10.0.0.7"]), &lan());
        sightings.forget();
        assert_eq!(news(&mut sightings), [""; 0]);
        sightings.resolved(&resolved(7, 1, &["10.0.0.7"]), &lan());
        assert_eq!(news(&mut sightings).len(), 1);
        sightings.forget();
        sightings.resolved(&resolved(7, 1, &["10.0.0.7"]), &lan());
        assert_eq!(news(&mut sightings), [""; 0]);
        sightings.removed(&format!("0909090909090909.{SERVICE}"));
        assert!(!sightings.has_news(), "it was never told of");
    }

    #[test]
    fn oneself_and_what_makes_no_sense_are_passed_over() {
        let mut sightings = Sightings::new(Some(OWN));
        sightings.resolved(&resolved(0, 1, &["10.0.0.1"]), &lan());
        let mut other_port = resolved(7, 1, &["10.0.0.7"]);
        other_port.port = 2;
        sightings.resolved(&other_port, &lan());
        let mut other_name = resolved(7, 1, &["10.0.0.7"]);
        other_name.full_name = format!("0909090909090909.{SERVICE}");
        sightings.resolved(&other_name, &lan());
        let mut no_text = resolved(7, 1, &["10.0.0.7"]);
        no_text.announcement = None;
        sightings.resolved(&no_text, &lan());
        sightings.resolved(&resolved(7, 1, &["127.0.0.1"]), &lan());
        assert_eq!(news(&mut sightings), [""; 0]);

        sightings.resolved(&resolved(7, 1, &["10.0.0.7"]), &lan());
        sightings.resolved(&no_text, &lan());
        assert_eq!(news(&mut sightings).len(), 1, "what was known stays");
    }

    #[test]
    fn a_flood_of_peers_is_cut_off() {
        let mut sightings = Sightings::new(None);
        for number in 0..2 * MAX_PEERS as u64 {
            let mut flood = resolved(7, 1, &["10.0.0.7"]);
            let device = DevicePrefix::new(number.to_be_bytes());
            flood.full_name = format!("{device}.{SERVICE}");
            flood.announcement = Some(Announcement {
                protocol: 1,
                device,
                port: 1,
            });
            sightings.resolved(&flood, &lan());
        }
        assert_eq!(news(&mut sightings).len(), MAX_PEERS);
    }

    proptest! {
        /// Whatever happens and whenever the reader asks, what it was told adds up to what is there.
        #[test]
        fn what_was_told_adds_up(steps in vec((0u8..6, 0u8..4, 1u8..4), 0..80)) {
            let mut sightings = Sightings::new(None);
            let mut heard: BTreeMap<Instance, Peer> = BTreeMap::new();
            let mut drain = |sightings: &mut Sightings, limit: usize| {
                for _ in 0..limit {
                    match sightings.next_news() {
                        Some(Event::Found(peer)) => {
                            let before = heard.insert(peer.instance.clone(), peer.clone());
                            prop_assert_ne!(before.as_ref(), Some(&peer), "told twice");
                        }
                        Some(Event::Lost(instance)) => {
                            prop_assert!(heard.remove(&instance).is_some(), "lost what was not found");
                        }
                        None => break,
                    }
                }
                Ok(())
            };
            for (step, device, count) in steps {
                match step {
                    0..3 => {
                        let all = ["10.0.0.7", "10.0.0.8", "10.0.0.9"];
                        sightings.resolved(&resolved(device, 1, &all[..count.into()]), &lan());
                    }
                    3 => sightings.removed(&format!("{}.{SERVICE}", DevicePrefix::new([device; 8]))),
                    4 => drain(&mut sightings, count.into())?,
                    _ => sightings.forget(),
                }
            }
            drain(&mut sightings, usize::MAX)?;
            prop_assert_eq!(heard, sightings.now);
        }
    }
}
