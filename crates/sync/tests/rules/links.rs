//! What goes over a link, and when.

use crate::room::{World, stream};
use sync::Phase;

#[test]
fn each_side_gets_what_it_lacks_in_one_round() {
    let mut world = World::of(&[1, 2]);
    for _ in 0..50 {
        world.node(1).write();
        world.node(2).write();
    }
    world.join(1, 2);
    world.settle();
    for name in [1, 2] {
        assert_eq!(world.node(name).numbers(1), 50);
        assert_eq!(world.node(name).numbers(2), 50);
    }
    // Members and vector from both, and what each lacks in one message.
    assert_eq!(world.messages, 6);
}

#[test]
fn a_new_frame_goes_to_every_link_once() {
    let mut world = World::of(&[1, 2, 3, 4]);
    for other in [2, 3, 4] {
        world.join(other, 1);
    }
    world.settle();
    let before = world.messages;
    world.node(2).write();
    world.settle();
    assert_eq!(world.messages - before, 3);
    for name in [1, 3, 4] {
        assert_eq!(world.node(name).numbers(2), 1);
    }
}

#[test]
fn a_chain_passes_on_what_its_ends_write() {
    let mut world = World::of(&[1, 2, 3, 4]);
    for (from, to) in [(1, 2), (2, 3), (3, 4)] {
        world.join(from, to);
    }
    world.node(1).write();
    world.node(4).write();
    world.settle();
    for name in [1, 2, 3, 4] {
        assert_eq!(world.node(name).numbers(1), 1);
        assert_eq!(world.node(name).numbers(4), 1);
        assert!(
            world
                .node(name)
                .exchange
                .peers()
                .all(|peer| peer.phase == Phase::Live)
        );
    }
}

#[test]
fn a_frame_is_handed_over_once_however_many_bring_it() {
    let mut world = World::of(&[1, 2, 3]);
    for (from, to) in [(1, 2), (2, 3), (3, 1)] {
        world.join(from, to);
    }
    world.settle();
    for _ in 0..10 {
        world.node(1).write();
        world.settle();
    }
    let received = world.nodes[&3].received.iter();
    let frames: Vec<u64> = received
        .flat_map(|received| received.frames.iter().map(|frame| frame.header().number))
        .collect();
    assert_eq!(frames, (1..=10).collect::<Vec<_>>());
}

#[test]
fn only_what_is_written_is_announced() {
    let mut world = World::of(&[1, 2]);
    world.join(1, 2);
    world.settle();
    assert_eq!(world.node(1).exchange.held().get(&stream(1)), 0);
    world.node(1).write();
    assert_eq!(world.node(1).exchange.held().get(&stream(1)), 1);
    assert_eq!(world.node(2).exchange.held().get(&stream(1)), 0);
    world.settle();
    assert_eq!(world.node(2).exchange.held().get(&stream(1)), 1);
}

#[test]
fn what_is_durable_is_acknowledged_to_who_gave_it() {
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
fn a_second_poll_without_news_is_silent() {
    let mut world = World::of(&[1, 2]);
    world.join(1, 2);
    world.node(1).write();
    world.settle();
    let now = world.now;
    for name in [1, 2] {
        assert_eq!(world.node(name).exchange.poll(now), []);
        assert_eq!(world.node(name).exchange.wake(), None);
    }
}

#[test]
fn listeners_acknowledge_together_and_not_at_once() {
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
