//! The doctor on real networks that have what it is to find.

#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests measure how long something takes"
)]

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use discovery::doctor::{Code, LIMIT, Question, Report, Status, Suspect, examine};
use discovery::{Announcement, DevicePrefix, Discovery, Interfaces};
use testkit::netns::{Cut, Lab, Machine};

const PORT: u16 = 4711;

fn listen(machine: &Machine) -> TcpListener {
    machine.run(|| TcpListener::bind(("0.0.0.0", PORT)).expect("a free port"))
}

fn at(address: Ipv4Addr) -> SocketAddr {
    SocketAddr::new(address.into(), PORT)
}

fn about(address: Ipv4Addr, is_seen: bool) -> Question {
    Question {
        interfaces: Interfaces::All,
        port: None,
        peer: Some(Suspect {
            addresses: vec![at(address)],
            is_seen,
        }),
    }
}

/// Examines within the promised time.
fn report(machine: &Machine, question: Question) -> Report {
    let begin = Instant::now();
    let report = machine
        .tokio()
        .block_on(async { examine(question).report().await });
    let took = begin.elapsed();
    println!("{} ms: {:#?}", took.as_millis(), report.findings);
    assert!(took < LIMIT + Duration::from_secs(2), "took {took:?}");
    report
}

fn status(report: &Report, code: Code) -> Option<Status> {
    let mut found = report
        .findings
        .iter()
        .filter(|finding| finding.code == code);
    found.next().map(|finding| finding.status)
}

#[test]
fn a_network_in_order_has_nothing_to_complain_of() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let (ana, ben) = (lab.machine("ana"), lab.machine("ben"));
    let _listeners = [listen(ana), listen(ben)];
    let tokio = ben.tokio();
    let _ben = tokio.block_on(async {
        let discovery = Discovery::start(Interfaces::All).expect("mDNS starts");
        let announcement = Announcement {
            protocol: 1,
            device: DevicePrefix::new([0xbe; 8]),
            port: PORT,
        };
        let announced = discovery.announce(announcement).expect("mDNS runs");
        (discovery, announced)
    });
    let mut question = about(ben.v4(0), true);
    question.port = Some(PORT);
    let report = report(ana, question);
    for code in [
        Code::Network,
        Code::PortOpen,
        Code::Multicast,
        Code::OthersHeard,
        Code::PeerAnswers,
    ] {
        assert_eq!(status(&report, code), Some(Status::Ok), "{code:?}");
    }
    assert!(
        report
            .findings
            .iter()
            .all(|finding| finding.status != Status::Fail)
    );
}

#[test]
fn a_port_that_nobody_listens_on_is_told_from_a_machine_that_is_not_there() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let (ana, ben) = (lab.machine("ana"), lab.machine("ben"));
    let mut question = about(ben.v4(0), true);
    question.port = Some(PORT);
    let refused = report(ana, question);
    assert_eq!(status(&refused, Code::PeerRefuses), Some(Status::Fail));
    assert_eq!(status(&refused, Code::PortClosed), Some(Status::Fail));

    let absent = report(ana, about(Ipv4Addr::new(10, 177, 0, 200), false));
    assert_eq!(status(&absent, Code::PeerAbsent), Some(Status::Fail));

    let elsewhere = report(ana, about(Ipv4Addr::new(192, 0, 2, 7), false));
    assert_eq!(status(&elsewhere, Code::PeerElsewhere), Some(Status::Fail));
}

#[test]
fn one_that_is_seen_and_swallows_connections_is_kept_apart() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let (ana, ben) = (lab.machine("ana"), lab.machine("ben"));
    let _listener = listen(ben);
    // Ana knows where Ben is, and then nothing comes back any more.
    let address = at(ben.v4(0));
    ana.run(|| TcpStream::connect(address).expect("the wire is whole"));
    lab.cut("ben", "ana", Cut::Silent);
    let report = report(ana, about(ben.v4(0), true));
    assert_eq!(status(&report, Code::PeerIsolated), Some(Status::Fail));
    assert_eq!(status(&report, Code::NobodyHeard), Some(Status::Unknown));
}

#[test]
fn a_machine_without_a_cable_has_no_network() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let ana = lab.machine("ana");
    lab.cut("ana", "ben", Cut::Unplugged);
    let begin = Instant::now();
    // The system learns of it a moment later.
    while status(&report(ana, Question::default()), Code::NoNetwork).is_none() {
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "it is still there"
        );
    }
    let named = Question {
        interfaces: Interfaces::Named(["lan0".to_owned()].into()),
        ..Question::default()
    };
    let report = report(ana, named);
    assert_eq!(status(&report, Code::InterfaceMissing), Some(Status::Fail));
}

#[test]
fn a_program_that_keeps_the_port_of_mdns_is_noticed() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let ana = lab.machine("ana");
    let _taken = ana.run(|| UdpSocket::bind("0.0.0.0:5353").expect("a free port"));
    let report = report(ana, Question::default());
    assert_eq!(
        status(&report, Code::MulticastPortTaken),
        Some(Status::Fail)
    );
}

#[test]
fn findings_come_as_they_are_known_and_nothing_goes_on_without_a_reader() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let ana = lab.machine("ana");
    let tokio = ana.tokio();
    let begin = Instant::now();
    let first = tokio.block_on(async {
        let mut examination = examine(about(Ipv4Addr::new(10, 177, 0, 200), false));
        examination.next().await
    });
    assert_eq!(first.map(|finding| finding.code), Some(Code::Network));
    // Nobody waits for the address that no machine has, and the port of mDNS is free again.
    assert!(begin.elapsed() < LIMIT, "{:?}", begin.elapsed());
    let is_free = || ana.run(|| UdpSocket::bind("0.0.0.0:5353").is_ok());
    while !is_free() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it goes on");
        std::thread::yield_now();
    }
}
