//! Joining a project that somebody else shares.

use graph::Project as Graph;
use trust::invitation::{InvitationSecret, NotAnInvitation};
use trust::{Membership, invitation};

use crate::app::Inner;
use crate::failure::Failure;
use crate::invitation::{Invitation, other_version, unreadable};
use crate::notices::Notices;
use crate::pins::{self, Place};
use crate::project::Ask;
use crate::reply::Reply;
use crate::{opening, rooms};

/// How a project is called until its own name has arrived.
pub(super) const NAME: &str = "Shared project";

/// Makes a project that holds nothing yet, puts it into the room and opens it; a room that this
/// installation is in already is opened, and gets the addresses. Content follows by events.
pub(crate) async fn call(app: &Inner, text: &str) -> Result<Reply, Failure> {
    app.network()?;
    let (membership, places, secret) = read(text)?;
    let room = membership.room();
    let reached = places.clone();
    let made = app.world.blocking(move |world| {
        let store = &*world.store;
        if let Some(project) = rooms::project_in(store, membership.room())? {
            rooms::remember(store, project, &places)?;
            return Ok::<_, Failure>(project);
        }
        let project = opening::keep(world, &mut Graph::empty(), NAME, "")?;
        let notices = Notices::joining(world.now());
        rooms::found(store, project, &membership, &places, &notices)?;
        Ok(project)
    });
    let project = made.await?;
    let reply = super::open_project::made(app, project).await?;
    if let Some(secret) = secret {
        app.door(project)?.ask(Ask::Enter(secret)).await?;
    }
    app.network()?.reach(room, &reached);
    Ok(reply)
}

type Read = (Membership, Vec<Place>, Option<InvitationSecret>);

/// The log with which the room is entered, where it is, and what lets one in; nothing is needed for an open room.
fn read(text: &str) -> Result<Read, Failure> {
    match invitation::Invitation::read(text) {
        Ok(found) => Ok((
            Membership::begin(&found.genesis),
            pins::from_hints(&found.hints),
            Some(found.secret),
        )),
        // Those into open rooms are of another version.
        Err(NotAnInvitation::OtherVersion) => {
            let found = Invitation::read(text).map_err(|_| other_version())?;
            let membership = found.membership()?;
            let places = found.addresses.into_iter().map(Place::from);
            Ok((membership, places.collect(), None))
        }
        Err(why) => Err(unreadable().with_detail(why)),
    }
}
