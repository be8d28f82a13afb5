//! Moving a project to the trash.

use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::{catalogue, last_open};

/// It is closed first. Nothing of it is deleted.
pub(super) async fn call(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    let _alone = app.lifecycle.lock().await;
    app.close(project).await?;
    let trash = app.world.blocking(move |world| {
        let now = world.now().0;
        catalogue::update(world, project, |record| {
            record.trashed_ms.get_or_insert(now);
        })?;
        last_open::closed(&*world.store, project).map_err(Failure::from)
    });
    trash.await?;
    Ok(Reply::Done)
}
