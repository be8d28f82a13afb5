//! What is in the trash of a project.

use std::cmp::Reverse;

use crate::project::Project;
use crate::reply::{Reply, TrashItem};

/// The trashed subtrees, newest first.
pub(super) fn answer(project: &Project) -> Reply {
    let view = project.graph.view();
    let mut items: Vec<TrashItem> = view
        .trash()
        .map(|root| {
            let deletion = project.graph.deletion(root.id());
            let (by, at) = deletion.unwrap_or_default();
            TrashItem {
                node: root.id(),
                title: root.title(),
                node_type: root.node_type().clone(),
                path: root
                    .ancestors()
                    .into_iter()
                    .map(|node| node.title())
                    .collect(),
                node_count: u32::try_from(view.trashed_subtree(root.id()).len())
                    .unwrap_or(u32::MAX),
                by,
                at,
                edited_since: root.edited_since_trashed(),
            }
        })
        .collect();
    items.sort_by_key(|item| (Reverse(item.at), item.node));
    Reply::Trash { items }
}
