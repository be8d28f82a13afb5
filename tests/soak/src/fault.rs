//! What goes wrong while the company works.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use tokio::time::Instant;

use crate::company::{Company, DESKS, Place, RELAYS};
use crate::process::Signal;

/// Who lives through it all, so that there is a long curve of memory of each kind.
const SPARED: [Place; 2] = [Place::Desk(1), Place::Relay(0)];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Kind {
    KillDesk,
    CloseDesk,
    SleepDesk,
    KillRelay,
    CloseRelay,
    SleepRelay,
    /// Links are closed, and come back only after a while.
    CutWire,
    /// Links fall silent and nobody is told; new ones work.
    PullWire,
}

const KINDS: [Kind; 8] = [
    Kind::KillDesk,
    Kind::SleepDesk,
    Kind::CutWire,
    Kind::KillRelay,
    Kind::PullWire,
    Kind::CloseDesk,
    Kind::SleepRelay,
    Kind::CloseRelay,
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Member(Place),
    Wire(usize),
}

struct Fault {
    target: Target,
    ends_at: Instant,
}

/// The faults under way, and how many there were.
#[derive(Default)]
pub struct Faults {
    under_way: Vec<Fault>,
    begun: usize,
    counts: BTreeMap<Kind, usize>,
}

impl Faults {
    /// Begins another one that lasts at most so long. Kinds take turns; one for which everybody is in trouble already
    /// waits for its turn to be possible.
    pub async fn begin(&mut self, company: &mut Company, longest: Duration) -> Result<()> {
        let kind = KINDS[self.begun % KINDS.len()];
        let mut targets = kind.targets(company);
        targets.retain(|target| self.under_way.iter().all(|fault| fault.target != *target));
        let Some(target) = fastrand::choice(targets) else {
            return Ok(());
        };
        self.begun += 1;
        match (kind, target) {
            (Kind::KillDesk | Kind::KillRelay, Target::Member(place)) => company.kill(place)?,
            (Kind::CloseDesk | Kind::CloseRelay, Target::Member(place)) => {
                company.close(place).await?;
            }
            (Kind::SleepDesk | Kind::SleepRelay, Target::Member(place)) => {
                company.signal(place, Signal::Stop)?;
            }
            (Kind::CutWire, Target::Wire(wire)) => company.wires()[wire].cut(),
            (_, Target::Wire(wire)) => company.wires()[wire].pull(),
            (Kind::CutWire | Kind::PullWire, Target::Member(_)) => unreachable!("it is a wire"),
        }
        *self.counts.entry(kind).or_default() += 1;
        self.under_way.push(Fault {
            target,
            ends_at: Instant::now() + longest.mul_f64(0.1 + 0.9 * fastrand::f64()),
        });
        Ok(())
    }

    /// When the next one is over.
    pub fn next_end(&self) -> Option<Instant> {
        self.under_way.iter().map(|fault| fault.ends_at).min()
    }

    /// Mends what is over by this time.
    pub async fn mend(&mut self, company: &mut Company, now: Instant) -> Result<()> {
        let (over, on) = std::mem::take(&mut self.under_way)
            .into_iter()
            .partition(|fault| fault.ends_at <= now);
        self.under_way = on;
        let over: Vec<Fault> = over;
        for fault in over {
            match fault.target {
                Target::Wire(wire) => company.wires()[wire].mend(),
                Target::Member(place) if company.is_up(place) => {
                    company.signal(place, Signal::Continue)?;
                }
                Target::Member(place) => company.restart(place).await?,
            }
        }
        Ok(())
    }

    /// Mends everything.
    pub async fn end(&mut self, company: &mut Company) -> Result<()> {
        let last = self.under_way.iter().map(|fault| fault.ends_at).max();
        match last {
            Some(last) => self.mend(company, last).await,
            None => Ok(()),
        }
    }

    /// How many there were of each kind.
    pub fn line(&self) -> String {
        let counts = KINDS.iter().map(|kind| {
            let count = self.counts.get(kind).copied().unwrap_or(0);
            format!("{kind:?} {count}")
        });
        counts.collect::<Vec<_>>().join(", ")
    }

    /// Whether each kind was there.
    pub fn is_complete(&self) -> bool {
        self.counts.len() == KINDS.len()
    }
}

impl Kind {
    /// Whom it may strike.
    fn targets(self, company: &Company) -> Vec<Target> {
        let members: Vec<Place> = match self {
            Self::KillDesk | Self::CloseDesk | Self::SleepDesk => {
                (0..DESKS).map(Place::Desk).collect()
            }
            Self::KillRelay | Self::CloseRelay | Self::SleepRelay => {
                (0..RELAYS).map(Place::Relay).collect()
            }
            Self::CutWire | Self::PullWire => {
                return (0..company.wires().len()).map(Target::Wire).collect();
            }
        };
        let is_deadly = !matches!(self, Self::SleepDesk | Self::SleepRelay);
        members
            .into_iter()
            .filter(|place| !(is_deadly && SPARED.contains(place)))
            .map(Target::Member)
            .collect()
    }
}
