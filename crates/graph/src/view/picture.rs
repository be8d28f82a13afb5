//! A view in a form that can be compared: the same for all peers that have seen the same changes.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::View;
use super::comments::CommentView;
use super::frame::Frame;
use crate::id::{LinkId, NodeId};
use crate::link::Link;
use crate::problem::Problem;

/// Everything that the views show, by id.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Live nodes.
    pub nodes: BTreeMap<NodeId, NodePicture>,
    /// Live nodes at the top level, in order.
    pub roots: Vec<NodeId>,
    /// Nodes in the trash and the root that each was trashed with.
    pub trash: BTreeMap<NodeId, (NodeId, NodePicture)>,
    /// Links that are shown.
    pub links: BTreeMap<LinkId, Link>,
    /// Comments that are shown.
    pub comments: BTreeMap<NodeId, Vec<CommentView>>,
    /// What changes rarely.
    pub frame: Frame,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Picture {
    /// Without the operations that notes of conflicts name: what is repeated after undo is another operation.
    pub fn repeatable(mut self) -> Picture {
        let about = |name: &SmolStr| {
            name.rsplit_once('/')
                .map_or(name.clone(), |(about, _)| about.into())
        };
        self.frame.noted = self.frame.noted.iter().map(about).collect();
        self
    }
}

/// One node.
#[derive(Debug, Clone, PartialEq)]
pub struct NodePicture {
    /// Type.
    pub node_type: String,
    /// Where it is shown.
    pub parent: Option<NodeId>,
    /// Children, in order.
    pub children: Vec<NodeId>,
    /// Field registers as text.
    pub registers: BTreeMap<String, String>,
    /// Registers with several values.
    pub races: BTreeMap<String, Vec<String>>,
}

/// A problem without who made its sides: what is repeated after undo is another operation, perhaps of
/// somebody else.
fn lasting(mut problem: Problem) -> Problem {
    for side in &mut problem.sides {
        (side.by, side.op) = (None, None);
    }
    problem
}

impl View {
    /// Takes the whole view down. Slow; for tests and checks.
    pub fn picture(&self) -> Picture {
        let everything = 0..self.records.len() as u32;
        let nodes = everything
            .clone()
            .filter(|slot| self.record(*slot).is_live());
        let trash = everything.filter(|slot| self.record(*slot).is_in_trash());
        let comments = self
            .comments
            .values()
            .filter(|record| !record.deleted)
            .map(|record| record.comment.node)
            .collect::<BTreeSet<_>>();
        let mut frame = self.frame.clone();
        frame.objects.clear();
        Picture {
            nodes: nodes
                .map(|slot| (self.record(slot).id, self.node_picture(slot)))
                .collect(),
            roots: self.roots().map(|node| node.id()).collect(),
            trash: trash
                .map(|slot| {
                    (
                        self.record(slot).id,
                        (
                            self.record(slot).dead.unwrap_or(self.record(slot).id),
                            self.node_picture(slot),
                        ),
                    )
                })
                .collect(),
            links: self.links().map(|link| (link.id, link)).collect(),
            comments: comments
                .into_iter()
                .map(|node| (node, self.comments_on(node).into_iter().cloned().collect()))
                .collect(),
            frame,
            problems: self.problems().into_iter().map(lasting).collect(),
        }
    }

    fn node_picture(&self, slot: u32) -> NodePicture {
        let record = self.record(slot);
        let parent = record.shown.unwrap_or(record.seat.parent);
        NodePicture {
            node_type: record.node_type.to_string(),
            parent: (parent != super::record::TOP).then(|| self.record(parent).id),
            children: record
                .children
                .iter()
                .map(|child| self.record(*child).id)
                .collect(),
            registers: record
                .registers
                .iter()
                .filter(|register| !register.raw.text().is_empty())
                .map(|register| (register.key.to_string(), register.raw.text()))
                .collect(),
            races: record
                .races
                .iter()
                .map(|(key, values)| {
                    (
                        key.to_string(),
                        values.iter().map(|c| c.raw.text()).collect(),
                    )
                })
                .collect(),
        }
    }

    /// Live nodes that cannot be reached from the top level; there must be none.
    pub fn unreachable(&self) -> Vec<NodeId> {
        let reached: BTreeSet<NodeId> = self.nodes().map(|node| node.id()).collect();
        let live = self.records.iter().filter(|record| record.is_live());
        live.map(|record| record.id)
            .filter(|id| !reached.contains(id))
            .collect()
    }
}
