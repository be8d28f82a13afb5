//! Runs: by seed, or again from a plan.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::choose;
use crate::plan::Plan;
use crate::rest::random_of;
use crate::world::{Broken, Counts, World};

/// What a run came to.
pub struct Outcome {
    pub plan: Plan,
    pub result: Result<Counts, Broken>,
}

/// The run of a seed.
pub fn seed(seed: u64) -> Outcome {
    let mut plan = choose::cast(seed);
    let result = guarded(|| {
        let mut world = World::new(plan.seed, plan.apps, plan.relays)?;
        let mut random = random_of(seed);
        while !choose::is_enough(&world) {
            let step = choose::next(&world, &mut random);
            plan.steps.push(step.clone());
            world.act(&step).map_err(|broken| at_step(&plan, &broken))?;
        }
        at_rest(world)
    });
    Outcome { plan, result }
}

/// The run of a plan.
pub fn replay(plan: &Plan) -> Result<Counts, Broken> {
    guarded(|| {
        let mut world = World::new(plan.seed, plan.apps, plan.relays)?;
        for (number, step) in plan.steps.iter().enumerate() {
            let acted = world.act(step);
            acted.map_err(|broken| format!("step {} ({step}): {broken}", number + 1))?;
        }
        at_rest(world)
    })
}

fn at_step(plan: &Plan, broken: &str) -> Broken {
    let step = plan.steps.last().map(ToString::to_string);
    format!(
        "step {} ({}): {broken}",
        plan.steps.len(),
        step.unwrap_or_default()
    )
}

fn at_rest(mut world: World) -> Result<Counts, Broken> {
    let rested = world.come_to_rest();
    rested.map_err(|broken| format!("at rest: {broken}"))?;
    Ok(world.counts)
}

/// A panic is what broke.
fn guarded(run: impl FnOnce() -> Result<Counts, Broken>) -> Result<Counts, Broken> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
        Err(format!("panic: {}", text.unwrap_or_default()))
    })
}

/// Seeds in turn until one breaks; how often each thing happened.
pub fn seeds(range: impl Iterator<Item = u64>) -> Result<Counts, Box<(Plan, Broken)>> {
    let mut all: Counts = BTreeMap::new();
    for number in range {
        let outcome = seed(number);
        match outcome.result {
            Ok(counts) => counts
                .into_iter()
                .for_each(|(name, count)| *all.entry(name).or_default() += count),
            Err(broken) => return Err(Box::new((outcome.plan, broken))),
        }
    }
    Ok(all)
}
