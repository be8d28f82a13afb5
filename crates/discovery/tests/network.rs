//! Real mDNS between machines made of network namespaces: what is found, lost and told, and what is on the wire.

#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests have deadlines and ask this machine for its names"
)]

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::time::{Duration, Instant};

use discovery::{
    Announced, Announcement, Browse, DevicePrefix, Discovery, Event, Interfaces, Peer,
};
use testkit::netns::{Cut, Lab, Machine, Sniffer, Tokio};

const ANA: DevicePrefix = DevicePrefix::new([0xa1; 8]);
const BEN: DevicePrefix = DevicePrefix::new([0xbe; 8]);
const MDNS: u16 = 5353;
/// For a busy machine; what is promised is asserted where it is promised.
const DEADLINE: Duration = Duration::from_secs(30);

/// An instance on a machine of the lab.
struct Instance {
    discovery: Discovery,
    announced: Announced,
    browse: Browse,
    tokio: Tokio,
}

impl Instance {
    fn start(machine: &Machine, device: DevicePrefix, interfaces: Interfaces) -> Self {
        let tokio = machine.tokio();
        let (discovery, announced, browse) = tokio.block_on(async move {
            let discovery = Discovery::start(interfaces).expect("mDNS starts");
            let announcement = Announcement {
                protocol: 3,
                device,
                port: 4711,
            };
            let announced = discovery.announce(announcement).expect("mDNS runs");
            let browse = discovery.browse(Some(device)).expect("mDNS runs");
            (discovery, announced, browse)
        });
        Self {
            discovery,
            announced,
            browse,
            tokio,
        }
    }

    /// The next event. It waits here, not on the machine: a channel belongs to none.
    fn next(&mut self) -> Event {
        let Self { browse, tokio, .. } = self;
        tokio
            .wait(async { tokio::time::timeout(DEADLINE, browse.next()).await })
            .expect("something is told")
            .expect("the search goes on")
    }

    fn until<T>(&mut self, mut wanted: impl FnMut(&Event) -> Option<T>) -> T {
        let begin = Instant::now();
        while begin.elapsed() < DEADLINE {
            if let Some(found) = wanted(&self.next()) {
                return found;
            }
        }
        panic!("it was never told");
    }

    fn until_found(&mut self, device: DevicePrefix) -> Peer {
        self.until(|event| match event {
            Event::Found(peer) if peer.device == device => Some(peer.clone()),
            _ => None,
        })
    }

    fn until_at(&mut self, device: DevicePrefix, address: Ipv4Addr) -> Peer {
        self.until(|event| match event {
            Event::Found(peer) if peer.device == device && has(peer, address) => Some(peer.clone()),
            _ => None,
        })
    }

    fn until_lost(&mut self, device: DevicePrefix) {
        self.until(|event| match event {
            Event::Lost(instance) if instance.as_str() == device.to_string() => Some(()),
            _ => None,
        });
    }
}

fn has(peer: &Peer, address: Ipv4Addr) -> bool {
    peer.addresses
        .iter()
        .any(|known| known.ip() == IpAddr::V4(address))
}

#[test]
fn two_machines_find_each_other_within_five_seconds() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let (ana_machine, ben_machine) = (lab.machine("ana"), lab.machine("ben"));
    let begin = Instant::now();
    let mut ana = Instance::start(ana_machine, ANA, Interfaces::All);
    let mut ben = Instance::start(ben_machine, BEN, Interfaces::All);
    let peer = ana.until_at(BEN, ben_machine.v4(0));
    assert_eq!((peer.device, peer.protocol), (BEN, 3));
    assert_eq!(peer.instance.as_str(), BEN.to_string());
    assert_eq!(
        peer.addresses[0].to_string(),
        format!("{}:4711", ben_machine.v4(0)),
        "the address of the shared network comes first"
    );
    ben.until_at(ANA, ana_machine.v4(0));
    let took = begin.elapsed();
    println!("both found after {} ms", took.as_millis());
    assert!(took < Duration::from_secs(5), "took {took:?}");

    if ben_machine.v6(0).is_none() {
        return;
    }
    let mut link_local = link_local_of(&peer);
    while link_local.is_none() {
        link_local = link_local_of(&ana.until_found(BEN));
    }
    let scope = link_local.map(|address| address.scope_id());
    assert_ne!(scope, Some(0), "a link-local address has its link");
}

fn link_local_of(peer: &Peer) -> Option<SocketAddrV6> {
    peer.addresses.iter().find_map(|address| match address {
        SocketAddr::V6(v6) if v6.ip().is_unicast_link_local() => Some(*v6),
        _ => None,
    })
}

#[test]
fn one_that_withdraws_is_lost_at_once_and_found_again_when_it_returns() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let mut ana = Instance::start(lab.machine("ana"), ANA, Interfaces::All);
    let ben = Instance::start(lab.machine("ben"), BEN, Interfaces::All);
    ana.until_found(BEN);
    let Instance {
        discovery,
        announced,
        browse: _browse,
        tokio,
    } = ben;
    let begin = Instant::now();
    drop(announced);
    ana.until_lost(BEN);
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(5), "took {took:?}");

    let begin = Instant::now();
    tokio.block_on(discovery.close());
    let took = begin.elapsed();
    assert!(
        took < discovery::CLOSE + Duration::from_secs(1),
        "took {took:?}"
    );
    let _ben = Instance::start(lab.machine("ben"), BEN, Interfaces::All);
    ana.until_found(BEN);
}

#[test]
fn closing_says_goodbye_and_ends_the_search() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let mut ana = Instance::start(lab.machine("ana"), ANA, Interfaces::All);
    let mut ben = Instance::start(lab.machine("ben"), BEN, Interfaces::All);
    ana.until_found(BEN);
    ben.tokio.block_on(ben.discovery.close());
    ana.until_lost(BEN);
    let ended = ben.tokio.wait(async {
        tokio::time::timeout(DEADLINE, async {
            while ben.browse.next().await.is_some() {}
        })
        .await
    });
    ended.expect("the stream ends");
}

#[test]
fn one_that_vanished_is_lost_soon_after_it_is_doubted() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let mut ana = Instance::start(lab.machine("ana"), ANA, Interfaces::All);
    let _ben = Instance::start(lab.machine("ben"), BEN, Interfaces::All);
    let peer = ana.until_found(BEN);
    // Killed, or without power: it cannot say goodbye.
    lab.cut("ben", "ana", Cut::Silent);
    let begin = Instant::now();
    ana.browse.doubt(&peer.instance);
    ana.until_lost(BEN);
    let took = begin.elapsed();
    println!("lost {} ms after it was doubted", took.as_millis());
    assert!(
        took < discovery::DOUBT + Duration::from_secs(5),
        "took {took:?}"
    );
}

#[test]
fn one_that_is_doubted_and_answers_stays() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let mut ana = Instance::start(lab.machine("ana"), ANA, Interfaces::All);
    let _ben = Instance::start(lab.machine("ben"), BEN, Interfaces::All);
    let peer = ana.until_found(BEN);
    ana.browse.doubt(&peer.instance);
    let Instance { browse, tokio, .. } = &mut ana;
    let lost = async {
        while let Some(event) = browse.next().await {
            if matches!(event, Event::Lost(_)) {
                return;
            }
        }
    };
    let decided = discovery::DOUBT + Duration::from_secs(1);
    let waited_in_vain = tokio.wait(async { tokio::time::timeout(decided, lost).await });
    assert!(waited_in_vain.is_err(), "it was lost although it answered");
}

#[test]
fn a_changed_address_is_told_and_the_old_one_forgotten() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let ben_machine = lab.machine("ben");
    let mut ana = Instance::start(lab.machine("ana"), ANA, Interfaces::All);
    let _ben = Instance::start(ben_machine, BEN, Interfaces::All);
    ana.until_at(BEN, ben_machine.v4(0));
    let new = Ipv4Addr::new(10, 177, 0, 99);
    let begin = Instant::now();
    ben_machine.change_address(0, new);
    ana.until(|event| match event {
        Event::Found(peer) if has(peer, new) && !has(peer, ben_machine.v4(0)) => Some(()),
        Event::Found(_) => None,
        Event::Lost(_) => panic!("a change of address is no goodbye"),
    });
    println!("told {} ms after the change", begin.elapsed().as_millis());
}

#[test]
fn a_cable_that_is_plugged_in_again_needs_nothing_else() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let mut ana = Instance::start(lab.machine("ana"), ANA, Interfaces::All);
    let _ben = Instance::start(lab.machine("ben"), BEN, Interfaces::All);
    ana.until_found(BEN);
    lab.cut("ana", "ben", Cut::Unplugged);
    ana.until_lost(BEN);
    lab.mend("ana", "ben");
    ana.until_found(BEN);
}

#[test]
fn only_the_chosen_interface_is_used() {
    // Ben is in the middle and chose the wire to Ana.
    let Some(lab) = Lab::chain(&["ana", "ben", "eve"]) else {
        return;
    };
    let eve = lab.machine("eve");
    let sniffer = Sniffer::start(eve);
    let mut ana = Instance::start(lab.machine("ana"), ANA, Interfaces::All);
    let ben = lab.machine("ben");
    let _ben = Instance::start(ben, BEN, Interfaces::Named(["lan0".to_owned()].into()));
    let peer = ana.until_at(BEN, ben.v4(0));
    assert!(!has(&peer, ben.v4(1)), "{:?}", peer.addresses);
    mark(ben, eve.v4(0), &sniffer);
    assert_eq!(mdns_from(&sniffer, ben.hardware(1)), 0);
}

#[test]
fn instances_on_one_machine_find_each_other_without_a_network() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let machine = lab.machine("ana");
    let sniffer = Sniffer::start(lab.machine("ben"));
    let mut first = Instance::start(machine, ANA, Interfaces::Loopback);
    let mut second = Instance::start(machine, BEN, Interfaces::Loopback);
    first.until_at(BEN, Ipv4Addr::LOCALHOST);
    second.until_at(ANA, Ipv4Addr::LOCALHOST);
    mark(machine, lab.machine("ben").v4(0), &sniffer);
    assert_eq!(mdns_from(&sniffer, machine.hardware(0)), 0);
}

#[test]
fn one_that_is_off_opens_and_sends_nothing() {
    let Some(lab) = Lab::lan(&["ana", "ben", "eve"]) else {
        return;
    };
    let ana_machine = lab.machine("ana");
    let sniffer = Sniffer::start(lab.machine("eve"));
    let _ana = Instance::start(ana_machine, ANA, Interfaces::Off);
    // What Ana would have done is done by the time that others, who began later, have found each other.
    let mut ben = Instance::start(lab.machine("ben"), BEN, Interfaces::All);
    let eve = DevicePrefix::new([0xee; 8]);
    let _eve = Instance::start(lab.machine("eve"), eve, Interfaces::All);
    ben.until_found(eve);
    mark(ana_machine, lab.machine("eve").v4(0), &sniffer);
    assert_eq!(mdns_from(&sniffer, ana_machine.hardware(0)), 0);
    assert!(mdns_from(&sniffer, lab.machine("ben").hardware(0)) > 0);
    let is_bound = |machine: &Machine| {
        let sockets = machine.run(|| {
            ["udp", "udp6"].map(|kind| {
                let path = format!("/proc/thread-self/net/{kind}");
                std::fs::read_to_string(path).unwrap_or_default()
            })
        });
        sockets.concat().contains(&format!(":{MDNS:04X} "))
    };
    assert!(!is_bound(ana_machine));
    assert!(is_bound(lab.machine("ben")));
}

#[test]
fn no_name_of_machine_or_user_is_on_the_wire() {
    let Some(lab) = Lab::lan(&["ana", "ben", "eve"]) else {
        return;
    };
    let sniffer = Sniffer::start(lab.machine("eve"));
    let mut ana = Instance::start(lab.machine("ana"), ANA, Interfaces::All);
    let ben = Instance::start(lab.machine("ben"), BEN, Interfaces::All);
    ana.until_found(BEN);
    ben.tokio.block_on(ben.discovery.close());
    ana.until_lost(BEN);

    let sent: Vec<Vec<u8>> = sniffer
        .datagrams()
        .into_iter()
        .filter(|datagram| datagram.to_port == MDNS)
        .map(|datagram| datagram.payload)
        .collect();
    let texts: BTreeSet<String> = sent.iter().flat_map(|payload| texts(payload)).collect();
    println!("on the wire: {texts:?}");
    let own = [ANA, BEN].map(|device| device.to_string());
    let mut allowed = vec![
        "_talus-tally".to_owned(),
        "_tcp".to_owned(),
        "local".to_owned(),
        "protocol=3".to_owned(),
        "port=4711".to_owned(),
    ];
    for device in own {
        allowed.extend([
            format!("talus-{device}"),
            format!("device={device}"),
            device,
        ]);
    }
    for text in &texts {
        assert!(allowed.contains(text), "`{text}` is on the wire");
    }
    assert!(texts.contains("protocol=3"), "something was looked at");

    // A machine that is called as a part of what is sent anyway proves nothing.
    let is_ours = |name: &String| allowed.iter().any(|text| text.contains(name));
    for name in names_of_this_machine()
        .into_iter()
        .filter(|name| !is_ours(name))
    {
        let is_sent = |payload: &Vec<u8>| {
            let payload = payload.to_ascii_lowercase();
            payload
                .windows(name.len())
                .any(|part| part == name.as_bytes())
        };
        assert!(!sent.iter().any(is_sent), "`{name}` is on the wire");
    }
}

/// Runs of at least four printable characters: what somebody who listens could read.
fn texts(payload: &[u8]) -> Vec<String> {
    payload
        .split(|byte| !(b' '..=b'~').contains(byte))
        .filter(|run| run.len() >= 4)
        .map(|run| String::from_utf8_lossy(run).into_owned())
        .collect()
}

/// Host and user name in small letters, as far as they are long enough to be told from chance.
fn names_of_this_machine() -> Vec<String> {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let users = ["USER", "LOGNAME", "HOME"].map(|key| std::env::var(key).unwrap_or_default());
    let mut names: Vec<String> = users
        .iter()
        .chain([&host])
        .filter_map(|name| name.trim().rsplit('/').next())
        .map(str::to_ascii_lowercase)
        .filter(|name| name.len() >= 4)
        .collect();
    names.dedup();
    names
}

/// Sends a datagram from a machine and waits until it is seen: what the machine sent before has been seen, too.
fn mark(machine: &Machine, to: Ipv4Addr, sniffer: &Sniffer) {
    machine.run(|| {
        let socket = UdpSocket::bind("0.0.0.0:0").expect("a free port");
        socket.send_to(b"mark", (to, 9)).expect("there is a route");
    });
    sniffer.wait_for(|datagram| datagram.payload == b"mark");
}

fn mdns_from(sniffer: &Sniffer, hardware: [u8; 6]) -> usize {
    let datagrams = sniffer.datagrams();
    datagrams
        .iter()
        .filter(|datagram| datagram.to_port == MDNS && datagram.hardware == hardware)
        .count()
}
