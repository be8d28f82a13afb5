//! A budget that refills.

/// So many units a second, and a burst of so many on top. Time is an argument.
///
/// It may go into debt: what has arrived has arrived. The debt is what the caller waits off before it reads on.
#[derive(Clone, Debug)]
pub struct Rate {
    per_s: u64,
    burst: u64,
    /// In thousandths of a unit, so that a millisecond's share of a small rate is not lost.
    left: i64,
    seen_ms: u64,
}

impl Rate {
    /// A full budget.
    pub fn new(per_s: u64, burst: u64, now_ms: u64) -> Self {
        Self {
            per_s,
            burst,
            left: thousandths(burst),
            seen_ms: now_ms,
        }
    }

    /// From now on so many units a second, and such a burst. What is left stays, as far as it fits.
    pub fn set(&mut self, per_s: u64, burst: u64) {
        (self.per_s, self.burst) = (per_s, burst);
        self.left = self.left.min(thousandths(burst));
    }

    /// Spends `units` and says for how many milliseconds to spend no more; 0 for go on.
    pub fn spend(&mut self, units: u64, now_ms: u64) -> u64 {
        let refill = thousandths(
            self.per_s
                .saturating_mul(now_ms.saturating_sub(self.seen_ms))
                / 1_000,
        );
        if refill > 0 {
            self.left = self
                .left
                .saturating_add(refill)
                .min(thousandths(self.burst));
            self.seen_ms = now_ms;
        }
        self.left = self.left.saturating_sub(thousandths(units));
        if self.left >= 0 {
            return 0;
        }
        // Thousandths over units a second are milliseconds.
        self.left.unsigned_abs().div_ceil(self.per_s.max(1))
    }
}

fn thousandths(units: u64) -> i64 {
    i64::try_from(units.saturating_mul(1_000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_free_and_the_rest_comes_at_the_rate() {
        let mut rate = Rate::new(100, 10, 0);
        assert_eq!((0..10).map(|_| rate.spend(1, 0)).max(), Some(0));
        assert_eq!(rate.spend(1, 0), 10, "one unit at 100 a second");
        assert_eq!(rate.spend(0, 10), 0, "waited off");
    }

    #[test]
    fn over_an_hour_no_more_passes_than_the_rate_allows() {
        let (mut now_ms, mut passed) = (0, 0_u64);
        let mut rate = Rate::new(50, 200, now_ms);
        while now_ms < 3_600_000 {
            now_ms += rate.spend(1, now_ms);
            passed += 1;
        }
        let most = 50 * 3_600 + 200;
        assert!(
            (most - 100..=most + 1).contains(&passed),
            "{passed} of {most}"
        );
    }

    #[test]
    fn a_slow_rate_refills_in_small_steps_too() {
        let mut rate = Rate::new(1, 1, 0);
        rate.spend(1, 0);
        for now_ms in 1..=1_000 {
            rate.spend(0, now_ms);
        }
        assert_eq!(rate.spend(1, 1_000), 0);
    }

    #[test]
    fn a_lower_rate_holds_at_once() {
        let mut rate = Rate::new(1_000, 1_000, 0);
        rate.set(1, 1);
        assert_eq!(rate.spend(1, 0), 0, "the burst");
        assert_eq!(rate.spend(1, 0), 1_000, "one unit at one a second");
    }

    #[test]
    fn a_clock_that_stands_or_a_huge_spending_does_no_harm() {
        let mut rate = Rate::new(u64::MAX, u64::MAX, 5);
        assert_eq!(rate.spend(1, 0), 0);
        let mut rate = Rate::new(1, 1, 0);
        assert!(rate.spend(u64::MAX, 0) > 0);
        assert!(rate.spend(u64::MAX, u64::MAX) > 0);
    }
}
