//! Up to eight applications and three relays under one seed: they edit, undo, lose links, messages, power and copies of
//! their disks. At rest all are equal and nothing that was called saved is missing.
//!
//! No thread, no clock, no socket: an application is the pure `app::project::Project` with its room on a store that goes
//! step by step, a relay the pure room of `relay`. `TALUS_SEED` says where seeds begin, `TALUS_SIM_SEEDS` how many there
//! are, `TALUS_SIM_PLAN` names a plan to run again. A seed that breaks leaves its plan in a file.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "the environment says how much to run, and plans are kept in files"
)]

mod act;
mod choose;
mod desk;
mod disk;
mod ghost;
mod heal;
mod liar;
mod link;
mod members;
mod minimise;
mod offend;
mod plan;
mod planted;
mod post;
mod rest;
mod run;
mod scenario;
mod step;
mod verdict;
mod wire;
mod world;

use std::path::PathBuf;

use graph::generate::KINDS;
use plan::Plan;
use step::{CONSEQUENCES, EVENTS, FAULTS};
use world::Counts;

/// Steps of a plan that is worth shortening.
const LONG: usize = 60;

/// Seeds of the test command.
const SEEDS: u64 = 1_000;

fn number(variable: &str, default: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Keeps the plan of a run that broke.
fn save(plan: &Plan, name: &str) -> PathBuf {
    let folder = std::env::var_os("TALUS_SIM_PLANS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| std::env::temp_dir().join("talus-tally-plans"));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.plan"));
    std::fs::write(&path, plan.to_string()).unwrap();
    path
}

/// Runs a part of the seeds on this thread.
fn part(seeds: std::ops::Range<u64>, of: u64, turn: u64) -> Counts {
    let mine = seeds.filter(|seed| seed % of == turn);
    run::seeds(mine).unwrap_or_else(|broken| {
        let (plan, why) = *broken;
        let path = save(&plan, &format!("seed-{}", plan.seed));
        panic!(
            "seed {}: {why}\nIts plan is in {}",
            plan.seed,
            path.display()
        )
    })
}

#[test]
fn at_rest_all_are_equal() {
    let (first, count) = (number("TALUS_SEED", 1), number("TALUS_SIM_SEEDS", SEEDS));
    let threads = number("TALUS_SIM_THREADS", 2);
    let workers: Vec<_> = (1..threads)
        .map(|turn| std::thread::spawn(move || part(first..first + count, threads, turn)))
        .collect();
    let mut all = part(first..first + count, threads, 0);
    for worker in workers {
        let counts = worker
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        counts
            .into_iter()
            .for_each(|(name, count)| *all.entry(name).or_default() += count);
    }
    println!("{count} seeds from {first}: {all:#?}");
    if count >= SEEDS {
        // Nobody here removes what only another program can remove.
        let kinds = KINDS.into_iter().filter(|kind| *kind != "keepRemoved");
        let wanted = kinds.chain(["batch"]);
        let wanted = wanted.chain(FAULTS.iter().chain(EVENTS).map(|action| action.name()));
        let wanted = wanted.chain(CONSEQUENCES.iter().copied());
        let missing: Vec<&str> = wanted.filter(|name| !all.contains_key(*name)).collect();
        assert!(missing.is_empty(), "never happened: {missing:?}");
    }
    println!("{count} seeds equal");
}

/// Every plan that ever broke, or the one that is named.
#[test]
fn plans_that_broke_are_whole_now() {
    let named = std::env::var_os("TALUS_SIM_PLAN").map(PathBuf::from);
    let kept = || {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("plans");
        let files = std::fs::read_dir(folder).unwrap();
        files.map(|file| file.unwrap().path()).collect()
    };
    for path in named.map_or_else(kept, |path| vec![path]) {
        let plan: Plan = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        let steps = plan.steps.len();
        if let Err(broken) = run::replay(&plan) {
            panic!("{}: {broken}", path.display());
        }
        println!("{steps} steps, equal: {}", path.display());
    }
}

/// Shortens the plan that is named, or one that a planted defect breaks.
#[test]
fn a_plan_that_breaks_is_shortened() {
    let tell = |short: &Plan| println!("{} steps", short.steps.len());
    if let Some(path) = std::env::var_os("TALUS_SIM_SHORTEN").map(PathBuf::from) {
        let plan: Plan = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        let name = format!("seed-{}-short", plan.seed);
        // It takes long, and what is found so far is of use already.
        let keep = |short: &Plan| {
            tell(short);
            save(short, &name);
        };
        let (short, why) = minimise::minimise(&plan, keep).expect("the plan breaks");
        let path = save(&short, &name);
        println!(
            "{why}\n{} steps of {} are left, in {}",
            short.steps.len(),
            plan.steps.len(),
            path.display()
        );
        return;
    }
    fault::plant(sync::fault::Fault::AckBeforeDurable);
    let broken = (1..1000)
        .map(run::seed)
        .find(|outcome| outcome.result.is_err() && outcome.plan.steps.len() >= LONG);
    let plan = broken.expect("the defect is noticed late, too").plan;
    let (short, _) = minimise::minimise(&plan, tell).expect("the plan breaks");
    fault::clear();
    assert!(short.steps.len() * 4 <= plan.steps.len(), "{short}");
    assert!(run::replay(&short).is_ok());
}

#[test]
fn a_seed_runs_the_same_way_again() {
    // Small ones; in the second a relay lies.
    for seed in [11, 13] {
        let first = run::seed(seed);
        let second = run::seed(seed);
        assert_eq!(first.plan, second.plan);
        assert_eq!(run::replay(&first.plan), first.result, "seed {seed}");
        assert_eq!(first.result, second.result);
    }
}
