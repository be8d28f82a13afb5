//! Several exchanges joined by slow and faulty links under a seed: at rest everybody holds everything.
//!
//! `TALUS_SYNC_RUNS` sets how many seeds, `TALUS_SEED` where they start. A failure names its seed; running with that seed
//! and one run repeats it.

#![allow(
    clippy::disallowed_methods,
    reason = "the environment says how much to run"
)]

#[path = "convergence/disk.rs"]
mod disk;
#[path = "convergence/node.rs"]
mod node;
#[path = "convergence/random.rs"]
mod random;
#[path = "convergence/world.rs"]
mod world;

use std::collections::BTreeMap;

use sync::fault::{Fault, clear, plant};
use world::{Broken, EVENTS, World};

const RUNS: u64 = 150;
const STEPS: usize = 700;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// One run; what happened how often, or what broke.
fn run(seed: u64) -> Result<BTreeMap<&'static str, usize>, Broken> {
    let mut world = World::new(seed);
    for step in 0..STEPS {
        world
            .step()
            .map_err(|broken| format!("seed {seed}, step {step}: {broken}"))?;
    }
    world
        .come_to_rest()
        .map_err(|broken| format!("seed {seed}, at rest: {broken}"))?;
    Ok(world.counts)
}

#[test]
fn at_rest_everybody_holds_everything() {
    let (seed, runs) = (number("TALUS_SEED", 1), number("TALUS_SYNC_RUNS", RUNS));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in seed..seed + runs {
        match run(seed) {
            Ok(seen) => seen
                .into_iter()
                .for_each(|(event, count)| *counts.entry(event).or_default() += count),
            Err(broken) => panic!("{broken}"),
        }
    }
    println!("{runs} runs from seed {seed}: {counts:#?}");
    if runs >= RUNS {
        let missing: Vec<_> = EVENTS
            .iter()
            .filter(|event| !counts.contains_key(**event))
            .collect();
        assert!(missing.is_empty(), "never happened: {missing:?}");
    }
}

fn must_be_noticed(fault: Fault) {
    plant(fault);
    let noticed = (1..=RUNS).find_map(|seed| run(seed).err());
    clear();
    println!(
        "{fault:?}: {}",
        noticed.expect("the runs notice a planted fault")
    );
}

macro_rules! planted {
    ($($test:ident: $fault:ident),* $(,)?) => {
        $(#[test] fn $test() { must_be_noticed(Fault::$fault); })*
    };
}

planted! {
    a_frame_that_is_forwarded_before_it_is_written_is_noticed: HeldBeforeWritten,
    a_frame_that_is_handed_over_twice_is_noticed: HandedTwice,
    a_gap_that_is_accepted_is_noticed: AcceptGap,
    a_link_that_is_not_caught_up_is_noticed: ForgetBehind,
    a_budget_that_is_ignored_is_noticed: IgnoreBudget,
    an_acknowledgement_before_it_is_durable_is_noticed: AckBeforeDurable,
    a_gap_that_is_not_asked_for_is_noticed: ForgetToAsk,
    a_snapshot_that_is_not_sent_is_noticed: ForgetSnapshot,
    a_frame_that_goes_back_is_noticed: Echo,
    a_signal_that_goes_round_is_noticed: SignalStorm,
    a_replay_that_is_taken_for_all_is_noticed: OneReplay,
    a_vector_that_is_not_believed_is_noticed: KeepOldVector,
}
