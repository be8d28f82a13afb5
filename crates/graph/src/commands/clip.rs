//! Copying subtrees out of the view.

use std::collections::{BTreeMap, BTreeSet};

use crate::clipping::{ClippedLink, ClippedNode, Clipping};
use crate::id::{FieldId, NodeId, TypeId};
use crate::view::{NodeView, View};

/// Copies live subtrees; what is below another chosen node is copied once. Unknown nodes are left out.
pub(crate) fn clip(view: &View, nodes: &[NodeId]) -> Clipping {
    let chosen: BTreeSet<NodeId> = nodes.iter().copied().collect();
    let found = nodes.iter().filter_map(|node| view.node(*node));
    let topmost = found.filter(|node| {
        node.ancestors()
            .iter()
            .all(|above| !chosen.contains(&above.id()))
    });
    let mut clipping = Clipping::default();
    let mut index: BTreeMap<NodeId, u32> = BTreeMap::new();
    for root in topmost {
        for node in root.subtree() {
            if index.contains_key(&node.id()) {
                continue;
            }
            let parent = if node.id() == root.id() {
                None
            } else {
                node.parent()
                    .and_then(|parent| index.get(&parent.id()).copied())
            };
            index.insert(node.id(), clipping.nodes.len() as u32);
            clipping.nodes.push(clip_node(node, parent));
        }
    }
    for link in view.links() {
        if let (Some(from), Some(to)) = (index.get(&link.from), index.get(&link.to)) {
            clipping.links.push(ClippedLink {
                from: *from,
                to: *to,
                relation: link.relation,
                lag: link.lag,
            });
        }
    }
    add_definitions(view, &mut clipping);
    clipping
}

fn clip_node(node: NodeView<'_>, parent: Option<u32>) -> ClippedNode {
    ClippedNode {
        parent,
        node_type: node.node_type().clone(),
        values: node.values().into_iter().collect(),
        original: node.id(),
    }
}

fn add_definitions(view: &View, clipping: &mut Clipping) {
    let types: BTreeSet<&TypeId> = clipping.nodes.iter().map(|node| &node.node_type).collect();
    let fields: BTreeSet<&FieldId> = clipping
        .nodes
        .iter()
        .flat_map(|node| &node.values)
        .map(|(field, _)| field)
        .collect();
    let template = view.frame().schema.template();
    let used_types = template
        .types
        .iter()
        .filter(|node_type| types.contains(&node_type.id))
        .cloned()
        .collect();
    let used_fields = template
        .fields
        .iter()
        .filter(|field| fields.contains(&field.id))
        .cloned()
        .collect();
    clipping.types = used_types;
    clipping.fields = used_fields;
}
