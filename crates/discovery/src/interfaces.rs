//! This machine's interfaces, and which of them are used.

use std::collections::BTreeSet;
use std::net::IpAddr;

/// Which interfaces are used for discovery.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Interfaces {
    /// None. Nothing is opened and nothing is sent.
    Off,
    /// Only this machine itself.
    Loopback,
    /// Those of these names, for example `eth0`, `en0` or `Ethernet 2`.
    Named(BTreeSet<String>),
    /// All that are up, but for direct lines to one other machine, as most VPNs are.
    #[default]
    All,
}

impl Interfaces {
    /// Whether the interface of that name is used.
    pub(crate) fn include(&self, name: &str, is_loopback: bool) -> bool {
        match self {
            Self::Off => false,
            Self::Loopback => is_loopback,
            Self::Named(names) => names.contains(name),
            Self::All => true,
        }
    }
}

/// One address of an interface that is up.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its number, which is the scope of link-local addresses.
    pub index: u32,
    /// The address.
    pub address: IpAddr,
    /// How many leading bits of the address are those of its network.
    pub network_bits: u8,
    /// What is behind it.
    pub kind: InterfaceKind,
}

/// What is behind an interface.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum InterfaceKind {
    /// This machine.
    Loopback,
    /// A network with other machines, by cable or radio.
    Lan,
    /// A tunnel.
    Vpn,
    /// Containers or virtual machines on this one.
    Virtual,
}

/// Beginnings of the names that the usual programs give to their interfaces.
const VPN: &[&str] = &[
    "tun",
    "tap",
    "utun",
    "wg",
    "ppp",
    "ipsec",
    "tailscale",
    "zt",
    "nordlynx",
    "proton",
];
const VIRTUAL: &[&str] = &[
    "docker",
    "br-",
    "veth",
    "virbr",
    "vnet",
    "vmnet",
    "vboxnet",
    "cni",
    "flannel",
    "podman",
    "lxc",
    "lxd",
    "vethernet",
    "bridge1",
];

impl InterfaceKind {
    fn of(name: &str, is_loopback: bool, is_direct: bool) -> Self {
        let name = name.to_ascii_lowercase();
        let begins = |beginnings: &[&str]| beginnings.iter().any(|begin| name.starts_with(begin));
        if is_loopback {
            Self::Loopback
        } else if is_direct || begins(VPN) {
            Self::Vpn
        } else if begins(VIRTUAL) {
            Self::Virtual
        } else {
            Self::Lan
        }
    }
}

impl Interface {
    /// Whether an address is in the network behind this one.
    pub fn reaches(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32_u32.saturating_sub(self.network_bits.into());
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128_u32.saturating_sub(self.network_bits.into());
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

/// Every address of every interface that is up, in a fixed order. Empty if the system does not tell.
pub fn list() -> Vec<Interface> {
    let mut interfaces: Vec<Interface> = if_addrs::get_if_addrs()
        .unwrap_or_default()
        .into_iter()
        .filter(if_addrs::Interface::is_oper_up)
        .map(|found| Interface {
            kind: InterfaceKind::of(&found.name, found.is_loopback(), found.is_p2p()),
            index: found.index.unwrap_or(0),
            address: found.ip(),
            network_bits: match &found.addr {
                if_addrs::IfAddr::V4(address) => address.prefixlen,
                if_addrs::IfAddr::V6(address) => address.prefixlen,
            },
            name: found.name,
        })
        .collect();
    interfaces.sort();
    interfaces.dedup();
    interfaces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(address: &str, network_bits: u8) -> Interface {
        Interface {
            name: "eth0".to_owned(),
            index: 2,
            address: address.parse().expect("an address"),
            network_bits,
            kind: InterfaceKind::Lan,
        }
    }

    #[test]
    fn a_network_ends_where_its_bits_end() {
        let reaches = |own: &str, bits, other: &str| {
            interface(own, bits).reaches(other.parse().expect("an address"))
        };
        assert!(reaches("192.168.1.5", 24, "192.168.1.200"));
        assert!(!reaches("192.168.1.5", 24, "192.168.2.5"));
        assert!(reaches("192.168.1.5", 23, "192.168.0.5"));
        assert!(reaches("10.0.0.1", 32, "10.0.0.1"));
        assert!(!reaches("10.0.0.1", 32, "10.0.0.2"));
        assert!(reaches("fe80::1", 64, "fe80::2"));
        assert!(!reaches("fd00:0:0:1::1", 64, "fd00:0:0:2::1"));
        assert!(!reaches("10.0.0.1", 8, "fe80::1"));
        // A system that tells no mask says that everything is near.
        assert!(reaches("10.0.0.1", 0, "192.168.1.1"));
    }

    #[test]
    fn kinds_follow_from_names_where_the_system_tells_nothing() {
        let kind = |name| InterfaceKind::of(name, false, false);
        assert_eq!(kind("eth0"), InterfaceKind::Lan);
        assert_eq!(kind("wlp3s0"), InterfaceKind::Lan);
        assert_eq!(kind("en0"), InterfaceKind::Lan);
        assert_eq!(kind("Ethernet 2"), InterfaceKind::Lan);
        assert_eq!(kind("bridge0"), InterfaceKind::Lan);
        assert_eq!(kind("tailscale0"), InterfaceKind::Vpn);
        assert_eq!(kind("utun4"), InterfaceKind::Vpn);
        assert_eq!(kind("docker0"), InterfaceKind::Virtual);
        assert_eq!(kind("vEthernet (WSL)"), InterfaceKind::Virtual);
        assert_eq!(
            InterfaceKind::of("lo", true, false),
            InterfaceKind::Loopback
        );
        assert_eq!(InterfaceKind::of("office", false, true), InterfaceKind::Vpn);
    }

    #[test]
    fn a_choice_includes_what_it_says() {
        let named = Interfaces::Named(["eth0".to_owned()].into());
        assert!(named.include("eth0", false) && !named.include("eth1", false));
        assert!(
            Interfaces::Loopback.include("lo", true)
                && !Interfaces::Loopback.include("eth0", false)
        );
        assert!(Interfaces::All.include("eth0", false) && Interfaces::All.include("lo", true));
        assert!(!Interfaces::Off.include("lo", true));
    }

    #[test]
    fn this_machine_has_a_loopback() {
        let is_loopback = |interface: &Interface| interface.kind == InterfaceKind::Loopback;
        assert!(list().iter().any(is_loopback));
    }
}
