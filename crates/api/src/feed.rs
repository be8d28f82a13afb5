//! Everything that happens to one project, in one order, for all its sessions.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant};

use app::programs::Happening;
use app::request::ProjectId;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::{Mutex, MutexGuard, watch};
use tokio::task::AbortHandle;
use uuid::Uuid;

use crate::event::{self, News, Record};
use crate::size::bytes_of;
use crate::state::{Shared, State};

/// Events that are kept for those who missed some: those of a thousand commands. One has about 500 bytes.
const KEPT: usize = 4096;
/// Bytes that they have together, as JSON.
const KEPT_BYTES: usize = 16 << 20;

/// The order of events of one project, for as long as it has sessions, and some time more: a command line that begins one
/// for each command goes on in the same order.
pub(crate) struct Feed {
    /// Another one begins to count anew.
    pub(crate) id: Uuid,
    pub(crate) project: ProjectId,
    log: Mutex<Log>,
    newest: watch::Sender<u64>,
    /// Since when nobody has needed it.
    unused: std::sync::Mutex<Option<Instant>>,
    task: std::sync::OnceLock<AbortHandle>,
}

/// What happened. Whoever holds it keeps others from adding to it.
#[derive(Default)]
pub(crate) struct Log {
    newest: u64,
    kept: VecDeque<Arc<Record>>,
    /// Of those that are kept.
    bytes: usize,
}

/// Events after a number.
pub(crate) struct Missed {
    pub(crate) records: Vec<Arc<Record>>,
    /// Whether these are all of them; otherwise the project must be read anew.
    pub(crate) is_complete: bool,
}

impl Log {
    /// Number of the last event.
    pub(crate) fn newest(&self) -> u64 {
        self.newest
    }

    /// Events after a number: at most `limit`, and no more than `bytes` unless the first has more.
    pub(crate) fn after(&self, after: u64, limit: usize, bytes: usize) -> Missed {
        let oldest = self.newest - self.kept.len() as u64;
        let later = self.kept.iter().filter(|record| record.sequence > after);
        let mut sum = 0;
        let records = later.take(limit).enumerate().take_while(|(place, record)| {
            sum += record.bytes;
            *place == 0 || sum <= bytes
        });
        Missed {
            records: records.map(|(_, record)| Arc::clone(record)).collect(),
            is_complete: (oldest..=self.newest).contains(&after),
        }
    }

    /// Counts something that nobody can be told: whoever asks for it hears that it is missing.
    fn lose(&mut self) {
        self.newest += 1;
        self.kept.clear();
        self.bytes = 0;
    }

    fn add(&mut self, News { name, at, data }: News) -> Arc<Record> {
        self.newest += 1;
        let sequence = self.newest;
        let record = Arc::new(Record {
            sequence,
            name,
            at,
            bytes: bytes_of(&data),
            data,
        });
        self.bytes += record.bytes;
        self.kept.push_back(Arc::clone(&record));
        while self.kept.len() > KEPT || self.bytes > KEPT_BYTES {
            let oldest = self.kept.pop_front();
            self.bytes -= oldest.map_or(self.bytes, |record| record.bytes);
        }
        record
    }
}

impl Feed {
    /// Follows a project from now on.
    pub(crate) fn start(
        state: &Shared,
        project: ProjectId,
        heard: broadcast::Receiver<Arc<Happening>>,
    ) -> Arc<Self> {
        let feed = Arc::new(Self {
            id: Uuid::new_v4(),
            project,
            log: Mutex::default(),
            newest: watch::Sender::new(0),
            unused: std::sync::Mutex::default(),
            task: std::sync::OnceLock::new(),
        });
        let task = tokio::spawn(run(Arc::downgrade(state), Arc::downgrade(&feed), heard));
        feed.task.get_or_init(|| task.abort_handle());
        feed
    }

    /// What happened so far; nothing is added and sent while this is held.
    pub(crate) async fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().await
    }

    /// Whether nobody has needed it for so long.
    pub(crate) fn is_idle(&self, is_needed: bool, idle: Duration) -> bool {
        let mut unused = self.unused.lock().unwrap_or_else(PoisonError::into_inner);
        if is_needed {
            *unused = None;
            return false;
        }
        unused.get_or_insert_with(Instant::now).elapsed() >= idle
    }

    /// Hears when there is more.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// Adds events and sends them to everybody who has joined.
    pub(crate) async fn publish(&self, state: &State, news: Vec<News>) {
        let mut log = self.log.lock().await;
        // Nobody joins while the log is held.
        let rooms = state.sessions().rooms_of(self.project);
        for one in news {
            let record = log.add(one);
            for room in &rooms {
                let payload = record.payload(room.session);
                state.send(*room, record.name, &payload).await;
            }
        }
        self.newest.send_replace(log.newest);
    }

    /// What has happened meanwhile cannot be told. Everybody is told that he lacks something, and reads the project anew.
    async fn lose(&self, state: &State) {
        let mut log = self.log.lock().await;
        log.lose();
        for room in state.sessions().rooms_of(self.project) {
            state.fell_behind(room, log.newest);
        }
        self.newest.send_replace(log.newest);
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

async fn run(state: Weak<State>, feed: Weak<Feed>, mut heard: broadcast::Receiver<Arc<Happening>>) {
    loop {
        let happening = heard.recv().await;
        let (Some(state), Some(feed)) = (state.upgrade(), feed.upgrade()) else {
            return;
        };
        match happening {
            Ok(happening) => feed.publish(&state, event::news(&happening)).await,
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "events came too fast");
                feed.lose(&state).await;
            }
            Err(RecvError::Closed) => return state.project_closed(feed.project).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    fn add(log: &mut Log, text: &str) {
        let data = Map::from_iter([("text".to_owned(), text.into())]);
        let at = jiff::Timestamp::UNIX_EPOCH;
        log.add(News {
            name: "undo",
            at,
            data,
        });
    }

    fn log(events: u64) -> Log {
        let mut log = Log::default();
        for _ in 0..events {
            add(&mut log, "");
        }
        log
    }

    #[test]
    fn who_missed_some_gets_exactly_these() {
        let log = log(5);
        let after = |after| {
            let missed = log.after(after, 10, usize::MAX);
            let numbers: Vec<u64> = missed.records.iter().map(|it| it.sequence).collect();
            (numbers, missed.is_complete)
        };
        assert_eq!(after(3), (vec![4, 5], true));
        assert_eq!(after(5), (vec![], true));
        assert_eq!(after(0).0.len(), 5);
        // Of another feed: these numbers are none of ours.
        assert_eq!(after(6), (vec![], false));
    }

    #[test]
    fn who_was_away_for_too_long_is_told_so() {
        let log = log(KEPT as u64 + 10);
        assert!(!log.after(9, 1, 1).is_complete);
        let missed = log.after(10, 2, usize::MAX);
        assert!(missed.is_complete);
        assert_eq!(missed.records[0].sequence, 11);
        assert_eq!(missed.records.len(), 2);
    }

    #[test]
    fn what_was_lost_leaves_a_hole_that_is_told() {
        let mut log = log(3);
        log.lose();
        assert_eq!((log.newest(), log.bytes), (4, 0));
        assert!(!log.after(3, 10, usize::MAX).is_complete);
        assert!(log.after(4, 10, usize::MAX).is_complete);
        add(&mut log, "");
        let missed = log.after(4, 10, usize::MAX);
        assert!(missed.is_complete && missed.records[0].sequence == 5);
        assert!(!log.after(3, 10, usize::MAX).is_complete);
    }

    #[test]
    fn long_events_are_kept_and_given_by_their_bytes() {
        let long = "x".repeat(KEPT_BYTES / 4);
        let mut log = log(1);
        for _ in 0..5 {
            add(&mut log, &long);
        }
        assert!(log.bytes <= KEPT_BYTES);
        assert!(!log.after(2, 1, 1).is_complete, "4 of these are too many");
        let missed = log.after(3, 10, KEPT_BYTES / 2 + 100);
        assert_eq!(missed.records.len(), 2);
        // One at least, or whoever asks would not get on.
        assert_eq!(log.after(3, 10, 0).records.len(), 1);
        // One that is too long by itself has its number all the same.
        add(&mut log, &"x".repeat(KEPT_BYTES));
        assert_eq!((log.newest(), log.bytes), (7, 0));
        assert!(!log.after(6, 1, 1).is_complete);
    }
}
