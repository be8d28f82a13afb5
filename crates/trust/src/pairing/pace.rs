//! How soon the next code may be shown.

/// Keeps codes apart. Every code that is shown counts as a failure until a pairing succeeds, whoever asked for it: device
/// ids cost nothing, so counting for each would count nothing.
///
/// After the first [`FREE`](Self::FREE) codes the wait doubles from a second up to [`LONGEST_MS`](Self::LONGEST_MS). Who
/// guesses on gets about a hundred codes a day and hits in 27 years on average; what somebody sees of it are as many codes
/// that she did not ask for.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Pace {
    failed: u32,
    last_ms: u64,
}

/// The next code may be shown after so many ms.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("too many codes; the next can be shown in {wait_ms} ms")]
pub struct TooSoon {
    /// How long to wait.
    pub wait_ms: u64,
}

impl Pace {
    /// So many codes may follow each other without a wait: people mistype.
    pub const FREE: u32 = 3;

    /// The longest wait.
    pub const LONGEST_MS: u64 = 15 * 60 * 1000;

    /// Asks for another code. If it is granted, it counts. A clock that was set back makes nobody wait longer than the
    /// longest wait.
    pub fn ask(&mut self, now_ms: u64) -> Result<(), TooSoon> {
        let wait_ms = self.wait_ms(now_ms);
        if now_ms < self.last_ms {
            self.last_ms = now_ms;
        }
        if wait_ms > 0 {
            return Err(TooSoon { wait_ms });
        }
        self.failed = self.failed.saturating_add(1);
        self.last_ms = now_ms;
        Ok(())
    }

    /// How long who asks now would have to wait, in ms.
    pub fn wait_ms(&self, now_ms: u64) -> u64 {
        let Some(more) = self.failed.checked_sub(Self::FREE) else {
            return 0;
        };
        let wait_ms = (1_000u64 << more.min(20)).min(Self::LONGEST_MS);
        wait_ms.saturating_sub(now_ms.saturating_sub(self.last_ms))
    }

    /// A pairing has succeeded.
    pub fn succeed(&mut self) {
        self.failed = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_until_one_succeeds() {
        let mut pace = Pace::default();
        for _ in 0..Pace::FREE {
            assert_eq!(pace.ask(5), Ok(()));
        }
        assert_eq!(pace.ask(5), Err(TooSoon { wait_ms: 1_000 }));
        assert_eq!(pace.ask(1_005), Ok(()));
        assert_eq!(pace.ask(1_006), Err(TooSoon { wait_ms: 1_999 }));
        pace.succeed();
        assert_eq!(pace.ask(1_007), Ok(()));
    }

    #[test]
    fn a_guesser_gets_a_hundred_codes_a_day() {
        let (mut pace, mut shown) = (Pace::default(), 0);
        for second in 0..24 * 60 * 60 {
            shown += u32::from(pace.ask(second * 1_000).is_ok());
        }
        assert!((96..115).contains(&shown), "{shown}");
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let mut pace = Pace::default();
        while pace.ask(1 << 40).is_ok() {}
        assert!(pace.ask(0).is_err());
        assert_eq!(pace.ask(Pace::LONGEST_MS), Ok(()));
    }
}
