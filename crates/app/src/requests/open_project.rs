//! Opening a project.

use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::{catalogue, last_open};

/// Opens it, or finds it open.
pub(super) async fn call(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    let _alone = app.lifecycle.lock().await;
    let check = app
        .world
        .blocking(move |world| catalogue::record(&*world.store, project));
    if check.await?.trashed_ms.is_some() {
        return Err(Failure::new(
            "PROJECT_IN_TRASH",
            "The project is in the trash; restore it first.",
        ));
    }
    let notices = app.open(project).await?;
    let note = app.world.blocking(move |world| {
        last_open::opened(&*world.store, project)?;
        let now = world.now().0;
        catalogue::update(world, project, |record| record.opened_ms = Some(now))
    });
    // A disk that takes no writes keeps nobody from reading a project.
    note.await.ok();
    Ok(Reply::Opened { project, notices })
}
