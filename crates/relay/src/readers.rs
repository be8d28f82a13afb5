//! Those who read logs for rooms.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::task::spawn_blocking;

/// Threads that read at once. Each has a connection to the database, and memory that the allocator keeps for it; a thousand
/// clients that come back together want a thousand rooms, and each of these something of its log.
const AT_ONCE: usize = 2;

/// Reads that wait for the disk: done in the order in which they were given, by no more than a few threads for all rooms
/// together. Copies share them.
#[derive(Clone, Default)]
pub(crate) struct Readers(Arc<Mutex<Waiting>>);

type Read = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Waiting {
    reads: VecDeque<Read>,
    threads: usize,
}

impl Readers {
    /// Has it done when its turn has come. Where it panics, what it holds is dropped, and the others go on.
    pub(crate) fn give(&self, read: impl FnOnce() + Send + 'static) {
        let mut waiting = self.lock();
        waiting.reads.push_back(Box::new(read));
        if waiting.threads < AT_ONCE {
            waiting.threads += 1;
            let readers = self.clone();
            spawn_blocking(move || readers.run());
        }
    }

    fn run(&self) {
        while let Some(read) = self.next() {
            // Whoever waits for it hears by what was dropped; the panic itself has been told.
            let _ = catch_unwind(AssertUnwindSafe(read));
        }
    }

    /// The next one; without one this thread does no more.
    fn next(&self) -> Option<Read> {
        let mut waiting = self.lock();
        let next = waiting.reads.pop_front();
        if next.is_none() {
            waiting.threads -= 1;
            waiting.reads = VecDeque::new();
        }
        next
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        sync::{Barrier, mpsc},
        thread,
    };

    use super::*;

    #[tokio::test]
    async fn no_more_than_a_few_threads_do_all() {
        let (readers, (done, has_done)) = (Readers::default(), mpsc::channel());
        let together = Arc::new(Barrier::new(AT_ONCE + 1));
        for _ in 0..AT_ONCE {
            let together = together.clone();
            readers.give(move || {
                together.wait();
            });
        }
        for number in 0..100 {
            let done = done.clone();
            readers.give(move || done.send((number, thread::current().id())).unwrap());
        }
        assert!(has_done.try_recv().is_err(), "all threads are busy");
        together.wait();
        drop(done);
        let all: Vec<_> = has_done.iter().collect();
        let threads: BTreeSet<_> = all.iter().map(|(_, it)| format!("{it:?}")).collect();
        assert!(threads.len() <= AT_ONCE, "{threads:?}");
        let numbers: BTreeSet<i32> = all.iter().map(|(number, _)| *number).collect();
        assert!(numbers.into_iter().eq(0..100));
    }

    #[tokio::test]
    async fn what_panics_keeps_nobody_from_reading() {
        let (readers, (done, has_done)) = (Readers::default(), mpsc::channel());
        for number in 0..4 * AT_ONCE {
            let done = done.clone();
            readers.give(move || match number % 2 {
                0 => panic!("a defect"),
                _ => done.send(number).unwrap(),
            });
        }
        drop(done);
        assert_eq!(has_done.iter().count(), 2 * AT_ONCE);
    }
}
