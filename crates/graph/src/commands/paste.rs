//! Insert copied subtrees, from this project or another one.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::create_node::{NewNode, write_nodes};
use super::{Label, check, clip, link, place};
use crate::clipping::{ClippedNode, Clipping};
use crate::codec::fits_kind;
use crate::command::{Place, Position};
use crate::edit::Edit;
use crate::id::{FieldId, LinkId, NodeId, OptionId, TypeId};
use crate::order::{Jitter, run_between};
use crate::position::Spot;
use crate::rejection::Rejection;
use crate::schema::Schema;
use crate::template::Field;
use crate::value::Value;

/// Nodes in one clipping.
const LIMIT: usize = 100_000;

pub(super) fn run(
    edit: &mut Edit<'_>,
    clipping: &Clipping,
    at: &Place,
    seed: Uuid,
) -> Result<Label, Rejection> {
    let found = place::find(edit, at, &BTreeSet::new())?;
    let new = plan(edit, clipping, seed)?;
    let roots: Vec<usize> = (0..new.len())
        .filter(|i| clipping.nodes[*i].parent.is_none())
        .collect();
    for root in &roots {
        check::allowed(edit.view, found.parent, &new[*root].node_type)?;
    }
    let keys = place::make_room(edit, &found, roots.len());
    let parent = found.parent.map(|parent| edit.view.record(parent).id);
    let mut new = new;
    for (root, order) in roots.iter().zip(keys) {
        new[*root].spot = Spot { parent, order };
    }
    let label = match roots[..] {
        [root] => format!("Paste “{}”", crate::view::shorten(&title(edit, &new[root]))),
        _ => format!("Paste {} items", new.len()),
    };
    let ids: Vec<NodeId> = new.iter().map(|node| node.id).collect();
    write_nodes(edit, new);
    let mut linked = BTreeSet::new();
    for (i, clipped) in clipping.links.iter().enumerate() {
        let (Some(from), Some(to)) = (ids.get(clipped.from as usize), ids.get(clipped.to as usize))
        else {
            continue;
        };
        if from == to || !linked.insert((from, to, clipped.relation)) {
            continue;
        }
        let id = LinkId(derived_id(seed, (LIMIT + i) as u64));
        link::create(edit, id, clipped.relation, *from, *to, clipped.lag);
    }
    Ok(label)
}

fn title(edit: &Edit<'_>, node: &NewNode) -> String {
    let field = edit.view.frame().schema.title_field(&node.node_type);
    let value = node
        .values
        .iter()
        .find(|(known, _)| Some(known) == field)
        .map(|(_, value)| value);
    match value {
        Some(Value::Text(title)) => title.clone(),
        _ => "item".into(),
    }
}

pub(super) fn duplicate(
    edit: &mut Edit<'_>,
    nodes: &[NodeId],
    seed: Uuid,
) -> Result<Label, Rejection> {
    let slots = place::topmost(edit, &check::all_live(edit.view, nodes)?);
    let label = format!("Duplicate {}", check::name_all(edit, &slots));
    for (i, slot) in slots.into_iter().enumerate() {
        let record = edit.view.record(slot);
        let at = Place {
            parent: edit
                .view
                .node(record.id)
                .and_then(|node| node.parent())
                .map(|parent| parent.id()),
            at: Position::After(record.id),
        };
        let clipping = clip(edit.view, &[record.id]);
        run(edit, &clipping, &at, derived_id(seed, i as u64))?;
    }
    Ok(label)
}

/// New nodes with ids, types and values of this project; spots of the roots are still open.
fn plan(edit: &mut Edit<'_>, clipping: &Clipping, seed: Uuid) -> Result<Vec<NewNode>, Rejection> {
    if clipping.nodes.is_empty() {
        return Err(Rejection::NothingChosen);
    }
    if clipping.nodes.len() > LIMIT {
        return Err(Rejection::TooMany {
            found: clipping.nodes.len(),
            limit: LIMIT,
        });
    }
    let ids: Vec<NodeId> = (0..clipping.nodes.len())
        .map(|i| NodeId(derived_id(seed, i as u64)))
        .collect();
    let copies: BTreeMap<NodeId, NodeId> = clipping
        .nodes
        .iter()
        .zip(&ids)
        .map(|(node, id)| (node.original, *id))
        .collect();
    let mut orders = child_orders(clipping, &mut edit.jitter);
    let schema = &edit.view.frame().schema;
    let types: BTreeMap<&TypeId, TypeId> = clipping
        .nodes
        .iter()
        .filter_map(|node| {
            Some((
                &node.node_type,
                same_type(schema, clipping, &node.node_type)?,
            ))
        })
        .collect();
    let mut new: Vec<NewNode> = Vec::with_capacity(ids.len());
    for (i, node) in clipping.nodes.iter().enumerate() {
        if edit.view.is_taken(ids[i]) {
            return Err(Rejection::NodeExists(ids[i]));
        }
        let node_type = types
            .get(&node.node_type)
            .cloned()
            .ok_or_else(|| Rejection::NoSuchType(node.node_type.clone()))?;
        let parent = match node.parent {
            None => None,
            Some(parent) => {
                let above = new.get(parent as usize).ok_or(Rejection::NoSuchPlace)?;
                check::allowed_types(edit.view, Some(&above.node_type), &node_type)?;
                Some(above.id)
            }
        };
        let values = values(edit, clipping, node, &copies)?;
        new.push(NewNode {
            id: ids[i],
            node_type,
            spot: Spot {
                parent,
                order: std::mem::take(&mut orders[i]),
            },
            values,
        });
    }
    Ok(new)
}

/// Order keys of all nodes that are not roots.
fn child_orders(clipping: &Clipping, jitter: &mut Jitter) -> Vec<smol_str::SmolStr> {
    let mut children: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (i, node) in clipping.nodes.iter().enumerate() {
        if let Some(parent) = node.parent {
            children.entry(parent).or_default().push(i);
        }
    }
    let mut orders = vec![smol_str::SmolStr::default(); clipping.nodes.len()];
    for siblings in children.into_values() {
        let keys = run_between(None, None, siblings.len(), jitter);
        for (sibling, key) in siblings.into_iter().zip(keys) {
            orders[sibling] = key;
        }
    }
    orders
}

/// The type of this project that corresponds to a copied one: by id, by key, by label.
fn same_type(schema: &Schema, clipping: &Clipping, id: &TypeId) -> Option<TypeId> {
    if schema.node_type(id).is_some() {
        return Some(id.clone());
    }
    let copied = clipping
        .types
        .iter()
        .find(|node_type| node_type.id == *id)?;
    let types = &schema.template().types;
    let by_key = types.iter().find(|node_type| node_type.key == copied.key);
    by_key
        .or_else(|| {
            types
                .iter()
                .find(|node_type| node_type.label.eq_ignore_ascii_case(&copied.label))
        })
        .map(|node_type| node_type.id.clone())
}

/// Values as this project's fields and options; references within the clipping lead to the copies.
fn values(
    edit: &Edit<'_>,
    clipping: &Clipping,
    node: &ClippedNode,
    copies: &BTreeMap<NodeId, NodeId>,
) -> Result<Vec<(FieldId, Value)>, Rejection> {
    let schema = &edit.view.frame().schema;
    let mut values = vec![];
    for (field, value) in &node.values {
        let copied = clipping.fields.iter().find(|known| known.id == *field);
        let target = schema
            .field(field)
            .filter(|known| fits_kind(known.kind, value))
            .or_else(|| {
                let key = &copied?.key;
                schema
                    .template()
                    .fields
                    .iter()
                    .find(|known| known.key == *key && fits_kind(known.kind, value))
            });
        // Without a counterpart the value is kept under its old id and shown as unmapped.
        let value = redirect(edit, value, copies);
        match (target, value) {
            (Some(target), Some(value)) => {
                let value = same_options(target, copied, value);
                check_content(target, &value)?;
                values.push((target.id.clone(), value));
            }
            (None, Some(value)) => {
                check::id(field.as_str())?;
                values.push((field.clone(), value));
            }
            (_, None) => {}
        }
    }
    Ok(values)
}

fn check_content(field: &Field, value: &Value) -> Result<(), Rejection> {
    match value {
        Value::Text(text) | Value::Url(text) => check::line(&field.label, text),
        Value::Prose(text) => check::prose(&field.label, text),
        _ => Ok(()),
    }
}

/// Leads references to the copies; those to nodes that this project does not have are left out.
fn redirect(edit: &Edit<'_>, value: &Value, copies: &BTreeMap<NodeId, NodeId>) -> Option<Value> {
    let lead = |node: &NodeId| {
        copies
            .get(node)
            .copied()
            .or_else(|| edit.view.node(*node).map(|node| node.id()))
    };
    match value {
        Value::Nodes(nodes) => {
            let nodes: BTreeSet<NodeId> = nodes.iter().filter_map(lead).collect();
            (!nodes.is_empty()).then_some(Value::Nodes(nodes))
        }
        Value::Hours(hours) => {
            let hours: BTreeMap<_, _> = hours
                .iter()
                .filter_map(|(person, days)| Some((lead(person)?, days.clone())))
                .collect();
            (!hours.is_empty()).then_some(Value::Hours(hours))
        }
        value => Some(value.clone()),
    }
}

/// Options by id, or by label where the ids differ.
fn same_options(field: &Field, copied: Option<&Field>, value: Value) -> Value {
    let same = |id: &OptionId| {
        if field.options.iter().any(|option| option.id == *id) {
            return id.clone();
        }
        let label = copied
            .and_then(|copied| copied.options.iter().find(|option| option.id == *id))
            .map(|option| &option.label);
        let found = label.and_then(|label| {
            field
                .options
                .iter()
                .find(|option| option.label.eq_ignore_ascii_case(label))
        });
        found.map_or_else(|| id.clone(), |option| option.id.clone())
    };
    match value {
        Value::Option(id) => Value::Option(same(&id)),
        Value::Options(ids) => Value::Options(ids.iter().map(same).collect()),
        value => value,
    }
}

/// The n-th id of a seed: a UUIDv7 (RFC 9562) with the seed's time, the same whenever it is asked for.
pub(crate) fn derived_id(seed: Uuid, index: u64) -> Uuid {
    let (high, low) = seed.as_u64_pair();
    let mut jitter =
        Jitter::new(high.rotate_left(32) ^ low ^ index.wrapping_mul(0xD6E8_FEB8_6659_FD93));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&jitter.next().to_be_bytes());
    bytes[8..].copy_from_slice(&jitter.next().to_be_bytes());
    bytes[..6].copy_from_slice(&seed.as_bytes()[..6]);
    bytes[6] = 0x70 | bytes[6] & 0x0F;
    bytes[8] = 0x80 | bytes[8] & 0x3F;
    Uuid::from_bytes(bytes)
}
