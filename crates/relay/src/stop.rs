//! One word to many tasks.

use tokio::sync::watch;

/// Tells all its [`Stop`]s at once that it is time to end.
#[derive(Debug)]
pub(crate) struct Stopper(watch::Sender<bool>);

/// Hears of it.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stopper {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    pub(crate) fn listen(&self) -> Stop {
        Stop(self.0.subscribe())
    }

    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits until it is time to end. If nobody can say so any more, for ever.
    pub(crate) async fn asked(&mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            std::future::pending().await
        }
    }

    pub(crate) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }
}
