//! What happens next, by the seed.

use graph::generate::Random;

use crate::plan::Plan;
use crate::step::{Action, Step};
use crate::world::World;

/// Edits that a run has at least, and faults.
const EDITS: usize = 200;
const FAULTS: usize = 8;

/// How many take part.
pub fn cast(seed: u64) -> Plan {
    let mut random = Random(seed ^ 0xca57);
    let (apps, relays) = match random.below(20) {
        0 => (6 + random.below(3), 1 + random.below(3)),
        1..=4 => (4 + random.below(2), 1 + random.below(2)),
        _ => (3, 1),
    };
    Plan {
        seed,
        apps,
        relays,
        steps: Vec::new(),
    }
}

/// Whether a run has seen enough.
pub fn is_enough(world: &World) -> bool {
    let count = |action: Action| world.counts.get(action.name()).copied().unwrap_or(0);
    let edits = count(Action::Edit) + count(Action::Undo) + count(Action::Redo);
    let faults: usize = crate::step::FAULTS
        .iter()
        .map(|action| count(*action))
        .sum();
    edits >= EDITS && faults >= FAULTS
}

/// One step that makes sense in this world, mostly.
pub fn next(world: &World, random: &mut Random) -> Step {
    let any = random.below(world.hosts.len());
    let app = random.below(world.apps);
    let down = (0..world.hosts.len())
        .filter(|host| !world.is_up(*host))
        .collect::<Vec<_>>();
    let asleep: Vec<usize> = world.asleep.iter().copied().collect();
    let links: Vec<[usize; 2]> = world.links.values().map(|link| link.ends).collect();
    let link = random.pick(&links).copied().unwrap_or([app, any]);
    let (action, at) = match random.below(1000) {
        0..560 => (Action::Edit, vec![app]),
        560..640 => (Action::Undo, vec![app]),
        640..690 => (Action::Redo, vec![app]),
        690..710 => (Action::Presence, vec![app]),
        710..740 => (Action::Wait, vec![]),
        740..840 => match (random.pick(&down), random.pick(&asleep)) {
            (Some(host), _) => (Action::Start, vec![*host]),
            (_, Some(host)) => (Action::Wake, vec![*host]),
            _ => (Action::Edit, vec![app]),
        },
        840..846 => (Action::Quit, vec![app]),
        846..862 => (Action::Cut, link.to_vec()),
        862..868 => (Action::HalfOpen, link.to_vec()),
        868..884 => (Action::Lose, link.to_vec()),
        884..900 => (Action::Repeat, link.to_vec()),
        900..916 => (Action::Reorder, link.to_vec()),
        916..924 => (Action::Delay, link.to_vec()),
        924..929 => (Action::Partition, vec![]),
        929..939 => (Action::Heal, vec![]),
        939..948 => (Action::Kill, vec![any]),
        948..957 => (Action::LosePower, vec![any]),
        957..962 => (Action::Sleep, vec![any]),
        962..967 => (Action::Fill, vec![any]),
        967..975 => (Action::Empty, vec![any]),
        975..981 => (Action::Copy, vec![any]),
        981..984 => (Action::PutBack, vec![any]),
        984..986 => (Action::Clone, vec![app, random.below(world.apps)]),
        986..992 => (Action::Garbage, vec![any]),
        _ => (Action::Skew, vec![app]),
    };
    Step {
        action,
        at: at.into_iter().map(|host| world.name(host)).collect(),
        salt: random.draw() & 0xffff_ffff,
    }
}
