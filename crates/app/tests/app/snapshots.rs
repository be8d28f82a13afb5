//! Rooms whose logs are long: rules S6 to S8 of `docs/sync.md`, with open projects and without sockets or a clock.

use graph::document::Document;

use crate::rooms::World;

/// Longer than a room must be calm.
const CALM_S: usize = 75;

/// Edits enough to outgrow the project.
fn write_much(world: &mut World, at: usize) {
    for _ in 0..300 {
        world.edit(at);
        world.rest(1);
    }
}

/// Two who share a project, and a third whom nobody has met.
fn condensed() -> World {
    let mut world = World::new(5, 3);
    world.connect(0, 1);
    write_much(&mut world, 1);
    world.rest(CALM_S);
    world
}

#[test]
fn s6_the_smallest_device_condenses_a_calm_room_and_another_vouches_for_it() {
    let mut world = World::new(5, 3);
    world.connect(0, 1);
    write_much(&mut world, 1);
    let before = world.sites[0].frames().len();
    assert!(world.sites[0].beginning().base.is_none(), "it is not calm");
    world.rest(CALM_S);
    for site in &world.sites[..2] {
        let beginning = site.beginning();
        let base = beginning.base.expect("it was condensed");
        let snapshot = beginning.snapshots.iter().last().expect("there is one");
        assert_eq!(
            snapshot.stream.device.0, [1; 32],
            "the smaller device made it"
        );
        assert!(snapshot.is_countersigned);
        assert_eq!(base.snapshots().len(), 1);
        assert!(base.vector().frames() > 100);
        let frames = site.frames();
        assert!(frames.len() < 5 && before > 100, "{} frames", frames.len());
    }
    // Nothing happens, so nothing is made.
    let held = world.sites[0].held();
    world.rest(5 * CALM_S);
    assert_eq!(world.sites[0].held(), held);
}

#[test]
fn s6_nobody_condenses_alone() {
    let mut world = World::new(5, 3);
    world.connect(0, 1);
    write_much(&mut world, 1);
    world.cut(0, 1);
    world.rest(CALM_S);
    let is_condensed = |site: &crate::rooms::Site| site.beginning().snapshots.iter().count() > 0;
    assert!(!world.sites.iter().any(is_condensed));
}

#[test]
fn s7_a_newcomer_reads_little_more_than_the_project() {
    let mut world = condensed();
    let saved: usize = [Document::Project, Document::Comments]
        .map(|document| world.sites[0].stored().0.fork(document).save().len())
        .iter()
        .sum();
    world.connect(1, 2);
    world.rest(10);
    let received = world.received[&2];
    // Members, vectors, signals and a countersignature are a few hundred bytes each.
    let most = saved + saved / 10 + 4_096;
    assert!(received <= most, "{received} bytes for {saved}");
    assert!(world.sites[2].beginning().base.is_some());
    world.assert_equal(0);
    // It goes on from there, also after a restart.
    world.cut(1, 2);
    world.sites[2].open(false);
    world.connect(0, 2);
    for at in [0, 2, 1] {
        world.edit(at);
    }
    world.rest(10);
    world.assert_equal(1);
}

#[test]
fn s8_who_was_away_rebases_and_keeps_what_it_wrote_alone() {
    let mut world = World::new(5, 3);
    world.connect(0, 1);
    world.connect(1, 2);
    world.edit(0);
    world.rest(5);
    world.cut(1, 2);
    for _ in 0..5 {
        world.edit(2);
    }
    write_much(&mut world, 0);
    world.rest(CALM_S);
    assert!(world.sites[1].beginning().base.is_some());
    assert!(world.sites[2].beginning().base.is_none());
    world.connect(0, 2);
    world.rest(20);
    assert!(world.sites[2].beginning().base.is_some());
    world.assert_equal(2);
    let nodes = world.sites[2].stored().0.view().node_count();
    assert!(nodes > 100, "{nodes}");
}
