//! Deleting a trashed project for ever.

use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::{catalogue, identity, rooms};

/// Only what is in the trash can be purged. Backups keep it until they expire, and so its attachments stay.
pub(super) async fn call(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    let _alone = app.lifecycle.lock().await;
    let purge = app.world.blocking(move |world| {
        let store = &*world.store;
        if catalogue::record(store, project)?.trashed_ms.is_none() {
            return Err(Failure::new(
                "PROJECT_NOT_IN_TRASH",
                "Only a project in the trash can be deleted for ever.",
            ));
        }
        rooms::forget(store, project)?;
        store.delete_project(project.into())?;
        store.set_setting(&super::layout::key(Some(project)), None)?;
        identity::forget(store, project)?;
        catalogue::announce(world)
    });
    purge.await?;
    Ok(Reply::Done)
}
