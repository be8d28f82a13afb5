//! Copying subtrees for the clipboard.

use graph::id::NodeId;

use crate::project::Project;
use crate::reply::Reply;

/// The subtrees of these nodes, with the definitions one needs to understand them elsewhere.
pub(super) fn answer(project: &Project, nodes: &[NodeId]) -> Reply {
    Reply::Clipping {
        clipping: project.graph.clip(nodes),
    }
}
