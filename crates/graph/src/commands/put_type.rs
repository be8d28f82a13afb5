//! Node types of the template.

use std::collections::BTreeSet;

use smol_str::{SmolStr, format_smolstr};

use super::definition::{self, Properties, flag, text, word};
use super::{Label, check};
use crate::edit::Edit;
use crate::id::{FieldId, TypeId};
use crate::order;
use crate::rejection::Rejection;
use crate::template::{FieldPlacement, NodeType, Role};

pub(super) fn run(edit: &mut Edit<'_>, node_type: &NodeType) -> Result<Label, Rejection> {
    check_type(edit, node_type)?;
    let known = definition::exists(edit, "types", node_type.id.as_str());
    let order = (!known).then(|| definition::order_at(edit, "types", &keys(edit), usize::MAX));
    write(edit, node_type, order);
    Ok(format!(
        "{} type “{}”",
        if known { "Edit" } else { "Add" },
        node_type.label
    ))
}

/// Writes what differs; with an order the type is new.
pub(super) fn write(edit: &mut Edit<'_>, node_type: &NodeType, order: Option<SmolStr>) {
    let mut properties = properties(node_type);
    properties.extend(placements(edit, &node_type.id, &node_type.fields));
    if let Some(order) = order {
        properties.insert("order".into(), text(&order));
    }
    definition::put(
        edit,
        "types",
        node_type.id.as_str(),
        properties,
        &["child/", "trait/", "field/"],
    );
}

fn check_type(edit: &Edit<'_>, node_type: &NodeType) -> Result<(), Rejection> {
    check::id(node_type.id.as_str())?;
    check::name("the type's key", &node_type.key)?;
    check::name("the type's label", &node_type.label)?;
    check::name("the type's plural", &node_type.plural)?;
    let schema = &edit.view.frame().schema;
    let mut titles = 0;
    let mut seen = BTreeSet::new();
    for placement in &node_type.fields {
        let field = schema
            .field(&placement.field)
            .ok_or_else(|| Rejection::NoSuchField(placement.field.clone()))?;
        titles += usize::from(field.role == Some(Role::Title));
        if !seen.insert(&placement.field) {
            return Err(Rejection::BadValue {
                field: field.label.clone(),
                reason: "stands twice in this type".into(),
            });
        }
    }
    if titles == 0 {
        return Err(Rejection::Needed("a field with the role “title”".into()));
    }
    for child in node_type
        .children
        .iter()
        .filter(|child| **child != node_type.id)
    {
        schema
            .node_type(child)
            .ok_or_else(|| Rejection::NoSuchType(child.clone()))?;
    }
    Ok(())
}

fn properties(node_type: &NodeType) -> Properties {
    let mut properties = Properties::from([
        ("key".into(), text(&node_type.key)),
        ("label".into(), text(&node_type.label)),
        ("plural".into(), text(&node_type.plural)),
        ("icon".into(), text(&node_type.icon)),
        ("shape".into(), word(&node_type.shape)),
        ("colour".into(), text(&node_type.colour)),
        ("topLevel".into(), flag(node_type.top_level)),
        (
            "score".into(),
            node_type.score.and_then(|score| text(&score.to_string())),
        ),
    ]);
    properties.extend(
        node_type
            .children
            .iter()
            .map(|child| (format!("child/{child}"), flag(true))),
    );
    let traits = node_type
        .traits
        .iter()
        .filter_map(|behaviour| serde_json::to_value(behaviour).ok());
    properties
        .extend(traits.filter_map(|name| Some((format!("trait/{}", name.as_str()?), flag(true)))));
    properties
}

/// Registers of the fields in their order; those already in this order keep their keys.
fn placements(edit: &mut Edit<'_>, node_type: &TypeId, fields: &[FieldPlacement]) -> Properties {
    let old_key = |edit: &Edit<'_>, field: &FieldId| {
        edit.view
            .frame()
            .orders
            .get(&("types", format_smolstr!("{node_type}/field/{field}")))
            .cloned()
    };
    let mut last: Option<SmolStr> = None;
    let mut properties = Properties::new();
    for (i, placement) in fields.iter().enumerate() {
        let kept = old_key(edit, &placement.field)
            .filter(|key| last.as_ref().is_none_or(|last| last < key));
        let key = match kept {
            Some(key) => key,
            None => {
                let next = fields[i + 1..]
                    .iter()
                    .filter_map(|later| old_key(edit, &later.field))
                    .find(|key| last.as_ref().is_none_or(|last| last < key));
                order::between(last.as_deref(), next.as_deref(), &mut edit.jitter)
            }
        };
        properties.insert(
            format!("field/{}", placement.field),
            text(&format!("{key}|{}", placement.group)),
        );
        last = Some(key);
    }
    properties
}

pub(super) fn remove(edit: &mut Edit<'_>, node_type: &TypeId) -> Result<Label, Rejection> {
    let definition = edit
        .view
        .frame()
        .schema
        .node_type(node_type)
        .ok_or_else(|| Rejection::NoSuchType(node_type.clone()))?;
    let label = definition.label.clone();
    definition::remove(edit, "types", node_type.as_str());
    Ok(format!("Remove type “{label}”"))
}

pub(super) fn reorder(
    edit: &mut Edit<'_>,
    node_type: &TypeId,
    index: u32,
) -> Result<Label, Rejection> {
    let definition = edit
        .view
        .frame()
        .schema
        .node_type(node_type)
        .ok_or_else(|| Rejection::NoSuchType(node_type.clone()))?;
    let label = format!("Move type “{}”", definition.label);
    let others: Vec<SmolStr> = keys(edit)
        .into_iter()
        .filter(|key| *key != node_type.0)
        .collect();
    definition::reorder(edit, "types", node_type.as_str(), &others, index as usize);
    Ok(label)
}

fn keys(edit: &Edit<'_>) -> Vec<SmolStr> {
    edit.view
        .frame()
        .schema
        .template()
        .types
        .iter()
        .map(|node_type| node_type.id.0.clone())
        .collect()
}
