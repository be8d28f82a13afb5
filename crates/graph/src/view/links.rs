//! Links and the cycles that merges of them can make.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ObjId, ReadDoc};

use super::read::{flag_at, map_at, text_at};
use super::{Home, Slot, View};
use crate::document::{Document, bucket_of, record_key};
use crate::id::{LinkId, NodeId};
use crate::link::{Lag, Link, LinkKind};

/// A link, shown or not.
#[derive(Debug, Clone)]
pub(crate) struct LinkRecord {
    pub link: Link,
    pub object: ObjId,
    pub deleted: bool,
}

impl View {
    /// Reads a link's record, for the first time or anew.
    pub(super) fn read_link(&mut self, doc: &impl ReadDoc, id: LinkId, object: ObjId) {
        self.homes
            .insert((Document::Project, object.clone()), Home::Link(id));
        let node_at =
            |key| text_at(doc, &object, key).and_then(|(text, _)| text.parse::<NodeId>().ok());
        let (Some(from), Some(to)) = (node_at("from"), node_at("to")) else {
            self.remove_link(id);
            return;
        };
        let relation =
            text_at(doc, &object, "relation").and_then(|(text, _)| parse_relation(&text));
        let lag = doc
            .get(&object, "lag")
            .ok()
            .flatten()
            .and_then(|(value, _)| value.as_i64())
            .unwrap_or(0);
        let link = Link {
            id,
            relation: relation.unwrap_or(LinkKind::RelatesTo),
            from,
            to,
            lag: Lag(lag.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32),
        };
        let deleted = flag_at(doc, &object, "@del");
        self.remove_link(id);
        for end in [from, to] {
            self.links_by_end.entry(end).or_default().insert(id);
        }
        self.links.insert(
            id,
            LinkRecord {
                link,
                object,
                deleted,
            },
        );
    }

    pub(super) fn remove_link(&mut self, id: LinkId) {
        let Some(old) = self.links.remove(&id) else {
            return;
        };
        for end in [old.link.from, old.link.to] {
            if let Some(links) = self.links_by_end.get_mut(&end) {
                links.remove(&id);
            }
        }
    }

    /// The map that is the record of a link, if there is one.
    pub(super) fn link_object(&self, doc: &impl ReadDoc, id: LinkId) -> Option<ObjId> {
        let bucket = &self.containers.links[bucket_of(id.0)];
        map_at(doc, bucket, &record_key(id.0))
    }

    /// Links that name a node, shown or not.
    pub(super) fn link_ids_at(&self, node: NodeId) -> impl Iterator<Item = LinkId> {
        self.links_by_end.get(&node).into_iter().flatten().copied()
    }

    pub(crate) fn link_record(&self, id: LinkId) -> Option<&LinkRecord> {
        self.links.get(&id)
    }

    /// Whether a link is there and both its ends are live.
    pub(super) fn shows_link(&self, record: &LinkRecord) -> bool {
        let live = |id| {
            self.slot(id)
                .is_some_and(|slot| self.record(slot).is_live())
        };
        !record.deleted && live(record.link.from) && live(record.link.to)
    }

    /// Shown links at either end of a node.
    pub(crate) fn links_at(&self, slot: Slot) -> impl Iterator<Item = &Link> {
        let records = self
            .link_ids_at(self.record(slot).id)
            .filter_map(|id| self.links.get(&id));
        records
            .filter(|record| self.shows_link(record))
            .map(|record| &record.link)
    }

    /// The chain of blocking links that leads from one node to another, if there is one.
    pub(crate) fn blocking_path(&self, from: NodeId, to: NodeId) -> Option<Vec<NodeId>> {
        let mut came_from: BTreeMap<NodeId, NodeId> = BTreeMap::new();
        let mut stack = vec![from];
        while let Some(at) = stack.pop() {
            if at == to {
                let mut path = vec![to];
                while path.last() != Some(&from) {
                    path.push(came_from[path.last().expect("the path starts with one node")]);
                }
                path.reverse();
                return Some(path);
            }
            let Some(slot) = self.slot(at) else { continue };
            for link in self
                .links_at(slot)
                .filter(|link| link.relation.blocks() && link.from == at)
            {
                if link.to != from && !came_from.contains_key(&link.to) {
                    came_from.insert(link.to, at);
                    stack.push(link.to);
                }
            }
        }
        None
    }

    /// Puts the set of links in cycles right after some links changed; returns those that differ.
    pub(super) fn refresh_link_cycles(&mut self, touched: &BTreeSet<LinkId>) -> BTreeSet<LinkId> {
        let closes = |id: &LinkId| {
            let Some(link) = self.link(*id).filter(|link| link.relation.blocks()) else {
                return false;
            };
            self.blocking_path(link.to, link.from).is_some()
        };
        if self.cyclic_links.is_empty() && !touched.iter().any(closes) {
            return BTreeSet::new();
        }
        let before = std::mem::take(&mut self.cyclic_links);
        self.find_link_cycles();
        before
            .symmetric_difference(&self.cyclic_links)
            .copied()
            .collect()
    }

    /// Finds all shown blocking links that are part of a cycle: those within a strongly connected
    /// component (Tarjan, 1972, without recursion).
    pub(super) fn find_link_cycles(&mut self) {
        let links: Vec<Link> = self.links().filter(|link| link.relation.blocks()).collect();
        let mut next: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
        for link in &links {
            next.entry(link.from).or_default().push(link.to);
            next.entry(link.to).or_default();
        }
        let component = strongly_connected(&next);
        let cyclic = links
            .iter()
            .filter(|link| component[&link.from] == component[&link.to]);
        self.cyclic_links = cyclic.map(|link| link.id).collect();
    }

    pub(crate) fn is_cyclic(&self, id: LinkId) -> bool {
        self.cyclic_links.contains(&id)
    }
}

/// The component of each node.
fn strongly_connected(next: &BTreeMap<NodeId, Vec<NodeId>>) -> BTreeMap<NodeId, usize> {
    let mut index: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut low: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut component: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut open: Vec<NodeId> = vec![];
    for start in next.keys() {
        if index.contains_key(start) {
            continue;
        }
        let mut calls = vec![(*start, 0)];
        while let Some((node, edge)) = calls.pop() {
            if edge == 0 {
                low.insert(node, index.len());
                index.insert(node, index.len());
                open.push(node);
            }
            if let Some(to) = next[&node].get(edge) {
                calls.push((node, edge + 1));
                if !index.contains_key(to) {
                    calls.push((*to, 0));
                } else if !component.contains_key(to) {
                    low.insert(node, low[&node].min(index[to]));
                }
                continue;
            }
            if low[&node] == index[&node] {
                let number = component.len();
                while let Some(member) = open.pop() {
                    component.insert(member, number);
                    if member == node {
                        break;
                    }
                }
            }
            if let Some((caller, _)) = calls.last() {
                low.insert(*caller, low[caller].min(low[&node]));
            }
        }
    }
    component
}

pub(crate) fn print_relation(relation: LinkKind) -> &'static str {
    match relation {
        LinkKind::FinishToStart => "finishToStart",
        LinkKind::StartToStart => "startToStart",
        LinkKind::FinishToFinish => "finishToFinish",
        LinkKind::StartToFinish => "startToFinish",
        LinkKind::RelatesTo => "relatesTo",
    }
}

pub(crate) fn parse_relation(text: &str) -> Option<LinkKind> {
    use LinkKind::*;
    [
        FinishToStart,
        StartToStart,
        FinishToFinish,
        StartToFinish,
        RelatesTo,
    ]
    .into_iter()
    .find(|kind| print_relation(*kind) == text)
}
