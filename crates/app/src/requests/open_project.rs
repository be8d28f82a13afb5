//! Opening a project.

use crate::app::Inner;
use crate::failure::Failure;
use crate::progress::long;
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::{catalogue, last_open};

/// Opens it, or finds it open.
pub(super) async fn call(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    open(app, project, true).await
}

/// Opens what a request has just made. That is there now, so nobody is told that it was cancelled.
pub(super) async fn made(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    open(app, project, false).await
}

async fn open(app: &Inner, project: ProjectId, can_cancel: bool) -> Result<Reply, Failure> {
    let _alone = app.lifecycle.lock().await;
    let check = app
        .world
        .blocking(move |world| catalogue::record(&*world.store, project));
    let record = check.await?;
    if record.trashed_ms.is_some() {
        return Err(Failure::new(
            "PROJECT_IN_TRASH",
            "The project is in the trash; restore it first.",
        ));
    }
    // The disk notes it while the project is read. If it does not, nobody is kept from reading.
    let note = app.world.blocking(move |world| {
        last_open::opened(&*world.store, project)?;
        let now = world.now().0;
        catalogue::update(world, project, |record| record.opened_ms = Some(now))
    });
    let label = format!("Opening “{}”", record.name);
    let open = long(&app.world, label, |progress| async move {
        if !can_cancel {
            progress.commit()?;
        }
        app.open_watched(project, &progress).await
    });
    let (opened, _) = tokio::join!(open, note);
    if opened.is_err() {
        let forget = app
            .world
            .blocking(move |world| last_open::closed(&*world.store, project));
        forget.await.ok();
    }
    opened.map(|notices| Reply::Opened { project, notices })
}
