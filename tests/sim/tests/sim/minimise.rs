//! Making a plan that breaks as short as it can be.

use crate::plan::Plan;
use crate::run::replay;
use crate::step::Step;
use crate::world::Broken;

/// A shorter plan that breaks, and how; none if this one does not. Leaves out ever smaller runs of steps for as long as
/// what is left breaks (Zeller, Hildebrandt, 2002), then what every machine does that is not needed.
pub fn minimise(plan: &Plan, mut told: impl FnMut(&Plan)) -> Option<(Plan, Broken)> {
    let mut why = replay(plan).err()?;
    let mut best = plan.clone();
    let mut size = best.steps.len().div_ceil(2);
    while size > 0 {
        let before = best.steps.len();
        let mut from = 0;
        while from < best.steps.len() {
            let shorter = without(&best, from, size);
            match replay(&shorter) {
                Err(broken) => {
                    (best, why) = (shorter, broken);
                    told(&best);
                }
                Ok(_) => from += size,
            }
        }
        size = match size {
            // Once more with single steps, for as long as that helps.
            1 if best.steps.len() < before => 1,
            _ => size / 2,
        };
    }
    Some((best, why))
}

fn without(plan: &Plan, from: usize, size: usize) -> Plan {
    let steps = plan.steps.iter().enumerate();
    let left = steps.filter(|(place, _)| !(from..from + size).contains(place));
    Plan {
        steps: left.map(|(_, step)| step.clone()).collect::<Vec<Step>>(),
        ..*plan
    }
}
