//! Waiting for a condition, never for time.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::time::interval;

use crate::DEADLINE;

/// How often a condition is looked at.
pub const LOOK_EVERY: Duration = Duration::from_millis(20);

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

/// A runtime with a thread of its own, on the network of the thread that asks for it. All sockets that its tasks open are
/// there, whoever waits for them.
pub fn runtime_beside() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
}
