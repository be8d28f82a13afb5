//! The one that writes, and its thread.
//!
//! The thread commits everything that is waiting as one group, tells each chunk `Written`, and when nothing more is
//! waiting (or the first of them has waited long enough) makes them durable by syncing the WAL: it is one file, so that
//! covers all commits before it.
//!
//! There is one [`Writer`], and whoever holds it writes: the thread, or, where it is free and nothing waits, a thread that
//! appends to a room ([`Queue::append_or_write`]). Only the thread syncs, and copies the WAL into the database; it does not hold
//! the writer meanwhile, since on a busy disk either takes as long as a hundred commits.

use std::{
    collections::BTreeSet,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{
    commit,
    database::{CHECKPOINT_PAGES, CHECKPOINT_PAGES_AT_ONCE, MAX_WAL_PAGES},
    ends::Ends,
    place,
    queue::{Append, Piece, Queue, Wake, Work},
    wal::Wal,
};
use crate::{
    Acknowledge, Acknowledgement, Result, Seq, State, StoreError, chunk::Log, data_dir::DataDir,
    state::Watched,
};

/// After a commit, so long is waited for the next before they are made durable: a sync costs as much as several commits,
/// and edits that answer one another share one.
const SYNC_PAUSE: Duration = Duration::from_millis(2);

/// Under a load that never pauses, written chunks wait no longer than this to be made durable.
const MAX_SYNC_DELAY: Duration = Duration::from_millis(100);

/// So many chunks are written at most while the disk syncs: what has to be remembered of them is bounded, and a disk that is
/// slower than whoever writes slows them.
const MAX_UNSYNCED: usize = 16_384;

/// SQLite's page size, and about what a row costs beside its bytes.
const PAGE_BYTES: u64 = 4_096;
const PAGES_PER_WRITE: u64 = 4;

/// The writer, for whoever needs it; gone once its thread has ended.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Option<Writer>>>);

/// The writer in the hands of one thread.
pub(super) struct Held<'a>(MutexGuard<'a, Option<Writer>>);

impl Shared {
    pub(super) fn new(writer: Writer) -> Self {
        Self(Arc::new(Mutex::new(Some(writer))))
    }

    /// The writer, if nobody has it now.
    pub(super) fn try_lock(&self) -> Option<Held<'_>> {
        let guard = self.0.try_lock().ok()?;
        guard.is_some().then_some(Held(guard))
    }

    /// Waits for the writer. None after a panic of whoever had it: what it was doing is half done.
    fn lock(&self) -> Option<Held<'_>> {
        let guard = self.0.lock().ok()?;
        guard.is_some().then_some(Held(guard))
    }

    /// Works until the queue is closed and empty. Then, or after a panic, the writer is gone.
    pub(super) fn run(&self, queue: &Queue) {
        let _end = End(self);
        // Whoever was killed may have left a long WAL, which every opening after that has to read.
        let mut rested = false;
        while let Some(writer) = self.lock() {
            let patience = writer.patience(rested);
            drop(writer);
            let wake = queue.wait(patience);
            // After a rest only new work is a reason to go on, even where the disk refused to sync.
            rested = wake == Wake::Idle;
            match wake {
                Wake::Work => self.work(queue),
                Wake::Written => {}
                Wake::Idle => self.settle(CHECKPOINT_PAGES),
                Wake::Closed => return self.settle(CHECKPOINT_PAGES),
            }
            if self.lock().is_some_and(|writer| writer.is_sync_due()) {
                self.settle(CHECKPOINT_PAGES_AT_ONCE);
            }
        }
    }

    /// Does what is next.
    fn work(&self, queue: &Queue) {
        let Some(mut writer) = self.lock() else {
            return;
        };
        match queue.take() {
            Some(Work::Group(group)) => writer.write_group(group),
            Some(Work::Task(task)) => task(&mut writer),
            None => {}
        }
    }

    /// Syncs what is unsynced, and keeps the WAL below so many pages. Others write while the disk syncs.
    fn settle(&self, pages: u64) {
        let Some(mut writer) = self.lock() else {
            return;
        };
        // A failure is in the state, and the chunks stay unsynced.
        if !writer.unsynced.is_empty() {
            let Ok(syncing) = writer.begin_sync() else {
                return;
            };
            drop(writer);
            let synced = syncing.wal.sync();
            let Some(held) = self.lock() else {
                return;
            };
            writer = held;
            if writer.end_sync(syncing, synced).is_err() {
                return;
            }
        }
        if writer.wal_pages > pages {
            self.sweep(writer);
        }
    }

    /// Copies the WAL into the database. Others write meanwhile, unless they write so much that this would never get to the end.
    fn sweep(&self, writer: Held<'_>) {
        let (wal, before) = (writer.wal.clone(), writer.wal_pages);
        let held = (before > MAX_WAL_PAGES).then_some(writer);
        let swept = wal.sweep();
        let Some(mut writer) = held.or_else(|| self.lock()) else {
            return;
        };
        match swept {
            // All of it is copied, so the next write begins a new one.
            Ok(true) if writer.wal_pages == before => writer.wal_pages = 0,
            Ok(_) => {}
            Err(error) => {
                writer.wal_pages = 0;
                writer.note_failed_sync(error);
            }
        }
    }
}

impl Deref for Held<'_> {
    type Target = Writer;

    fn deref(&self) -> &Writer {
        self.0.as_ref().expect("it was there when it was locked")
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Writer {
        self.0.as_mut().expect("it was there when it was locked")
    }
}

/// Lets go of the writer however its thread ends.
struct End<'a>(&'a Shared);

impl Drop for End<'_> {
    fn drop(&mut self) {
        let (mut guard, has_panicked) = match self.0.0.lock() {
            Ok(guard) => (guard, false),
            Err(poisoned) => (poisoned.into_inner(), true),
        };
        let writer = guard.take();
        drop(guard);
        if let Some(writer) = writer.filter(|_| has_panicked) {
            writer.state.set(State::Failed(
                "a thread has panicked while it wrote".to_owned(),
            ));
        }
    }
}

/// What is on its way to the disk.
struct Syncing {
    wal: Arc<Wal>,
    chunks: Vec<(Seq, Acknowledge)>,
    since: Option<Instant>,
    /// How many faults of the disk there were when it began.
    faults: u64,
}

/// Everything that writing needs; the directory's lock among it, so that it outlives the last write.
pub(super) struct Writer {
    wal: Arc<Wal>,
    connection: Connection,
    dir: DataDir,
    queue: Arc<Queue>,
    state: Arc<Watched>,
    /// Of the disk, so far.
    faults: u64,
    last: Seq,
    ends: Ends,
    /// Logs that lost a piece. They get no further before a retry, so that none of them has a hole.
    stalled: BTreeSet<Log>,
    unsynced: Vec<(Seq, Acknowledge)>,
    unsynced_since: Option<Instant>,
    /// A sync failed. The system may have dropped what it could not write, and would call the next sync a success.
    sync_failed: bool,
    wal_pages: u64,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        wal: Wal,
        dir: DataDir,
        queue: Arc<Queue>,
        state: Arc<Watched>,
    ) -> Result<Self> {
        let last: i64 =
            connection.query_row("SELECT last_seq FROM counter", [], |row| row.get(0))?;
        let wal_pages = commit::wal_pages(&connection)?;
        Ok(Self {
            wal: Arc::new(wal),
            connection,
            dir,
            queue,
            state,
            faults: 0,
            last: Seq(last as u64),
            ends: Ends::default(),
            stalled: BTreeSet::new(),
            unsynced: Vec::new(),
            unsynced_since: None,
            sync_failed: false,
            wal_pages,
        })
    }

    /// Whether so much waits for the disk that whoever writes more has to wait for it, too.
    pub(super) fn is_behind(&self) -> bool {
        self.unsynced.len() >= MAX_UNSYNCED
    }

    /// Whether the first of what is unsynced has waited long enough.
    fn is_sync_due(&self) -> bool {
        let since = self.unsynced_since.map(|since| since.elapsed());
        since.is_some_and(|waited| waited > MAX_SYNC_DELAY)
    }

    fn patience(&self, rested: bool) -> Option<Duration> {
        match self.unsynced_since {
            _ if rested => None,
            Some(_) => Some(SYNC_PAUSE),
            None => Some(Duration::ZERO),
        }
    }

    pub(super) fn write_group(&mut self, group: Vec<Append>) {
        let mut accepted = Vec::with_capacity(group.len());
        for Append {
            logs,
            piece,
            acknowledge,
        } in group
        {
            let piece = match logs.iter().any(|log| self.stalled.contains(log)) {
                true => Err(StoreError::Stalled),
                false => piece,
            };
            match piece {
                Ok(piece) => accepted.push((logs, piece, acknowledge)),
                Err(error) => {
                    // Those before it in the group are on their way still, and those after it are not.
                    self.write_accepted(std::mem::take(&mut accepted));
                    self.stalled.extend(logs);
                    fail(acknowledge, error);
                }
            }
        }
        self.write_accepted(accepted);
    }

    fn write_accepted(&mut self, accepted: Vec<(Vec<Log>, Piece, Acknowledge)>) {
        if accepted.is_empty() {
            return;
        }
        let pieces = accepted.iter().map(|(logs, piece, _)| (&logs[..], piece));
        match commit::group(&self.connection, &mut self.ends, self.last, pieces) {
            Ok(fates) => {
                self.unsynced_since.get_or_insert_with(Instant::now);
                for ((logs, piece, acknowledge), fate) in accepted.into_iter().zip(fates) {
                    self.count_pages(piece.weight());
                    self.tell(logs, fate, acknowledge);
                }
            }
            Err(error) => {
                let error = self.note_fault(error);
                for (logs, _, acknowledge) in accepted {
                    self.stalled.extend(logs);
                    fail(acknowledge, error.clone());
                }
            }
        }
    }

    fn tell(&mut self, logs: Vec<Log>, fate: Result<Seq>, mut acknowledge: Acknowledge) {
        match fate {
            Ok(seq) => {
                self.last = seq;
                acknowledge(Acknowledgement::Written(seq));
                self.unsynced.push((seq, acknowledge));
            }
            Err(error) => {
                self.stalled.extend(logs);
                fail(acknowledge, error);
            }
        }
    }

    /// Syncs what is written and tells those who wait for it. Nobody writes meanwhile.
    pub(super) fn make_durable(&mut self) -> Result<()> {
        let syncing = self.begin_sync()?;
        let synced = syncing.wal.sync();
        self.end_sync(syncing, synced)
    }

    /// Takes what is written, to be synced.
    fn begin_sync(&mut self) -> Result<Syncing> {
        if let Err(error) = self.prepare_sync() {
            return Err(self.note_failed_sync(error));
        }
        Ok(Syncing {
            wal: self.wal.clone(),
            chunks: std::mem::take(&mut self.unsynced),
            since: self.unsynced_since.take(),
            faults: self.faults,
        })
    }

    fn prepare_sync(&mut self) -> Result<()> {
        // Puts the WAL's content into the database and begins a new WAL, so that all of it is written and synced anew.
        if self.sync_failed && !commit::empty_wal(&self.connection)? {
            return Err(StoreError::TimedOut);
        }
        let last = self.last.0 as i64;
        commit::note_and(&self.connection, &mut self.ends, |transaction| {
            let sql = "UPDATE counter SET syncs = syncs + 1, last_seq = ?";
            transaction.prepare_cached(sql)?.execute([last])?;
            Ok(())
        })
    }

    /// Tells those who wait for it.
    fn end_sync(&mut self, syncing: Syncing, synced: Result<()>) -> Result<()> {
        if let Err(error) = synced {
            self.unsynced.splice(..0, syncing.chunks);
            self.unsynced_since = syncing.since.or(self.unsynced_since);
            return Err(self.note_failed_sync(error));
        }
        self.sync_failed = false;
        // The state first, so that whoever is told looks at a state that agrees. What was written meanwhile may have failed.
        if syncing.faults == self.faults {
            self.state.set(State::Ok);
        }
        for (seq, mut acknowledge) in syncing.chunks {
            acknowledge(Acknowledgement::Durable(seq));
        }
        Ok(())
    }

    fn note_failed_sync(&mut self, error: StoreError) -> StoreError {
        self.sync_failed |= !matches!(error, StoreError::Full | StoreError::ReadOnly);
        self.note_fault(error)
    }

    /// Runs `write`, which writes about so many bytes, as one transaction and makes it durable.
    pub(super) fn transact<T>(
        &mut self,
        bytes: usize,
        write: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        let written = commit::note_and(&self.connection, &mut self.ends, write);
        let value = written.map_err(|error| self.note_fault(error))?;
        self.count_pages(bytes);
        self.make_durable()?;
        Ok(value)
    }

    fn count_pages(&mut self, bytes: usize) {
        self.wal_pages += PAGES_PER_WRITE + bytes as u64 / PAGE_BYTES;
    }

    /// Tries a durable write; if it succeeds what belongs to the log is accepted again.
    pub(super) fn retry(&mut self, log: Log) -> Result<()> {
        self.make_durable()?;
        self.stalled.remove(&log);
        Ok(())
    }

    /// Makes everything durable, or says that something is not even written.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.make_durable()?;
        if self.stalled.is_empty() {
            Ok(())
        } else {
            Err(StoreError::Stalled)
        }
    }

    /// Flushes and leaves the database in one file, marked as left in order.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.flush()?;
        self.transact(0, place::record_close)?;
        commit::empty_wal(&self.connection).map_err(|error| self.note_fault(error))?;
        Ok(())
    }

    pub(super) fn forget(&mut self, log: Log) {
        self.stalled.remove(&log);
    }

    pub(super) fn last(&self) -> Seq {
        self.last
    }

    /// Turns a fault of the disk into the state it stands for. What is no fault of the disk passes through.
    fn note_fault(&mut self, error: StoreError) -> StoreError {
        let error = match error {
            StoreError::Database(_) => commit::probe(self.dir.path()).err().unwrap_or(error),
            other => other,
        };
        use StoreError::{Damaged, Database, Full, Io, ReadOnly};
        if matches!(
            error,
            Full | ReadOnly | Database(_) | Io { .. } | Damaged(_)
        ) {
            self.faults += 1;
            self.state.set(State::after(&error));
        }
        error
    }
}

impl Drop for Writer {
    /// However it ends, nobody waits for it in vain.
    fn drop(&mut self) {
        self.queue.close();
        while let Some(work) = self.queue.take() {
            if let Work::Group(group) = work {
                group
                    .into_iter()
                    .for_each(|append| fail(append.acknowledge, StoreError::Closed));
            }
        }
    }
}

fn fail(mut acknowledge: Acknowledge, error: StoreError) {
    acknowledge(Acknowledgement::Failed(error));
}
