//! Long work: how far it is, and whether it is still wanted.
//!
//! Whatever may take longer than [`PATIENCE`] runs inside [`long`]. Nobody hears of it before; from
//! then on windows are told about five times a second, and once when it is over. Work looks at its
//! [`Progress`] now and then and ends with a failure when it was cancelled, until the point from
//! which on it is carried out whatever happens ([`Progress::commit`]).

use std::collections::BTreeMap;
use std::future::Future;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::event::Event;
use crate::failure::Failure;
use crate::request::TaskId;
use crate::world::{World, locked};

/// What takes no longer is not worth a word.
const PATIENCE: Duration = Duration::from_millis(300);

/// How often windows are told.
const TICK: Duration = Duration::from_millis(200);

/// How far something is. Clones are of the same work.
#[derive(Clone, Default)]
pub(crate) struct Progress(Arc<Shared>);

#[derive(Default)]
struct Shared {
    done: AtomicU64,
    total: AtomicU64,
    stage: AtomicU8,
    cancelled: Notify,
}

/// Stages of work: it may be cancelled, it was, or it is too late for that.
const OPEN: u8 = 0;
const CANCELLED: u8 = 1;
const COMMITTED: u8 = 2;

impl Progress {
    /// How much there is to do, in whatever unit; it is unknown before.
    pub(crate) fn expect(&self, total: u64) {
        self.0.total.store(total, Ordering::Relaxed);
    }

    /// So much is done by now.
    pub(crate) fn reached(&self, done: u64) -> Result<(), Failure> {
        self.0.done.store(done, Ordering::Relaxed);
        self.check()
    }

    /// The same for work that is told by the flow of control to end.
    pub(crate) fn flow(&self, done: u64, total: u64) -> ControlFlow<()> {
        self.expect(total);
        match self.reached(done) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    /// Fails if nobody wants it any more.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.is_cancelled() {
            Err(Failure::cancelled())
        } else {
            Ok(())
        }
    }

    /// From here on it is carried out whatever happens, unless it was cancelled before.
    pub(crate) fn commit(&self) -> Result<(), Failure> {
        self.leave_open(COMMITTED);
        self.check()
    }

    /// What is read through this is counted, and fails once it is not wanted any more.
    pub(crate) fn reader<R: Read>(&self, inner: R) -> Counted<R> {
        Counted {
            inner,
            progress: self.clone(),
        }
    }

    /// The same for what is written.
    pub(crate) fn writer<W: Write>(&self, inner: W) -> Counted<W> {
        Counted {
            inner,
            progress: self.clone(),
        }
    }

    /// Waits until it is cancelled.
    pub(crate) async fn cancelled(&self) {
        loop {
            let notified = self.0.cancelled.notified();
            if self.is_cancelled() {
                return;
            }
            notified.await;
        }
    }

    fn is_cancelled(&self) -> bool {
        self.0.stage.load(Ordering::Relaxed) == CANCELLED
    }

    fn cancel(&self) {
        self.leave_open(CANCELLED);
        self.0.cancelled.notify_waiters();
    }

    fn leave_open(&self, stage: u8) {
        let (relaxed, shared) = (Ordering::Relaxed, &self.0.stage);
        // One that has left it stays where it is.
        shared.compare_exchange(OPEN, stage, relaxed, relaxed).ok();
    }

    fn count(&self, bytes: usize) -> io::Result<()> {
        self.0.done.fetch_add(bytes as u64, Ordering::Relaxed);
        self.check().map_err(io::Error::other)
    }

    fn event(&self, task: TaskId, label: &str) -> Event {
        Event::Progress {
            task,
            label: label.to_owned(),
            done: self.0.done.load(Ordering::Relaxed),
            total: self.0.total.load(Ordering::Relaxed),
            can_cancel: self.0.stage.load(Ordering::Relaxed) == OPEN,
        }
    }
}

/// A reader or writer that counts.
pub(crate) struct Counted<T> {
    inner: T,
    progress: Progress,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.progress.count(count)?;
        Ok(count)
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.progress.count(count)?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Long work that is under way, so that it can be cancelled.
#[derive(Default)]
pub(crate) struct Tasks(Mutex<Underway>);

#[derive(Default)]
struct Underway {
    last: u32,
    tasks: BTreeMap<TaskId, Progress>,
}

impl Tasks {
    /// Says that nobody wants it any more; nothing happens if it is over, or cannot be cancelled now.
    pub(crate) fn cancel(&self, task: TaskId) {
        if let Some(progress) = locked(&self.0).tasks.get(&task) {
            progress.cancel();
        }
    }

    fn begin(&self, progress: &Progress) -> TaskId {
        let mut underway = locked(&self.0);
        underway.last += 1;
        let task = TaskId(underway.last);
        underway.tasks.insert(task, progress.clone());
        task
    }
}

/// Runs work that may take long, and tells windows how far it is.
pub(crate) async fn long<T, F>(
    world: &World,
    label: String,
    work: impl FnOnce(Progress) -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let progress = Progress::default();
    let told = Told {
        world,
        task: world.tasks.begin(&progress),
        progress: progress.clone(),
        was_told: AtomicBool::new(false),
    };
    let work = work(progress.clone());
    tokio::pin!(work);
    let mut tick = interval_at(Instant::now() + PATIENCE, TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            outcome = &mut work => return match outcome {
                // However the cancelling showed itself, as a failed read for example.
                Err(_) if progress.is_cancelled() => Err(Failure::cancelled()),
                outcome => outcome,
            },
            _ = tick.tick() => {
                told.was_told.store(true, Ordering::Relaxed);
                world.emit(progress.event(told.task, &label));
            }
        }
    }
}

/// Work that is over when this is dropped, be it that nobody waits for it any more.
struct Told<'a> {
    world: &'a World,
    task: TaskId,
    progress: Progress,
    was_told: AtomicBool,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.progress.cancel();
        locked(&self.world.tasks.0).tasks.remove(&self.task);
        if self.was_told.load(Ordering::Relaxed) {
            self.world.emit(Event::Ended { task: self.task });
        }
    }
}

#[cfg(test)]
mod tests {
    use graph::time::Timestamp;
    use store::MemoryStore;

    use super::*;

    fn world() -> World {
        World::new(Arc::new(MemoryStore::new()), Arc::new(|| Timestamp(1)))
    }

    #[tokio::test]
    async fn long_work_is_told_of_until_it_is_cancelled() {
        let world = world();
        let mut events = world.listen();
        let work = long(&world, "Waiting".to_owned(), |progress| async move {
            progress.expect(9);
            progress.reached(4)?;
            progress.cancelled().await;
            Err::<(), _>(Failure::closed())
        });
        let watch = async {
            let told = events.recv().await.unwrap();
            let Event::Progress {
                task,
                done: 4,
                total: 9,
                can_cancel: true,
                ref label,
            } = *told
            else {
                panic!("{told:?}")
            };
            assert_eq!(label, "Waiting");
            world.tasks.cancel(task);
            loop {
                match *events.recv().await.unwrap() {
                    Event::Ended { task: ended } => break assert_eq!(ended, task),
                    Event::Progress { .. } => {}
                    ref other => panic!("{other:?}"),
                }
            }
        };
        let (answer, ()) = tokio::join!(work, watch);
        assert_eq!(answer.unwrap_err().code, "CANCELLED");
        assert!(locked(&world.tasks.0).tasks.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_quick_is_not_told_of() {
        let world = world();
        let mut events = world.listen();
        let lasting = |time: Duration| {
            long(&world, "Waiting".to_owned(), move |_| async move {
                let forever = std::future::pending::<()>();
                Ok(tokio::time::timeout(time, forever).await.unwrap_err())
            })
        };
        lasting(PATIENCE).await.unwrap();
        assert!(events.try_recv().is_err());
        lasting(PATIENCE + TICK / 2).await.unwrap();
        assert!(matches!(
            *events.recv().await.unwrap(),
            Event::Progress { .. }
        ));
        assert!(matches!(*events.recv().await.unwrap(), Event::Ended { .. }));
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_cancelled() {
        let world = world();
        let mut seen = None;
        {
            let work = long(&world, "Waiting".to_owned(), |progress| {
                seen = Some(progress.clone());
                async move {
                    progress.cancelled().await;
                    Ok(())
                }
            });
            tokio::pin!(work);
            tokio::select! {
                biased;
                _ = &mut work => panic!("it waits for ever"),
                () = std::future::ready(()) => {}
            }
        }
        assert!(seen.unwrap().is_cancelled());
    }

    #[test]
    fn what_is_committed_cannot_be_cancelled() {
        let progress = Progress::default();
        progress.commit().unwrap();
        progress.cancel();
        progress.check().unwrap();
        let progress = Progress::default();
        progress.cancel();
        assert_eq!(progress.commit().unwrap_err().code, "CANCELLED");
    }

    #[test]
    fn a_reader_counts_and_fails_once_it_is_cancelled() {
        let progress = Progress::default();
        let mut reader = progress.reader(io::repeat(1));
        reader.read_exact(&mut [0; 700]).unwrap();
        assert_eq!(progress.0.done.load(Ordering::Relaxed), 700);
        progress.cancel();
        reader.read_exact(&mut [0; 7]).unwrap_err();
    }
}
