//! Joining a project that somebody else shares.

use graph::Project as Graph;

use crate::app::Inner;
use crate::failure::Failure;
use crate::invitation::Invitation;
use crate::notices::Notices;
use crate::reply::Reply;
use crate::{opening, rooms};

/// How a project is called until its own name has arrived.
pub(super) const NAME: &str = "Shared project";

/// Makes a project that holds nothing yet, puts it into the room and opens it; a room that this
/// installation is in already is opened, and gets the addresses. Content follows by events.
pub(super) async fn call(app: &Inner, invitation: &str) -> Result<Reply, Failure> {
    app.network()?;
    let invitation = Invitation::read(invitation)?;
    let membership = invitation.membership()?;
    let (room, addresses) = (membership.room(), invitation.addresses.clone());
    let made = app.world.blocking(move |world| {
        let store = &*world.store;
        let addresses = &invitation.addresses;
        if let Some(project) = rooms::project_in(store, membership.room())? {
            rooms::remember(store, project, addresses)?;
            return Ok::<_, Failure>(project);
        }
        let project = opening::keep(world, &mut Graph::empty(), NAME, "")?;
        let notices = Notices::joining(world.now());
        rooms::found(store, project, &membership, addresses, &notices)?;
        Ok(project)
    });
    let reply = super::open_project::call(app, made.await?).await?;
    app.network()?.reach(room, &addresses);
    Ok(reply)
}
