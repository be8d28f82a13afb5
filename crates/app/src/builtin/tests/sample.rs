//! Samples obey their templates and have something for every view.

use std::collections::{BTreeMap, BTreeSet};

use graph::clipping::ClippedNode;
use graph::id::NodeId;
use graph::template::{Category, Field, FieldKind, Trait};
use graph::value::Value;

use super::{Index, ROLES, all, each, ensure, fits};

#[test]
fn sizes_are_as_announced() {
    for builtin in all() {
        let range = match builtin.key.as_str() {
            "vehicle-restoration" => 280..=300,
            "blank" => 40..=60,
            _ => 110..=160,
        };
        let count = builtin.sample.nodes.len();
        assert!(range.contains(&count), "{} has {count} nodes", builtin.key);
    }
}

#[test]
fn ids_are_unique_among_all_samples() {
    let nodes = all().iter().flat_map(|builtin| &builtin.sample.nodes);
    let mut seen = BTreeSet::new();
    for node in nodes {
        assert!(seen.insert(node.original), "{} twice", node.original);
    }
}

#[test]
fn nodes_stand_where_their_types_may() {
    each(|builtin| {
        let index = Index::of(builtin);
        for (position, node) in index.nodes().iter().enumerate() {
            let node_type = index.type_of(node);
            let allowed = match node.parent {
                None => node_type.top_level,
                Some(parent) => {
                    ensure((parent as usize) < position, || {
                        format!("{:?} is before its parent", index.title(node))
                    })?;
                    index
                        .type_of(&index.nodes()[parent as usize])
                        .children
                        .contains(&node_type.id)
                }
            };
            ensure(allowed, || {
                format!(
                    "{} {:?} may not stand there",
                    node_type.key,
                    index.title(node)
                )
            })?;
        }
        Ok(())
    });
}

#[test]
fn values_fit_and_required_ones_are_there() {
    each(|builtin| {
        let index = Index::of(builtin);
        let types: BTreeMap<_, _> = index
            .nodes()
            .iter()
            .map(|node| (node.original, index.type_of(node)))
            .collect();
        for node in index.nodes() {
            let fields = index.fields_of(index.type_of(node));
            for (id, value) in &node.values {
                let field = fields.iter().find(|field| field.id == *id);
                let blame = || format!("{:?}: {id}", index.title(node));
                let field = field.ok_or_else(blame)?;
                ensure(fits(field.kind, value), blame)?;
                ensure(
                    options(value)
                        .iter()
                        .all(|id| field.options.iter().any(|option| option.id.as_str() == *id)),
                    blame,
                )?;
                ensure(
                    references(value)
                        .iter()
                        .all(|id| is_target(field, types.get(id))),
                    blame,
                )?;
            }
            ensure(has_once(node), || {
                format!("{:?} has a value twice", index.title(node))
            })?;
            let missing = fields
                .iter()
                .find(|field| field.required && !has(node, field));
            ensure(missing.is_none(), || {
                format!("{:?} lacks a value", index.title(node))
            })?;
        }
        Ok(())
    });
}

#[test]
fn texts_are_neither_empty_nor_padded() {
    each(|builtin| {
        let index = Index::of(builtin);
        for node in index.nodes() {
            for (id, value) in &node.values {
                if let Value::Text(text) | Value::Prose(text) | Value::Url(text) = value {
                    let clean = !text.is_empty() && text.trim() == text && !text.contains("  \n");
                    ensure(clean, || format!("{:?}: {id}", index.title(node)))?;
                }
            }
        }
        Ok(())
    });
}

#[test]
fn clippings_carry_the_definitions_that_occur() {
    each(|builtin| {
        let sample = &builtin.sample;
        let fields: BTreeSet<_> = sample
            .nodes
            .iter()
            .flat_map(|node| &node.values)
            .map(|(id, _)| id)
            .collect();
        ensure(
            sample
                .fields
                .iter()
                .map(|field| &field.id)
                .collect::<BTreeSet<_>>()
                == fields,
            || "fields".into(),
        )?;
        let types: BTreeSet<_> = sample.nodes.iter().map(|node| &node.node_type).collect();
        ensure(
            sample
                .types
                .iter()
                .map(|node_type| &node_type.id)
                .collect::<BTreeSet<_>>()
                == types,
            || "types".into(),
        )
    });
}

#[test]
fn every_role_has_values() {
    each(|builtin| {
        let index = Index::of(builtin);
        let used = |role| {
            index
                .nodes()
                .iter()
                .any(|node| index.value(node, role).is_some())
        };
        ROLES
            .into_iter()
            .try_for_each(|role| ensure(used(role), || format!("nothing has a {role:?}")))
    });
}

#[test]
fn every_kind_of_field_and_type_of_node_occurs() {
    use FieldKind::*;
    let kinds = [
        Text,
        Prose,
        Number,
        Currency,
        Date,
        Select,
        MultiSelect,
        People,
        Nodes,
        Hours,
        Url,
        Checkbox,
    ];
    each(|builtin| {
        let index = Index::of(builtin);
        let used: BTreeSet<_> = builtin
            .sample
            .fields
            .iter()
            .map(|field| field.kind)
            .collect();
        // The plain template has no checkbox to show.
        let wanted = kinds
            .into_iter()
            .filter(|kind| builtin.key != "blank" || *kind != Checkbox);
        for kind in wanted {
            ensure(used.contains(&kind), || format!("no value is a {kind:?}"))?;
        }
        let unused = index.types.keys().find(|id| {
            builtin
                .sample
                .types
                .iter()
                .all(|node_type| node_type.id != ***id)
        });
        ensure(unused.is_none(), || format!("no node is a {unused:?}"))
    });
}

#[test]
fn statuses_of_all_categories_occur() {
    each(|builtin| {
        let index = Index::of(builtin);
        let mut seen = BTreeSet::new();
        for (id, value) in index.nodes().iter().flat_map(|node| &node.values) {
            let chosen = options(value);
            let options = index.fields[id]
                .options
                .iter()
                .filter(|option| chosen.contains(&option.id.as_str()));
            seen.extend(options.filter_map(|option| option.category));
        }
        let all = BTreeSet::from([
            Category::ToDo,
            Category::InProgress,
            Category::Done,
            Category::Cancelled,
        ]);
        ensure(seen == all, || format!("only {seen:?}"))
    });
}

fn options(value: &Value) -> Vec<&str> {
    match value {
        Value::Option(id) => vec![id.as_str()],
        Value::Options(ids) => ids.iter().map(|id| id.as_str()).collect(),
        _ => Vec::new(),
    }
}

fn references(value: &Value) -> Vec<NodeId> {
    match value {
        Value::Nodes(ids) => ids.iter().copied().collect(),
        Value::Hours(hours) => hours.keys().copied().collect(),
        _ => Vec::new(),
    }
}

fn is_target(field: &Field, target: Option<&&graph::template::NodeType>) -> bool {
    let person = matches!(field.kind, FieldKind::People | FieldKind::Hours);
    target.is_some_and(|target| {
        (field.targets.is_empty() || field.targets.contains(&target.id))
            && (!person || target.traits.contains(&Trait::Person))
    })
}

fn has(node: &ClippedNode, field: &Field) -> bool {
    node.values.iter().any(|(id, _)| *id == field.id)
}

fn has_once(node: &ClippedNode) -> bool {
    node.values
        .iter()
        .map(|(id, _)| id)
        .collect::<BTreeSet<_>>()
        .len()
        == node.values.len()
}
