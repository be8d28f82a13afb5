//! Definitions.

use std::collections::{BTreeMap, BTreeSet};

use graph::template::{Field, NodeType, Role, Trait};

use super::{Index, ROLES, all, each, ensure, fits};

#[test]
fn six_are_offered_in_order() {
    let keys: Vec<_> = all().iter().map(|builtin| builtin.key.as_str()).collect();
    let order = [
        "vehicle-restoration",
        "film-production",
        "software-delivery",
        "construction-detailing",
        "book",
        "blank",
    ];
    assert_eq!(keys, order);
}

#[test]
fn summaries_say_what_is_inside() {
    each(|builtin| {
        let summary = builtin.summary();
        let texts = [
            &summary.name,
            &summary.description,
            &summary.icon,
            &summary.sample_name,
        ];
        ensure(texts.iter().all(|text| !text.is_empty()), || {
            "an empty text".into()
        })?;
        ensure(is_colour(&summary.colour), || summary.colour.clone())?;
        ensure(builtin.currency.len() == 3, || builtin.currency.clone())?;
        ensure(
            summary.sample_nodes as usize == builtin.sample.nodes.len(),
            || "another count".into(),
        )?;
        ensure((4..=6).contains(&summary.types.len()), || {
            format!("{:?}", summary.types)
        })
    });
}

#[test]
fn ids_are_unique() {
    each(|builtin| {
        unique(
            builtin
                .template
                .fields
                .iter()
                .map(|field| field.id.as_str()),
        )?;
        unique(
            builtin
                .template
                .fields
                .iter()
                .map(|field| field.key.as_str()),
        )?;
        unique(
            builtin
                .template
                .types
                .iter()
                .map(|node_type| node_type.id.as_str()),
        )?;
        unique(
            builtin
                .template
                .types
                .iter()
                .map(|node_type| node_type.key.as_str()),
        )?;
        unique(
            builtin
                .template
                .fields
                .iter()
                .flat_map(|field| &field.options)
                .map(|option| option.id.as_str()),
        )
    });
}

#[test]
fn what_work_uses_is_kept_in_stock() {
    each(|builtin| {
        let types = builtin.template.types.iter();
        let kept: BTreeSet<_> = types
            .filter(|node_type| node_type.traits.contains(&Trait::Inventory))
            .map(|node_type| node_type.id.clone())
            .collect();
        let mut fields = builtin.template.fields.iter();
        let uses = fields.find(|field| field.key == "uses");
        ensure(uses.is_some_and(|uses| uses.targets == kept), || {
            format!("what is used is not {kept:?}")
        })
    });
}

#[test]
fn references_resolve() {
    each(|builtin| {
        let index = Index::of(builtin);
        let types: BTreeSet<_> = builtin
            .template
            .types
            .iter()
            .map(|node_type| &node_type.id)
            .collect();
        for field in &builtin.template.fields {
            ensure(field.targets.iter().all(|id| types.contains(id)), || {
                format!("targets of {}", field.key)
            })?;
            let default = field.default.as_ref();
            ensure(default.is_none_or(|value| fits(field.kind, value)), || {
                format!("default of {}", field.key)
            })?;
        }
        for node_type in &builtin.template.types {
            ensure(
                node_type.children.iter().all(|id| types.contains(id)),
                || format!("children of {}", node_type.key),
            )?;
            unique(
                node_type
                    .fields
                    .iter()
                    .map(|placement| placement.field.as_str()),
            )?;
            let known = node_type
                .fields
                .iter()
                .all(|placement| index.fields.contains_key(&placement.field));
            ensure(known, || format!("fields of {}", node_type.key))?;
        }
        let placed = |field: &Field| {
            let mut placements = builtin
                .template
                .types
                .iter()
                .flat_map(|node_type| &node_type.fields);
            placements.any(|placement| placement.field == field.id)
        };
        builtin
            .template
            .fields
            .iter()
            .try_for_each(|field| ensure(placed(field), || format!("{} is nowhere", field.key)))
    });
}

#[test]
fn what_people_read_is_there() {
    each(|builtin| {
        for field in &builtin.template.fields {
            ensure(!field.label.is_empty(), || field.key.clone())?;
            let choices = matches!(
                field.kind,
                graph::template::FieldKind::Select | graph::template::FieldKind::MultiSelect
            );
            ensure(choices != field.options.is_empty(), || {
                format!("options of {}", field.key)
            })?;
            for option in &field.options {
                let drawn = !option.label.is_empty() && is_colour(&option.indicator.colour);
                ensure(drawn, || format!("option {}", option.id))?;
            }
        }
        builtin.template.types.iter().try_for_each(|node_type| {
            let drawn = !node_type.label.is_empty()
                && !node_type.plural.is_empty()
                && is_colour(&node_type.colour);
            ensure(drawn, || node_type.key.clone())
        })
    });
}

#[test]
fn every_role_is_wired_once_per_type() {
    each(|builtin| {
        let index = Index::of(builtin);
        for role in ROLES {
            let wired = builtin
                .template
                .fields
                .iter()
                .any(|field| field.role == Some(role));
            ensure(wired, || format!("no field is the {role:?}"))?;
            for node_type in &builtin.template.types {
                let count = index
                    .fields_of(node_type)
                    .iter()
                    .filter(|field| field.role == Some(role))
                    .count();
                ensure(role == Role::Status || count <= 1, || {
                    format!("{} has {count} {role:?}", node_type.key)
                })?;
            }
        }
        Ok(())
    });
}

#[test]
fn traits_bring_their_fields() {
    each(|builtin| {
        let index = Index::of(builtin);
        for node_type in &builtin.template.types {
            let has: Vec<_> = index
                .fields_of(node_type)
                .iter()
                .filter_map(|field| field.role)
                .collect();
            let wanted = node_type
                .traits
                .iter()
                .flat_map(|behaviour| brought(*behaviour))
                .chain([&Role::Title]);
            let missing: Vec<_> = wanted.filter(|role| !has.contains(role)).collect();
            ensure(missing.is_empty(), || {
                format!("{} has no {missing:?}", node_type.key)
            })?;
        }
        let behaviours: BTreeSet<_> = builtin
            .template
            .types
            .iter()
            .flat_map(|node_type| &node_type.traits)
            .collect();
        ensure(behaviours.len() == 6, || format!("only {behaviours:?}"))
    });
}

fn brought(behaviour: Trait) -> &'static [Role] {
    use Role::*;
    match behaviour {
        Trait::Scheduling => &[
            Start,
            End,
            Assignees,
            EstimatedHours,
            ActualHours,
            Allocations,
        ],
        Trait::Budgeting => &[Budget, EstimatedCost, CommittedCost, ActualCost],
        Trait::Person => &[HourlyRate, Capacity],
        Trait::Inventory => &[Quantity, UnitCost],
        Trait::Milestone => &[End],
        Trait::Container => &[],
    }
}

#[test]
fn tasks_nest() {
    each(|builtin| {
        let nests = |node_type: &NodeType| node_type.children.contains(&node_type.id);
        ensure(builtin.template.types.iter().any(nests), || {
            "no type may contain itself".into()
        })
    });
}

/// A value pasted from a project of another template finds its field and its option there.
#[test]
fn same_ids_mean_the_same_everywhere() {
    let mut seen: BTreeMap<&str, (&str, &Field)> = BTreeMap::new();
    for builtin in all() {
        for field in &builtin.template.fields {
            let (first, known) = *seen
                .entry(field.id.as_str())
                .or_insert((&builtin.key, field));
            let same = (
                &known.label,
                known.kind,
                known.role,
                &known.unit,
                &known.options,
            ) == (
                &field.label,
                field.kind,
                field.role,
                &field.unit,
                &field.options,
            );
            assert!(
                same,
                "{} differs between {first} and {}",
                field.id, builtin.key
            );
        }
    }
}

fn unique<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    ids.into_iter()
        .try_for_each(|id| ensure(seen.insert(id), || format!("{id} twice")))
}

fn is_colour(text: &str) -> bool {
    text.len() == 7
        && text
            .strip_prefix('#')
            .is_some_and(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()))
}
