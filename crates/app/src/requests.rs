//! What becomes of each request: the table of contents. One file per request.
//!
//! Requests about the content of one open project are answered inside its task, by a function of the
//! project alone ([`answer`]). The others are answered here, beside the tasks ([`call`]).

pub(crate) mod find;
pub(crate) mod snapshot;

mod add_address;
pub(crate) mod apply;
mod attach_file;
mod back_up;
mod cancel;
mod change;
mod clip;
mod close_project;
mod create_project;
mod duplicate_project;
mod examine_network;
mod export_bundle;
mod export_project;
mod import_bundle;
mod import_project;
mod inspect;
pub(crate) mod invite;
pub(crate) mod join_project;
mod layout;
mod list_attachments;
mod list_backups;
mod list_projects;
mod mark_notices;
mod members;
mod open_project;
mod pairing;
mod purge_project;
mod put_me;
mod put_presence;
mod put_settings;
mod read_acquaintances;
mod read_attachment;
mod read_links;
mod read_nearby;
mod read_network;
mod read_notices;
mod read_text;
pub(crate) mod read_thumbnail;
mod read_trash;
mod remove_address;
mod rename_project;
mod restore_backup;
mod restore_project;
mod retry_saving;
mod save_attachment;
mod security;
mod start;
mod sync_now;
mod trash_project;
mod undo;

use graph::time::Timestamp;
use trust::RoomId;

use crate::app::Inner;
use crate::failure::Failure;
use crate::project::Project;
use crate::reply::Reply;
use crate::request::{ProjectId, Request};
use crate::rooms;
use crate::security::Unlocked;
use crate::world::locked;

/// Carries a request out.
pub(crate) async fn call(app: &Inner, request: Request) -> Result<Reply, Failure> {
    match request {
        Request::Start => start::call(app).await,
        Request::Unlock { .. } | Request::TryKeychain => Ok(Reply::Unlocked(Unlocked::OPEN)),
        Request::ReadSecurity => security::read(app).await,
        Request::ReadServing => Ok(Reply::Serving(locked(&app.serving).clone())),
        Request::KeepKeys { current, place } => security::keep_keys(app, current, place).await,
        Request::ListProjects => list_projects::call(app).await,
        Request::CreateProject {
            template,
            name,
            sample,
        } => create_project::call(app, &template, &name, sample).await,
        Request::OpenProject { project } => open_project::call(app, project).await,
        Request::CloseProject { project } => close_project::call(app, project).await,
        Request::RenameProject { project, name } => rename_project::call(app, project, &name).await,
        Request::DuplicateProject { project, name } => {
            duplicate_project::call(app, project, &name).await
        }
        Request::TrashProject { project } => trash_project::call(app, project).await,
        Request::RestoreProject { project } => restore_project::call(app, project).await,
        Request::PurgeProject { project } => purge_project::call(app, project).await,
        Request::ExportProject { project, path } => export_project::call(app, project, path).await,
        Request::ImportProject { path } => import_project::call(app, path).await,
        Request::AttachFile {
            project,
            node,
            field,
            path,
        } => attach_file::call(app, project, node, field, path).await,
        Request::SaveAttachment { blob, seal, path } => {
            save_attachment::call(app, blob, seal, path).await
        }
        Request::ReadAttachment { blob, seal } => read_attachment::call(app, blob, seal).await,
        Request::ReadThumbnail { blob, seal } => read_thumbnail::call(app, blob, seal).await,
        Request::ListBackups { project } => list_backups::call(app, project).await,
        Request::RestoreBackup { project, backup } => {
            restore_backup::call(app, project, backup).await
        }
        Request::BackUp => back_up::call(app).await,
        Request::PutSettings { settings } => put_settings::call(app, settings).await,
        Request::PutMe { me } => put_me::call(app, me).await,
        Request::PutLayout { project, layout } => layout::put(app, project, layout).await,
        Request::ReadLayout { project } => layout::read(app, project).await,
        Request::RetrySaving => retry_saving::call(app).await,
        Request::Invite { project } => invite::call(app, project).await,
        Request::InviteAs {
            project,
            role,
            hours,
            uses,
        } => invite::call_as(app, project, (role, hours, uses)).await,
        Request::ChangeRole {
            project,
            device,
            role,
        } => members::change(app, project, &device, Some(role)).await,
        Request::RemoveMember { project, device } => {
            members::change(app, project, &device, None).await
        }
        Request::LeaveProject { project } => members::leave(app, project).await,
        Request::ReadmitMember {
            project,
            device,
            role,
        } => members::readmit(app, project, &device, role).await,
        Request::HandOverProject { project, device } => {
            members::hand_over(app, project, &device).await
        }
        Request::RevokeInvitation {
            project,
            invitation,
        } => members::revoke(app, project, &invitation).await,
        Request::ChangeProjectKey { project } => members::begin_epoch(app, project).await,
        Request::JoinProject { invitation } => join_project::call(app, &invitation).await,
        Request::ReadNearby => read_nearby::call(app).await,
        Request::BeginPairing {
            project,
            at,
            role,
            is_mine,
        } => pairing::begin(app, project, at, role, is_mine).await,
        Request::AnswerPairing { pairing, code } => pairing::answer(app, pairing, &code),
        Request::CancelPairing { pairing } => Ok(pairing::cancel(app, pairing)),
        Request::BecomePeer { pairing } => put_me::become_peer(app, pairing).await,
        Request::ReadPairing => Ok(pairing::read(app)),
        Request::SyncNow { project } => sync_now::call(app, project).await,
        Request::PutPresence {
            project,
            node,
            field,
            is_typing,
        } => put_presence::call(app, project, node, field, is_typing).await,
        Request::ReadLinks { project } => read_links::call(app, project).await,
        Request::AddAddress { project, address } => add_address::call(app, project, &address).await,
        Request::RemoveAddress { project, address } => {
            remove_address::call(app, project, address).await
        }
        Request::ExamineNetwork { project, address } => {
            examine_network::call(app, project, address).await
        }
        Request::ReadAcquaintances { project } => read_acquaintances::call(app, project).await,
        Request::ExportBundle {
            project,
            path,
            since,
        } => export_bundle::call(app, project, path, since).await,
        Request::ImportBundle { project, path } => import_bundle::call(app, project, path).await,
        Request::ReadNetwork => read_network::call(app),
        Request::Cancel { task } => Ok(cancel::call(app, task)),
        Request::Apply { project, .. } | Request::Undo { project } | Request::Redo { project } => {
            change::call(app, project, request).await
        }
        Request::Snapshot { project }
        | Request::Inspect { project, .. }
        | Request::ReadText { project, .. }
        | Request::Clip { project, .. }
        | Request::Find { project, .. }
        | Request::ReadTrash { project }
        | Request::ReadSharing { project }
        | Request::ReadMembers { project }
        | Request::ReadActivity { project }
        | Request::ReadNotices { project }
        | Request::MarkNotices { project, .. }
        | Request::ListAttachments { project }
        | Request::FetchAttachment { project, .. }
        | Request::StopAttachment { project, .. } => app.ask(project, request).await,
    }
}

/// Answers a request about the content of an open project.
pub(crate) fn answer(
    project: &mut Project,
    now: Timestamp,
    request: Request,
) -> Result<Reply, Failure> {
    match request {
        Request::Snapshot { .. } => Ok(snapshot::answer(project)),
        Request::MarkNotices { entries, .. } => Ok(mark_notices::answer(project, entries)),
        Request::Apply { command, .. } => apply::answer(project, now, &command),
        Request::Undo { .. } => undo::undo(project, now),
        Request::Redo { .. } => undo::redo(project, now),
        Request::Inspect { node, .. } => inspect::answer(project, node),
        Request::ReadText { node, field, .. } => read_text::answer(project, node, &field),
        Request::Clip { nodes, .. } => Ok(clip::answer(project, &nodes)),
        Request::Find { query, limit, .. } => Ok(find::answer(project, &query, limit)),
        Request::ReadTrash { .. } => Ok(read_trash::answer(project)),
        Request::ReadNotices { .. } => Ok(read_notices::answer(project)),
        Request::ReadSharing { .. } => Ok(Reply::Sharing {
            sharing: project.sharing(now),
        }),
        Request::ReadMembers { .. } => Ok(Reply::Members {
            members: project.members(now),
        }),
        Request::ReadActivity { .. } => Ok(Reply::Activity {
            activity: project.activity(),
        }),
        Request::ListAttachments { .. } => Ok(list_attachments::answer(project)),
        Request::FetchAttachment { blob, .. } => Ok(list_attachments::fetch(project, &blob)),
        Request::StopAttachment { blob, .. } => Ok(list_attachments::stop(project, &blob)),
        Request::PutPresence {
            node,
            field,
            is_typing,
            ..
        } => Ok(put_presence::answer(project, node, field, is_typing)),
        _ => Err(Failure::new(
            "NOT_ABOUT_CONTENT",
            "This request is not about the content of a project.",
        )),
    }
}

/// What a request about content does, for the report of a crash.
pub(crate) fn name(request: &Request) -> &'static str {
    match request {
        Request::Snapshot { .. } => "taking a snapshot",
        Request::Apply { .. } => "applying a command",
        Request::Undo { .. } => "undoing",
        Request::Redo { .. } => "redoing",
        Request::Inspect { .. } => "inspecting a node",
        Request::ReadText { .. } => "reading a text",
        Request::Clip { .. } => "copying nodes",
        Request::Find { .. } => "finding",
        Request::ReadTrash { .. } => "reading the trash",
        Request::ReadNotices { .. } => "reading notices",
        Request::MarkNotices { .. } => "marking notices",
        Request::ReadSharing { .. }
        | Request::ReadMembers { .. }
        | Request::ReadActivity { .. } => "reading who shares it",
        Request::ListAttachments { .. } => "listing attachments",
        Request::FetchAttachment { .. } | Request::StopAttachment { .. } => {
            "fetching an attachment"
        }
        Request::PutPresence { .. } => "saying where one is",
        _ => "answering",
    }
}

/// The room that a project is in.
async fn room_of(app: &Inner, project: ProjectId) -> Result<RoomId, Failure> {
    let room = app
        .world
        .blocking(move |world| rooms::of(&*world.store, project));
    room.await?.ok_or_else(Failure::not_shared)
}

/// The failure for a node that is not there.
fn no_such_node(node: graph::id::NodeId) -> Failure {
    graph::rejection::Rejection::NoSuchNode(node).into()
}

/// The reply to a request that made or opened a project.
fn opened(project: ProjectId, notices: Vec<String>) -> Reply {
    Reply::Opened { project, notices }
}
