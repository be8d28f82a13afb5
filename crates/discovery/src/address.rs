//! Which of a peer's addresses can be used, and which to try first.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use crate::{Interface, InterfaceKind};

/// How many addresses of one peer are kept; more are of no use, and a hostile one could announce any number.
const MAX_ADDRESSES: usize = 16;

/// An address as it was announced, and the numbers of the interfaces it was heard on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heard {
    pub address: IpAddr,
    pub on: Vec<u32>,
}

/// From best to worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// Another instance on this machine.
    Here,
    /// In the network of the interface that it was heard on.
    Near,
    /// The same without a router's help: it goes when the interface gets another number.
    LinkLocal,
    /// The same in a tunnel or among containers.
    Inside,
    /// Somewhere else; heard nearby all the same.
    Elsewhere,
}

/// Puts the addresses that can be used into the order in which to try them.
///
/// Those of the network that they were heard on come first, IPv4 before IPv6. What only means something on another
/// machine (its loopback, a link-local address of unknown link) is left out, as is what is no address of a machine.
pub fn best_first(heard: &[Heard], port: u16, own: &[Interface]) -> Vec<SocketAddr> {
    let mut found: Vec<(Class, bool, SocketAddr)> = Vec::new();
    for Heard { address, on } in heard {
        if address.is_unspecified() || address.is_multicast() || is_broadcast(*address) {
            continue;
        }
        let on = own.iter().filter(|interface| on.contains(&interface.index));
        let class = on
            .clone()
            .filter_map(|interface| class(*address, interface))
            .min();
        let Some(class) = class else { continue };
        match address {
            IpAddr::V6(v6) if v6.is_unicast_link_local() => {
                let mut scopes: Vec<u32> = on.map(|interface| interface.index).collect();
                scopes.dedup();
                found.extend(scopes.iter().map(|scope| {
                    let scoped = SocketAddrV6::new(*v6, port, 0, *scope);
                    (class, true, SocketAddr::V6(scoped))
                }));
            }
            _ => found.push((class, address.is_ipv6(), SocketAddr::new(*address, port))),
        }
    }
    found.sort();
    found.dedup();
    found.truncate(MAX_ADDRESSES);
    found.into_iter().map(|(_, _, address)| address).collect()
}

/// What an address is worth that was heard on this interface, unless it means nothing here.
fn class(address: IpAddr, heard_on: &Interface) -> Option<Class> {
    let is_link_local = match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    match heard_on.kind {
        InterfaceKind::Loopback if address.is_loopback() => Some(Class::Here),
        _ if address.is_loopback() => None,
        InterfaceKind::Lan if is_link_local => Some(Class::LinkLocal),
        InterfaceKind::Lan if heard_on.reaches(address) => Some(Class::Near),
        InterfaceKind::Vpn | InterfaceKind::Virtual if heard_on.reaches(address) => {
            Some(Class::Inside)
        }
        _ if is_link_local => None,
        _ => Some(Class::Elsewhere),
    }
}

fn is_broadcast(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(v4) if v4.is_broadcast())
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn interface(
        name: &str,
        index: u32,
        address: &str,
        network_bits: u8,
        kind: InterfaceKind,
    ) -> Interface {
        Interface {
            name: name.to_owned(),
            index,
            address: address.parse().expect("an address"),
            network_bits,
            kind,
        }
    }

    fn own() -> Vec<Interface> {
        vec![
            interface("lo", 1, "127.0.0.1", 8, InterfaceKind::Loopback),
            interface("eth0", 2, "192.168.1.5", 24, InterfaceKind::Lan),
            interface("eth0", 2, "fe80::5", 64, InterfaceKind::Lan),
            interface("eth0", 2, "fd00::5", 64, InterfaceKind::Lan),
            interface("docker0", 3, "172.17.0.1", 16, InterfaceKind::Virtual),
        ]
    }

    fn order(heard: &[(&str, &[u32])]) -> Vec<String> {
        let heard: Vec<Heard> = heard
            .iter()
            .map(|(address, on)| Heard {
                address: address.parse().expect("an address"),
                on: on.to_vec(),
            })
            .collect();
        let found = best_first(&heard, 4711, &own());
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_network_that_both_are_in_comes_first() {
        assert_eq!(
            order(&[
                ("fe80::9", &[2]),
                ("172.17.0.2", &[3]),
                ("fd00::9", &[2]),
                ("10.9.9.9", &[2]),
                ("192.168.1.9", &[2]),
            ]),
            [
                "192.168.1.9:4711",
                "[fd00::9]:4711",
                "[fe80::9%2]:4711",
                "172.17.0.2:4711",
                "10.9.9.9:4711",
            ]
        );
    }

    #[test]
    fn an_instance_on_this_machine_is_reached_inside_it() {
        assert_eq!(
            order(&[("192.168.1.5", &[2]), ("127.0.0.1", &[1])]),
            ["127.0.0.1:4711", "192.168.1.5:4711"]
        );
    }

    #[test]
    fn what_means_something_else_here_is_left_out() {
        assert_eq!(
            order(&[
                ("127.0.0.1", &[2]),
                ("::1", &[2]),
                ("fe80::9", &[]),
                ("192.168.1.9", &[77]),
                ("0.0.0.0", &[2]),
                ("224.0.0.251", &[2]),
                ("255.255.255.255", &[2]),
                ("ff02::fb", &[2]),
            ]),
            [""; 0]
        );
    }

    proptest! {
        #[test]
        fn no_addresses_make_it_panic_and_few_are_kept(
            heard in vec((any::<IpAddr>(), vec(0u32..5, 0..4)), 0..60),
            port: u16,
        ) {
            let heard: Vec<Heard> = heard.into_iter().map(|(address, on)| Heard { address, on }).collect();
            let found = best_first(&heard, port, &own());
            prop_assert!(found.len() <= MAX_ADDRESSES);
            let mut reversed = heard.clone();
            reversed.reverse();
            prop_assert_eq!(found, best_first(&reversed, port, &own()));
        }
    }
}
