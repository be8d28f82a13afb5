//! The one thread that writes.
//!
//! It commits everything that is waiting as one group, tells each chunk `Written`, and when nothing more is waiting (or
//! the first of them has waited long enough) makes them durable with one small commit that syncs the WAL: the WAL is one
//! file, so that sync covers all commits before it.

use std::{
    collections::BTreeSet,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, Transaction};

use super::{
    commit,
    database::{CHECKPOINT_PAGES, CHECKPOINT_PAGES_AT_ONCE},
    place,
    queue::{Append, Next, Piece, Queue},
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

/// Everything the writing thread owns; the directory's lock among it, so that it outlives the last write.
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
            wal_pages: 0,
        })
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        let mut rested = true;
        loop {
            let next = self.queue.clone().next(self.patience(rested));
            // After a rest only new work is a reason to go on, even where the disk refused to sync.
            rested = matches!(next, Next::Idle);
            match next {
                Next::Group(group) => self.write_group(group),
                Next::Task(task) => task(&mut self),
                Next::Idle => self.settle(CHECKPOINT_PAGES),
                Next::Closed => break,
            }
            if self
                .unsynced_since
                .is_some_and(|since| since.elapsed() > MAX_SYNC_DELAY)
            {
                self.settle(CHECKPOINT_PAGES_AT_ONCE);
            }
        }
        self.settle(CHECKPOINT_PAGES);
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

    fn write_group(&mut self, group: Vec<Append>) {
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
        match commit::group(&mut self.connection, self.last, pieces) {
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
        let synced = self
            .connection
            .execute("UPDATE counter SET syncs = syncs + 1", []);
        self.connection
            .pragma_update(None, "synchronous", "normal")?;
        synced?;
        Ok(())
    }

    /// Runs `write`, which writes about so many bytes, as one transaction and makes it durable.
    pub(super) fn transact<T>(
        &mut self,
        bytes: usize,
        write: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let written = commit::transact(&mut self.connection, write);
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
        self.transact(0, |transaction| place::record_close(transaction))?;
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
    /// However the thread ends, nobody waits for it in vain, and a panic does not go unnoticed.
    fn drop(&mut self) {
        if thread::panicking() {
            self.state.set(State::Failed(
                "the thread that writes has panicked".to_owned(),
            ));
        }
        self.queue.close();
        while let Next::Group(group) = self.queue.next(Some(Duration::ZERO)) {
            group
                .into_iter()
                .for_each(|append| fail(append.acknowledge, StoreError::Closed));
        }
    }
}

fn fail(mut acknowledge: Acknowledge, error: StoreError) {
    acknowledge(Acknowledgement::Failed(error));
}
