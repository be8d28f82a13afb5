//! What holds for every built-in template and its sample.

mod icons;
mod plan;
mod project;
mod reading;
mod sample;
mod template;

use std::collections::BTreeMap;

use graph::clipping::ClippedNode;
use graph::id::{FieldId, TypeId};
use graph::template::{Field, FieldKind, NodeType, Role};
use graph::value::Value;

use super::{Builtin, all};

/// Every role there is.
const ROLES: [Role; 17] = [
    Role::Title,
    Role::Status,
    Role::Start,
    Role::End,
    Role::Assignees,
    Role::EstimatedHours,
    Role::ActualHours,
    Role::Allocations,
    Role::EstimatedCost,
    Role::ActualCost,
    Role::CommittedCost,
    Role::Budget,
    Role::Quantity,
    Role::UnitCost,
    Role::HourlyRate,
    Role::Capacity,
    Role::Priority,
];

/// Runs a check on each template; what fails names the template.
fn each(check: impl Fn(&Builtin) -> Result<(), String>) {
    for builtin in all() {
        if let Err(reason) = check(builtin) {
            panic!("{}: {reason}", builtin.key);
        }
    }
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// Definitions of a template by id, and questions about its sample.
struct Index<'a> {
    builtin: &'a Builtin,
    fields: BTreeMap<&'a FieldId, &'a Field>,
    types: BTreeMap<&'a TypeId, &'a NodeType>,
}

impl<'a> Index<'a> {
    fn of(builtin: &'a Builtin) -> Self {
        Self {
            builtin,
            fields: builtin
                .template
                .fields
                .iter()
                .map(|field| (&field.id, field))
                .collect(),
            types: builtin
                .template
                .types
                .iter()
                .map(|node_type| (&node_type.id, node_type))
                .collect(),
        }
    }

    fn nodes(&self) -> &'a [ClippedNode] {
        &self.builtin.sample.nodes
    }

    fn type_of(&self, node: &ClippedNode) -> &'a NodeType {
        self.types[&node.node_type]
    }

    fn fields_of(&self, node_type: &NodeType) -> Vec<&'a Field> {
        node_type
            .fields
            .iter()
            .map(|placement| self.fields[&placement.field])
            .collect()
    }

    fn title<'n>(&self, node: &'n ClippedNode) -> &'n str {
        match self.value(node, Role::Title) {
            Some(Value::Text(title)) => title,
            _ => "untitled",
        }
    }

    /// The node's value in its field of this role.
    fn value<'n>(&self, node: &'n ClippedNode, role: Role) -> Option<&'n Value> {
        let has = |field: &FieldId| self.fields[field].role == Some(role);
        node.values
            .iter()
            .find(|(field, _)| has(field))
            .map(|(_, value)| value)
    }
}

/// Whether a value is of the sort that a kind of field holds.
fn fits(kind: FieldKind, value: &Value) -> bool {
    matches!(
        (kind, value),
        (FieldKind::Text, Value::Text(_))
            | (FieldKind::Prose, Value::Prose(_))
            | (FieldKind::Number | FieldKind::Currency, Value::Number(_))
            | (FieldKind::Checkbox, Value::Flag(_))
            | (FieldKind::Date, Value::Date(_))
            | (FieldKind::Select, Value::Option(_))
            | (FieldKind::MultiSelect, Value::Options(_))
            | (FieldKind::People | FieldKind::Nodes, Value::Nodes(_))
            | (FieldKind::Hours, Value::Hours(_))
            | (FieldKind::Url, Value::Url(_))
            | (FieldKind::Files, Value::Files(_))
    )
}
