//! Snapshots, and logs that begin with one.

use sync::limits::SNAPSHOT_PATIENCE_MS;
use sync::{
    Base, BaseSnapshot, Content, CountersignatureBody, Frame, Heads, Message, Snapshots, StreamId,
    Vector,
};

use crate::room::{World, frame, frame_with, stream};

#[test]
fn s1_for_who_holds_what_it_counts_a_snapshot_is_one_more_frame() {
    let mut world = World::of(&[1, 2]);
    world.join(1, 2);
    world.node(1).write();
    world.settle();
    let snapshot = world.node(1).write_snapshot();
    world.settle();
    assert_eq!(world.node(2).numbers(1), 2);
    assert_eq!(world.node(2).exchange.base(), None);
    assert_eq!(world.node(2).handed().last(), Some(&snapshot));
}

#[test]
fn s1_a_snapshot_that_does_not_follow_what_it_counts_is_no_frame() {
    let body = sync::SnapshotBody {
        vector: [(stream(1), 5)].into_iter().collect(),
        heads: Heads([0; 32]),
    };
    let good = frame_with(1, 6, b"", Content::Snapshot(&body), &[]);
    let at = good.bytes().windows(2).position(|two| two == [6, 0x80]);
    let mut bytes = good.bytes().to_vec();
    bytes[at.expect("number and deps")] = 7;
    assert!(Frame::from_bytes(&bytes).is_err());
}

fn places(base: &Base) -> Vec<(StreamId, u64)> {
    base.snapshots().iter().map(BaseSnapshot::place).collect()
}

fn countersignature(name: u8, snapshot: &Frame, heads: Heads) -> Frame {
    let body = CountersignatureBody {
        snapshot: snapshot.id(),
        heads,
    };
    frame_with(name, 1, b"", Content::Countersignature(body), &[])
}

fn world_with_snapshot() -> (World, Frame, Heads, Vector) {
    let mut world = World::of(&[1]);
    for _ in 0..5 {
        world.node(1).write();
    }
    let snapshot = world.node(1).write_snapshot();
    let heads = snapshot.snapshot().expect("a snapshot").heads;
    let held = world.node(1).exchange.held();
    (world, snapshot, heads, held)
}

#[test]
fn s2_a_second_writer_with_the_same_heads_lets_frames_be_dropped() {
    let (_, snapshot, heads, held) = world_with_snapshot();
    let mut snapshots = Snapshots::new();
    assert!(snapshots.see(&snapshot, 0));
    assert_eq!(snapshots.may_drop(&held, None, 0), None);
    // Neither its maker nor other heads count.
    assert!(!snapshots.see(&countersignature(1, &snapshot, heads), 0));
    assert!(!snapshots.see(&countersignature(2, &snapshot, Heads([9; 32])), 0));
    assert_eq!(snapshots.may_drop(&held, None, 0), None);
    assert!(snapshots.see(&countersignature(2, &snapshot, heads), 0));
    let dropped = snapshots
        .may_drop(&held, None, 0)
        .expect("it is countersigned");
    assert_eq!(dropped.id, snapshot.id());
    assert_eq!(Snapshots::decode(&snapshots.encode()), Ok(snapshots));
}

#[test]
fn s2_after_thirty_days_nobody_needs_to_countersign() {
    let (_, snapshot, _, held) = world_with_snapshot();
    let mut snapshots = Snapshots::new();
    snapshots.see(&snapshot, 1000);
    let soon = 1000 + SNAPSHOT_PATIENCE_MS - 1;
    assert_eq!(snapshots.may_drop(&held, None, soon), None);
    assert!(snapshots.may_drop(&held, None, soon + 1).is_some());
    // Only what is here can be judged.
    assert_eq!(snapshots.may_drop(&Vector::new(), None, soon + 1), None);
}

#[test]
fn s2_a_device_countersigns_what_it_holds_and_others_made() {
    let (_, snapshot, _, held) = world_with_snapshot();
    let mut snapshots = Snapshots::new();
    snapshots.see(&snapshot, 0);
    let wanted = |device, held| snapshots.to_countersign(&device, held);
    assert!(wanted(stream(2).device, &held).is_some());
    assert_eq!(wanted(stream(1).device, &held), None);
    assert_eq!(wanted(stream(2).device, &Vector::new()), None);
}

#[test]
fn s3_a_newcomer_gets_the_snapshot_and_the_frames_above() {
    let (mut world, snapshot, ..) = world_with_snapshot();
    world.node(1).drop_below(&snapshot);
    let later = world.node(1).write();
    world.nodes.insert(2, crate::room::Node::new(2));
    world.join(2, 1);
    world.settle();
    let node = world.node(2);
    assert_eq!(node.handed(), [snapshot, later]);
    assert_eq!(node.numbers(1), 7);
    let base = node
        .exchange
        .base()
        .expect("a log that begins later")
        .clone();
    assert_eq!(base.vector().get(&stream(1)), 5);
    assert_eq!(places(&base), [(stream(1), 6)]);
    // And passes it on in the same way.
    world.nodes.insert(3, crate::room::Node::new(3));
    world.join(3, 2);
    world.settle();
    assert_eq!(world.node(3).numbers(1), 7);
    assert_eq!(world.node(3).handed().len(), 2);
}

#[test]
fn s3_who_is_above_the_base_needs_no_snapshot() {
    let (mut world, snapshot, ..) = world_with_snapshot();
    world.nodes.insert(2, crate::room::Node::new(2));
    let link = world.join(2, 1);
    world.settle();
    world.cut(link);
    let held = world.node(2).exchange.held();
    world.node(1).drop_below(&snapshot);
    world.node(1).write();
    world.join(2, 1);
    world.settle();
    assert_eq!(world.node(2).numbers(1), 7);
    assert_eq!(held.get(&stream(1)), 6);
    assert_eq!(world.node(2).exchange.base(), None);
}

#[test]
fn s4_who_holds_the_snapshot_but_not_what_it_counts_leaps_too() {
    // Node 2 has the snapshot as a frame, and lacks a frame of a third that the snapshot counts.
    let mut world = World::of(&[1, 2]);
    world.node(1).keep(&frame(3, 1));
    let snapshot = world.node(1).write_snapshot();
    world.node(2).keep(&snapshot);
    world.node(1).drop_below(&snapshot);
    world.join(1, 2);
    world.settle();
    assert_eq!(world.node(2).numbers(3), 1);
    let base = world.node(2).exchange.base().cloned().expect("a base");
    assert_eq!(places(&base), [(stream(1), 1)]);
}

#[test]
fn s4_a_snapshot_is_no_short_cut_on_a_link_that_has_the_frames() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    let body = sync::SnapshotBody {
        vector: [(stream(98), 7)].into_iter().collect(),
        heads: Heads([0; 32]),
    };
    let snapshot = frame_with(99, 1, b"", Content::Snapshot(&body), &[]);
    let received = world.say(link, &Message::Frame(snapshot));
    world.node(1).take(received.expect("a frame"));
    assert_eq!(world.node(1).numbers(98), 0);
    let first = world.say(link, &Message::Frame(frame(98, 1)));
    assert_eq!(first.expect("a frame").frames.len(), 1);
}

#[test]
fn s5_a_later_snapshot_replaces_the_ones_that_it_counts() {
    let (mut world, first, ..) = world_with_snapshot();
    world.node(1).drop_below(&first);
    world.node(1).write();
    let second = world.node(1).write_snapshot();
    world.node(1).drop_below(&second);
    let base = world.node(1).exchange.base().cloned().expect("a base");
    assert_eq!(places(&base), [(stream(1), 8)]);
    assert_eq!(base.vector().get(&stream(1)), 7);
}

#[test]
fn s5_two_snapshots_that_do_not_count_each_other_both_stay() {
    let mut world = World::of(&[1, 2, 3]);
    world.node(1).write();
    world.node(2).write();
    let (one, two) = (
        world.node(1).write_snapshot(),
        world.node(2).write_snapshot(),
    );
    world.node(1).drop_below(&one);
    world.node(2).drop_below(&two);
    world.join(3, 1);
    world.join(3, 2);
    world.settle();
    let base = world.node(3).exchange.base().cloned().expect("a base");
    assert_eq!(base.snapshots().len(), 2);
    for name in [1, 2, 3] {
        assert_eq!(
            (world.node(name).numbers(1), world.node(name).numbers(2)),
            (2, 2)
        );
    }
}

#[test]
fn s5_counting_a_snapshots_frame_is_not_counting_what_it_counts() {
    let mut world = World::of(&[1, 2, 3]);
    // Node 2 holds the snapshot of node 1 as a frame, without the frame of a third that it counts.
    world.node(1).keep(&frame(9, 1));
    let first = world.node(1).write_snapshot();
    world.node(1).drop_below(&first);
    world.node(2).keep(&first);
    let second = world.node(2).write_snapshot();
    world.node(2).drop_below(&second);
    world.join(3, 2);
    world.settle();
    assert_eq!(world.node(3).numbers(1), 1);
    world.join(3, 1);
    world.settle();
    let base = world.node(3).exchange.base().cloned().expect("a base");
    assert_eq!(places(&base), [(stream(1), 1), (stream(2), 1)]);
    assert_eq!(world.node(3).numbers(9), 1);
    assert!(world.node(3).log.contains_key(&(stream(1), 1)));
}

#[test]
fn s2_a_snapshot_whose_frame_was_dropped_stands_for_nothing() {
    let mut world = World::of(&[1, 2]);
    world.node(1).keep(&frame(3, 1));
    let first = world.node(1).write_snapshot();
    world.join(1, 2);
    world.settle();
    // Node 2 has another frame and makes a snapshot that counts the first one's frame.
    let second = world.node(2).write_snapshot();
    world.settle();
    let mut snapshots = Snapshots::new();
    for frame in [&first, &second] {
        snapshots.see(frame, 0);
    }
    let held = world.node(1).exchange.held();
    let later = SNAPSHOT_PATIENCE_MS;
    let may = snapshots.may_drop(&held, None, later).expect("one of two");
    assert_eq!(may.id, second.id());
    world.node(1).drop_below(&second);
    let base = world.node(1).exchange.base();
    assert_eq!(snapshots.may_drop(&held, base, later), None);
}

/// Otherwise each would take the place of the other for ever.
#[test]
fn s2_of_two_snapshots_that_count_the_same_one_is_enough() {
    let mut world = World::of(&[1, 2]);
    world.node(1).keep(&frame(3, 1));
    world.join(1, 2);
    world.settle();
    let both = [1, 2].map(|node| world.node(node).write_snapshot());
    world.settle();
    let mut snapshots = Snapshots::new();
    for frame in &both {
        snapshots.see(frame, 0);
    }
    let held = world.node(1).exchange.held();
    let later = SNAPSHOT_PATIENCE_MS;
    let may = snapshots.may_drop(&held, None, later).expect("one of two");
    let dropped = both.iter().find(|frame| frame.id() == may.id);
    world.node(1).drop_below(dropped.expect("one of these"));
    let base = world.node(1).exchange.base();
    assert_eq!(snapshots.may_drop(&held, base, later), None);
}
