//! What there is to try, given the interfaces.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::Question;
use crate::{Interface, InterfaceKind};

/// Each is a socket and a task at the same time; nobody has more addresses that matter.
const MAX_ADDRESSES: usize = 8;

/// What to try.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// Where to dial oneself.
    pub own: Vec<SocketAddr>,
    /// Interfaces to listen for one's own query on, each with its addresses.
    pub echoes: BTreeMap<String, Vec<Interface>>,
    /// Where to dial the peer.
    pub peer: Vec<SocketAddr>,
}

/// The interfaces that discovery uses and that others can be behind; without any, those that are this machine's alone.
pub fn used(question: &Question, interfaces: &[Interface]) -> Vec<Interface> {
    let chosen = |interface: &&Interface| {
        let is_loopback = interface.kind == InterfaceKind::Loopback;
        question.interfaces.include(&interface.name, is_loopback)
    };
    let of = |kinds: &[InterfaceKind]| -> Vec<Interface> {
        let interfaces = interfaces.iter().filter(chosen);
        interfaces
            .filter(|interface| kinds.contains(&interface.kind))
            .cloned()
            .collect()
    };
    let shared = of(&[InterfaceKind::Lan]);
    if !shared.is_empty() {
        return shared;
    }
    of(&[InterfaceKind::Virtual, InterfaceKind::Loopback])
}

pub fn plan(question: &Question, interfaces: &[Interface]) -> Plan {
    let used = used(question, interfaces);
    let mut plan = Plan::default();
    for interface in &used {
        let is_link_local =
            matches!(interface.address, IpAddr::V6(v6) if v6.is_unicast_link_local());
        if let Some(port) = question.port.filter(|_| !is_link_local) {
            plan.own.push(SocketAddr::new(interface.address, port));
        }
        let same = plan.echoes.entry(interface.name.clone()).or_default();
        same.push(interface.clone());
    }
    // IPv4 first, since that is what a limit should keep.
    plan.own.sort();
    plan.own.truncate(MAX_ADDRESSES);
    while plan.echoes.len() > MAX_ADDRESSES {
        plan.echoes.pop_last();
    }
    if let Some(peer) = &question.peer {
        plan.peer = peer.addresses.clone();
        plan.peer.truncate(MAX_ADDRESSES);
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Interfaces;
    use crate::doctor::Suspect;

    fn interface(name: &str, address: &str, kind: InterfaceKind) -> Interface {
        Interface {
            name: name.to_owned(),
            index: 1,
            address: address.parse().expect("an address"),
            network_bits: 24,
            kind,
        }
    }

    fn question(interfaces: Interfaces) -> Question {
        Question {
            interfaces,
            port: Some(4711),
            peer: Some(Suspect {
                addresses: vec!["10.0.0.2:1".parse().expect("an address"); 40],
                is_seen: false,
            }),
        }
    }

    #[test]
    fn the_network_that_is_shared_is_tried() {
        let interfaces = [
            interface("lo", "127.0.0.1", InterfaceKind::Loopback),
            interface("eth0", "fd00::1", InterfaceKind::Lan),
            interface("eth0", "10.0.0.1", InterfaceKind::Lan),
            interface("eth0", "fe80::1", InterfaceKind::Lan),
            interface("docker0", "172.17.0.1", InterfaceKind::Virtual),
            interface("tun0", "10.8.0.1", InterfaceKind::Vpn),
        ];
        let plan = plan(&question(Interfaces::All), &interfaces);
        let own: Vec<_> = plan.own.iter().map(ToString::to_string).collect();
        assert_eq!(own, ["10.0.0.1:4711", "[fd00::1]:4711"]);
        let echoes: Vec<_> = plan.echoes.keys().collect();
        assert_eq!(echoes, ["eth0"]);
        assert_eq!(plan.peer.len(), MAX_ADDRESSES);
    }

    #[test]
    fn without_a_network_this_machine_is_tried_and_off_nothing() {
        let interfaces = [interface("lo", "127.0.0.1", InterfaceKind::Loopback)];
        let tried = plan(&question(Interfaces::All), &interfaces);
        assert_eq!((tried.own.len(), tried.echoes.len()), (1, 1));
        let off = plan(&question(Interfaces::Off), &interfaces);
        assert_eq!((off.own.len(), off.echoes.len()), (0, 0));
    }
}
