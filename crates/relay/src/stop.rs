//! One word to many tasks: once for all, or again and again.

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

/// Tells all its [`Doubt`]s that what seems to be there may be gone.
#[derive(Debug, Default)]
pub struct Doubter(watch::Sender<()>);

/// Hears that this machine slept, is at other addresses, or that a person asked: a link has to prove that it is alive.
#[derive(Clone, Debug)]
pub struct Doubt(Option<watch::Receiver<()>>);

impl Doubter {
    /// Nobody listens yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hears what is raised from here on.
    pub fn listen(&self) -> Doubt {
        Doubt(Some(self.0.subscribe()))
    }

    /// There is reason to doubt.
    pub fn raise(&self) {
        self.0.send_replace(());
    }
}

impl Doubt {
    /// One that nobody raises.
    pub const NEVER: Self = Self(None);

    /// Waits until it is raised, or returns at once if it was since the last time.
    pub(crate) async fn raised(&mut self) {
        let raised = match &mut self.0 {
            Some(doubts) => doubts.changed().await.is_ok(),
            None => false,
        };
        if !raised {
            std::future::pending().await
        }
    }
}
