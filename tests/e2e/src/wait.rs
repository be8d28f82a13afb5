//! Waiting for a condition, never for time.

use std::future::Future;
use std::time::Instant;

use tokio::time::interval;

use crate::DEADLINE;

/// How often a condition is looked at.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(20);

/// Waits until `look` finds something. Fails with what was waited for.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let (begun, mut ticks) = (Instant::now(), interval(LOOK_EVERY));
    loop {
        ticks.tick().await;
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            begun.elapsed() < DEADLINE,
            "waited {} s for {what}",
            DEADLINE.as_secs()
        );
    }
}
