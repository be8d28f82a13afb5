//! How much memory processes have over time, and whether that grows.
//!
//! A project keeps its history, so an application that edits for an hour has more to hold at the end than at the
//! beginning, and a fresh process that opens the same project has it as well. What grows beyond that is lost.

use std::collections::BTreeMap;
use std::time::Duration;

/// A process that has grown by less is flat: allocators keep what they were given once.
const ALLOWANCE_KB: u64 = 6 << 10;

/// A process that has grown by a smaller part is flat.
const ALLOWANCE_PERCENT: u64 = 15;

/// One look at a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Since the beginning of everything.
    pub at: Duration,
    /// Which life of it this was.
    pub process: u32,
    /// Resident memory.
    pub kb: u64,
}

/// The looks at each process, by its name.
#[derive(Default)]
pub struct Curves {
    samples: BTreeMap<String, Vec<Sample>>,
    fresh_kb: BTreeMap<String, u64>,
}

/// What became of one process.
#[derive(Debug, PartialEq, Eq)]
pub struct Growth {
    /// Its greatest sample once it had warmed up.
    pub early_kb: u64,
    /// At the end.
    pub late_kb: u64,
    /// What a fresh process has that opens the same; none where there was none.
    pub fresh_kb: Option<u64>,
}

impl Growth {
    /// Whether it is no more than an allocator takes.
    pub fn is_flat(&self) -> bool {
        let needed_kb = self.early_kb.max(self.fresh_kb.unwrap_or(0));
        let allowed = ALLOWANCE_KB.max(needed_kb * ALLOWANCE_PERCENT / 100);
        self.late_kb <= needed_kb + allowed
    }
}

impl Curves {
    /// Notes a look.
    pub fn note(&mut self, name: &str, sample: Sample) {
        let samples = self.samples.entry(name.to_owned()).or_default();
        samples.push(sample);
    }

    /// Notes what a fresh process has in place of this one.
    pub fn note_fresh(&mut self, name: &str, kb: u64) {
        self.fresh_kb.insert(name.to_owned(), kb);
    }

    /// The last look at each, in MB.
    pub fn line(&self) -> String {
        let last = self.samples.iter().filter_map(|(name, samples)| {
            let sample = samples.last()?;
            Some(format!("{name} {:.1}", sample.kb as f64 / 1024.0))
        });
        last.collect::<Vec<_>>().join("  ")
    }

    /// How each grew in its longest life: the last third of it beside a third that begins after a sixth, by when it has
    /// warmed up. A short life says nothing.
    pub fn growth(&self) -> BTreeMap<&str, Growth> {
        let named = self.samples.iter().filter_map(|(name, samples)| {
            let life = longest_life(samples);
            let third = life.len() / 3;
            if third < 3 {
                return None;
            }
            let early = &life[third / 2..third + third / 2];
            let late = &life[life.len() - third..];
            let growth = Growth {
                early_kb: early.iter().map(|it| it.kb).max()?,
                late_kb: median(late)?,
                fresh_kb: self.fresh_kb.get(name).copied(),
            };
            Some((name.as_str(), growth))
        });
        named.collect()
    }

    /// A table: a row for each of so many moments, a column for each process, in MB.
    pub fn table(&self, rows: u32) -> String {
        let end = self.samples.values().flatten().map(|it| it.at).max();
        let step = end.unwrap_or_default() / rows.max(1);
        let mut lines = vec![format!(
            "{:>8} {}",
            "min",
            self.samples
                .keys()
                .map(|it| format!("{it:>9}"))
                .collect::<String>()
        )];
        for row in 0..=rows {
            let at = step * row;
            let cells = self.samples.values().map(|samples| {
                let near = samples.iter().min_by_key(|it| it.at.abs_diff(at));
                near.map_or("-".to_owned(), |it| format!("{:.1}", it.kb as f64 / 1024.0))
            });
            let cells: String = cells.map(|it| format!("{it:>9}")).collect();
            lines.push(format!("{:>8.2} {cells}", at.as_secs_f64() / 60.0));
        }
        lines.join("\n")
    }
}

fn longest_life(samples: &[Sample]) -> &[Sample] {
    let lives = samples.chunk_by(|one, next| one.process == next.process);
    lives.max_by_key(|life| life.len()).unwrap_or_default()
}

fn median(samples: &[Sample]) -> Option<u64> {
    let mut kb: Vec<u64> = samples.iter().map(|it| it.kb).collect();
    kb.sort_unstable();
    kb.get(kb.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curves(kb: impl Fn(u64) -> (u32, u64)) -> Curves {
        let mut curves = Curves::default();
        for second in 0..60 {
            let (process, kb) = kb(second);
            let at = Duration::from_secs(second);
            curves.note("desk", Sample { at, process, kb });
        }
        curves
    }

    #[test]
    fn what_warms_up_and_stays_is_flat() {
        let curves = curves(|second| (1, 20_000 + 3_000 * second.min(10)));
        assert!(curves.growth()["desk"].is_flat(), "{:?}", curves.growth());
    }

    #[test]
    fn what_grows_on_is_not() {
        let curves = curves(|second| (1, 20_000 + 500 * second));
        assert!(!curves.growth()["desk"].is_flat(), "{:?}", curves.growth());
    }

    #[test]
    fn what_a_fresh_process_needs_as_well_is_no_growth() {
        let mut curves = curves(|second| (1, 20_000 + 500 * second));
        curves.note_fresh("desk", 42_000);
        assert!(curves.growth()["desk"].is_flat(), "{:?}", curves.growth());
    }

    #[test]
    fn only_the_longest_life_counts() {
        let curves = curves(|second| match second {
            0..15 => (1, 90_000),
            _ => (2, 20_000),
        });
        let growth = &curves.growth()["desk"];
        assert_eq!((growth.early_kb, growth.late_kb), (20_000, 20_000));
    }
}
