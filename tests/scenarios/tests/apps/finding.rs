//! Finding each other on a network.

use std::time::{Duration, Instant};

use app::request::Request;
use app::settings::{DiscoveryChoice, Settings};
use app::sharing::LinkOrigin;
use testkit::netns::Lab;

use crate::desk::{Desk, PROGRAM, assert_equal, without_addresses};

#[test]
fn two_machines_find_each_other_and_share() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let mut ana = Desk::everywhere(lab.machine("ana").command(PROGRAM));
    let mut ben = Desk::everywhere(lab.machine("ben").command(PROGRAM));
    ana.share();
    ben.join(&without_addresses(&ana.invitation()));
    let both = [ana.write("From Ana"), ben.write("From Ben")];
    ana.has(&both);
    ben.has(&both);
    assert_equal(&mut [&mut ana, &mut ben]);
    let origins: Vec<LinkOrigin> = [ana.links(), ben.links()]
        .concat()
        .iter()
        .map(|it| it.origin)
        .collect();
    assert!(origins.contains(&LinkOrigin::Found), "{origins:?}");
}

#[test]
fn who_does_not_look_is_reached_at_a_typed_address() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let mut ana = Desk::told(lab.machine("ana").command(PROGRAM));
    let mut ben = Desk::told(lab.machine("ben").command(PROGRAM));
    ana.share();
    let invitation = ana.invitation();
    ben.join(&without_addresses(&invitation));
    let address = ana_address(&mut ana, &lab);
    ben.add_address(&address);
    let both = [ana.write("From Ana"), ben.write("From Ben")];
    ana.has(&both);
    ben.has(&both);
}

/// Where Ana is on the first wire, as she reads it to Ben; in IPv6 if the kernel has that.
fn ana_address(ana: &mut Desk, lab: &Lab) -> String {
    let machine = lab.machine("ana");
    let port = ana.port();
    match machine.v6(0) {
        Some(address) => format!("[{address}]:{port}"),
        None => format!("{}:{port}", machine.v4(0)),
    }
}

#[test]
fn an_open_room_is_for_its_own_machine_unless_somebody_insists() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    for insists in [false, true] {
        let more: &[&str] = if insists { &["--insecure-lan"] } else { &[] };
        let mut ana = Desk::open(lab.machine("ana").command(PROGRAM), more);
        let mut near = Desk::told(lab.machine("ana").command(PROGRAM));
        let mut ben = Desk::told(lab.machine("ben").command(PROGRAM));
        ana.share();
        let invitation = ana.invitation();
        let port = ana.port();
        near.join(&invitation);
        near.add_address(&format!("127.0.0.1:{port}"));
        let node = ana.write("From Ana");
        near.has(&[node]);
        ben.join(&invitation);
        if insists {
            ben.has(&[node]);
        } else {
            ben.until("it is refused", |ben| {
                let mut troubles = ben.links().into_iter().filter_map(|it| it.trouble);
                troubles.any(|it| it.code == "NOT_PERMITTED")
            });
        }
    }
}

#[test]
fn when_the_one_who_invited_leaves_the_others_go_on_within_three_seconds() {
    let Some(lab) = Lab::lan(&["host", "ana", "ben"]) else {
        return;
    };
    let [mut host, mut ana, mut ben] =
        ["host", "ana", "ben"].map(|name| Desk::everywhere(lab.machine(name).command(PROGRAM)));
    host.share();
    let invitation = host.invitation();
    ana.join(&invitation);
    ben.join(&invitation);
    let first = ana.write("With the host");
    for desk in [&mut host, &mut ana, &mut ben] {
        desk.has(&[first]);
    }
    host.kill();
    let begin = Instant::now();
    let second = ana.write("Without");
    ben.has(&[second]);
    let third = ben.write("Back");
    ana.has(&[third]);
    let taken = begin.elapsed();
    eprintln!("without the host after {} ms", taken.as_millis());
    assert!(taken < Duration::from_secs(3), "{taken:?}");
}

#[test]
fn who_switches_discovery_off_is_not_found_and_finds_nobody() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let mut ana = Desk::everywhere(lab.machine("ana").command(PROGRAM));
    let mut ben = Desk::everywhere(lab.machine("ben").command(PROGRAM));
    let off = Settings {
        discovery: DiscoveryChoice::Off,
        ..Settings::default()
    };
    ana.call(&Request::PutSettings { settings: off });
    ana.share();
    ben.join(&without_addresses(&ana.invitation()));
    let node = ana.write("Hidden");
    // Switched on again, the two find each other: the network is not why they did not.
    assert!(ana.links().is_empty() && ben.links().is_empty());
    ana.call(&Request::PutSettings {
        settings: Settings::default(),
    });
    ben.has(&[node]);
}
