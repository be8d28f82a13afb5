//! Random histories of three people who edit, undo, merge in any order and reload.
//!
//! `TALUS_HISTORIES` sets how many (500 by default, 20,000 in the nightly form), `TALUS_SEED` where
//! they start. A failure names its seed; running with that seed and one history repeats it.

#![allow(
    clippy::disallowed_methods,
    reason = "the environment says how much to run, and half of it runs on a second thread"
)]

#[path = "simulation/copy.rs"]
mod copy;
#[path = "simulation/hostile.rs"]
mod hostile;
#[path = "simulation/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::catch_unwind;

use copy::check_copy;
use graph::fault::{Fault, clear, plant};
use graph::generate::KINDS;
use graph::problem::ProblemKind;
use graph::time::Timestamp;
use world::{Broken, World, same};

const STEPS: usize = 60;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// One history; the commands that were applied, or what broke.
fn history(seed: u64) -> Result<BTreeMap<String, usize>, Broken> {
    let percent = if seed.is_multiple_of(5) { 10 } else { 0 };
    let mut world = World::new(seed, 3).among_others(percent);
    through(&mut world, seed, STEPS)?;
    // What only other programs write is not copied.
    if percent == 0 && seed.is_multiple_of(4) {
        check_copy(&world.peers[0].project)
            .map_err(|broken| format!("seed {seed}, its copy: {broken}"))?;
    }
    Ok(world.applied)
}

fn through(world: &mut World, seed: u64, steps: usize) -> Result<(), Broken> {
    for step in 0..steps {
        world
            .step(true)
            .map_err(|broken| format!("seed {seed}, step {step}: {broken}"))?;
    }
    world
        .check_converged()
        .map_err(|broken| format!("seed {seed}, at rest: {broken}"))
}

/// Whatever another program writes, nothing panics, the view is what the documents say, and all who
/// have seen the same show the same.
#[test]
fn arbitrary_changes_of_other_programs() {
    let (seed, count) = (number("TALUS_SEED", 1), number("TALUS_HISTORIES", 500) / 10);
    let mut told = BTreeSet::new();
    for seed in seed..seed + count.max(1) {
        let mut world = World::new(seed, 2).among_others(50);
        if let Err(broken) = through(&mut world, seed, 40) {
            panic!("{broken}");
        }
        let problems = world.peers[0].project.view().problems();
        told.extend(problems.iter().map(|it| (it.kind, it.node.is_some())));
    }
    if count >= 50 {
        for removed in [true, false].map(|of_node| (ProblemKind::RecordRemoved, of_node)) {
            assert!(told.contains(&removed), "{removed:?} is not among {told:?}");
        }
    }
}

/// One author's work of up to 100 steps, taken back and repeated.
fn alone(seed: u64) -> Result<(), Broken> {
    let mut world = World::new(seed, 1);
    let failed = |broken: Broken| format!("seed {seed}: {broken}");
    let start = world.peers[0].project.view().picture().repeatable();
    for _ in 0..30 + world.random.below(60) {
        world.act(0, false).map_err(failed)?;
    }
    let end = world.peers[0].project.view().picture().repeatable();
    let peer = &mut world.peers[0];
    let mut steps = 0;
    while let Ok(report) = peer.project.undo(peer.author, Timestamp(1)) {
        steps += 1;
        if !report.skipped.is_empty() {
            return Err(failed(format!("undo left alone {:?}", report.skipped)));
        }
    }
    same(
        &start,
        &peer.project.view().picture().repeatable(),
        "undoing everything does not lead back",
    )
    .map_err(failed)?;
    for _ in 0..steps {
        peer.project
            .redo(peer.author, Timestamp(2))
            .map_err(|error| failed(format!("what was undone cannot be redone: {error}")))?;
    }
    same(
        &end,
        &peer.project.view().picture().repeatable(),
        "redoing everything does not lead forth",
    )
    .map_err(failed)?;
    while peer.project.undo(peer.author, Timestamp(3)).is_ok() {}
    same(
        &start,
        &peer.project.view().picture().repeatable(),
        "undoing everything again does not lead back",
    )
    .map_err(failed)
}

fn run(histories: std::ops::Range<u64>) -> BTreeMap<String, usize> {
    println!(
        "histories: seeds {} to {}",
        histories.start,
        histories.end - 1
    );
    let mut applied: BTreeMap<String, usize> = BTreeMap::new();
    for seed in histories {
        match history(seed).and_then(|counts| alone(seed).map(|()| counts)) {
            Ok(counts) => counts
                .into_iter()
                .for_each(|(kind, count)| *applied.entry(kind).or_default() += count),
            Err(broken) => panic!("{broken}"),
        }
    }
    applied
}

#[test]
fn random_histories() {
    let (seed, count) = (number("TALUS_SEED", 1), number("TALUS_HISTORIES", 500));
    let middle = seed + count / 2;
    // Two threads: the machine that tests this has two cores at least.
    let second = std::thread::spawn(move || run(middle..seed + count));
    let mut applied = run(seed..middle.max(seed + 1));
    let others = second
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    others
        .into_iter()
        .for_each(|(kind, count)| *applied.entry(kind).or_default() += count);
    println!("applied: {applied:#?}");
    if count >= 500 {
        let missing: Vec<_> = KINDS
            .iter()
            .chain(&["batch"])
            .filter(|kind| !applied.contains_key(**kind))
            .collect();
        assert!(missing.is_empty(), "never applied: {missing:?}");
    }
}

fn must_be_caught(fault: Fault) {
    plant(fault);
    let caught = (1..=500).find_map(|seed| {
        // Only a check counts: a panic on the way to it proves nothing of the checks.
        catch_unwind(|| history(seed).and_then(|_| alone(seed)).err()).unwrap_or(None)
    });
    clear();
    println!(
        "{fault:?}: {}",
        caught.expect("500 histories notice a planted fault")
    );
}

macro_rules! planted {
    ($($test:ident: $fault:ident),* $(,)?) => {
        $(#[test] fn $test() { must_be_caught(Fault::$fault); })*
    };
}

planted! {
    notices_a_forgotten_lift: ForgetLift,
    notices_undo_without_ownership: UndoIgnoresOwnership,
    notices_unjittered_keys: UnjitteredKey,
    notices_cycles_cut_by_local_order: CutByLocalOrder,
    notices_a_forgotten_remote_field: ForgetRemoteField,
    notices_tombstones_that_ignore_moves: TombstoneIgnoresMove,
    notices_a_forgotten_new_owner: ForgetReown,
    notices_typing_into_the_wrong_text: WrongTextWins,
    notices_text_undo_by_position: TextUndoByPosition,
    notices_a_view_that_is_not_rolled_back: RollbackForgetsView,
}
