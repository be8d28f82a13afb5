//! Trying at once to reach whoever shares a project.

use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::rooms;

/// Dials everybody who waits to be dialled, and has links prove that they are alive.
pub(super) async fn call(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    let room = app
        .world
        .blocking(move |world| rooms::of(&*world.store, project));
    if let Some(room) = room.await? {
        app.network()?.sync_now(room);
    }
    Ok(Reply::Done)
}
