//! Presence and states are signed, too.

use bytes::Bytes;
use sync::{LinkError, Message, Signal, SignalKind};
use trust::RoomId;
use trust::record::Role;

use crate::cuts::house;
use crate::house::{House, Machine};

const ALICE: usize = 0;
const BOB: usize = 1;

fn presence(machine: &Machine, session: u64, counter: u64) -> Signal {
    let signal = Signal {
        device: machine.device(),
        session,
        counter,
        kind: SignalKind::Presence,
        payload: Bytes::from_static(b"sealed"),
        signature: None,
    };
    signal.signed(&machine.actor.log.room(), &machine.actor.key)
}

/// Bob says something on a new link to Alice.
fn say(house: &mut House, signal: Signal) -> Result<usize, LinkError> {
    let link = house.join(BOB, ALICE);
    house.settle();
    let said = house.say(link, ALICE, &Message::Signal(signal));
    house.cut(link);
    said.map(|received| received.signals.len())
}

#[test]
fn r10_a_signal_is_signed_for_one_room_and_whole() {
    let mut house = house(&[Role::Viewer]);
    let device = house.machines[BOB].device();
    let good = presence(&house.machines[BOB], 1, 1);
    let key = &house.machines[BOB].actor.key;
    let wrong = [
        Signal {
            signature: None,
            ..good.clone()
        },
        Signal {
            session: 2,
            ..good.clone()
        },
        Signal {
            counter: 2,
            ..good.clone()
        },
        Signal {
            payload: Bytes::from_static(b"other"),
            ..good.clone()
        },
        good.clone().signed(&RoomId([9; 32]), key),
    ];
    for signal in wrong {
        assert_eq!(
            say(&mut house, signal),
            Err(LinkError::NotSigned { device })
        );
    }
    assert_eq!(say(&mut house, good), Ok(1), "every role may show presence");
}

#[test]
fn r10_an_old_signal_stays_old_however_long_its_device_is_silent() {
    let mut house = house(&[Role::Editor]);
    let (old, new) = (
        presence(&house.machines[BOB], 1, 1),
        presence(&house.machines[BOB], 2, 1),
    );
    assert_eq!(say(&mut house, new), Ok(1));
    house.now = house.now.plus_ms(60_000);
    assert_eq!(say(&mut house, old), Ok(0));
}

#[test]
fn r10_a_signal_of_who_was_removed_is_ignored_and_forgotten() {
    let mut house = house(&[Role::Editor, Role::Viewer]);
    let signal = presence(&house.machines[BOB], 1, 1);
    let (now, bob) = (house.now, house.machines[BOB].device());
    house.machines[BOB].exchange.signal(signal, now);
    house.settle();
    let knows = |house: &House, machine: usize| {
        let mut devices = house.machines[machine].exchange.devices(now);
        devices.any(|view| view.device == bob)
    };
    assert!(knows(&house, ALICE) && knows(&house, 2));
    let alice = &mut house.machines[ALICE];
    alice.actor.change(bob, None, &[]).expect("an owner");
    alice.tell();
    house.settle();
    assert!(!knows(&house, ALICE) && !knows(&house, 2));
    // Who has not heard of it yet goes on to forward what he says.
    let late = presence(&house.machines[BOB], 1, 2);
    let link = house.join(2, ALICE);
    house.settle();
    let received = house
        .say(link, ALICE, &Message::Signal(late))
        .expect("ignored");
    assert_eq!(received.signals, []);
    assert!(house.are_joined(2, ALICE));
}

#[test]
fn r10_nobody_else_sets_a_device_forward() {
    let mut house = house(&[Role::Editor]);
    let forged = Signal {
        device: house.machines[ALICE].device(),
        session: u64::MAX,
        ..presence(&house.machines[BOB], 1, 1)
    };
    let device = house.machines[ALICE].device();
    assert_eq!(
        say(&mut house, forged),
        Err(LinkError::NotSigned { device })
    );
    let own = presence(&house.machines[ALICE], 5, 1);
    let link = house.join(BOB, ALICE);
    house.settle();
    house
        .say(link, ALICE, &Message::Signal(own))
        .expect("her own");
    assert_eq!(house.machines[ALICE].exchange.later_session(), Some(5));
}
