//! Reading a long text in full.

use graph::id::{FieldId, NodeId};

use crate::failure::Failure;
use crate::project::Project;
use crate::reply::Reply;

/// The text and the state at which it was read.
pub(super) fn answer(project: &Project, node: NodeId, field: &FieldId) -> Result<Reply, Failure> {
    let read = project.graph.text(node, field);
    let read = read.ok_or_else(|| super::no_such_node(node))?;
    Ok(Reply::Text {
        text: read.text,
        base: read.base,
    })
}
