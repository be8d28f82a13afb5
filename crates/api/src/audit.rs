//! The audit log: who did what, and with which result. It has no content: no titles, no values.
//!
//! A thread of its own appends to a file, so nobody waits for the disk. An answer is given once its entry is on its way
//! there; a process that is killed may lose those of its last moment. What the disk does not take is counted, and the
//! next entry says how many are missing.

mod log;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use governor::{DefaultDirectRateLimiter, Quota};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use utoipa::ToSchema;
use uuid::Uuid;

use self::log::Log;
use crate::who::Who;

/// Entries that wait to be written; a second of them at full speed.
const WAITING: usize = 4_096;
/// Refusals that are noted a second, as many at once as in ten; others are counted. Nobody shall push out what was done.
const REFUSALS_PER_S: u32 = 10;
/// Nodes that one entry names.
const NODES: usize = 16;
/// Longest name of a command; one of ours has 26 characters.
const COMMAND_CHARACTERS: usize = 40;

/// One thing that somebody did or was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Entry {
    /// From 1; goes on after a restart.
    pub(crate) number: u64,
    /// When (RFC 3339).
    #[schema(value_type = String)]
    pub(crate) at: Timestamp,
    /// Id of the token.
    pub(crate) token_id: String,
    /// What the token is called.
    pub(crate) token: String,
    /// The client, by its own word.
    pub(crate) client: Option<String>,
    /// Method and path of the request, with names for ids.
    #[schema(example = "POST /commands/execute")]
    pub(crate) action: String,
    /// The project.
    pub(crate) project_id: Option<Uuid>,
    /// What names the command in events.
    pub(crate) command_id: Option<String>,
    /// Kinds of commands, and how many of each.
    pub(crate) commands: BTreeMap<String, usize>,
    /// Nodes that were changed; 16 at most.
    pub(crate) nodes: Vec<String>,
    /// `ok`, or the code of the problem.
    pub(crate) result: String,
    /// Entries that are missing before this one: refusals that came too fast, or what the disk did not take.
    pub(crate) omitted: u64,
}

enum Message {
    Note(Box<Entry>),
    /// Answered when everything before it is in the file.
    Flush(oneshot::Sender<()>),
}

/// The way into the log.
pub(crate) struct Audit {
    sender: mpsc::Sender<Message>,
    folder: PathBuf,
    refusals: DefaultDirectRateLimiter,
    omitted: std::sync::atomic::AtomicU64,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Only those before this number.
    pub(crate) before: Option<u64>,
    pub(crate) project: Option<Uuid>,
    /// Id of a token.
    pub(crate) token: Option<String>,
    pub(crate) limit: usize,
}

impl Wanted {
    fn is(&self, entry: &Entry) -> bool {
        self.before.is_none_or(|before| entry.number < before)
            && self.project.is_none_or(|it| entry.project_id == Some(it))
            && self.token.as_ref().is_none_or(|it| entry.token_id == *it)
    }
}

impl Audit {
    /// The log of a data directory. Its thread ends when this is dropped and everything is written. Where the disk takes
    /// nothing what is there can be read, and what is done is not in it.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn open(folder: &Path, is_read_only: bool) -> io::Result<Self> {
        let log = match is_read_only {
            true => Log::to_read(folder),
            false => Log::open(folder)?,
        };
        let (sender, receiver) = mpsc::channel(WAITING);
        std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || write(log, receiver))?;
        let per_s = std::num::NonZeroU32::new(REFUSALS_PER_S).unwrap_or(std::num::NonZeroU32::MIN);
        let quota = Quota::per_second(per_s).allow_burst(per_s.saturating_mul(per_s));
        Ok(Self {
            sender,
            folder: folder.to_owned(),
            refusals: DefaultDirectRateLimiter::direct(quota),
            omitted: std::sync::atomic::AtomicU64::new(0),
        })
    }

    /// Notes what somebody did.
    pub(crate) async fn note(&self, who: &Who, action: String, refused: Option<&str>) {
        use std::sync::atomic::Ordering;
        if refused.is_some() && self.refusals.check().is_err() {
            self.omitted.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let trail = who.trail().clone();
        let mut commands = BTreeMap::new();
        for name in trail.commands {
            let name = if is_name(&name) { name } else { "?".to_owned() };
            *commands.entry(name).or_default() += 1;
        }
        let entry = Entry {
            number: 0,
            at: Timestamp::now(),
            token_id: who.token.id.clone(),
            token: who.token.name.clone(),
            client: who.client.clone(),
            action,
            project_id: trail.project.map(|project| project.0),
            command_id: trail.command_id,
            commands,
            nodes: trail.nodes.into_iter().take(NODES).collect(),
            result: refused.unwrap_or("ok").to_owned(),
            omitted: self.omitted.swap(0, Ordering::Relaxed),
        };
        // Without the thread there is nothing to write to any more.
        self.sender.send(Message::Note(Box::new(entry))).await.ok();
    }

    /// Waits until everything so far is in the file.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.sender.send(Message::Flush(done)).await.is_ok() {
            written.await.ok();
        }
    }

    /// Entries, newest first.
    ///
    /// # Errors
    /// If the files cannot be read.
    pub(crate) async fn read(&self, wanted: Wanted) -> io::Result<Vec<Entry>> {
        self.flush().await;
        let folder = self.folder.clone();
        let read = tokio::task::spawn_blocking(move || log::read(&folder, &wanted));
        read.await.map_err(io::Error::other)?
    }
}

/// Whether this may be the name of a command; what somebody else sent as one may be anything.
fn is_name(name: &str) -> bool {
    name.len() <= COMMAND_CHARACTERS && name.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn write(mut log: Log, mut receiver: mpsc::Receiver<Message>) {
    let mut lost = 0;
    while let Some(first) = receiver.blocking_recv() {
        let mut flushed = Vec::new();
        let mut entries = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Note(entry) => entries.push(*entry),
                Message::Flush(done) => flushed.push(done),
            }
            next = receiver.try_recv().ok();
        }
        if let Some(first) = entries.first_mut() {
            first.omitted += lost;
        }
        let told: u64 = entries.iter().map(|entry| entry.omitted).sum();
        let count = entries.len() as u64;
        match log.append(entries) {
            Ok(()) => lost = 0,
            Err(error) => {
                if lost == 0 {
                    tracing::error!(%error, "the audit log cannot be written");
                }
                lost = told + count;
            }
        }
        for done in flushed {
            done.send(()).ok();
        }
    }
}
