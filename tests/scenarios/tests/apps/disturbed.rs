//! Networks that fail without a word.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use testkit::netns::{Cut, Lab};

use crate::desk::{Desk, PROGRAM, assert_equal};

/// After so long without a byte a link is dead, whatever the machine sees of its cable.
const SILENCE: Duration = Duration::from_secs(25);

/// Ana and Ben share a project on one wire.
fn two(lab: &Lab) -> (Desk, Desk) {
    let [mut ana, mut ben] =
        ["ana", "ben"].map(|name| Desk::everywhere(lab.machine(name).command(PROGRAM)));
    ana.share();
    ben.join(&ana.invitation());
    let begin = ana.write("Begin");
    ben.has(&[begin]);
    ana.is_live();
    ben.is_live();
    (ana, ben)
}

#[test]
fn a_cable_that_is_pulled_between_two_edits_costs_nothing() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let (mut ana, mut ben) = two(&lab);
    let mut written = Vec::new();
    for number in 0..20 {
        if number == 10 {
            lab.cut("ana", "ben", Cut::Silent);
        }
        written.push(ana.write(&format!("Ana {number}")));
        written.push(ben.write(&format!("Ben {number}")));
    }
    lab.mend("ana", "ben");
    ana.has(&written);
    ben.has(&written);
    ana.is_live();
    assert_equal(&mut [&mut ana, &mut ben]);
}

#[test]
fn a_cable_that_its_machine_sees_pulled_is_noticed_and_so_is_its_return() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let (mut ana, mut ben) = two(&lab);
    lab.cut("ana", "ben", Cut::Unplugged);
    let pulled = Instant::now();
    let written = [ana.write("Ana alone"), ben.write("Ben alone")];
    ana.is_offline();
    assert!(pulled.elapsed() < SILENCE, "it waited for silence");
    lab.mend("ana", "ben");
    ana.has(&written);
    ben.has(&written);
    assert_equal(&mut [&mut ana, &mut ben]);
}

#[test]
fn a_link_of_which_one_end_is_gone_holds_nobody_up() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let (mut ana, ben) = two(&lab);
    // Ben's machine loses its program while nobody can tell Ana; she still believes in the link.
    lab.cut("ben", "ana", Cut::Silent);
    let mut ben = ben.killed_and_restarted(lab.machine("ben").command(PROGRAM));
    let at_anas = ana.write("Into the void");
    let at_bens = ben.write("Of the new program");
    lab.mend("ben", "ana");
    ben.has(&[at_anas]);
    ana.has(&[at_bens]);
    assert_equal(&mut [&mut ana, &mut ben]);
}

#[test]
fn a_machine_with_another_address_goes_on() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let (mut ana, mut ben) = two(&lab);
    let addresses = [("ben", [10, 177, 0, 99]), ("ana", [10, 177, 0, 98])];
    for (name, address) in addresses {
        lab.machine(name).change_address(0, Ipv4Addr::from(address));
        let written = [ana.write("Before it is noticed"), ben.write("Likewise")];
        ana.has(&written);
        ben.has(&written);
    }
    ana.is_live();
    assert_equal(&mut [&mut ana, &mut ben]);
}
