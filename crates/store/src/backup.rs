//! Rolling local backups: what they are called and which are kept.

use std::{collections::BTreeSet, ops::ControlFlow};

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

/// Hears now and then how many bytes of how many are done, about, and says whether to go on. It must be quick.
pub type Watch = dyn Fn(u64, u64) -> ControlFlow<()> + Send + Sync;

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kept(taken: &[i64], keep: Keep) -> Vec<i64> {
        let expired = rotate(taken, keep);
        taken
            .iter()
            .copied()
            .filter(|taken| !expired.contains(taken))
            .collect()
    }

    #[test]
    fn the_newest_of_each_period_is_kept() {
        let taken = [1, 2, HOUR_MS, HOUR_MS + 1, DAY_MS, DAY_MS + 1, WEEK_MS];
        let keep = |hours, days, weeks| kept(&taken, Keep { hours, days, weeks });
        assert_eq!(keep(0, 0, 0), [WEEK_MS]);
        assert_eq!(keep(3, 0, 0), [HOUR_MS + 1, DAY_MS + 1, WEEK_MS]);
        assert_eq!(keep(0, 3, 0), [HOUR_MS + 1, DAY_MS + 1, WEEK_MS]);
        assert_eq!(keep(0, 0, 2), [DAY_MS + 1, WEEK_MS]);
        assert_eq!(rotate(&[], Keep::default()), []);
    }

    #[test]
    fn hourly_backups_of_a_month_come_down_to_a_few() {
        let taken: Vec<i64> = (0..30 * 24).map(|hour| hour * HOUR_MS).collect();
        let kept = kept(&taken, Keep::default());
        assert!((18..=21).contains(&kept.len()), "{kept:?}");
        assert!(
            kept[0] < 14 * DAY_MS,
            "the end of the second week, three weeks back"
        );
    }

    proptest! {
        #[test]
        fn rotation_keeps_the_newest_and_is_stable(
            taken in prop::collection::btree_set(-WEEK_MS..10 * WEEK_MS, 1..80),
            (hours, days, weeks) in (0..12_usize, 0..8_usize, 0..5_usize),
        ) {
            let taken: Vec<i64> = taken.into_iter().collect();
            let keep = Keep { hours, days, weeks };
            let kept = kept(&taken, keep);
            prop_assert_eq!(kept.last(), taken.last());
            prop_assert!(kept.len() <= (hours + days + weeks).max(1));
            prop_assert_eq!(rotate(&kept, keep), Vec::<i64>::new());
        }
    }
}
