//! Bringing a project back from the trash.

use crate::app::Inner;
use crate::catalogue;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::ProjectId;

/// It is in the list again as it was.
pub(super) async fn call(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    let _alone = app.lifecycle.lock().await;
    let restore = app.world.blocking(move |world| {
        catalogue::update(world, project, |record| record.trashed_ms = None)
    });
    restore.await?;
    Ok(Reply::Done)
}
