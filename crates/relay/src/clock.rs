//! Monotonic milliseconds of this process.

use std::{
    sync::LazyLock,
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Since the first call in this process.
pub fn now_ms() -> u64 {
    START.elapsed().as_millis() as u64
}

/// Since 1970 by the wall clock, for what is older than a run.
pub fn unix_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    elapsed.unwrap_or_default().as_millis() as u64
}

/// The same moment as the runtime's timers count it.
pub fn instant(at_ms: u64) -> Instant {
    *START + Duration::from_millis(at_ms)
}

/// Notices that the machine slept, by two clocks: one of them stands still meanwhile, on most systems.
#[derive(Debug)]
pub struct SleepWatch {
    monotonic_ms: u64,
    wall: SystemTime,
}

impl SleepWatch {
    /// The most that may be between two looks, ms; the timer is the caller's.
    pub const PERIOD_MS: u64 = 5_000;

    /// A look that comes so much late means sleep. Less than that is a busy machine.
    const LATE_MS: u64 = 10_000;

    /// The first look is after this.
    pub fn begin() -> Self {
        Self {
            monotonic_ms: now_ms(),
            wall: SystemTime::now(),
        }
    }

    /// Whether the machine slept since the last look. A wall clock that was set counts too, and does no harm.
    pub fn has_slept(&mut self) -> bool {
        let now = Self::begin();
        let monotonic_ms = now.monotonic_ms - self.monotonic_ms;
        let wall_ms = now
            .wall
            .duration_since(self.wall)
            .unwrap_or_default()
            .as_millis() as u64;
        *self = now;
        is_sleep(monotonic_ms, wall_ms)
    }
}

fn is_sleep(monotonic_ms: u64, wall_ms: u64) -> bool {
    monotonic_ms.max(wall_ms) > SleepWatch::PERIOD_MS + SleepWatch::LATE_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_clock_tells_of_sleep_and_a_busy_machine_does_not() {
        assert!(
            is_sleep(5_001, 3_600_000),
            "the monotonic clock stood still"
        );
        assert!(is_sleep(3_600_000, 3_600_000), "it went on");
        assert!(!is_sleep(9_000, 9_000));
        assert!(!is_sleep(5_000, 0), "the wall clock was set back");
    }
}
