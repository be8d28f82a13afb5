//! Items of the addressee that began or ceased to wait for others.

use std::collections::BTreeSet;

use automerge::{ObjId, ReadDoc};

use super::{Case, Notice, NoticeKind};
use crate::document::OpId;
use crate::id::{NodeId, OptionId};
use crate::link::{Link, LinkKind};
use crate::template::{Category, Role};
use crate::value::Value;
use crate::view::NodeView;

impl Case<'_> {
    pub(super) fn blocking(&self) -> Vec<Notice> {
        let found = self.concerned().into_iter();
        found.filter_map(|node| self.turn(node)).collect()
    }

    /// The addressee's open items at which a blocking link, or what it leads from, differs.
    fn concerned(&self) -> BTreeSet<NodeId> {
        let view = self.project.view();
        let mut ends: BTreeSet<NodeId> = BTreeSet::new();
        for (id, before) in &self.delta.links {
            ends.extend(
                before
                    .iter()
                    .chain(view.link(*id).iter())
                    .map(|link| link.to),
            );
        }
        for node in self.delta.nodes.keys().filter_map(|id| view.node(*id)) {
            let beneath = node.links().filter(|link| link.from == node.id());
            ends.extend(beneath.map(|link| link.to));
        }
        ends.retain(|id| {
            let was_live = |id| self.delta.nodes.get(id).is_none_or(|node| node.was_live());
            let node = view.node(*id).filter(|_| was_live(id));
            node.is_some_and(|node| self.is_assigned(node) && !is_over(category(node)))
        });
        ends
    }

    /// What became of an item, if it waits now and did not, or the other way round.
    fn turn(&self, id: NodeId) -> Option<Notice> {
        let view = self.project.view();
        let node = view.node(id)?;
        let now: Vec<&Link> = node.links().filter(|link| self.waits(id, link)).collect();
        let earlier = self.links_before(node);
        let before: Vec<&Link> = earlier
            .iter()
            .filter(|link| self.waited(id, link))
            .collect();
        let (kind, causes) = match (before.is_empty(), now.is_empty()) {
            (true, false) => (NoticeKind::Blocked, now),
            (false, true) => (NoticeKind::Unblocked, before),
            _ => return None,
        };
        let newest = causes.iter().filter_map(|link| {
            let op = self.cause(link)?;
            Some((op, link.from))
        });
        let (op, other) = newest.max()?;
        let news = self.news(&op)?;
        let other = view.node(other).or_else(|| view.trashed(other));
        let word = if kind == NoticeKind::Blocked {
            "blocked"
        } else {
            "unblocked"
        };
        Some(Notice {
            text: other.map(|other| other.title()).unwrap_or_default(),
            ..self.about(kind, id, format!("{word} {id} {op}"), news)
        })
    }

    /// The links at a node as they were before the merge.
    fn links_before(&self, node: NodeView<'_>) -> Vec<Link> {
        let known = node
            .links()
            .filter(|link| !self.delta.links.contains_key(&link.id));
        let gone = self.delta.links.values().flatten();
        let gone = gone.filter(|link| link.to == node.id());
        known.chain(gone).cloned().collect()
    }

    fn waits(&self, node: NodeId, link: &Link) -> bool {
        let blocker = self.project.view().node(link.from);
        link.to == node
            && blocker.is_some_and(|blocker| !releases(link.relation, category(blocker)))
    }

    fn waited(&self, node: NodeId, link: &Link) -> bool {
        let before = self.delta.nodes.get(&link.from);
        if link.to != node || before.is_some_and(|before| !before.was_live()) {
            return false;
        }
        let view = self.project.view();
        let blocker = view.node(link.from).or_else(|| view.trashed(link.from));
        blocker.is_some_and(|blocker| {
            let schema = &view.frame().schema;
            let status = schema.field_with_role(blocker.node_type(), Role::Status);
            let changed = status.and_then(|field| before?.fields.get(&field.id));
            let then = match changed {
                Some(Some(Value::Option(option))) => category_of(blocker, option),
                Some(_) => None,
                None => category(blocker),
            };
            !releases(link.relation, then)
        })
    }

    /// The newest operation of the merge at a link or at what it leads from.
    fn cause(&self, link: &Link) -> Option<OpId> {
        let view = self.project.view();
        let blocker = view.slot(link.from);
        let mut places: Vec<(&ObjId, &str)> = vec![];
        let link = view.link_record(link.id);
        if let Some(record) = link {
            places.extend(["@del", "relation"].map(|key| (&record.object, key)));
        }
        if let Some(slot) = blocker {
            let record = view.record(slot);
            let status = (view.frame().schema).field_with_role(&record.node_type, Role::Status);
            places.extend(["@del", "@pos", "@type"].map(|key| (&record.object, key)));
            places.extend(status.map(|field| (&record.object, field.id.as_str())));
        }
        let doc = &self.project.project;
        let written = places.into_iter().flat_map(|(object, key)| {
            let all = doc.get_all(object, key).unwrap_or_default();
            all.into_iter().map(|(_, op)| OpId::of(&op))
        });
        let made = link.map(|record| OpId::of(&record.object));
        let ops = written.chain(made);
        // What was only taken away, such as a tombstone, leaves no operation; then it was whoever wrote last.
        let fresh = ops.filter(|op| self.fresh.made(op).is_some());
        fresh.max().or_else(|| self.fresh.last_op())
    }
}

/// Whether a link holds nothing up any more.
fn releases(relation: LinkKind, blocker: Option<Category>) -> bool {
    use LinkKind::*;
    let has_begun = blocker == Some(Category::InProgress);
    match relation {
        RelatesTo => true,
        StartToStart | StartToFinish => has_begun || is_over(blocker),
        FinishToStart | FinishToFinish => is_over(blocker),
    }
}

fn is_over(category: Option<Category>) -> bool {
    matches!(category, Some(Category::Done | Category::Cancelled))
}

fn category(node: NodeView<'_>) -> Option<Category> {
    match node.value_with_role(Role::Status)? {
        Value::Option(option) => category_of(node, &option),
        _ => None,
    }
}

fn category_of(node: NodeView<'_>, option: &OptionId) -> Option<Category> {
    let field = node.field_with_role(Role::Status)?;
    let option = field.options.iter().find(|known| known.id == *option)?;
    option.category
}
