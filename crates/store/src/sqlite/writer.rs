//! The one that writes, and its thread.
//!
//! The thread commits everything that is waiting as one group, tells each chunk `Written`, and when nothing more is
//! waiting (or the first of them has waited long enough) makes them durable with one small commit that syncs the WAL: the
//! WAL is one file, so that sync covers all commits before it.
//!
//! There is one [`Writer`], and whoever holds it writes: the thread, or, where it is free and nothing waits, a thread that
//! appends to a room ([`Queue::append_or_write`]). Only the thread syncs.

use std::{
    collections::BTreeSet,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{
    commit,
    database::{CHECKPOINT_PAGES, CHECKPOINT_PAGES_AT_ONCE},
    place,
    queue::{Append, Piece, Queue, Wake, Work},
};
use crate::{
    Acknowledge, Acknowledgement, Result, Seq, State, StoreError, chunk::Log, data_dir::DataDir,
    state::Watched,
};

/// After a commit, so long is waited for the next before they are made durable. A sync takes longer than a commit and
/// lets nothing be written meanwhile; whoever edits in answer to an edit should not meet it each time.
const SYNC_PAUSE: Duration = Duration::from_millis(2);

/// Under a load that never pauses, written chunks wait no longer than this to be made durable: less than one commit in a
/// hundred meets a sync.
const MAX_SYNC_DELAY: Duration = Duration::from_millis(100);

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
        loop {
            let Some(writer) = self.lock() else { return };
            let patience = writer.patience(rested);
            drop(writer);
            let wake = queue.wait(patience);
            // After a rest only new work is a reason to go on, even where the disk refused to sync.
            rested = wake == Wake::Idle;
            let Some(mut writer) = self.lock() else {
                return;
            };
            match wake {
                Wake::Work => match queue.take() {
                    Some(Work::Group(group)) => writer.write_group(group),
                    Some(Work::Task(task)) => task(&mut writer),
                    None => {}
                },
                Wake::Written => {}
                Wake::Idle => writer.settle(CHECKPOINT_PAGES),
                Wake::Closed => return writer.settle(CHECKPOINT_PAGES),
            }
            writer.settle_if_due();
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

/// Everything that writing needs; the directory's lock among it, so that it outlives the last write.
pub(super) struct Writer {
    connection: Connection,
    dir: DataDir,
    queue: Arc<Queue>,
    state: Arc<Watched>,
    last: Seq,
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
        dir: DataDir,
        queue: Arc<Queue>,
        state: Arc<Watched>,
    ) -> Result<Self> {
        let last: i64 =
            connection.query_row("SELECT last_seq FROM counter", [], |row| row.get(0))?;
        let wal_pages = commit::wal_pages(&connection)?;
        Ok(Self {
            connection,
            dir,
            queue,
            state,
            last: Seq(last as u64),
            stalled: BTreeSet::new(),
            unsynced: Vec::new(),
            unsynced_since: None,
            sync_failed: false,
            wal_pages,
        })
    }

    /// Syncs if the first of what is unsynced has waited long enough.
    fn settle_if_due(&mut self) {
        let since = self.unsynced_since.map(|since| since.elapsed());
        if since.is_some_and(|waited| waited > MAX_SYNC_DELAY) {
            self.settle(CHECKPOINT_PAGES_AT_ONCE);
        }
    }

    fn patience(&self, rested: bool) -> Option<Duration> {
        match self.unsynced_since {
            _ if rested => None,
            Some(_) => Some(SYNC_PAUSE),
            None => Some(Duration::ZERO),
        }
    }

    /// Syncs what is unsynced, and keeps the WAL below so many pages.
    fn settle(&mut self, pages: u64) {
        // A failure is in the state, and the chunks stay unsynced.
        let settled = self.unsynced.is_empty() || self.make_durable().is_ok();
        if settled && self.wal_pages > pages {
            self.wal_pages = 0;
            if let Err(error) = commit::checkpoint(&self.connection, "passive") {
                self.sync_failed = true;
                self.note_fault(error);
            }
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
        match commit::group(&self.connection, self.last, pieces) {
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

    /// Syncs what is written and tells those who wait for it.
    pub(super) fn make_durable(&mut self) -> Result<()> {
        if let Err(error) = self.sync() {
            self.sync_failed |= !matches!(error, StoreError::Full | StoreError::ReadOnly);
            return Err(self.note_fault(error));
        }
        self.sync_failed = false;
        self.unsynced_since = None;
        // The state first, so that whoever is told looks at a state that agrees.
        self.state.set(State::Ok);
        for (seq, mut acknowledge) in self.unsynced.drain(..) {
            acknowledge(Acknowledgement::Durable(seq));
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        // Puts the WAL's content into the database and begins a new WAL, so that all of it is written and synced anew.
        if self.sync_failed && !commit::checkpoint(&self.connection, "truncate")? {
            return Err(StoreError::TimedOut);
        }
        self.connection.pragma_update(None, "synchronous", "full")?;
        let sql = "UPDATE counter SET syncs = syncs + 1, last_seq = ?";
        let synced = self.connection.execute(sql, [self.last.0 as i64]);
        self.connection
            .pragma_update(None, "synchronous", "normal")?;
        synced?;
        Ok(())
    }

    /// Runs `write`, which writes about so many bytes, as one transaction and makes it durable.
    pub(super) fn transact<T>(
        &mut self,
        bytes: usize,
        write: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        let written = commit::transact(&self.connection, write);
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
        commit::checkpoint(&self.connection, "truncate").map_err(|error| self.note_fault(error))?;
        Ok(())
    }

    pub(super) fn forget(&mut self, log: Log) {
        self.stalled.remove(&log);
    }

    pub(super) fn last(&self) -> Seq {
        self.last
    }

    /// Turns a fault of the disk into the state it stands for. What is no fault of the disk passes through.
    fn note_fault(&self, error: StoreError) -> StoreError {
        let error = match error {
            StoreError::Database(_) => commit::probe(self.dir.path()).err().unwrap_or(error),
            other => other,
        };
        use StoreError::{Damaged, Database, Full, Io, ReadOnly};
        if matches!(
            error,
            Full | ReadOnly | Database(_) | Io { .. } | Damaged(_)
        ) {
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
