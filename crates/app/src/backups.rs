//! Rolling local backups.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: the task hangs on a handle here"
)]

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use store::{Keep, StoreError, Watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::world::{World, locked};

/// How often it is looked whether a backup is due.
const LOOK: Duration = Duration::from_secs(10 * 60);

/// A backup is due when the newest one is older, and something was changed since.
const AGE_MS: i64 = 60 * 60 * 1000;

/// Makes backups from time to time until it is dropped.
pub(crate) struct Backups(JoinHandle<()>);

impl Drop for Backups {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Backups {
    /// Looks at once: what was there before this start is then safe from it.
    pub(crate) fn start(world: Arc<World>) -> Self {
        Self(tokio::spawn(async move {
            let mut look = interval(LOOK);
            look.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                look.tick().await;
                // A disk that takes no backup is reported by the writes that it does not take either.
                world.blocking(back_up_if_due).await.ok();
            }
        }))
    }
}

/// Says whether it has made one.
pub(crate) fn back_up_if_due(world: &World) -> Result<bool, StoreError> {
    // Looked at before another backup ends and taken after it, one that nobody needs would push that out of its hour.
    let _alone = locked(&world.backing_up);
    let newest = world.store.backups()?.first().map(|backup| backup.taken_ms);
    let recent = newest.is_some_and(|taken| world.now().0 - taken < AGE_MS);
    if recent || !world.has_edits_since_backup() || world.store.projects()?.is_empty() {
        return Ok(false);
    }
    take(world, &|_, _| ControlFlow::Continue(()))?;
    Ok(true)
}

/// Makes a backup and lets old ones go; `watch` hears how far it is and may break it off.
pub(crate) fn back_up(world: &World, watch: &Watch) -> Result<(), StoreError> {
    let _alone = locked(&world.backing_up);
    take(world, watch)
}

fn take(world: &World, watch: &Watch) -> Result<(), StoreError> {
    world.begin_backup();
    let now_ms = world.now().0;
    let made = world.store.back_up_watched(now_ms, Keep::default(), watch);
    if made.is_err() {
        world.backup_is_due();
    }
    made.map(|_| ())
}
