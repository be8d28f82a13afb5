//! Presence and states.

use bytes::Bytes;
use sync::{Heads, Message, Outgoing, Signal, SignalKind, State};

use crate::room::{Node, World, device};

fn presence(name: u8, session: u64, counter: u64) -> Signal {
    Signal {
        device: device(name),
        session,
        counter,
        kind: SignalKind::Presence,
        payload: Bytes::from(vec![name; 8]),
        signature: None,
    }
}

fn state(world: &World, name: u8, counter: u64, heads: u8) -> Signal {
    let held = world.nodes[&name].exchange.held();
    let state = State::of(&held, Some(Heads([heads; 32])));
    Signal {
        kind: SignalKind::State,
        payload: state.encode(),
        ..presence(name, 1, counter)
    }
}

fn say(world: &mut World, name: u8, signal: Signal) {
    let now = world.now;
    world.node(name).exchange.signal(signal, now);
    world.settle();
}

fn heard(world: &World, name: u8) -> usize {
    let received = world.nodes[&name].received.iter();
    received.map(|received| received.signals.len()).sum()
}

fn later_session(world: &World, name: u8) -> Option<u64> {
    world.nodes[&name].exchange.later_session()
}

fn chain() -> World {
    let mut world = World::of(&[1, 2, 3]);
    world.join(1, 2);
    world.join(2, 3);
    world.settle();
    world
}

#[test]
fn p1_a_signal_reaches_everybody_once_even_in_a_ring() {
    let mut world = chain();
    world.join(3, 1);
    world.settle();
    let before = world.messages;
    say(&mut world, 1, presence(1, 1, 1));
    assert_eq!((heard(&world, 2), heard(&world, 3)), (1, 1));
    assert!(world.messages - before <= 4);
}

#[test]
fn p1_an_old_signal_is_no_news() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    let news = |world: &mut World, session, counter| {
        let message = Message::Signal(presence(99, session, counter));
        world.say(link, &message).expect("a signal").signals.len()
    };
    assert_eq!(news(&mut world, 5, 1), 1);
    assert_eq!(news(&mut world, 5, 1), 0);
    assert_eq!(news(&mut world, 4, 9), 0);
    assert_eq!(news(&mut world, 6, 1), 1);
}

/// Otherwise one would show a state of before beside a presence of after.
#[test]
fn p1_a_later_session_begins_with_nothing() {
    let mut world = chain();
    let first = state(&world, 1, 1, 7);
    say(&mut world, 1, first);
    say(&mut world, 1, presence(1, 2, 1));
    let devices: Vec<_> = world.nodes[&3].exchange.devices(world.now).collect();
    assert!(devices[0].presence.is_some());
    assert_eq!(devices[0].state, None);
}

#[test]
fn p6_a_device_learns_of_its_later_session() {
    let mut world = World::of(&[1, 2]);
    let link = world.join(1, 2);
    world.settle();
    say(&mut world, 1, presence(1, 9, 4));
    // Its disk is set back, and what it said is forgotten there.
    world.cut(link);
    world.nodes.insert(1, Node::new(1));
    let link = world.join(1, 2);
    world.settle();
    assert_eq!(later_session(&world, 1), Some(9));
    say(&mut world, 1, presence(1, 10, 1));
    world.cut(link);
    world.join(1, 2);
    world.settle();
    assert_eq!(later_session(&world, 1), None, "it said that itself");
}

/// What is known of it is a state of one session and presence of a later one, in which it has said less.
#[test]
fn p6_a_device_learns_of_its_later_session_by_what_it_said_last() {
    let mut world = World::of(&[1, 2]);
    let link = world.join(1, 2);
    world.settle();
    let state = state(&world, 1, 50, 7);
    say(&mut world, 1, state);
    world.pass_ms(2_000);
    world.settle();
    say(&mut world, 1, presence(1, 9, 4));
    world.cut(link);
    world.nodes.insert(1, Node::new(1));
    world.join(1, 2);
    world.settle();
    assert_eq!(later_session(&world, 1), Some(9));
}

/// A copy of it runs as well; the others take what it says for old, and the copy may be gone.
#[test]
fn p6_a_device_knows_the_later_session_of_a_copy() {
    let mut world = World::of(&[1, 2]);
    assert_eq!(later_session(&world, 1), None);
    world.join(1, 2);
    world.settle();
    say(&mut world, 1, presence(1, 5, 1));
    assert_eq!(later_session(&world, 1), None, "it said that itself");
    let copy = 9;
    world.nodes.insert(copy, Node::new(1));
    world.join(copy, 2);
    world.settle();
    say(&mut world, copy, presence(1, 9, 1));
    say(&mut world, 1, presence(1, 6, 1));
    assert_eq!(later_session(&world, 1), Some(9));
    say(&mut world, 1, presence(1, 10, 1));
    assert_eq!(later_session(&world, 1), None);
}

/// Its neighbour was not there when it said that.
#[test]
fn p6_a_device_learns_of_its_later_session_from_afar() {
    let mut world = World::of(&[1, 2, 3, 4]);
    let links = [world.join(1, 4), world.join(4, 3)];
    world.settle();
    say(&mut world, 1, presence(1, 9, 4));
    for link in links {
        world.cut(link);
    }
    world.nodes.insert(1, Node::new(1));
    world.join(1, 2);
    world.settle();
    say(&mut world, 1, presence(1, 8, 1));
    assert_eq!(later_session(&world, 1), None);
    world.join(2, 3);
    world.settle();
    assert_eq!(later_session(&world, 1), Some(9));
    say(&mut world, 1, presence(1, 10, 1));
    assert_eq!(later_session(&world, 1), None, "it said that itself");
    let devices: Vec<_> = world.nodes[&3].exchange.devices(world.now).collect();
    assert_eq!(devices[0].presence.as_deref(), Some(&[1; 8][..]));
}

/// A copy of machine 1 is the only way from there to machine 3, and has given way: it goes on in an earlier session.
#[test]
fn p6_a_copy_of_a_machine_passes_on_what_the_other_says() {
    let mut world = World::of(&[1, 2, 3, 4]);
    let copy = 9;
    world.nodes.insert(copy, Node::new(1));
    for (from, to) in [(1, 2), (2, copy), (copy, 3)] {
        world.join(from, to);
    }
    world.settle();
    say(&mut world, 1, presence(1, 9, 1));
    assert_eq!(later_session(&world, copy), Some(9));
    say(&mut world, copy, presence(1, 8, 1));
    let said = state(&world, 1, 2, 7);
    say(&mut world, 1, Signal { session: 9, ..said });
    let state_at = |world: &World, name: u8| {
        let mut devices = world.nodes[&name].exchange.devices(world.now);
        devices.next().and_then(|it| it.state)
    };
    let state = state_at(&world, 3);
    assert!(state.is_some() && state == state_at(&world, 2));
    // Who comes later hears it, too.
    world.join(copy, 4);
    world.settle();
    assert_eq!(state_at(&world, 4), state);
    assert_eq!(later_session(&world, copy), Some(9));
}

/// A state waits for its time, and what is said meanwhile goes out before it.
#[test]
fn p1_a_state_that_presence_has_passed_is_not_old() {
    let mut world = chain();
    let first = state(&world, 1, 1, 7);
    say(&mut world, 1, first);
    let second = state(&world, 1, 2, 8);
    say(&mut world, 1, second);
    say(&mut world, 1, presence(1, 1, 3));
    world.pass_ms(2_000);
    world.settle();
    let known = world.nodes[&3].exchange.devices(world.now);
    let states: Vec<_> = known.filter_map(|it| it.state).collect();
    assert_eq!(states[0].heads, Some(Heads([8; 32])));
}

#[test]
fn p2_presence_expires() {
    let mut world = chain();
    say(&mut world, 1, presence(1, 1, 1));
    let shown = |world: &World| {
        let devices = world.nodes[&3].exchange.devices(world.now);
        devices.filter(|device| device.presence.is_some()).count()
    };
    assert_eq!(shown(&world), 1);
    world.now = world.now.plus_ms(14_999);
    assert_eq!(shown(&world), 1);
    world.now = world.now.plus_ms(1);
    assert_eq!(shown(&world), 0);
}

#[test]
fn p3_a_newcomer_learns_who_is_here() {
    let mut world = chain();
    say(&mut world, 1, presence(1, 1, 1));
    say(&mut world, 3, presence(3, 1, 1));
    let signal = state(&world, 1, 2, 7);
    say(&mut world, 1, signal);
    world.nodes.insert(4, crate::room::Node::new(4));
    world.join(4, 2);
    world.settle();
    let devices: Vec<_> = world.nodes[&4].exchange.devices(world.now).collect();
    assert_eq!(devices.len(), 2);
    assert!(devices.iter().all(|device| device.presence.is_some()));
    assert!(devices[0].state.is_some());
}

/// Its presence has expired, and of its state nothing is known.
#[test]
fn p3_a_newcomer_learns_the_session_of_who_is_silent() {
    let mut world = World::of(&[1, 2]);
    let link = world.join(1, 2);
    world.settle();
    say(&mut world, 1, presence(1, 9, 4));
    world.cut(link);
    world.now = world.now.plus_ms(15_000);
    world.nodes.insert(3, Node::new(3));
    world.join(3, 2);
    world.settle();
    let devices: Vec<_> = world.nodes[&3].exchange.devices(world.now).collect();
    assert_eq!(devices.len(), 1);
}

#[test]
fn p3_a_link_that_was_full_learns_it_when_it_has_drained() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    for number in 1..=400 {
        let frame = crate::room::frame_of(1, number, &[0; 1000]);
        world.node(1).keep(&frame);
    }
    world.poll(1);
    let now = world.now;
    world.node(1).exchange.signal(presence(1, 1, 1), now);
    assert_eq!(world.poll(1), []);
    world.node(1).exchange.sent(link, 1 << 20);
    let mut messages = Vec::new();
    loop {
        let outgoing = world.poll(1);
        if outgoing.is_empty() {
            break;
        }
        for outgoing in outgoing {
            let node = world.node(1);
            match outgoing {
                Outgoing::Send(_, message) => {
                    node.exchange.sent(link, message.len());
                    messages.push(Message::decode(message).expect("a message"));
                }
                Outgoing::Replay(_, ranges, max) => {
                    let frames = node.read(&ranges, max);
                    node.exchange.replayed(link, frames);
                }
                Outgoing::Drop(..) => panic!("the link is honest"),
            }
        }
    }
    assert_eq!(messages.last(), Some(&Message::Signal(presence(1, 1, 1))));
}

#[test]
fn p4_states_are_sent_at_a_pace_and_only_the_last_waits() {
    let mut world = chain();
    let before = heard(&world, 3);
    for counter in 1..=10 {
        let signal = state(&world, 1, counter, counter as u8);
        say(&mut world, 1, signal);
    }
    assert_eq!(heard(&world, 3) - before, 1);
    world.pass_ms(1000);
    assert_eq!(heard(&world, 3) - before, 2);
    let devices: Vec<_> = world.nodes[&3].exchange.devices(world.now).collect();
    let state = devices[0].state.as_ref().expect("a state");
    assert_eq!(state.heads, Some(Heads([10; 32])));
    world.pass_ms(5000);
    assert_eq!(heard(&world, 3) - before, 2);
}

#[test]
fn p4_the_pace_slows_with_the_devices() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    assert_eq!(world.nodes[&1].exchange.state_pace_ms(), 1000);
    for name in 2..=101 {
        let message = Message::Signal(presence(name, 1, 1));
        world.say(link, &message).expect("a signal");
    }
    assert_eq!(world.nodes[&1].exchange.state_pace_ms(), 20_000);
}

fn diverged(world: &World, name: u8) -> usize {
    let received = world.nodes[&name].received.iter();
    received.map(|received| received.diverged.len()).sum()
}

#[test]
fn p5_equal_frames_with_other_heads_are_named_once() {
    let mut world = chain();
    world.node(1).write();
    world.settle();
    let signal = state(&world, 3, 1, 7);
    say(&mut world, 3, signal);
    let signal = state(&world, 1, 1, 7);
    say(&mut world, 1, signal);
    assert_eq!(diverged(&world, 3), 0);
    world.pass_ms(1000);
    let signal = state(&world, 1, 2, 8);
    say(&mut world, 1, signal);
    assert_eq!(diverged(&world, 3), 1);
    let devices: Vec<_> = world.nodes[&3].exchange.devices(world.now).collect();
    assert!(devices[0].has_diverged);
    world.pass_ms(1000);
    let signal = state(&world, 1, 3, 8);
    say(&mut world, 1, signal);
    assert_eq!(diverged(&world, 3), 1);
}

#[test]
fn p5_what_cannot_be_compared_has_not_diverged() {
    let mut world = chain();
    let signal = state(&world, 3, 1, 7);
    say(&mut world, 3, signal);
    // Other heads, but also another frame.
    world.node(1).write();
    let signal = state(&world, 1, 1, 8);
    say(&mut world, 1, signal);
    assert_eq!(diverged(&world, 3), 0);
    // The same frames, but unsent changes.
    let mut signal = state(&world, 3, 2, 7);
    signal.payload = State::of(&world.nodes[&3].exchange.held(), None).encode();
    world.pass_ms(2000);
    say(&mut world, 3, signal);
    world.pass_ms(2000);
    assert_eq!(diverged(&world, 1), 0);
}
