//! Waiting for a condition, never for time.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::time::interval;

use crate::DEADLINE;

/// How often a condition is looked at.
pub const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits until `look` finds something. Fails with what was waited for.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl FnMut() -> F) -> T {
    every(LOOK_EVERY, what, look).await
}

/// The same with another interval.
pub async fn every<T, F: Future<Output = Option<T>>>(
    period: Duration,
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    let (begun, mut ticks) = (Instant::now(), interval(period));
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

/// The same for whoever has no runtime.
pub fn blocking<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    runtime().block_on(until(what, || {
        let found = look();
        async move { found }
    }))
}

/// A runtime of the thread that asks for it.
pub fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}
