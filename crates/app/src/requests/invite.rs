//! Sharing a project, and the text by which others join it.

use trust::membership::{Refused, Terms};
use trust::{DeviceId, Genesis, Membership};

use crate::app::Inner;
use crate::failure::Failure;
use crate::invitation::Invitation;
use crate::members::{MemberRole, Members};
use crate::notices::Notices;
use crate::pins::{self, Place};
use crate::project::{Answer, Ask};
use crate::reply::Reply;
use crate::request::{ProjectId, Request};
use crate::room::members::Unsaid;
use crate::rooms;
use crate::secret_text::SecretText;
use crate::world::{Random, random_id};

const MAX_HOURS: u32 = 366 * 24;
const MAX_USES: u32 = 1_000;

const HOUR_MS: u64 = 60 * 60 * 1000;

/// Whoever joins at once has a quarter of an hour for it: clocks differ, and networks fail.
const ONCE_MS: u64 = HOUR_MS / 4;

/// Puts the project into a closed room unless it is in one, and says how to get there.
pub(super) async fn call(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    share(app, project, false).await?;
    let ready = app.load_room(project).await?;
    let ready = ready.ok_or_else(Failure::closed)?;
    let places = places(app, ready.places)?;
    if !ready.setup.membership.is_open() {
        return invitation(app, project, None, &places).await;
    }
    let invitation = Invitation {
        genesis: ready.setup.membership.records()[0].clone(),
        addresses: places.into_iter().map(|it| it.address).collect(),
    };
    Ok(Reply::Invitation {
        invitation: invitation.to_text().into(),
    })
}

/// Where this machine is, and where it looks for others.
fn places(app: &Inner, more: Vec<Place>) -> Result<Vec<Place>, Failure> {
    let own = app.network()?.addresses().into_iter().map(|address| Place {
        address,
        device: Some(app.installation.device()),
        hosting: None,
    });
    Ok(own.chain(more).collect())
}

/// The same for a project that is shared, on terms that somebody chose: role, hours and uses.
pub(super) async fn call_as(
    app: &Inner,
    project: ProjectId,
    chosen: (MemberRole, u32, u32),
) -> Result<Reply, Failure> {
    let (role, hours, uses) = chosen;
    let life_ms = u64::from(hours.clamp(1, MAX_HOURS)) * HOUR_MS;
    let terms = terms(app, role, life_ms, uses.clamp(1, MAX_USES))?;
    let ready = app.load_room(project).await?;
    let ready = ready.ok_or_else(Failure::not_shared)?;
    let places = places(app, ready.places)?;
    invitation(app, project, Some(terms), &places).await
}

/// An invitation for a device that is there and joins at once; the project is shared if it is not yet.
pub(crate) async fn once(
    app: &Inner,
    project: ProjectId,
    role: MemberRole,
    device: DeviceId,
) -> Result<SecretText, Failure> {
    let terms = terms(app, role, ONCE_MS, 1)?;
    share(app, project, false).await?;
    // The project knows of a removal before the disk does.
    let members = app.ask(project, Request::ReadMembers { project }).await?;
    let device = device.to_string();
    let was_removed = |members: &Members| members.former.iter().any(|it| it.device == device);
    if matches!(&members, Reply::Members { members: Some(all) } if was_removed(all)) {
        let (code, message) = Unsaid::Refused(Refused::WasRemoved).words();
        return Err(Failure::new(code, message));
    }
    let ready = app.load_room(project).await?;
    let ready = ready.ok_or_else(Failure::closed)?;
    let places = places(app, ready.places)?;
    match invitation(app, project, Some(terms), &places).await? {
        Reply::Invitation { invitation } => Ok(invitation),
        _ => unreachable!("asking for an invitation is answered by one"),
    }
}

/// Refuses to invite an owner.
pub(super) fn not_as_owner(role: MemberRole) -> Result<(), Failure> {
    match role {
        MemberRole::Owner => Err(Failure::new(
            "INVITES_OWNER",
            "Nobody becomes an owner by an invitation. Invite as an editor, and change the role afterwards.",
        )),
        MemberRole::Viewer | MemberRole::Commenter | MemberRole::Editor => Ok(()),
    }
}

/// Whether the person here may invite on terms of her own.
pub(super) fn may_invite(members: &Members) -> Result<(), Failure> {
    let (code, message) = match members.role {
        Some(MemberRole::Owner) => return Ok(()),
        _ if members.is_open => Unsaid::Open.words(),
        _ => Unsaid::Refused(Refused::NotAnOwner).words(),
    };
    Err(Failure::new(code, message))
}

fn terms(app: &Inner, role: MemberRole, life_ms: u64, uses: u32) -> Result<Terms, Failure> {
    not_as_owner(role)?;
    let now_ms = u64::try_from(app.world.now().0).unwrap_or_default();
    Ok(Terms {
        role: role.into(),
        expires_ms: now_ms + life_ms,
        uses,
    })
}

/// Puts a project into a room unless it is in one.
pub(crate) async fn share(app: &Inner, project: ProjectId, openly: bool) -> Result<(), Failure> {
    let _alone = app.lifecycle.lock().await;
    app.door(project)?;
    app.network()?;
    let keys = app.installation.keys.clone();
    let found = app.world.blocking(move |world| {
        let store = &*world.store;
        if rooms::of(store, project)?.is_some() {
            return Ok::<_, Failure>(false);
        }
        let membership = match openly {
            true => Membership::begin(&Genesis::new(keys.device().0, nonce())),
            false => {
                // The key of its first epoch is sealed to this device in the log itself.
                let (signing, sealing) = (&keys.signing, &keys.sealing);
                Membership::found(nonce(), signing, sealing, &mut Random).0
            }
        };
        rooms::found(store, project, &membership, &[], &Notices::default())?;
        Ok(true)
    });
    if found.await? {
        app.enter_room(project).await?;
    }
    Ok(())
}

async fn invitation(
    app: &Inner,
    project: ProjectId,
    terms: Option<Terms>,
    places: &[Place],
) -> Result<Reply, Failure> {
    let answer = app.door(project)?.ask(Ask::Invite(terms)).await?;
    let Answer::Invitation(mut invitation) = answer else {
        unreachable!("asking for an invitation is answered by one");
    };
    invitation.hints = pins::to_hints(places);
    let text = invitation.to_text();
    Ok(Reply::Invitation {
        invitation: text.as_str().into(),
    })
}

/// 32 bytes that nobody else draws.
fn nonce() -> [u8; 32] {
    let mut nonce = [0; 32];
    nonce[..16].copy_from_slice(random_id().as_bytes());
    nonce[16..].copy_from_slice(random_id().as_bytes());
    nonce
}
