//! What is in the trash of a project.

use graph::id::NodeId;

use crate::project::Project;
use crate::reply::{Reply, TrashItem};

/// The trashed subtrees, newest first; those of one moment as they stood in the outline.
pub(super) fn answer(project: &Project) -> Reply {
    let view = project.graph.view();
    let mut items: Vec<(Seat, TrashItem)> = view
        .trash()
        .map(|root| {
            let deletion = project.graph.deletion(root.id());
            let (by, at) = deletion.unwrap_or_default();
            let above = root.ancestors();
            let seat = above
                .iter()
                .chain([&root])
                .map(|node| (node.order().to_owned(), node.id()));
            let item = TrashItem {
                node: root.id(),
                title: root.title(),
                node_type: root.node_type().clone(),
                path: above.iter().map(|node| node.title()).collect(),
                node_count: u32::try_from(view.trashed_subtree(root.id()).len())
                    .unwrap_or(u32::MAX),
                by,
                at,
                edited_since: root.edited_since_trashed(),
            };
            (seat.collect(), item)
        })
        .collect();
    items.sort_by(|(a, one), (b, other)| other.at.cmp(&one.at).then_with(|| a.cmp(b)));
    let items = items.into_iter().map(|(_, item)| item).collect();
    Reply::Trash { items }
}

/// Where something stood: order and id of everything above it, and its own.
type Seat = Vec<(String, NodeId)>;
