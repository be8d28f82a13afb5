//! Pairing with another machine of the local network.

use discovery::DevicePrefix;
use relay::{Identity, Whom};
use trust::pairing::Code;

use super::invite;
use crate::address;
use crate::app::Inner;
use crate::failure::Failure;
use crate::me::Me;
use crate::members::MemberRole;
use crate::pairing::{Mine, PairingId, PairingPeer, PairingPlace, Wish};
use crate::reply::Reply;
use crate::request::{ProjectId, Request};
use crate::world::locked;

/// Asks a machine to join a project.
pub(super) async fn begin(
    app: &Inner,
    project: ProjectId,
    at: PairingPlace,
    role: MemberRole,
    is_mine: bool,
) -> Result<Reply, Failure> {
    app.network()?;
    invite::not_as_owner(role)?;
    may_invite(app, project).await?;
    let (whom, peer) = find(app, at)?;
    let pairing = app.lobby.begin(Wish {
        project,
        role,
        whom,
        own: Identity::new(&app.installation.keys.signing),
        name: app.name(),
        mine: is_mine.then(|| mine(&locked(&app.me))),
        peer,
    })?;
    Ok(Reply::Pairing {
        pairing: Some(pairing),
    })
}

fn mine(me: &Me) -> Mine {
    Mine {
        person: me.person,
        profile: me.profile.clone(),
    }
}

/// Takes the code that the other machine shows.
pub(super) fn answer(app: &Inner, id: PairingId, code: &str) -> Result<Reply, Failure> {
    let code: Code = code.parse().map_err(|_| {
        Failure::new(
            "NOT_A_CODE",
            "The code has six digits. Type all of them as the other computer shows them.",
        )
    })?;
    app.lobby.guess(id, code)?;
    Ok(Reply::Done)
}

/// Gives it up, refuses it or puts it away.
pub(super) fn cancel(app: &Inner, id: PairingId) -> Reply {
    app.lobby.cancel(id);
    Reply::Done
}

/// The one that there is.
pub(super) fn read(app: &Inner) -> Reply {
    Reply::Pairing {
        pairing: app.lobby.current(),
    }
}

/// Whether the person here may let others in, before anybody is asked for anything.
async fn may_invite(app: &Inner, project: ProjectId) -> Result<(), Failure> {
    let members = app.ask(project, Request::ReadMembers { project }).await?;
    match members {
        Reply::Members {
            members: Some(members),
        } => invite::may_invite(&members),
        _ => Ok(()),
    }
}

fn find(app: &Inner, at: PairingPlace) -> Result<(Whom, PairingPeer), Failure> {
    match at {
        PairingPlace::Machine { machine } => {
            let found = app.network()?.nearby().remove(&machine);
            let found = found.ok_or_else(|| {
                Failure::new(
                    "MACHINE_GONE",
                    "This computer is not on the network any more. Look whether Talus Tally is still open there.",
                )
            })?;
            let peer = PairingPeer {
                words: Some(super::read_nearby::words(found.device)),
                device: None,
                address: found.address(),
                name: None,
            };
            let prefix = Some(DevicePrefix::bytes(found.device));
            let addresses = found.addresses;
            Ok((Whom { addresses, prefix }, peer))
        }
        PairingPlace::Address { address } => {
            let address = address::typed(&address)?;
            let peer = PairingPeer {
                words: None,
                device: None,
                address: address.to_string(),
                name: None,
            };
            let whom = Whom {
                addresses: vec![address],
                prefix: None,
            };
            Ok((whom, peer))
        }
    }
}
