//! Items for one task, from any thread.

use std::{
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// What waits for the task that takes it; first in, first out, and unbounded.
///
/// Unlike a channel it wakes nobody but a task that waits: one that is given something while it is at work, as a room is
/// by a store that has written at once, is not scheduled again for it, which would wake another thread of the runtime,
/// too. Empty it has no memory but its own.
pub(crate) struct Mailbox<T>(Mutex<Queue<T>>);

struct Queue<T> {
    items: Vec<T>,
    is_closed: bool,
    /// The task that waits.
    waiting: Option<Waker>,
}

/// Ready once something is there.
pub(crate) struct Arrived<'a, T>(&'a Mailbox<T>);

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        Self(Mutex::new(Queue {
            items: Vec::new(),
            is_closed: false,
            waiting: None,
        }))
    }
}

impl<T> Mailbox<T> {
    /// Gives an item back if nobody takes any more.
    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        let mut queue = self.lock();
        if queue.is_closed {
            return Err(item);
        }
        queue.items.push(item);
        let waiting = queue.waiting.take();
        drop(queue);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
        Ok(())
    }

    /// Waits until something is there. Only one task may wait.
    pub(crate) fn arrived(&self) -> Arrived<'_, T> {
        Arrived(self)
    }

    /// Puts all there is behind `items`.
    pub(crate) fn take(&self, items: &mut Vec<T>) {
        let mut queue = self.lock();
        match items.is_empty() {
            true => std::mem::swap(items, &mut queue.items),
            false => items.append(&mut queue.items),
        }
    }

    /// Takes nothing more, unless something is there: then it stays open and says so.
    pub(crate) fn close_if_empty(&self) -> bool {
        let mut queue = self.lock();
        queue.is_closed = queue.items.is_empty();
        queue.is_closed
    }

    /// Takes nothing more, and gives back what is there.
    pub(crate) fn close(&self) -> Vec<T> {
        let mut queue = self.lock();
        queue.is_closed = true;
        std::mem::take(&mut queue.items)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    fn lock(&self) -> MutexGuard<'_, Queue<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Future for Arrived<'_, T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.0.lock();
        if !queue.items.is_empty() {
            return Poll::Ready(());
        }
        queue.waiting = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl<T> Drop for Arrived<'_, T> {
    fn drop(&mut self) {
        self.0.lock().waiting = None;
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::{Context, Wake},
    };

    use super::*;

    #[tokio::test]
    async fn what_is_given_is_taken_in_its_order() {
        let mailbox = Mailbox::default();
        let mut taken = Vec::new();
        tokio::join!(
            async {
                mailbox.arrived().await;
                mailbox.take(&mut taken);
            },
            async { (0..3).for_each(|item| mailbox.push(item).unwrap()) },
        );
        mailbox.push(3).unwrap();
        mailbox.take(&mut taken);
        assert_eq!(taken, [0, 1, 2, 3]);
    }

    #[test]
    fn a_task_is_not_scheduled_again_for_what_it_is_given_at_work() {
        #[derive(Default)]
        struct Wakes(AtomicUsize);
        impl Wake for Wakes {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let wakes = Arc::new(Wakes::default());
        let waker = wakes.clone().into();
        let mut cx = Context::from_waker(&waker);
        let mailbox = Mailbox::default();
        {
            let mut arrived = pin!(mailbox.arrived());
            assert!(arrived.as_mut().poll(&mut cx).is_pending());
            mailbox.push(1).unwrap();
            assert!(arrived.as_mut().poll(&mut cx).is_ready());
        }
        mailbox.push(2).unwrap();
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_closed_one_gives_back() {
        let mailbox = Mailbox::default();
        mailbox.push(1).unwrap();
        assert!(!mailbox.close_if_empty());
        assert_eq!(mailbox.close(), [1]);
        assert!(mailbox.is_closed() && mailbox.push(2) == Err(2));
    }
}
