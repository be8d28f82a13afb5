//! A task that ends with its handle.

use std::future::Future;

use tokio::task::JoinHandle;

/// Dropping it ends the task, and drops what the task owns.
pub struct Task(JoinHandle<()>);

impl Task {
    /// Starts a task on the runtime that this is called on.
    pub fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(future))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
