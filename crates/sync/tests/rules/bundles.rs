//! Bundles.

use sync::{Bundle, BundleError, Vector};
use trust::Genesis;

use crate::room::{Node, World, device, setup, stream};

/// A bundle of what somebody who holds `since` lacks of node 1.
fn bundle(world: &World, since: &Vector) -> Vec<u8> {
    let node = &world.nodes[&1];
    let frames = node.read(&node.exchange.lacking_in(since), usize::MAX);
    node.exchange.bundle(frames).encode()
}

fn world() -> World {
    let mut world = World::of(&[1, 2, 3]);
    world.join(1, 2);
    for _ in 0..10 {
        world.node(1).write();
        world.node(2).write();
    }
    world.settle();
    world
}

fn import(world: &mut World, name: u8, file: &[u8]) -> usize {
    let bundle = Bundle::decode(file).expect("a bundle");
    let (received, left) = world
        .node(name)
        .exchange
        .import(&bundle)
        .expect("a bundle of this room");
    world.node(name).take(received);
    left
}

#[test]
fn u1_a_bundle_is_read_back() {
    let world = world();
    let file = bundle(&world, &Vector::new());
    let read = Bundle::decode(&file).expect("a bundle");
    assert_eq!(read.frames.len(), 20);
    assert_eq!(read.room(), crate::room::room());
    assert_eq!(read.advert.held, world.nodes[&1].exchange.held());
    assert_eq!(read.encode(), file);
}

#[test]
fn u2_reading_a_bundle_does_what_receiving_does() {
    let mut world = world();
    let file = bundle(&world, &Vector::new());
    assert_eq!(import(&mut world, 3, &file), 0);
    assert_eq!(world.node(3).exchange.held(), world.node(1).exchange.held());
    assert_eq!(world.node(3).handed(), {
        let bundle = Bundle::decode(&file).expect("a bundle");
        bundle.frames
    });
    // Once more changes nothing.
    assert_eq!(import(&mut world, 3, &file), 0);
    assert_eq!(world.node(3).handed().len(), 20);
    // And the others are told.
    world.join(3, 2);
    world.node(1).write();
    world.settle();
    assert_eq!(world.node(3).numbers(1), 11);
}

#[test]
fn u2_a_bundle_since_a_state_has_only_what_is_lacking_there() {
    let mut world = world();
    let since = world.node(3).exchange.held();
    let file = bundle(&world, &since);
    import(&mut world, 3, &file);
    let since = world.node(3).exchange.held();
    world.node(1).write();
    let file = bundle(&world, &since);
    assert_eq!(Bundle::decode(&file).expect("a bundle").frames.len(), 1);
    assert_eq!(import(&mut world, 3, &file), 0);
    assert_eq!(world.node(3).numbers(1), 11);
}

#[test]
fn u2_a_bundle_of_a_shortened_log_begins_with_its_snapshot() {
    let mut world = world();
    let snapshot = world.node(1).write_snapshot();
    world.node(1).drop_below(&snapshot);
    world.node(1).write();
    let file = bundle(&world, &Vector::new());
    assert_eq!(Bundle::decode(&file).expect("a bundle").frames.len(), 2);
    assert_eq!(import(&mut world, 3, &file), 0);
    assert_eq!(world.node(3).exchange.held(), world.node(1).exchange.held());
}

#[test]
fn u3_a_file_that_is_not_whole_is_refused() {
    let world = world();
    let file = bundle(&world, &Vector::new());
    for length in [8, 20, 100, file.len() - 1] {
        assert_eq!(Bundle::decode(&file[..length]), Err(BundleError::Damaged));
    }
    let mut flipped = file.clone();
    flipped[200] ^= 1;
    assert_eq!(Bundle::decode(&flipped), Err(BundleError::Damaged));
    assert_eq!(Bundle::decode(b"PK.."), Err(BundleError::NotABundle));
    assert_eq!(Bundle::decode(b""), Err(BundleError::NotABundle));
    let mut later = file;
    later[8] = 9;
    assert_eq!(Bundle::decode(&later), Err(BundleError::TooNew(9)));
}

#[test]
fn u3_frames_that_begin_later_than_what_is_here_are_counted() {
    let mut world = world();
    let since: Vector = [(stream(1), 4)].into_iter().collect();
    let file = bundle(&world, &since);
    assert_eq!(import(&mut world, 3, &file), 6);
    assert_eq!(
        (world.node(3).numbers(1), world.node(3).numbers(2)),
        (0, 10)
    );
}

#[test]
fn u2_a_bundle_of_another_room_is_refused() {
    let world = world();
    let bundle = Bundle::decode(&bundle(&world, &Vector::new())).expect("a bundle");
    let mut elsewhere = setup(9);
    elsewhere.membership = trust::Membership::begin(&Genesis::new([7; 32], [7; 32]));
    let mut node = Node::with(9, elsewhere);
    assert!(node.exchange.import(&bundle).is_err());
    assert!(node.exchange.held().is_empty());
    assert_eq!(node.name, device(9).0[0]);
}
