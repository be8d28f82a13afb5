//! What a change did to the view: the one door out.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{CommentId, FieldId, LinkId, NodeId};
use crate::link::Link;
use crate::value::Value;
use crate::view::{CommentView, Flaw};

/// Everything that differs between two states of a view, with what was there before; what is there
/// now, the view tells. Two deltas in a row combine to one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Delta {
    /// Nodes that appeared, disappeared, moved or changed.
    pub nodes: BTreeMap<NodeId, NodeDelta>,
    /// Links that appeared, disappeared or changed, and what they were.
    pub links: BTreeMap<LinkId, Option<Link>>,
    /// Long texts that changed.
    pub texts: BTreeSet<(NodeId, FieldId)>,
    /// Nodes whose comments changed.
    pub comments: BTreeSet<NodeId>,
    /// Comments that appeared, disappeared or changed, and what they were.
    pub remarks: BTreeMap<CommentId, Option<CommentView>>,
    /// Project properties, template, people, filters, views or kits changed.
    pub frame: bool,
    /// The list of problems changed.
    pub problems: bool,
    /// What was wrong with the nodes of which something else is wrong now, or nothing.
    pub flaws: BTreeMap<NodeId, Vec<Flaw>>,
    /// The trash changed.
    pub trash: bool,
}

/// What one node was before.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NodeDelta {
    /// Its parent, if it was live; the inner none is the top level.
    pub parent: Option<Option<NodeId>>,
    /// Values of the fields that changed, none where there was no value.
    pub fields: BTreeMap<FieldId, Option<Value>>,
    /// Whether its place, its type or what the template makes of that may differ.
    pub structure: bool,
}

impl NodeDelta {
    /// Whether the node was live.
    pub fn was_live(&self) -> bool {
        self.parent.is_some()
    }
}

impl Delta {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        *self == Delta::default()
    }

    /// Appends what happened next; of what was there before, the earlier is kept.
    pub fn append(&mut self, later: Delta) {
        for (node, change) in later.nodes {
            match self.nodes.entry(node) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(change);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => {
                    let earlier = entry.get_mut();
                    for (field, before) in change.fields {
                        earlier.fields.entry(field).or_insert(before);
                    }
                    earlier.structure |= change.structure;
                }
            }
        }
        for (link, before) in later.links {
            self.links.entry(link).or_insert(before);
        }
        self.texts.extend(later.texts);
        self.comments.extend(later.comments);
        for (comment, before) in later.remarks {
            self.remarks.entry(comment).or_insert(before);
        }
        for (node, before) in later.flaws {
            self.flaws.entry(node).or_insert(before);
        }
        self.frame |= later.frame;
        self.problems |= later.problems;
        self.trash |= later.trash;
    }
}
