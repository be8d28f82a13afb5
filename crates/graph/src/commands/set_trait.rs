//! Switch a behaviour of a node type on or off, with the fields that come with it.

use super::{Label, put_field, put_type};
use crate::edit::Edit;
use crate::id::{FieldId, TypeId};
use crate::rejection::Rejection;
use crate::template::{Field, FieldKind, FieldPlacement, Role, Trait};

/// The fields of a behaviour: role, id and label if the project has none with the role, kind.
type Parts = &'static [(Role, &'static str, &'static str, FieldKind)];

fn parts(behaviour: Trait) -> (&'static str, Parts) {
    match behaviour {
        Trait::Scheduling => (
            "Schedule",
            &[
                (Role::Start, "start", "Start", FieldKind::Date),
                (Role::End, "end", "End", FieldKind::Date),
                (Role::Assignees, "assignees", "Assignees", FieldKind::People),
                (
                    Role::EstimatedHours,
                    "estimated-hours",
                    "Estimated hours",
                    FieldKind::Number,
                ),
                (
                    Role::ActualHours,
                    "actual-hours",
                    "Actual hours",
                    FieldKind::Number,
                ),
                (
                    Role::Allocations,
                    "allocations",
                    "Allocations",
                    FieldKind::Hours,
                ),
            ],
        ),
        Trait::Budgeting => (
            "Money",
            &[
                (Role::Budget, "budget", "Budget", FieldKind::Currency),
                (
                    Role::EstimatedCost,
                    "estimated-cost",
                    "Estimated cost",
                    FieldKind::Currency,
                ),
                (
                    Role::CommittedCost,
                    "committed-cost",
                    "Committed cost",
                    FieldKind::Currency,
                ),
                (
                    Role::ActualCost,
                    "actual-cost",
                    "Actual cost",
                    FieldKind::Currency,
                ),
            ],
        ),
        Trait::Person => (
            "Capacity",
            &[
                (Role::Capacity, "capacity", "Capacity", FieldKind::Number),
                (
                    Role::HourlyRate,
                    "hourly-rate",
                    "Hourly rate",
                    FieldKind::Currency,
                ),
            ],
        ),
        Trait::Inventory => (
            "Stock",
            &[
                (Role::Quantity, "quantity", "Quantity", FieldKind::Number),
                (
                    Role::UnitCost,
                    "unit-cost",
                    "Unit cost",
                    FieldKind::Currency,
                ),
            ],
        ),
        Trait::Milestone => ("Schedule", &[(Role::End, "end", "End", FieldKind::Date)]),
        Trait::Container => ("", &[]),
    }
}

pub(super) fn run(
    edit: &mut Edit<'_>,
    id: &TypeId,
    behaviour: Trait,
    on: bool,
) -> Result<Label, Rejection> {
    let mut node_type = edit
        .view
        .frame()
        .schema
        .node_type(id)
        .ok_or_else(|| Rejection::NoSuchType(id.clone()))?
        .clone();
    let (group, parts) = parts(behaviour);
    if on {
        node_type.traits.insert(behaviour);
        for (role, field_id, label, kind) in parts {
            let field = field_for(edit, *role, field_id, label, *kind)?;
            if node_type
                .fields
                .iter()
                .all(|placement| placement.field != field)
            {
                node_type.fields.push(FieldPlacement {
                    field,
                    group: group.into(),
                });
            }
        }
    } else {
        node_type.traits.remove(&behaviour);
        let kept: Vec<Role> = node_type
            .traits
            .iter()
            .flat_map(|other| self::parts(*other).1)
            .map(|(role, ..)| *role)
            .collect();
        let schema = &edit.view.frame().schema;
        let leaves = |placement: &FieldPlacement| {
            let role = schema.field(&placement.field).and_then(|field| field.role);
            role.is_some_and(|role| {
                parts.iter().any(|(part, ..)| *part == role) && !kept.contains(&role)
            })
        };
        node_type.fields.retain(|placement| !leaves(placement));
    }
    put_type::run(edit, &node_type)?;
    let name = serde_json::to_value(behaviour)
        .ok()
        .and_then(|name| name.as_str().map(ToOwned::to_owned))
        .unwrap_or_default();
    Ok(format!(
        "Switch {name} of “{}” {}",
        node_type.label,
        if on { "on" } else { "off" }
    ))
}

/// The project's field with a role, made if there is none.
fn field_for(
    edit: &mut Edit<'_>,
    role: Role,
    id: &str,
    label: &str,
    kind: FieldKind,
) -> Result<FieldId, Rejection> {
    if let Some(field) = edit
        .view
        .frame()
        .schema
        .template()
        .fields
        .iter()
        .find(|field| field.role == Some(role) && field.kind == kind)
    {
        return Ok(field.id.clone());
    }
    let taken = edit.view.frame().schema.field(&id.into()).is_some();
    let id = FieldId::from(
        if taken {
            format!("{id}-2")
        } else {
            id.to_owned()
        }
        .as_str(),
    );
    let field = Field {
        id: id.clone(),
        key: id.as_str().replace('-', "_"),
        label: label.into(),
        kind,
        options: vec![],
        default: None,
        required: false,
        unit: (kind == FieldKind::Number)
            .then(|| "h".to_owned())
            .filter(|_| role != Role::Quantity),
        role: Some(role),
        help: String::new(),
        targets: Default::default(),
    };
    put_field::run(edit, &field)?;
    edit.absorb();
    Ok(id)
}
