//! Whether the disk takes what it is given.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::StoreError;

/// The health of the disk under the store, as of the last write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Writes succeed.
    Ok,
    /// No space is left.
    Full,
    /// The disk does not take writes.
    ReadOnly,
    /// Writes fail for another reason, given in words.
    Failed(String),
}

impl State {
    /// The state that a failed write leaves behind.
    pub fn after(error: &StoreError) -> Self {
        match error {
            StoreError::Full => Self::Full,
            StoreError::ReadOnly => Self::ReadOnly,
            other => Self::Failed(describe(other)),
        }
    }
}

/// The whole chain of causes in one line.
fn describe(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

/// Told of every change of [`State`], on the thread that noticed it; it must not block or call the store.
pub type Observer = Box<dyn Fn(&State) + Send + Sync>;

/// The current state and who is told when it changes.
pub(crate) struct Watched {
    inner: Mutex<(State, Vec<Observer>)>,
}

impl Watched {
    pub(crate) fn new() -> Self {
        Self {
            inner: Mutex::new((State::Ok, Vec::new())),
        }
    }

    pub(crate) fn get(&self) -> State {
        self.lock().0.clone()
    }

    pub(crate) fn set(&self, state: State) {
        let mut inner = self.lock();
        if inner.0 != state {
            inner.0 = state;
            inner.1.iter().for_each(|observer| observer(&inner.0));
        }
    }

    pub(crate) fn watch(&self, observer: Observer) {
        self.lock().1.push(observer);
    }

    fn lock(&self) -> MutexGuard<'_, (State, Vec<Observer>)> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
