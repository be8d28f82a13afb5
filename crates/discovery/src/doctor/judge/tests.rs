//! Every judgement, by what was seen.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::Interfaces;
use crate::doctor::{Report, Suspect};

const LO: (&str, &str, InterfaceKind) = ("lo", "127.0.0.1", InterfaceKind::Loopback);
const ETH: (&str, &str, InterfaceKind) = ("eth0", "10.0.0.1", InterfaceKind::Lan);
const VPN: (&str, &str, InterfaceKind) = ("tun0", "10.8.0.1", InterfaceKind::Vpn);
const DOCKER: (&str, &str, InterfaceKind) = ("docker0", "172.17.0.1", InterfaceKind::Virtual);

fn interfaces(names: &[(&str, &str, InterfaceKind)]) -> Observation {
    Observation::Interfaces(
        names
            .iter()
            .map(|(name, address, kind)| Interface {
                name: (*name).to_owned(),
                index: 2,
                address: address.parse().expect("an address"),
                network_bits: 24,
                kind: *kind,
            })
            .collect(),
    )
}

fn asking(peer: &[&str], is_seen: bool) -> Question {
    Question {
        interfaces: Interfaces::All,
        port: Some(4711),
        peer: (!peer.is_empty()).then(|| Suspect {
            addresses: peer.iter().map(|at| socket(at)).collect(),
            is_seen,
        }),
    }
}

fn socket(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn own(at: &str, outcome: Outcome) -> Observation {
    Observation::Own {
        at: socket(at),
        outcome,
    }
}

fn peer(at: &str, outcome: Outcome) -> Observation {
    Observation::Peer {
        at: socket(at),
        outcome,
    }
}

fn echo(echo: Echo) -> Observation {
    Observation::Echo {
        interface: "eth0".to_owned(),
        echo,
    }
}

fn judge_on(
    platform: Platform,
    question: &Question,
    seen: &[Observation],
    is_complete: bool,
) -> Vec<Finding> {
    let mut judge = Judge::new(question.clone(), platform);
    let mut findings: Vec<Finding> = seen
        .iter()
        .flat_map(|observation| judge.absorb(observation.clone()))
        .collect();
    findings.extend(judge.conclude(is_complete));
    findings
}

/// Codes and how each stands, in the order in which they are told.
fn codes(findings: &[Finding]) -> Vec<(&'static str, Status)> {
    findings
        .iter()
        .map(|finding| (finding.code.as_str(), finding.status))
        .collect()
}

fn judge(question: &Question, seen: &[Observation]) -> Vec<(&'static str, Status)> {
    codes(&judge_on(Platform::Linux, question, seen, true))
}

/// How the peer is judged, of which these addresses were dialled.
fn judge_peer(outcomes: &[(&str, Outcome)], is_seen: bool) -> (&'static str, Status) {
    let addresses: Vec<&str> = outcomes.iter().map(|(at, _)| *at).collect();
    let mut seen = vec![interfaces(&[LO, ETH])];
    seen.extend(
        outcomes
            .iter()
            .map(|(at, outcome)| peer(at, outcome.clone())),
    );
    let findings = judge(&asking(&addresses, is_seen), &seen);
    assert_eq!(findings.len(), 2, "one for all addresses: {findings:?}");
    findings[1]
}

#[test]
fn a_network_is_named_and_a_missing_one_too() {
    let question = asking(&[], false);
    let network = |names: &[_]| judge(&question, &[interfaces(names)]);
    assert_eq!(network(&[LO, ETH, DOCKER]), [("network", Status::Ok)]);
    assert_eq!(
        network(&[LO, ("eth0", "fe80::1", InterfaceKind::Lan)]),
        [("network", Status::Ok)]
    );
    assert_eq!(network(&[LO]), [("no-network", Status::Fail)]);
    assert_eq!(network(&[]), [("no-network", Status::Fail)]);
    assert_eq!(network(&[LO, DOCKER]), [("only-virtual", Status::Fail)]);
    assert_eq!(network(&[LO, VPN]), [("only-virtual", Status::Fail)]);
}

#[test]
fn what_was_chosen_is_judged_before_what_is_there() {
    let chosen = |interfaces| Question {
        interfaces,
        ..Question::default()
    };
    let seen = [interfaces(&[LO, ETH])];
    assert_eq!(
        judge(&chosen(Interfaces::Off), &seen)[0],
        ("discovery-off", Status::Warn)
    );
    assert_eq!(
        judge(&chosen(Interfaces::Loopback), &seen)[0],
        ("discovery-local", Status::Warn)
    );
    let named = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        judge(&chosen(Interfaces::Named(names)), &seen)[0]
    };
    assert_eq!(named(&["eth0"]), ("network", Status::Ok));
    assert_eq!(
        named(&["eth0", "wlan0"]),
        ("interface-missing", Status::Warn)
    );
    assert_eq!(named(&["wlan0"]), ("interface-missing", Status::Fail));
}

#[test]
fn ones_own_port_is_open_closed_or_blocked() {
    let at = |at: &str, outcome| {
        let seen = [interfaces(&[LO, ETH]), own(at, outcome)];
        judge(&asking(&[], false), &seen)[1]
    };
    let (v4, v6) = ("10.0.0.1:4711", "[fd00::1]:4711");
    assert_eq!(at(v4, Outcome::Answered), ("port-open", Status::Ok));
    assert_eq!(at(v4, Outcome::Refused), ("port-closed", Status::Fail));
    assert_eq!(at(v4, Outcome::Unreachable), ("port-closed", Status::Fail));
    assert_eq!(
        at(v4, Outcome::Failed("x".to_owned())),
        ("port-closed", Status::Fail)
    );
    assert_eq!(at(v4, Outcome::Silent), ("port-blocked", Status::Fail));
    assert_eq!(at(v4, Outcome::Forbidden), ("port-blocked", Status::Fail));
    assert_eq!(at(v6, Outcome::Answered), ("port-open", Status::Ok));
    assert_eq!(at(v6, Outcome::Refused), ("port-closed", Status::Warn));
    assert_eq!(at(v6, Outcome::Silent), ("port-blocked", Status::Fail));
}

#[test]
fn multicast_works_or_it_is_said_what_is_in_the_way() {
    let of = |result| {
        let seen = [interfaces(&[LO, ETH]), echo(result)];
        judge(&asking(&[], false), &seen)[1..].to_vec()
    };
    let works = ("multicast", Status::Ok);
    assert_eq!(
        of(Echo::Heard { others: 0 }),
        [works, ("nobody-heard", Status::Unknown)]
    );
    assert_eq!(
        of(Echo::Heard { others: 1 }),
        [works, ("others-heard", Status::Ok)]
    );
    assert_eq!(
        of(Echo::Heard { others: 9 }),
        [works, ("others-heard", Status::Ok)]
    );
    assert_eq!(of(Echo::Silent), [("multicast-silent", Status::Fail)]);
    assert_eq!(
        of(Echo::PortTaken),
        [("multicast-port-taken", Status::Fail)]
    );
    assert_eq!(
        of(Echo::Failed("no device".to_owned())),
        [("multicast-silent", Status::Fail)]
    );
}

#[test]
fn nobody_is_missed_on_a_loopback() {
    let on_loopback = Observation::Echo {
        interface: "lo".to_owned(),
        echo: Echo::Heard { others: 0 },
    };
    let seen = [interfaces(&[LO]), on_loopback];
    assert_eq!(
        judge(&asking(&[], false), &seen)[1..],
        [("multicast", Status::Ok)]
    );
}

#[test]
fn a_peer_that_answers_anywhere_answers() {
    let (near, far) = ("10.0.0.9:4711", "192.168.7.7:4711");
    let mixed = [
        (far, Outcome::Silent),
        (near, Outcome::Answered),
        ("10.0.0.8:4711", Outcome::Refused),
    ];
    assert_eq!(judge_peer(&mixed, true), ("peer-answers", Status::Ok));
}

#[test]
fn a_peer_that_does_not_answer_is_told_apart() {
    let (near, far) = ("10.0.0.9:4711", "192.168.7.7:4711");
    let fail = |code| (code, Status::Fail);
    let of = |at, outcome, is_seen| judge_peer(&[(at, outcome)], is_seen);
    for is_seen in [false, true] {
        assert_eq!(of(near, Outcome::Refused, is_seen), fail("peer-refuses"));
        assert_eq!(of(far, Outcome::Refused, is_seen), fail("peer-refuses"));
        assert_eq!(
            of(near, Outcome::Forbidden, is_seen),
            fail("peer-forbidden")
        );
    }
    assert_eq!(of(near, Outcome::Silent, true), fail("peer-isolated"));
    assert_eq!(of(near, Outcome::Unreachable, true), fail("peer-isolated"));
    assert_eq!(of(far, Outcome::Silent, true), fail("peer-isolated"));
    assert_eq!(of(near, Outcome::Silent, false), fail("peer-silent"));
    assert_eq!(of(near, Outcome::Unreachable, false), fail("peer-absent"));
    assert_eq!(of(far, Outcome::Silent, false), fail("peer-elsewhere"));
    assert_eq!(of(far, Outcome::Unreachable, false), fail("peer-elsewhere"));
    assert_eq!(
        of(near, Outcome::Failed("odd".to_owned()), false),
        ("peer-unknown", Status::Unknown)
    );
    // A machine that refuses tells more than one that is silent elsewhere.
    let both = [(far, Outcome::Silent), (near, Outcome::Refused)];
    assert_eq!(judge_peer(&both, true), fail("peer-refuses"));
}

#[test]
fn macos_hides_its_privacy_switch_behind_an_unreachable_neighbour() {
    let question = asking(&["10.0.0.9:4711"], true);
    let seen = [
        interfaces(&[LO, ETH]),
        peer("10.0.0.9:4711", Outcome::Unreachable),
    ];
    let findings = judge_on(Platform::MacOs, &question, &seen, true);
    assert_eq!(findings[1].code, Code::PeerForbidden);
    assert!(
        findings[1]
            .advice
            .as_ref()
            .is_some_and(|advice| advice.contains("Local Network"))
    );
}

#[test]
fn a_peer_without_an_answer_in_time_is_judged_by_what_there_is() {
    let question = asking(&["10.0.0.9:4711", "10.0.0.8:4711"], false);
    let part = [
        interfaces(&[LO, ETH]),
        peer("10.0.0.9:4711", Outcome::Silent),
    ];
    assert_eq!(
        codes(&judge_on(Platform::Linux, &question, &part, false)),
        [
            ("network", Status::Ok),
            ("peer-silent", Status::Fail),
            ("unfinished", Status::Unknown)
        ]
    );
    assert_eq!(
        codes(&judge_on(Platform::Linux, &question, &part[..1], false))[1..],
        [
            ("peer-unknown", Status::Unknown),
            ("unfinished", Status::Unknown)
        ]
    );
    let mut nowhere = asking(&[], false);
    nowhere.peer = Some(Suspect::default());
    assert_eq!(
        judge(&nowhere, &part[..1])[1],
        ("peer-unknown", Status::Unknown)
    );
}

#[test]
fn a_firewall_is_only_to_blame_if_something_fails() {
    let question = asking(&["10.0.0.9:4711"], false);
    let with = |outcome, firewall| {
        let seen = [
            interfaces(&[LO, ETH]),
            Observation::Firewall(firewall),
            peer("10.0.0.9:4711", outcome),
        ];
        judge_on(Platform::Linux, &question, &seen, true)
    };
    let last = |findings: Vec<Finding>| findings.last().cloned().expect("there is one");
    let fine = last(with(Outcome::Answered, Firewall::Ufw));
    assert_eq!(
        (fine.code, fine.status),
        (Code::FirewallOn, Status::Unknown)
    );
    let trouble = last(with(Outcome::Silent, Firewall::Ufw));
    assert_eq!(
        (trouble.code, trouble.status),
        (Code::FirewallOn, Status::Warn)
    );
    let advice = trouble.advice.expect("there is something to do");
    assert!(advice.contains("sudo ufw allow 4711/tcp"), "{advice}");
    let other = last(with(Outcome::Silent, Firewall::Firewalld)).advice;
    assert!(other.is_some_and(|advice| advice.contains("--add-port=4711/tcp")));
    assert_eq!(
        last(with(Outcome::Silent, Firewall::Unseen)).code,
        Code::PeerSilent
    );
}

#[test]
fn a_vpn_is_only_to_blame_if_something_fails() {
    let question = asking(&[], false);
    let with = |result| {
        let seen = [interfaces(&[LO, ETH, VPN]), echo(result)];
        let findings = judge(&question, &seen);
        findings.contains(&("vpn-open", Status::Warn))
    };
    assert!(!with(Echo::Heard { others: 2 }));
    assert!(with(Echo::Silent));
}

#[test]
fn the_worst_finding_is_how_it_stands() {
    let report = |statuses: &[Status]| Report {
        findings: statuses
            .iter()
            .map(|status| finding(Code::Network, *status, "", ""))
            .collect(),
    };
    assert_eq!(report(&[]).status(), Status::Unknown);
    assert_eq!(report(&[Status::Ok, Status::Ok]).status(), Status::Ok);
    assert_eq!(
        report(&[Status::Ok, Status::Unknown]).status(),
        Status::Unknown
    );
    assert_eq!(
        report(&[Status::Warn, Status::Unknown]).status(),
        Status::Warn
    );
    assert_eq!(report(&[Status::Fail, Status::Ok]).status(), Status::Fail);
}

#[test]
fn codes_have_names_of_their_own() {
    let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    let is_plain = |name: &&str| {
        name.bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_lowercase())
    };
    assert!(names.iter().all(is_plain));
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Answered),
        Just(Outcome::Refused),
        Just(Outcome::Silent),
        Just(Outcome::Unreachable),
        Just(Outcome::Forbidden),
        Just(Outcome::Failed("odd".to_owned())),
    ]
}

fn observation() -> impl Strategy<Value = Observation> {
    let address = prop_oneof![
        Just("10.0.0.9:1"),
        Just("192.168.7.7:1"),
        Just("[fd00::1]:1")
    ];
    let names = [LO, ETH, VPN, DOCKER];
    prop_oneof![
        proptest::sample::subsequence(names.to_vec(), 0..=4).prop_map(|names| interfaces(&names)),
        prop_oneof![
            Just(Firewall::Ufw),
            Just(Firewall::Firewalld),
            Just(Firewall::Unseen)
        ]
        .prop_map(Observation::Firewall),
        (address.clone(), outcome()).prop_map(|(at, outcome)| own(at, outcome)),
        (address, outcome()).prop_map(|(at, outcome)| peer(at, outcome)),
        prop_oneof![
            (0usize..3).prop_map(|others| Echo::Heard { others }),
            Just(Echo::Silent),
            Just(Echo::PortTaken)
        ]
        .prop_map(echo),
    ]
}

proptest! {
    /// Whatever is seen in whatever order: no panic, at most one finding about the peer, and advice for all that is not fine.
    #[test]
    fn all_that_is_not_fine_says_what_to_do(
        seen in vec(observation(), 0..12),
        platform in prop_oneof![Just(Platform::Linux), Just(Platform::MacOs), Just(Platform::Windows)],
        is_seen: bool,
        is_complete: bool,
    ) {
        let question = asking(&["10.0.0.9:1", "192.168.7.7:1"], is_seen);
        for finding in judge_on(platform, &question, &seen, is_complete) {
            prop_assert_eq!(finding.advice.is_none(), finding.status == Status::Ok, "{:?}", &finding);
            prop_assert!(finding.message.ends_with('.'), "{}", &finding.message);
        }
    }
}
