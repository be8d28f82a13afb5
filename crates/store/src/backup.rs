//! Rolling local backups: what they are called and which are kept.

use std::collections::BTreeSet;

/// A consistent copy of everything but the blobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// What it is called, without its path.
    pub name: String,
    /// When it was taken, in milliseconds since 1970, UTC.
    pub taken_ms: i64,
    /// How large it is.
    pub bytes: u64,
}

/// How many backups are kept: the newest of each of the last so many hours, days and weeks that have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Hours of UTC.
    pub hours: usize,
    /// Days of UTC.
    pub days: usize,
    /// Weeks from Thursday to Wednesday, as 1970 began with a Thursday.
    pub weeks: usize,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            hours: 10,
            days: 7,
            weeks: 4,
        }
    }
}

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const WEEK_MS: i64 = 7 * DAY_MS;

/// Which of the backups taken at these times may be deleted. The newest never is.
pub fn rotate(taken_ms: &[i64], keep: Keep) -> Vec<i64> {
    let newest_first: Vec<i64> = taken_ms
        .iter()
        .copied()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .rev()
        .collect();
    let mut kept: BTreeSet<i64> = newest_first.first().copied().into_iter().collect();
    for (length_ms, count) in [
        (HOUR_MS, keep.hours),
        (DAY_MS, keep.days),
        (WEEK_MS, keep.weeks),
    ] {
        let mut periods = BTreeSet::new();
        for &taken in &newest_first {
            let period = taken.div_euclid(length_ms);
            if periods.len() < count && periods.insert(period) {
                kept.insert(taken);
            }
        }
    }
    newest_first
        .into_iter()
        .filter(|taken| !kept.contains(taken))
        .collect()
}
