//! What happened to a project, change by change, for those who follow it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use graph::delta::{Delta, NodeDelta};
use graph::id::{AuthorId, FieldId, NodeId, PersonId};
use graph::time::Timestamp;
use graph::value::Value;
use graph::view::{NodeView, View};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::Caller;
use super::plain;
use crate::reply::Skipped;

/// One change of the view.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// Revision that contains it. Each follows the one before by one.
    pub revision: u64,
    /// When it came into the view.
    pub at: Timestamp,
    /// Whose it was.
    pub author: Author,
    /// Why.
    pub cause: Cause,
    /// What differs, parents before their children.
    pub changes: Vec<Change>,
}

/// Whose a change was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Author {
    /// The author, if it was made at this installation.
    pub id: Option<AuthorId>,
    /// The person, if it was one.
    pub person_id: Option<PersonId>,
    /// Their name.
    pub name: Option<String>,
    /// The client of a program, by its own word.
    pub client: Option<String>,
}

/// Why something changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause {
    /// A command of somebody at this installation.
    Command {
        /// Names it.
        id: String,
        /// What kind of command.
        name: String,
        /// What the step is called.
        label: String,
    },
    /// Somebody at this installation has undone a step.
    Undo {
        /// Names it.
        id: String,
        /// What the step is called.
        label: String,
        /// What was left alone.
        skipped: Vec<Skipped>,
    },
    /// Somebody at this installation has redone a step.
    Redo {
        /// Names it.
        id: String,
        /// What the step is called.
        label: String,
        /// What was left alone.
        skipped: Vec<Skipped>,
    },
    /// It came from another machine, or out of a file.
    Others,
}

/// What differs. Serialised, it is an object whose `event` names it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Change {
    /// A node is there that was not.
    NodeCreated {
        /// Which.
        node_id: NodeId,
        /// Where; none: top level.
        parent_id: Option<NodeId>,
        /// Its place among the children there now, from 0.
        index: usize,
        /// Its type.
        blueprint_type_id: String,
        /// Its title.
        name: String,
        /// Its values by field.
        properties: Map<String, Json>,
    },
    /// A node is not there any more.
    NodeDeleted {
        /// Which.
        node_id: NodeId,
    },
    /// A node has left its parent.
    NodeUnlinked {
        /// The parent; none: top level.
        parent_id: Option<NodeId>,
        /// The node.
        child_id: NodeId,
    },
    /// A node has come to a parent.
    NodeLinked {
        /// The parent; none: top level.
        parent_id: Option<NodeId>,
        /// The node.
        child_id: NodeId,
        /// Its place among the children there now, from 0.
        index: usize,
    },
    /// Something else of a node differs.
    NodeUpdated {
        /// Which.
        node_id: NodeId,
        /// `place` (its order or type), `links` or `comments`.
        aspects: BTreeSet<&'static str>,
        /// With `place`: where it is among its siblings now, from 0.
        index: Option<usize>,
        /// With `links`: what blocks it now.
        blocked_by: Option<Vec<NodeId>>,
    },
    /// A value differs.
    PropertyChanged {
        /// Of which node.
        node_id: NodeId,
        /// The field.
        property_id: FieldId,
        /// Its key.
        property_name: String,
        /// The value before; null: none, or not kept (long texts).
        old_value: Json,
        /// The value now.
        new_value: Json,
    },
    /// A value is gone.
    PropertyDeleted {
        /// Of which node.
        node_id: NodeId,
        /// The field.
        property_id: FieldId,
        /// Its key.
        property_name: String,
        /// The value before.
        old_value: Json,
    },
    /// Name, template or another thing of the whole project differs.
    ProjectUpdated {
        /// Its name.
        name: String,
    },
}

/// Why the next change is made, as whoever makes it says.
#[derive(Debug)]
pub(crate) struct Because {
    pub(crate) cause: Cause,
    pub(crate) caller: Option<Caller>,
}

/// What waits to be told.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// Whether anybody follows.
    pub(crate) is_followed: bool,
    pub(crate) now: Timestamp,
    pub(crate) because: Option<Because>,
    happened: Vec<Arc<Happening>>,
}

impl Journal {
    /// Whether the next change is to be noted.
    pub(crate) fn is_wanted(&self) -> bool {
        self.is_followed || self.because.as_ref().is_some_and(|it| it.caller.is_some())
    }

    pub(crate) fn note(&mut self, happening: Happening) {
        self.happened.push(Arc::new(happening));
    }

    /// What was noted last.
    pub(crate) fn last(&self) -> Option<Arc<Happening>> {
        self.happened.last().cloned()
    }

    pub(crate) fn take(&mut self) -> Vec<Arc<Happening>> {
        std::mem::take(&mut self.happened)
    }
}

/// What a delta says to those who do not see the view.
pub(crate) fn changes(view: &View, delta: &Delta) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut updated: BTreeMap<NodeId, BTreeSet<&'static str>> = BTreeMap::new();
    let live = |node: &NodeId| view.node(*node);
    let places = places(view, delta);
    let index = |node: NodeId| places.get(&node).copied().unwrap_or_default();
    let mut created: Vec<_> = delta
        .nodes
        .iter()
        .filter(|(_, before)| !before.was_live())
        .filter_map(|(node, _)| live(node))
        .collect();
    // In this order each can be put at its place.
    created.sort_by_cached_key(|node| (node.ancestors().len(), index(node.id())));
    changes.extend(created.into_iter().map(|node| Change::NodeCreated {
        node_id: node.id(),
        parent_id: node.parent().map(|parent| parent.id()),
        index: index(node.id()),
        blueprint_type_id: node.node_type().to_string(),
        name: node.title(),
        properties: plain::properties(node),
    }));
    for (node_id, before) in &delta.nodes {
        let Some(was) = before.parent else { continue };
        let Some(node) = live(node_id) else {
            changes.push(Change::NodeDeleted { node_id: *node_id });
            continue;
        };
        let is = node.parent().map(|parent| parent.id());
        if is != was {
            let (parent_id, child_id) = (was, *node_id);
            changes.push(Change::NodeUnlinked {
                parent_id,
                child_id,
            });
            let parent_id = is;
            changes.push(Change::NodeLinked {
                parent_id,
                child_id,
                index: index(*node_id),
            });
        } else if before.structure {
            updated.entry(*node_id).or_default().insert("place");
        }
        values(view, *node_id, before, &mut changes);
    }
    for (node, field) in &delta.texts {
        let is_new = delta.nodes.get(node).is_some_and(|it| !it.was_live());
        let is_told = delta
            .nodes
            .get(node)
            .is_some_and(|it| it.fields.contains_key(field));
        if !is_new && !is_told {
            values(view, *node, &text_before(field), &mut changes);
        }
    }
    for (link, before) in &delta.links {
        let now = view.link(*link);
        for link in before.iter().chain(&now) {
            for end in [link.from, link.to]
                .iter()
                .filter(|end| live(end).is_some())
            {
                updated.entry(*end).or_default().insert("links");
            }
        }
    }
    for node in delta.comments.iter().filter(|node| live(node).is_some()) {
        updated.entry(*node).or_default().insert("comments");
    }
    changes.extend(
        updated
            .into_iter()
            .map(|(node_id, aspects)| Change::NodeUpdated {
                node_id,
                index: aspects.contains("place").then(|| index(node_id)),
                blocked_by: aspects.contains("links").then(|| {
                    live(&node_id)
                        .into_iter()
                        .flat_map(NodeView::blockers)
                        .collect()
                }),
                aspects,
            }),
    );
    if delta.frame {
        let name = view.frame().name.clone();
        changes.push(Change::ProjectUpdated { name });
    }
    changes
}

/// Where the nodes that have come to a place are among their siblings. Children are counted once for each parent.
fn places(view: &View, delta: &Delta) -> BTreeMap<NodeId, usize> {
    let mut come: BTreeMap<Option<NodeId>, BTreeSet<NodeId>> = BTreeMap::new();
    for (id, before) in &delta.nodes {
        let Some(node) = view.node(*id) else { continue };
        let parent = node.parent().map(NodeView::id);
        if before.parent != Some(parent) || before.structure {
            come.entry(parent).or_default().insert(*id);
        }
    }
    let mut places = BTreeMap::new();
    for (parent, come) in come {
        let mut note = |siblings: &mut dyn Iterator<Item = NodeView<'_>>| {
            let ids = siblings.map(NodeView::id).enumerate();
            let here = ids.filter(|(_, id)| come.contains(id));
            places.extend(here.map(|(index, id)| (id, index)));
        };
        match parent.and_then(|parent| view.node(parent)) {
            Some(parent) => note(&mut parent.children()),
            None => note(&mut view.roots()),
        }
    }
    places
}

/// A long text differs; what it was is not kept.
fn text_before(field: &FieldId) -> NodeDelta {
    NodeDelta {
        parent: Some(None),
        fields: BTreeMap::from([(field.clone(), None)]),
        structure: false,
    }
}

/// The values that differ in a node that was there before and still is.
fn values(view: &View, node_id: NodeId, before: &NodeDelta, changes: &mut Vec<Change>) {
    let Some(node) = view.node(node_id) else {
        return;
    };
    for (property_id, old) in &before.fields {
        let definition = view.frame().schema.field(property_id);
        let property_name = definition.map_or_else(|| property_id.to_string(), |it| it.key.clone());
        let (node_id, property_id) = (node_id, property_id.clone());
        let show = |value: &Value| plain::shown(value);
        let old_value = old.as_ref().map_or(Json::Null, show);
        changes.push(match node.value(&property_id) {
            Some(new) => Change::PropertyChanged {
                node_id,
                property_id,
                property_name,
                old_value,
                new_value: show(&new),
            },
            None => Change::PropertyDeleted {
                node_id,
                property_id,
                property_name,
                old_value,
            },
        });
    }
}
