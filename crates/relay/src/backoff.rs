//! How long to wait before dialling again.

/// Exponential backoff with jitter: the wait is drawn evenly from what lies below a ceiling that doubles, so that a
/// thousand clients of a relay that restarts do not come back in the same instant.
///
/// The first wait is anything up to the ceiling, later ones are at least half of it. Were they not, a few of the thousand
/// would draw one short wait after another, find nobody each time, and stay away for long when the relay is back: of
/// a relay that is gone for a second, the last would come after eight.
///
/// It draws nothing itself: the caller brings a random number.
#[derive(Clone, Debug)]
pub struct Backoff {
    first_ms: u64,
    most_ms: u64,
    reset_after_ms: u64,
    failures: u32,
}

impl Backoff {
    /// Ceilings from `first_ms` to `most_ms`; a link that was up for `reset_after_ms` forgives what failed before.
    pub fn new(first_ms: u64, most_ms: u64, reset_after_ms: u64) -> Self {
        Self {
            first_ms,
            most_ms,
            reset_after_ms,
            failures: 0,
        }
    }

    /// How long to wait after one more failure; `random` is any number.
    pub fn fail(&mut self, random: u64) -> u64 {
        let ceiling = self
            .first_ms
            .saturating_mul(1 << self.failures.min(20))
            .min(self.most_ms);
        let least = match self.failures {
            0 => 0,
            _ => ceiling / 2,
        };
        self.failures = self.failures.saturating_add(1);
        least + random % (ceiling - least + 1)
    }

    /// A link that was up for so long has gone down.
    pub fn ended(&mut self, up_ms: u64) {
        if up_ms >= self.reset_after_ms {
            self.reset();
        }
    }

    /// What failed before says nothing any more: somebody asked, or the addresses are new.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// Failures since it was last reset.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use std::iter;

    use super::*;

    #[test]
    fn the_ceiling_doubles_up_to_the_most() {
        let mut backoff = Backoff::new(500, 60_000, 30_000);
        let ceilings: Vec<u64> = (0..10)
            .map(|_| {
                let mut twin = backoff.clone();
                let failures = backoff.failures();
                let ceiling = (500 << failures).min(60_000);
                let least = if failures == 0 { 0 } else { ceiling / 2 };
                let draws = ceiling - least + 1;
                let last = twin.fail(draws - 1);
                assert_eq!(last, ceiling, "the ceiling itself may be drawn");
                assert_eq!(backoff.fail(draws), least, "nothing above it");
                ceiling
            })
            .collect();
        assert_eq!(&ceilings[..3], [500, 1_000, 2_000]);
        assert_eq!(ceilings[9], 60_000);
    }

    #[test]
    fn nobody_of_a_thousand_stays_away_for_long_after_a_short_absence() {
        let mut random = fastrand::Rng::with_seed(1);
        for gone_ms in [300, 1_000, 5_000] {
            let mut come_back = |_| {
                let mut backoff = Backoff::new(500, 60_000, 30_000);
                let waits = iter::repeat_with(|| backoff.fail(random.u64(..)));
                let mut spent_ms = waits.scan(0, |spent_ms, wait_ms| {
                    *spent_ms += wait_ms;
                    Some(*spent_ms)
                });
                spent_ms.find(|spent_ms| *spent_ms >= gone_ms)
            };
            let last_ms = (0..1_000).filter_map(&mut come_back).max();
            assert!(last_ms <= Some(3 * gone_ms + 1_000), "{last_ms:?}");
        }
    }

    #[test]
    fn only_a_link_that_lasted_forgives() {
        let mut backoff = Backoff::new(500, 60_000, 30_000);
        backoff.fail(0);
        backoff.fail(0);
        backoff.ended(29_999);
        assert_eq!(backoff.failures(), 2);
        backoff.ended(30_000);
        assert_eq!(backoff.failures(), 0);
    }

    #[test]
    fn it_never_overflows() {
        let mut backoff = Backoff::new(u64::MAX / 2, u64::MAX - 1, 1);
        for _ in 0..100 {
            backoff.fail(u64::MAX);
        }
    }
}
