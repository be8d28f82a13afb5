//! What waits for the writer.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::writer::{Shared, Writer};
use crate::{Acknowledge, Acknowledgement, Chunk, ProjectKey, RoomWrite, StoreError, chunk::Log};

/// Pieces beyond this many bytes are refused rather than held.
const MAX_WAITING_BYTES: usize = 64 << 20;

/// One commit takes at most this many pieces ...
const MAX_GROUP_PIECES: usize = 1_024;

/// ... and, but for the first, no more than this many bytes, so that those behind them do not wait too long.
const MAX_GROUP_BYTES: usize = 8 << 20;

/// What is written whole or not at all.
pub(super) enum Piece {
    Chunk(ProjectKey, Chunk),
    Room(RoomWrite),
}

impl Piece {
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Chunk(_, chunk) => chunk.weight(),
            Self::Room(write) => write.weight(),
        }
    }
}

/// A piece on its way, or why it cannot go. A refused one still takes its turn, so that the order of its logs holds.
pub(super) struct Append {
    pub(super) logs: Vec<Log>,
    pub(super) piece: Result<Piece, StoreError>,
    pub(super) acknowledge: Acknowledge,
}

/// Something else to be done on the writer's thread.
pub(super) type Task = Box<dyn FnOnce(&mut Writer) + Send>;

enum Item {
    Append(Append),
    Task(Task),
}

/// What the writer is to do next.
pub(super) enum Work {
    /// Commit these together.
    Group(Vec<Append>),
    /// Run this alone.
    Task(Task),
}

/// Why the writer's thread is awake.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wake {
    /// Something is waiting.
    Work,
    /// Nothing is, but somebody has written by himself since.
    Written,
    /// Nothing is waiting.
    Idle,
    /// Nothing is waiting and nothing will come.
    Closed,
}

/// First in, first out; bounded by the bytes it holds.
#[derive(Default)]
pub(super) struct Queue {
    inner: Mutex<Inner>,
    arrived: Condvar,
}

#[derive(Default)]
struct Inner {
    items: VecDeque<Item>,
    waiting_bytes: usize,
    closed: bool,
    /// Somebody has written by himself, and the thread does not know.
    was_written: bool,
    /// The thread waits for whatever comes first.
    is_resting: bool,
}

impl Queue {
    /// Never waits.
    pub(super) fn append(&self, mut append: Append) {
        let mut inner = self.lock();
        if inner.closed {
            drop(inner);
            return (append.acknowledge)(Acknowledgement::Failed(StoreError::Closed));
        }
        let size = weight(&append);
        if inner.waiting_bytes > 0 && inner.waiting_bytes + size > MAX_WAITING_BYTES {
            append.piece = Err(StoreError::Busy);
        }
        inner.waiting_bytes += weight(&append);
        inner.items.push_back(Item::Append(append));
        self.arrived.notify_one();
    }

    /// The same, but where nobody is writing, nothing waits and the disk keeps up the caller's thread writes: a hand-over to the
    /// writer's thread and back costs more than the commit. A group forms as ever as soon as two want to write.
    pub(super) fn append_or_write(&self, append: Append, writer: &Shared) {
        let inner = self.lock();
        if inner.closed || !inner.items.is_empty() {
            drop(inner);
            return self.append(append);
        }
        // Taken while the queue is locked, so that nothing gets in between; it does not wait, so it cannot deadlock.
        let Some(mut free) = writer.try_lock().filter(|writer| !writer.is_behind()) else {
            drop(inner);
            return self.append(append);
        };
        drop(inner);
        free.write_group(vec![append]);
        drop(free);
        let mut inner = self.lock();
        inner.was_written = true;
        if inner.is_resting {
            self.arrived.notify_one();
        }
    }

    /// Says whether the writer will run it.
    pub(super) fn run(&self, task: Task) -> bool {
        let mut inner = self.lock();
        if !inner.closed {
            inner.items.push_back(Item::Task(task));
            self.arrived.notify_one();
        }
        !inner.closed
    }

    /// Takes nothing more. What is waiting is still done.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }

    /// Waits until something is waiting, no longer than this, or for ever. What is waiting stays.
    pub(super) fn wait(&self, patience: Option<Duration>) -> Wake {
        let deadline = patience.map(|patience| Instant::now() + patience);
        let mut inner = self.lock();
        loop {
            if !inner.items.is_empty() {
                return Wake::Work;
            } else if inner.closed {
                return Wake::Closed;
            }
            let left = deadline.map(|deadline| deadline.checked_duration_since(Instant::now()));
            inner = match left {
                Some(Some(left)) => {
                    let woken = self.arrived.wait_timeout(inner, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                // Time is over; a pause begins with the last write, whoever wrote.
                Some(None) if std::mem::take(&mut inner.was_written) => return Wake::Written,
                Some(None) => return Wake::Idle,
                None if std::mem::take(&mut inner.was_written) => return Wake::Written,
                None => {
                    inner.is_resting = true;
                    let woken = self.arrived.wait(inner);
                    let mut inner = woken.unwrap_or_else(PoisonError::into_inner);
                    inner.is_resting = false;
                    inner
                }
            }
        }
    }

    /// What is next, if anything is. Whoever takes it has the writer, or others would overtake it.
    pub(super) fn take(&self) -> Option<Work> {
        let mut inner = self.lock();
        match inner.items.pop_front()? {
            Item::Task(task) => Some(Work::Task(task)),
            Item::Append(first) => Some(Work::Group(inner.group(first))),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// The pieces at the front, as far as one commit takes them.
    fn group(&mut self, first: Append) -> Vec<Append> {
        let mut bytes = weight(&first);
        let mut group = vec![first];
        while group.len() < MAX_GROUP_PIECES {
            let Some(Item::Append(next)) = self.items.front() else {
                break;
            };
            if bytes + weight(next) > MAX_GROUP_BYTES {
                break;
            }
            bytes += weight(next);
            if let Some(Item::Append(next)) = self.items.pop_front() {
                group.push(next);
            }
        }
        self.waiting_bytes -= bytes;
        group
    }
}

fn weight(append: &Append) -> usize {
    append.piece.as_ref().map_or(0, Piece::weight)
}
