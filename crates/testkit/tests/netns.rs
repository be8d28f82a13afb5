//! The lab is what it says: only machines on one wire meet, and what fails is noticed as it would be in an office.

#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests have deadlines, threads and programs"
)]

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use testkit::netns::{Cut, Lab, Machine, Sniffer};

const PORT: u16 = 4711;
/// Short enough to wait for in vain. What is to succeed is tried again.
const PATIENCE: Duration = Duration::from_millis(700);

fn listen(machine: &Machine) -> TcpListener {
    machine.run(|| TcpListener::bind(("::", PORT)).expect("a free port"))
}

fn reaches(machine: &Machine, address: impl Into<IpAddr>) -> bool {
    let address = SocketAddr::new(address.into(), PORT);
    machine.run(|| TcpStream::connect_timeout(&address, PATIENCE).is_ok())
}

#[test]
fn machines_on_one_wire_reach_each_other() {
    let Some(lab) = Lab::lan(&["ana", "ben", "eve"]) else {
        return;
    };
    let (ana, ben) = (lab.machine("ana"), lab.machine("ben"));
    let _listener = listen(ben);
    wait(|| reaches(ana, ben.v4(0)));
    wait(|| reaches(lab.machine("eve"), ben.v4(0)));
    if let Some(address) = ben.v6(0) {
        wait(|| reaches(ana, address));
    }
    assert!(!reaches(ana, ana.v4(0)), "nobody listens there");
}

#[test]
fn in_a_chain_only_neighbours_reach_each_other() {
    let Some(lab) = Lab::chain(&["a", "c", "d", "b"]) else {
        return;
    };
    let _listeners = ["a", "c", "d", "b"].map(|name| listen(lab.machine(name)));
    let reach = |from: &str, to: &str, n| reaches(lab.machine(from), lab.machine(to).v4(n));
    wait(|| reach("a", "c", 0) && reach("c", "d", 0) && reach("d", "b", 0));
    wait(|| reach("b", "d", 1) && reach("d", "c", 1) && reach("c", "a", 0));
    assert!(!reach("a", "d", 0) && !reach("a", "b", 0) && !reach("c", "b", 0));
}

#[test]
fn a_silent_cut_closes_nothing_and_a_mended_wire_carries_on() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let (ana, ben) = (lab.machine("ana"), lab.machine("ben"));
    let listener = listen(ben);
    let address = SocketAddr::new(ben.v4(0).into(), PORT);
    let mut near = ana.run(|| TcpStream::connect(address).expect("the wire is whole"));
    let (mut far, _) = listener.accept().expect("somebody has connected");
    far.set_read_timeout(Some(Duration::from_millis(200)))
        .expect("a socket takes a timeout");

    lab.cut("ana", "ben", Cut::Silent);
    near.write_all(b"x").expect("nobody has told the sender");
    let nothing = far.read(&mut [0]).expect_err("the wire is cut");
    assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
    assert_eq!(ana.run(carrier), "1");

    lab.mend("ana", "ben");
    far.set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a socket takes a timeout");
    far.read_exact(&mut [0]).expect("it was sent again");
}

#[test]
fn a_pulled_cable_is_seen_by_its_own_machine_only() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let (ana, ben) = (lab.machine("ana"), lab.machine("ben"));
    let _listener = listen(ben);
    lab.cut("ana", "ben", Cut::Unplugged);
    wait(|| ana.run(carrier) == "0");
    assert_eq!(ben.run(carrier), "1");
    assert!(!reaches(ana, ben.v4(0)));
    lab.mend("ana", "ben");
    wait(|| reaches(ana, ben.v4(0)));
}

#[test]
fn a_changed_address_replaces_the_old_one() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let (ana, ben) = (lab.machine("ana"), lab.machine("ben"));
    let _listener = listen(ben);
    let new = Ipv4Addr::new(10, 177, 0, 99);
    ben.change_address(0, new);
    wait(|| reaches(ana, new));
    assert!(!reaches(ana, ben.v4(0)));
}

#[test]
fn tasks_and_programs_run_on_the_network_of_their_machine() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let ana = lab.machine("ana");
    let tokio = ana.tokio();
    let listener = tokio.block_on(async {
        let nested = tokio::spawn(tokio::net::TcpListener::bind(("127.0.0.1", PORT)));
        nested.await.expect("no panic").expect("a free port")
    });
    wait(|| reaches(ana, Ipv4Addr::LOCALHOST));
    assert!(!reaches(lab.machine("ben"), Ipv4Addr::LOCALHOST));
    tokio.block_on(async move { drop(listener) });

    let output = ana.command("ip").args(["-br", "addr"]).output();
    let text = String::from_utf8(output.expect("`ip` runs").stdout).expect("text");
    assert!(text.contains("10.177.0.1/24"), "{text}");
    assert!(!text.contains("10.177.0.2/24"), "{text}");
}

#[test]
fn a_sniffer_sees_what_a_neighbour_sends_and_who_it_was() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let (ana, ben) = (lab.machine("ana"), lab.machine("ben"));
    let sniffer = Sniffer::start(ben);
    ana.run(|| {
        let socket = UdpSocket::bind((ana.v4(0), 0)).expect("a free port");
        socket
            .send_to(b"hello", (ben.v4(0), 9))
            .expect("there is a route");
    });
    let seen = sniffer.wait_for(|datagram| datagram.payload == b"hello");
    assert_eq!((seen.hardware, seen.to_port), (ana.hardware(0), 9));
}

#[test]
fn nothing_is_left_of_a_lab_in_a_panic() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let name = lab.machine("ana").namespace().to_owned();
    assert!(namespaces().contains(&name));
    let panicked = thread::spawn(move || {
        let _lab = lab;
        panic!("on purpose");
    });
    assert!(panicked.join().is_err());
    assert!(!namespaces().contains(&name));
}

#[test]
fn what_a_killed_test_left_behind_is_removed_by_the_next() {
    if Lab::lan(&["ana", "ben"]).is_none() {
        return;
    }
    let mut gone = Command::new("true").spawn().expect("`true` runs");
    gone.wait().expect("it ends");
    let name = format!("tt-{}-0", gone.id());
    let added = Command::new("ip").args(["netns", "add", &name]).status();
    assert!(added.expect("`ip` runs").success());
    let _lab = Lab::lan(&["ana", "ben"]);
    assert!(!namespaces().contains(&name));
}

fn namespaces() -> String {
    let output = Command::new("ip").args(["netns", "list"]).output();
    String::from_utf8(output.expect("`ip` runs").stdout).expect("text")
}

/// Whether `lan0` of the machine that this runs on has a carrier, as its system tells.
fn carrier() -> String {
    let output = Command::new("ip")
        .args(["-br", "link", "show", "lan0"])
        .output()
        .expect("`ip` runs");
    let text = String::from_utf8(output.stdout).expect("text");
    if text.contains("NO-CARRIER") {
        "0"
    } else {
        "1"
    }
    .to_owned()
}

fn wait(mut is_true: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_true() {
        assert!(Instant::now() < deadline, "it has not become true");
        thread::park_timeout(Duration::from_millis(10));
    }
}
