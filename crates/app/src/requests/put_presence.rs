//! Where a window is, for those who share the project.

use graph::id::{FieldId, NodeId};

use crate::project::Project;
use crate::reply::Reply;
use crate::room::Presence;

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
