//! Changing who may do what in a shared project: what the log of members takes, `trust` says.

use trust::record::RecordId;
use trust::{DeviceId, RoomId};

use crate::app::Inner;
use crate::failure::Failure;
use crate::members::MemberRole;
use crate::project::Ask;
use crate::reply::Reply;
use crate::request::ProjectId;
use crate::room::members::Saying;

/// Another role, or none.
pub(super) async fn change(
    app: &Inner,
    project: ProjectId,
    device: &str,
    role: Option<MemberRole>,
) -> Result<Reply, Failure> {
    let device = known(device)?;
    // Who removes herself leaves.
    let saying = match role {
        None if device == app.installation.device() => Saying::Leave,
        role => Saying::Role(device, role.map(Into::into)),
    };
    say(app, project, saying).await
}

pub(super) async fn leave(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    say(app, project, Saying::Leave).await
}

pub(super) async fn readmit(
    app: &Inner,
    project: ProjectId,
    device: &str,
    role: MemberRole,
) -> Result<Reply, Failure> {
    if role == MemberRole::Owner {
        return Err(Failure::new(
            "READMITS_OWNER",
            "Nobody is let in again as an owner. Let them in with another role and make them an owner then.",
        ));
    }
    say(app, project, Saying::Readmit(known(device)?, role.into())).await
}

pub(super) async fn hand_over(
    app: &Inner,
    project: ProjectId,
    device: &str,
) -> Result<Reply, Failure> {
    say(app, project, Saying::HandOver(known(device)?)).await
}

pub(super) async fn revoke(
    app: &Inner,
    project: ProjectId,
    invitation: &str,
) -> Result<Reply, Failure> {
    let id: RoomId = invitation.parse().map_err(|_| {
        Failure::new(
            "INVITATION_UNKNOWN",
            "There is no such invitation; it may have been taken back already.",
        )
    })?;
    say(app, project, Saying::Revoke(RecordId(id.0))).await
}

pub(super) async fn begin_epoch(app: &Inner, project: ProjectId) -> Result<Reply, Failure> {
    say(app, project, Saying::BeginEpoch).await
}

async fn say(app: &Inner, project: ProjectId, saying: Saying) -> Result<Reply, Failure> {
    app.door(project)?.ask(Ask::Say(saying)).await?;
    Ok(Reply::Done)
}

fn known(device: &str) -> Result<DeviceId, Failure> {
    device.parse().map_err(|_| {
        Failure::new(
            "NOT_A_MEMBER",
            "The device is not a member of this project. Ask an owner for an invitation.",
        )
    })
}
