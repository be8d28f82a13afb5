//! What the system announces.

use anyhow::Result;

/// Waits for SIGTERM or Ctrl+C. Listens from this call on, not only once it is awaited.
#[cfg(unix)]
pub fn listen() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Waits for Ctrl+C.
#[cfg(not(unix))]
pub fn listen() -> Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a console nobody presses it.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}

/// Whenever somebody sends SIGHUP, from this call on.
#[cfg(unix)]
pub fn hung_up() -> Result<tokio::signal::unix::Signal> {
    use tokio::signal::unix::{SignalKind, signal};
    Ok(signal(SignalKind::hangup())?)
}
