//! Pairing two machines that find each other.

use app::members::MemberRole;
use app::pairing::{Nearby, Pairing, PairingPlace, PairingSide, PairingState};
use app::reply::Reply;
use app::request::Request;
use testkit::netns::Lab;

use crate::desk::{Desk, PROGRAM, assert_equal};

fn nearby(desk: &mut Desk) -> Nearby {
    match desk.call(&Request::ReadNearby) {
        Reply::Nearby(nearby) => nearby,
        other => panic!("{other:?}"),
    }
}

fn pairing(desk: &mut Desk) -> Option<Pairing> {
    match desk.call(&Request::ReadPairing) {
        Reply::Pairing { pairing } => pairing,
        other => panic!("{other:?}"),
    }
}

fn is(desk: &mut Desk, wanted: fn(&PairingState) -> bool) -> bool {
    pairing(desk).is_some_and(|it| wanted(&it.state))
}

#[test]
fn two_machines_that_have_not_met_pair_by_a_code() {
    let Some(lab) = Lab::lan(&["ana", "ben"]) else {
        return;
    };
    let mut ana = Desk::everywhere(lab.machine("ana").command(PROGRAM));
    let mut ben = Desk::everywhere(lab.machine("ben").command(PROGRAM));
    let project = ana.create();
    let bens_words = nearby(&mut ben).words;
    ana.wait("Ben is found", |ana| {
        nearby(ana)
            .machines
            .iter()
            .any(|it| it.words == bens_words && it.answers)
    });
    let machines = nearby(&mut ana).machines;
    let [found] = &machines[..] else {
        panic!("{machines:?}");
    };
    ana.call(&Request::BeginPairing {
        project,
        at: PairingPlace::Machine {
            machine: found.machine.clone(),
        },
        role: MemberRole::Editor,
        is_mine: false,
    });
    ana.wait("Ben shows a code", |ana| {
        is(ana, |it| matches!(it, PairingState::Typing { .. }))
    });
    ben.wait("a code is shown", |ben| {
        is(ben, |it| matches!(it, PairingState::Showing { .. }))
    });
    let shown = pairing(&mut ben).expect("it was asked");
    let PairingState::Showing { code, .. } = shown.state else {
        panic!("{shown:?}");
    };
    assert_eq!(shown.side, PairingSide::Joining);
    let id = pairing(&mut ana).expect("it has begun").id;
    ana.call(&Request::AnswerPairing { pairing: id, code });
    ana.wait("Ben is in", |ana| is(ana, |it| *it == PairingState::Done));
    ben.wait("the project is there", |ben| {
        is(ben, |it| *it == PairingState::Done)
    });
    let joined = pairing(&mut ben).and_then(|it| it.project);
    ben.look_at(joined.expect("it is open"));
    let both = [ana.write("From Ana"), ben.write("From Ben")];
    ana.has(&both);
    ben.has(&both);
    assert_equal(&mut [&mut ana, &mut ben]);
}
