//! Letting go of attachments that nothing names any more.
//!
//! An attachment goes when no project, trashed or not, no undo step and no kept backup has named it for [`GRACE_MS`].
//! Names are looked for in everything that the documents ever held, so that an earlier state can still be shown whole.
//! What is unnamed is noted with the time; each sweep looks anew, so one that is cut off costs nothing but the time
//! until the next. If anything cannot be read, nothing is let go.
//!
//! What brings an attachment in holds [`World::keeping`] until something names it; nothing is removed meanwhile. A project
//! that hears of an attachment from others looks whether it is here under the same lock, so it is told the truth: what
//! was about to be removed is fetched anew. A frame that cannot be read, or a change that waits for another, may name
//! anything, so nothing goes while there is one.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: the task hangs on a handle here"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use graph::Project as Graph;
use graph::document::Document;
use graph::hashes_in;
use store::{BlobHash, Loaded, ProjectKey, Store, StoreError};
use sync::BlobName;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::app::Inner;
use crate::failure::Failure;
use crate::opening;
use crate::project::{Answer, Ask};
use crate::request::ProjectId;
use crate::rooms;
use crate::world::World;

/// The setting that holds since when, in milliseconds since 1970, each attachment has been unnamed.
const SETTING: &str = "blobs.unnamed";

/// So long an attachment stays that nothing names: somebody may have it in the clipboard.
const GRACE_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// After a start the machine has better things to do.
const FIRST: Duration = Duration::from_secs(5 * 60);
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Sweeps from time to time until it is dropped.
pub(crate) struct Sweeps(JoinHandle<()>);

impl Drop for Sweeps {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Sweeps {
    /// Ends by itself with the application.
    pub(crate) fn start(app: Weak<Inner>) -> Self {
        Self(tokio::spawn(async move {
            let mut due = interval_at(Instant::now() + FIRST, EVERY);
            due.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                due.tick().await;
                let Some(app) = app.upgrade() else { return };
                // What it did not come to is done tomorrow.
                sweep(&app).await.ok();
            }
        }))
    }
}

/// Lets go of what is due, and says how many attachments that were.
pub(crate) async fn sweep(app: &Inner) -> Result<usize, Failure> {
    let all = app.world.blocking(|world| {
        let blobs = world.store.blobs();
        let mut all: BTreeSet<BlobHash> = blobs.list()?.into_iter().collect();
        all.extend(blobs.list_parts()?);
        Ok::<_, StoreError>(all)
    });
    let mut unnamed = all.await?;
    strike_named_by_projects(app, &mut unnamed).await?;
    if !unnamed.is_empty() {
        unnamed = app
            .world
            .blocking(move |world| strike_named_by_backups(&*world.store, unnamed))
            .await?;
    }
    let noted = unnamed.clone();
    let mut due = app.world.blocking(move |world| note(world, noted)).await?;
    if due.is_empty() {
        return Ok(0);
    }
    // From here on nothing comes in and no project is opened, so what is unnamed now stays unnamed.
    let _closed = app.lifecycle.lock().await;
    let _still = app.world.keeping.write().await;
    strike_named_by_projects(app, &mut due).await?;
    let remove = app.world.blocking(move |world| {
        let blobs = world.store.blobs();
        let mut gone = 0;
        for hash in due {
            if !world.is_lent(BlobName(hash.0)) {
                blobs.drop_part(hash)?;
                gone += usize::from(blobs.remove(hash)?);
            }
        }
        Ok::<_, StoreError>(gone)
    });
    remove.await
}

/// Takes out of the set what the projects name; those that are open as they are in memory.
async fn strike_named_by_projects(
    app: &Inner,
    unnamed: &mut BTreeSet<BlobHash>,
) -> Result<(), Failure> {
    let all = app.world.blocking(|world| world.store.projects());
    for record in all.await? {
        if unnamed.is_empty() {
            break;
        }
        let key = record.key;
        let unread = app
            .world
            .blocking(move |world| rooms::holds_unread(&*world.store, ProjectId::from(key)));
        if unread.await? {
            return Err(unread_changes());
        }
        let named = match app.door(ProjectId::from(key)) {
            Ok(door) => {
                match door.ask(Ask::Pack).await? {
                    Answer::Package(package) => app.world.blocking(move |_| {
                        let graph = Graph::of_forks(package.project, package.comments);
                        let graph = graph.map_err(|error| opening::unreadable(error.into()))?;
                        hashes(&graph)
                    }),
                    _ => unreachable!("packing is answered by a package"),
                }
                .await?
            }
            Err(_) => {
                let read = app
                    .world
                    .blocking(move |world| named_on_disk(&*world.store, key));
                read.await?
            }
        };
        unnamed.retain(|hash| !named.contains(hash));
    }
    Ok(())
}

fn named_on_disk(store: &dyn Store, key: ProjectKey) -> Result<BTreeSet<BlobHash>, Failure> {
    // What was set aside may name anything.
    if !store.quarantined(key)?.is_empty() {
        return Err(opening::damaged());
    }
    named_by(store.load(key)?)
}

fn strike_named_by_backups(
    store: &dyn Store,
    mut unnamed: BTreeSet<BlobHash>,
) -> Result<BTreeSet<BlobHash>, Failure> {
    for backup in store.backups()? {
        for record in store.backup_projects(&backup.name)? {
            if unnamed.is_empty() {
                return Ok(unnamed);
            }
            let named = named_by(store.load_backup(&backup.name, record.key)?)?;
            unnamed.retain(|hash| !named.contains(hash));
        }
    }
    Ok(unnamed)
}

fn named_by(loaded: Loaded) -> Result<BTreeSet<BlobHash>, Failure> {
    if !loaded.quarantined.is_empty() {
        return Err(opening::damaged());
    }
    let stacks = loaded.undo.values();
    let entries = stacks.flat_map(|stacks| stacks.undo.iter().chain(&stacks.redo));
    let mut named: BTreeSet<BlobHash> = entries
        .flat_map(|entry| hashes_in(entry))
        .filter_map(|blob| blob.as_str().parse().ok())
        .collect();
    let (graph, notices) = opening::read(loaded)?;
    if !notices.is_empty() {
        return Err(opening::damaged());
    }
    named.extend(hashes(&graph)?);
    Ok(named)
}

fn hashes(graph: &Graph) -> Result<BTreeSet<BlobHash>, Failure> {
    // A newer version may name some in another way.
    graph.require_known_schema().map_err(opening::unreadable)?;
    let waits = |document| !graph.missing(document).is_empty();
    if waits(Document::Project) || waits(Document::Comments) {
        return Err(unread_changes());
    }
    let named = graph.blobs_ever_named();
    let named = named.iter().map(|blob| blob.as_str().parse());
    Ok(named.filter_map(Result::ok).collect())
}

fn unread_changes() -> Failure {
    Failure::new(
        "CHANGES_UNREAD",
        "A project has changes that cannot be read yet, so it is not known which attachments it needs.",
    )
}

/// Notes what is unnamed, and says what has been for long enough.
fn note(world: &World, unnamed: BTreeSet<BlobHash>) -> Result<BTreeSet<BlobHash>, StoreError> {
    let now_ms = world.now().0;
    let kept = world.store.setting(SETTING)?;
    let before: BTreeMap<String, i64> = kept
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default();
    let since = |hash: &BlobHash| {
        // A clock that was set back must not make the wait longer than it is.
        let noted = before.get(&hash.to_string());
        noted.map_or(now_ms, |noted| now_ms.min(*noted))
    };
    let now: BTreeMap<String, i64> = unnamed
        .iter()
        .map(|hash| (hash.to_string(), since(hash)))
        .collect();
    if now != before {
        let json = serde_json::to_string(&now).expect("texts and numbers become JSON");
        world.store.set_setting(SETTING, Some(&json))?;
    }
    Ok(unnamed
        .into_iter()
        .filter(|hash| now_ms - since(hash) >= GRACE_MS)
        .collect())
}

impl Inner {
    /// Begins to sweep from time to time.
    pub(crate) fn begin_sweeps(self: &Arc<Self>) {
        let sweeps = Sweeps::start(Arc::downgrade(self));
        *crate::world::locked(&self.sweeps) = Some(sweeps);
    }
}

#[cfg(test)]
mod tests {
    use store::{Quarantined, QuarantinedKind, Seq};

    use super::*;

    #[test]
    fn what_was_set_aside_may_name_anything() {
        let quarantined = Quarantined {
            kind: QuarantinedKind::Chunk,
            document: None,
            seq: Seq(1),
            reason: "damaged".to_owned(),
            bytes: Vec::new(),
        };
        let loaded = Loaded {
            quarantined: vec![quarantined],
            ..Loaded::default()
        };
        assert_eq!(named_by(loaded).unwrap_err().code, "PROJECT_DAMAGED");
        assert_eq!(named_by(Loaded::default()).unwrap().len(), 0);
    }
}
