//! Acknowledgements.

use sync::{Message, Outgoing};

use crate::room::{World, frame, stream};

#[test]
fn a1_what_is_durable_is_acknowledged_to_who_gave_it() {
    let mut world = World::of(&[1, 2, 3]);
    world.join(1, 2);
    world.join(3, 2);
    world.settle();
    world.node(1).write();
    world.settle();
    let (now, before) = (world.now, world.messages);
    world.node(2).exchange.durable(stream(1), 1, now);
    world.settle();
    assert_eq!(world.messages - before, 1);
    let peers: Vec<_> = world.node(1).exchange.peers().collect();
    assert_eq!(peers[0].acknowledged.get(&stream(1)), 1);
}

#[test]
fn a2_listeners_acknowledge_together_and_not_at_once() {
    let mut world = World::of(&[1, 2]);
    world.join(2, 1);
    world.settle();
    for number in 1..=20 {
        world.node(1).write();
        world.settle();
        let now = world.now;
        world.node(2).exchange.durable(stream(1), number, now);
    }
    let before = world.messages;
    world.settle();
    assert_eq!(world.messages, before);
    world.pass_ms(1000);
    assert_eq!(world.messages, before + 1);
    let peers: Vec<_> = world.node(1).exchange.peers().collect();
    assert_eq!(peers[0].acknowledged.get(&stream(1)), 20);
}

#[test]
fn a1_what_is_only_written_is_not_acknowledged() {
    let mut world = World::of(&[1, 2]);
    world.join(1, 2);
    world.node(1).write();
    world.settle();
    world.pass_ms(5000);
    let peers: Vec<_> = world.node(1).exchange.peers().collect();
    assert!(peers[0].acknowledged.is_empty());
    assert_eq!(peers[0].holds.get(&stream(1)), 1);
}

#[test]
fn a1_a_frame_that_comes_again_after_it_is_durable_is_acknowledged_there_too() {
    let mut world = World::of(&[1]);
    let (one, two) = (world.open_live(), world.open_live());
    let message = Message::Frame(frame(99, 1));
    let received = world.say(one, &message).expect("a frame");
    world.node(1).take(received);
    let now = world.now;
    world.node(1).exchange.durable(stream(99), 1, now);
    world.poll(1);
    world.say(two, &message).expect("a frame");
    let acks: Vec<_> = world.poll(1).iter().map(Outgoing::link).collect();
    assert_eq!(acks, [two]);
}

#[test]
fn a3_who_comes_back_hears_what_is_durable_of_its_own() {
    let mut world = World::of(&[1, 2]);
    let link = world.join(1, 2);
    world.settle();
    world.node(1).write();
    world.settle();
    world.cut(link);
    let now = world.now;
    world.node(2).exchange.durable(stream(1), 1, now);
    world.join(1, 2);
    world.settle();
    world.pass_ms(5000);
    let peers: Vec<_> = world.node(1).exchange.peers().collect();
    assert_eq!(peers[0].acknowledged.get(&stream(1)), 1);
}

#[test]
fn a2_a_relay_acknowledges_to_a_writer_at_once_and_then_in_portions() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    let mut acks = 0;
    for number in 1..=100 {
        let received = world.say(link, &Message::Frame(frame(99, number)));
        world.node(1).take(received.expect("a frame"));
        let now = world.now;
        world.node(1).exchange.durable(stream(99), number, now);
        acks += world.messages_of(1).len();
        assert!(number > 1 || acks == 1);
        world.now = world.now.plus_ms(10);
    }
    assert_eq!(acks, 10);
}
