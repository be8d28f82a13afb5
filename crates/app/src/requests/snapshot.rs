//! Everything the views show of an open project.

use crate::project::Project;
use crate::reply::{Reply, Snapshot};
use crate::rows;

/// The project as it is now.
pub(super) fn answer(project: &Project) -> Reply {
    let view = project.graph.view();
    Reply::Snapshot(Box::new(Snapshot {
        project: project.id,
        revision: project.revision(),
        nodes: view.nodes().map(rows::row).collect(),
        links: view.links().collect(),
        frame: rows::frame(view),
        problems: view.problems(),
        trash_count: rows::trash_count(view),
        history: project.history(),
        author: project.author,
    }))
}
