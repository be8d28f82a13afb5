//! How this machine reaches others in a project.

use crate::app::Inner;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::rooms;

/// None while the project is in no room, or is not open.
pub(super) async fn call(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    let room = app
        .world
        .blocking(move |world| rooms::of(&*world.store, project));
    let links = match (room.await?, app.network()) {
        (Some(room), Ok(network)) => network.links(room),
        _ => Vec::new(),
    };
    Ok(Reply::Links { links })
}
