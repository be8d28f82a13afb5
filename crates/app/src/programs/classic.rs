//! The commands of the earlier application, by their names, as commands of `graph`.
//!
//! What they said is kept where it made sense. A delete takes the whole subtree, into the trash; a kit is inserted with
//! all that is beneath it; the value before is known here and not asked of the client.

use std::collections::BTreeMap;

use graph::Project;
use graph::command::{Command, Place, Position};
use graph::id::{FieldId, NodeId, TypeId};
use graph::rejection::Rejection;
use graph::template::Field;
use graph::value::Value;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::plain;
use crate::failure::{Failure, sentence};

/// The project, and what earlier commands of the same order make of its nodes.
pub(super) struct Drafts<'p> {
    project: &'p Project,
    types: BTreeMap<NodeId, TypeId>,
    parents: BTreeMap<NodeId, Option<NodeId>>,
}

#[derive(Deserialize)]
struct Create {
    blueprint_type_id: String,
    #[serde(default = "new_node")]
    name: String,
    parent_id: Option<NodeId>,
    node_id: Option<NodeId>,
    #[serde(default)]
    properties: Map<String, Json>,
}

#[derive(Deserialize)]
struct One {
    node_id: NodeId,
}

#[derive(Deserialize)]
struct Pair {
    parent_id: NodeId,
    child_id: NodeId,
}

#[derive(Deserialize)]
struct Update {
    node_id: NodeId,
    property_id: String,
    /// Null clears; one that is not said is no null.
    new_value: Json,
}

#[derive(Deserialize)]
struct Move {
    node_id: NodeId,
    new_parent_id: Option<NodeId>,
}

#[derive(Deserialize)]
struct Reorder {
    node_id: NodeId,
    new_index: usize,
}

#[derive(Deserialize)]
struct Blocking {
    blocked_node_id: NodeId,
    blocking_node_id: Option<NodeId>,
}

#[derive(Deserialize)]
struct Kit {
    target_id: NodeId,
    kit_root_id: String,
}

fn new_node() -> String {
    "New Node".to_owned()
}

/// The command, if the earlier application had one of this name. What it makes gets this id, or ids derived from it.
pub(super) fn read(
    drafts: &Drafts<'_>,
    name: &str,
    data: &Json,
    id: Uuid,
) -> Option<Result<Command, Failure>> {
    let command = match name {
        "CreateNode" => take(name, data).and_then(|it| drafts.create(it, id)),
        "DeleteNode" => take(name, data).map(|One { node_id }| Command::TrashNodes {
            nodes: vec![node_id],
        }),
        "LinkNode" => take(name, data).map(
            |Pair {
                 parent_id,
                 child_id,
             }| moved(child_id, Some(parent_id), Position::Last),
        ),
        "UnlinkNode" => take(name, data).and_then(|it| drafts.unlink(&it)),
        "UpdateProperty" => take(name, data).and_then(|it| drafts.update(&it)),
        "MoveNode" => {
            take(name, data).map(|it: Move| moved(it.node_id, it.new_parent_id, Position::Last))
        }
        "ReorderNode" => take(name, data).and_then(|it| drafts.reorder(&it)),
        "UpdateBlockingRelationship" => take(name, data).map(|it: Blocking| Command::SetBlockers {
            node: it.blocked_node_id,
            blockers: it.blocking_node_id.into_iter().collect(),
            seed: id,
        }),
        "ApplyKit" => take(name, data).and_then(|it| drafts.apply_kit(&it, id)),
        _ => return None,
    };
    Some(command)
}

impl<'p> Drafts<'p> {
    pub(super) fn new(project: &'p Project) -> Self {
        Self {
            project,
            types: BTreeMap::new(),
            parents: BTreeMap::new(),
        }
    }

    /// Remembers what a command will do.
    pub(super) fn note(&mut self, command: &Command) {
        match command {
            Command::CreateNode {
                node,
                node_type,
                place,
                ..
            } => {
                self.types.insert(*node, node_type.clone());
                self.parents.insert(*node, place.parent);
            }
            Command::MoveNodes { nodes, place } => {
                let moved = nodes.iter().map(|node| (*node, place.parent));
                self.parents.extend(moved);
            }
            _ => {}
        }
    }

    /// Where a node is when the next command comes; the inner none is the top level.
    fn parent(&self, node: NodeId) -> Result<Option<NodeId>, Rejection> {
        let live = || {
            let live = self.project.view().node(node)?;
            Some(live.parent().map(|parent| parent.id()))
        };
        let noted = self.parents.get(&node).copied();
        noted.or_else(live).ok_or(Rejection::NoSuchNode(node))
    }

    fn create(&self, it: Create, id: Uuid) -> Result<Command, Failure> {
        let schema = &self.project.view().frame().schema;
        let types = &schema.template().types;
        let known = types
            .iter()
            .find(|known| known.id.as_str() == it.blueprint_type_id);
        let known = known.or_else(|| types.iter().find(|known| known.key == it.blueprint_type_id));
        let node_type =
            known.map_or_else(|| it.blueprint_type_id.as_str().into(), |it| it.id.clone());
        let mut values: Vec<(FieldId, Value)> = Vec::new();
        if let Some(title) = schema.title_field(&node_type) {
            values.push((title.clone(), Value::Text(it.name)));
        }
        for (property, json) in &it.properties {
            let field = self.field(&node_type, property)?;
            if let Some(value) = plain::read(field, json)? {
                values.retain(|(known, _)| *known != field.id);
                values.push((field.id.clone(), value));
            }
        }
        Ok(Command::CreateNode {
            node: it.node_id.unwrap_or(NodeId(id)),
            node_type,
            place: place(it.parent_id, Position::Last),
            values,
        })
    }

    fn unlink(&self, it: &Pair) -> Result<Command, Failure> {
        if self.parent(it.child_id)? != Some(it.parent_id) {
            return Err(Failure::new(
                "NOT_LINKED",
                "The node is not beneath this parent.",
            ));
        }
        Ok(moved(it.child_id, None, Position::Last))
    }

    fn update(&self, it: &Update) -> Result<Command, Failure> {
        let live = self.project.view().node(it.node_id);
        let node_type = live.map(|node| node.node_type());
        let node_type = node_type.or_else(|| self.types.get(&it.node_id));
        let node_type = node_type.ok_or(Rejection::NoSuchNode(it.node_id))?;
        let field = self.field(node_type, &it.property_id)?;
        Ok(Command::SetField {
            nodes: vec![it.node_id],
            field: field.id.clone(),
            value: plain::read(field, &it.new_value)?,
        })
    }

    fn reorder(&self, it: &Reorder) -> Result<Command, Failure> {
        let at = Position::Index(u32::try_from(it.new_index).unwrap_or(u32::MAX));
        Ok(moved(it.node_id, self.parent(it.node_id)?, at))
    }

    /// A kit of the project, or what is beneath a node.
    fn apply_kit(&self, it: &Kit, seed: Uuid) -> Result<Command, Failure> {
        let place = place(Some(it.target_id), Position::Last);
        let view = self.project.view();
        let root = it.kit_root_id.parse().ok().and_then(|id| view.node(id));
        let Some(root) = root else {
            let kit = it.kit_root_id.as_str().into();
            return Ok(Command::ApplyKit { kit, place, seed });
        };
        let children: Vec<NodeId> = root.children().map(|child| child.id()).collect();
        let clipping = self.project.clip(&children);
        Ok(Command::PasteNodes {
            clipping,
            place,
            seed,
        })
    }

    /// A field of a type by its id or key; `name` is the title.
    fn field(&self, node_type: &TypeId, said: &str) -> Result<&'p Field, Failure> {
        let schema = &self.project.view().frame().schema;
        let by_id = schema
            .fields_of(node_type)
            .find(|it| it.id.as_str() == said);
        let by_key = || schema.fields_of(node_type).find(|it| it.key == said);
        let title = || schema.field(schema.title_field(node_type).filter(|_| said == "name")?);
        by_id.or_else(by_key).or_else(title).ok_or_else(|| {
            Failure::new(
                "FIELD_NOT_FOUND",
                format!("This type of node has no field “{said:.60}”."),
            )
        })
    }
}

fn take<T: for<'de> Deserialize<'de>>(name: &str, data: &Json) -> Result<T, Failure> {
    T::deserialize(data)
        .map_err(|error| Failure::new("INVALID_REQUEST", sentence(&format!("{name}: {error}"))))
}

fn place(parent: Option<NodeId>, at: Position) -> Place {
    Place { parent, at }
}

fn moved(node: NodeId, parent: Option<NodeId>, at: Position) -> Command {
    Command::MoveNodes {
        nodes: vec![node],
        place: place(parent, at),
    }
}
