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
    /// Begins another one that lasts at most so long. Kinds take turns.
    pub async fn begin(&mut self, company: &mut Company, longest: Duration) -> Result<()> {
        let kind = KINDS[self.begun % KINDS.len()];
        self.begun += 1;
        let target = kind.target(company);
        if self.under_way.iter().any(|fault| fault.target == target) {
            return Ok(());
        }
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

    /// Whether each kind was there, as far as there were enough of them for that.
    pub fn is_complete(&self) -> bool {
        let all = self.counts.values().sum::<usize>();
        self.counts.len() == KINDS.len() || all < 4 * KINDS.len()
    }
}

impl Kind {
    fn target(self, company: &Company) -> Target {
        let any_desk = || Place::Desk(fastrand::usize(..DESKS));
        let any_relay = || Place::Relay(fastrand::usize(..RELAYS));
        let mortal = |any: &dyn Fn() -> Place| loop {
            let place = any();
            if !SPARED.contains(&place) {
                return Target::Member(place);
            }
        };
        match self {
            Self::KillDesk | Self::CloseDesk => mortal(&any_desk),
            Self::KillRelay | Self::CloseRelay => mortal(&any_relay),
            Self::SleepDesk => Target::Member(any_desk()),
            Self::SleepRelay => Target::Member(any_relay()),
            Self::CutWire | Self::PullWire => {
                Target::Wire(fastrand::usize(..company.wires().len()))
            }
        }
    }
}
