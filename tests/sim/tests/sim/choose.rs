//! What happens next, by the seed.

use graph::generate::Random;

use crate::plan::Plan;
use crate::step::{Action, Step};
use crate::world::World;

/// Edits that a run has at least, and faults.
const EDITS: usize = 200;
const FAULTS: usize = 8;

/// Steps that a run has at most: it may be that nobody is left who may edit.
const STEPS: usize = 3_000;

/// As many applications as there are at most, unless there were more.
const MAX_APPS: usize = 7;

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
    edits >= EDITS && faults >= FAULTS || world.steps >= STEPS
}

/// In a quarter of all seeds it is calm for a while once there is something to condense; in these and some others
/// somebody joins soon after.
fn is_time(world: &World, action: Action) -> bool {
    let count = |action: Action| world.counts.get(action.name()).copied().unwrap_or(0);
    let is_seed = match action {
        Action::Calm => world.seed.is_multiple_of(4),
        _ => world.seed.is_multiple_of(4) || world.seed.is_multiple_of(7),
    };
    let after = match action {
        Action::Calm => EDITS * 3 / 4,
        _ => EDITS * 4 / 5,
    };
    is_seed && count(action) == 0 && count(Action::Edit) >= after
}

/// Nobody condenses a log in which there is what nobody can read, so that comes later where it will be calm.
fn is_readable(world: &World) -> bool {
    !world.seed.is_multiple_of(4) || world.counts.contains_key(Action::Calm.name())
}

/// One step that makes sense in this world, mostly.
pub fn next(world: &World, random: &mut Random) -> Step {
    let any = random.below(world.hosts.len());
    let apps = world.apps();
    let app = apps[random.below(apps.len())];
    let down = (0..world.hosts.len())
        .filter(|host| !world.is_up(*host))
        .collect::<Vec<_>>();
    let asleep: Vec<usize> = world.asleep.iter().copied().collect();
    let links: Vec<[usize; 2]> = world.links.values().map(|link| link.ends).collect();
    let link = random.pick(&links).copied().unwrap_or([app, any]);
    let (action, at) = match random.below(1000) {
        _ if is_time(world, Action::Calm) => (Action::Calm, vec![]),
        _ if is_time(world, Action::Join) => (Action::Join, vec![]),
        0..505 => (Action::Edit, vec![app]),
        505..530 => says(world, random).unwrap_or((Action::Edit, vec![app])),
        530..534 if apps.len() < MAX_APPS => (Action::Join, vec![]),
        534..539 => (Action::Offend, vec![any]),
        539..541 if is_readable(world) => {
            (Action::Fork, vec![any, random.below(world.hosts.len())])
        }
        530..545 => (Action::Edit, vec![app]),
        545..560 => (Action::Attach, vec![app]),
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
        984..986 => (Action::Clone, vec![app, apps[random.below(apps.len())]]),
        986..992 if is_readable(world) => (Action::Garbage, vec![any]),
        986..992 => (Action::Edit, vec![app]),
        _ => (Action::Skew, vec![app]),
    };
    Step {
        action,
        at: at.into_iter().map(|host| world.name(host)).collect(),
        salt: random.draw() & 0xffff_ffff,
    }
}

/// What an owner says, if there is one.
fn says(world: &World, random: &mut Random) -> Option<(Action, Vec<usize>)> {
    let owner = *random.pick(&world.owners())?;
    let action = match random.below(20) {
        0..2 => Action::Invite,
        2..9 => Action::ChangeRole,
        9..13 => Action::Remove,
        13 => Action::HandOver,
        14..16 => Action::Resign,
        16 => Action::Revoke,
        _ => Action::ChangeKey,
    };
    Some((action, vec![owner]))
}
