//! The sample of a template: an outline of nodes that becomes a clipping.
//!
//! Besides the keys of its type's fields a node knows five words: `as` gives it a name for others to
//! refer to, `when` sets start and end at once, `after` lists what blocks it, `relates` what it has
//! to do with, and `children` nests.

use std::collections::BTreeMap;

use graph::clipping::{ClippedLink, ClippedNode, Clipping};
use graph::id::{FieldId, NodeId};
use graph::link::{Lag, LinkKind};
use graph::template::{Field, NodeType, Role, Template};
use graph::value::Value;
use jiff::civil::Date;
use uuid::Uuid;

use super::BuiltinError;
use super::draft::Draft;
use super::notation::{self, Context};

/// Namespace (RFC 9562, version 5) of the ids of sample nodes.
const SAMPLES: Uuid = Uuid::from_u128(0x6f2b_1c5e_8d43_5a07_9e61_74a1_c0de_ba5e);

/// The sample of the template `key` as a clipping.
pub(super) fn clipping(
    key: &str,
    template: &Template,
    roots: &[Draft],
) -> Result<Clipping, BuiltinError> {
    let mut outline = Outline {
        template,
        lines: Vec::new(),
        names: BTreeMap::new(),
    };
    for root in roots {
        outline.add(key, None, root)?;
    }
    outline.clipping()
}

/// The nodes in order, each after its parent.
struct Outline<'a> {
    template: &'a Template,
    lines: Vec<Line<'a>>,
    names: BTreeMap<&'a str, usize>,
}

struct Line<'a> {
    draft: &'a Draft,
    parent: Option<u32>,
    id: NodeId,
    node_type: &'a NodeType,
    when: Option<(Date, Date)>,
}

impl<'a> Outline<'a> {
    fn add(
        &mut self,
        key: &str,
        parent: Option<u32>,
        draft: &'a Draft,
    ) -> Result<(), BuiltinError> {
        let position = self.lines.len();
        let node_type = self
            .template
            .types
            .iter()
            .find(|known| known.key == draft.node_type);
        let node_type = node_type.ok_or_else(|| fault(draft, "no such type".to_owned()))?;
        let name = draft.entry("as");
        if let Some(name) = name
            && self.names.insert(name, position).is_some()
        {
            return Err(fault(draft, format!("the name {name:?} is taken")));
        }
        let path = name.map_or_else(
            || format!("{key}/#{position}"),
            |name| format!("{key}/{name}"),
        );
        let id = NodeId(Uuid::new_v5(&SAMPLES, path.as_bytes()));
        let when = draft
            .entry("when")
            .map(notation::interval)
            .transpose()
            .map_err(|reason| fault(draft, reason))?;
        self.lines.push(Line {
            draft,
            parent,
            id,
            node_type,
            when,
        });
        let parent = Some(index(position));
        draft
            .children
            .iter()
            .try_for_each(|child| self.add(key, parent, child))
    }

    fn clipping(&self) -> Result<Clipping, BuiltinError> {
        let mut clipping = Clipping::default();
        for (position, line) in self.lines.iter().enumerate() {
            let blame = |reason| fault(line.draft, reason);
            clipping.nodes.push(ClippedNode {
                parent: line.parent,
                node_type: line.node_type.id.clone(),
                values: self.values(line).map_err(blame)?,
                original: line.id,
            });
            clipping
                .links
                .extend(self.links(position, line).map_err(blame)?);
        }
        let used = |field: &FieldId| {
            clipping
                .nodes
                .iter()
                .flat_map(|node| &node.values)
                .any(|(id, _)| id == field)
        };
        clipping.fields = self
            .template
            .fields
            .iter()
            .filter(|field| used(&field.id))
            .cloned()
            .collect();
        let occurs = |node_type: &NodeType| {
            clipping
                .nodes
                .iter()
                .any(|node| node.node_type == node_type.id)
        };
        clipping.types = self
            .template
            .types
            .iter()
            .filter(|node_type| occurs(node_type))
            .cloned()
            .collect();
        Ok(clipping)
    }

    fn values(&self, line: &Line<'_>) -> Result<Vec<(FieldId, Value)>, String> {
        let title = self.role(line.node_type, Role::Title)?;
        let mut values = vec![(title.id.clone(), Value::Text(line.draft.title.clone()))];
        if let Some((first, last)) = line.when {
            values.push((
                self.role(line.node_type, Role::Start)?.id.clone(),
                Value::Date(first),
            ));
            values.push((
                self.role(line.node_type, Role::End)?.id.clone(),
                Value::Date(last),
            ));
        }
        for (key, text) in &line.draft.entries {
            if matches!(key.as_str(), "as" | "when" | "after" | "relates") {
                continue;
            }
            let field = self.placed(line.node_type).find(|field| field.key == *key);
            let field = field.ok_or_else(|| format!("its type has no field {key:?}"))?;
            let value = notation::value(
                field,
                text,
                &Place {
                    outline: self,
                    line,
                },
            );
            values.push((
                field.id.clone(),
                value.map_err(|reason| format!("{key}: {reason}"))?,
            ));
        }
        Ok(values)
    }

    fn links(&self, position: usize, line: &Line<'_>) -> Result<Vec<ClippedLink>, String> {
        let to = index(position);
        let mut links = Vec::new();
        for word in line
            .draft
            .entry("after")
            .unwrap_or_default()
            .split_whitespace()
        {
            let (name, relation, lag) = notation::blocker(word)?;
            links.push(ClippedLink {
                from: self.named(name)?,
                to,
                relation,
                lag,
            });
        }
        for name in line
            .draft
            .entry("relates")
            .unwrap_or_default()
            .split_whitespace()
        {
            links.push(ClippedLink {
                from: self.named(name)?,
                to,
                relation: LinkKind::RelatesTo,
                lag: Lag::default(),
            });
        }
        Ok(links)
    }

    fn named(&self, name: &str) -> Result<u32, String> {
        self.names
            .get(name)
            .map(|&position| index(position))
            .ok_or_else(|| format!("no node is named {name:?}"))
    }

    /// Fields of a type.
    fn placed(&self, node_type: &'a NodeType) -> impl Iterator<Item = &'a Field> {
        let fields = &self.template.fields;
        node_type
            .fields
            .iter()
            .filter_map(move |placement| fields.iter().find(|field| field.id == placement.field))
    }

    fn role(&self, node_type: &'a NodeType, role: Role) -> Result<&'a Field, String> {
        self.placed(node_type)
            .find(|field| field.role == Some(role))
            .ok_or_else(|| format!("its type has no {role:?}"))
    }
}

/// A line with what its names mean.
struct Place<'a> {
    outline: &'a Outline<'a>,
    line: &'a Line<'a>,
}

impl Context for Place<'_> {
    fn node(&self, name: &str) -> Option<NodeId> {
        self.outline
            .names
            .get(name)
            .map(|&position| self.outline.lines[position].id)
    }

    fn start(&self) -> Option<Date> {
        self.line.when.map(|(first, _)| first)
    }
}

fn index(position: usize) -> u32 {
    u32::try_from(position).expect("a sample has a few hundred nodes")
}

fn fault(draft: &Draft, reason: String) -> BuiltinError {
    BuiltinError::Node {
        node_type: draft.node_type.clone(),
        title: draft.title.clone(),
        reason,
    }
}
