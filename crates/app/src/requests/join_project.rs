//! Joining a project that somebody else shares.

use graph::Project as Graph;
use relay::Address;
use trust::invitation::{InvitationSecret, NotAnInvitation};
use trust::{Membership, invitation};

use crate::app::Inner;
use crate::failure::Failure;
use crate::invitation::{Invitation, other_version, unreadable};
use crate::notices::Notices;
use crate::project::Ask;
use crate::reply::Reply;
use crate::{opening, rooms};

/// How a project is called until its own name has arrived.
pub(super) const NAME: &str = "Shared project";

/// Makes a project that holds nothing yet, puts it into the room and opens it; a room that this
/// installation is in already is opened, and gets the addresses. Content follows by events.
pub(super) async fn call(app: &Inner, text: &str) -> Result<Reply, Failure> {
    app.network()?;
    let (membership, addresses, secret) = read(text)?;
    let room = membership.room();
    let reached = addresses.clone();
    let made = app.world.blocking(move |world| {
        let store = &*world.store;
        if let Some(project) = rooms::project_in(store, membership.room())? {
            rooms::remember(store, project, &addresses)?;
            return Ok::<_, Failure>(project);
        }
        let project = opening::keep(world, &mut Graph::empty(), NAME, "")?;
        let notices = Notices::joining(world.now());
        rooms::found(store, project, &membership, &addresses, &notices)?;
        Ok(project)
    });
    let project = made.await?;
    let reply = super::open_project::call(app, project).await?;
    if let Some(secret) = secret {
        app.door(project)?.ask(Ask::Enter(secret)).await?;
    }
    app.network()?.reach(room, &reached);
    Ok(reply)
}

type Read = (Membership, Vec<Address>, Option<InvitationSecret>);

/// The log with which the room is entered, where it is, and what lets one in; nothing is needed for an open room.
fn read(text: &str) -> Result<Read, Failure> {
    match invitation::Invitation::read(text) {
        Ok(found) => {
            let hints = found.hints.iter();
            Ok((
                Membership::begin(&found.genesis),
                hints.filter_map(|it| it.parse().ok()).collect(),
                Some(found.secret),
            ))
        }
        // Those into open rooms are of another version.
        Err(NotAnInvitation::OtherVersion) => {
            let found = Invitation::read(text).map_err(|_| other_version())?;
            Ok((found.membership()?, found.addresses, None))
        }
        Err(why) => Err(unreadable().with_detail(why)),
    }
}
