//! Messages of one connection are answered in the order in which they came, although each is answered in a task of its own.

use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

/// Whose turn is next.
#[derive(Default)]
pub(super) struct Turns(Mutex<Option<oneshot::Receiver<()>>>);

/// The place of one message. The next one's turn comes when it is dropped.
pub(super) struct Turn {
    before: Option<oneshot::Receiver<()>>,
    _over: oneshot::Sender<()>,
}

impl Turns {
    /// Takes the next place.
    pub(super) fn take(&self) -> Turn {
        let (over, next) = oneshot::channel();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Turn {
            before: last.replace(next),
            _over: over,
        }
    }
}

impl Turn {
    /// Waits until all before it are over.
    pub(super) async fn comes(&mut self) {
        if let Some(before) = self.before.take() {
            // It ends by being dropped.
            before.await.ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn whoever_came_first_is_first_whoever_asks_first() {
        let turns = Turns::default();
        let done = Arc::new(Mutex::new(Vec::new()));
        let places: Vec<_> = (0..10).map(|number| (number, turns.take())).collect();
        let mut tasks = tokio::task::JoinSet::new();
        for (number, mut turn) in places.into_iter().rev() {
            let done = Arc::clone(&done);
            tasks.spawn(async move {
                turn.comes().await;
                tokio::task::yield_now().await;
                done.lock().expect("nobody panicked").push(number);
            });
        }
        tasks.join_all().await;
        let done = done.lock().expect("nobody panicked");
        assert_eq!(*done, (0..10).collect::<Vec<_>>());
    }
}
