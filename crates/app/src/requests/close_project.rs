//! Closing a project.

use crate::app::Inner;
use crate::failure::Failure;
use crate::last_open;
use crate::reply::Reply;
use crate::request::ProjectId;

/// Closes it once everything is on disk; fails, and leaves it open, if the disk takes no writes.
pub(super) async fn call(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    let _alone = app.lifecycle.lock().await;
    app.close(project).await?;
    let note = app
        .world
        .blocking(move |world| last_open::closed(&*world.store, project));
    // At worst the next start opens it again.
    note.await.ok();
    Ok(Reply::Done)
}
