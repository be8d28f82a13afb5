//! Where a window is, for those who share the project.

use graph::id::{FieldId, NodeId};

use crate::app::Inner;
use crate::failure::Failure;
use crate::project::Project;
use crate::reply::Reply;
use crate::request::{ProjectId, Request};
use crate::room::Presence;
use crate::world::locked;

/// Passes it on; whoever does not want it seen is there and nowhere.
pub(super) async fn call(
    app: &Inner,
    project: ProjectId,
    node: Option<NodeId>,
    field: Option<FieldId>,
    is_typing: bool,
) -> Result<Reply, Failure> {
    let is_shown = locked(&app.settings).shows_whereabouts;
    let request = Request::PutPresence {
        project,
        node: node.filter(|_| is_shown),
        field: field.filter(|_| is_shown),
        is_typing: is_typing && is_shown,
    };
    app.ask(project, request).await
}

/// Tells the others, unless the project is in no room.
pub(super) fn answer(
    project: &mut Project,
    node: Option<NodeId>,
    field: Option<FieldId>,
    is_typing: bool,
) -> Reply {
    let presence = Presence {
        person: project.person(),
        profile: project.profile().clone(),
        node,
        field,
        typing: is_typing,
    };
    project.put_presence(Some(presence));
    Reply::Done
}
