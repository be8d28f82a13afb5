//! Make a node.

use automerge::hydrate;
use automerge::{ConcreteTextValue, TextEncoding};

use super::{Label, check, place};
use crate::codec::{Encoded, encode};
use crate::command::Place;
use crate::document::{Document, bucket_of, record_key};
use crate::edit::{Edit, Registers};
use crate::history::Stored;
use crate::id::{FieldId, NodeId, TypeId};
use crate::position::{Spot, print_position};
use crate::rejection::Rejection;
use crate::value::Value;
use crate::view::shorten;

/// A node about to be made; all is checked.
pub(crate) struct NewNode {
    pub id: NodeId,
    pub node_type: TypeId,
    pub spot: Spot,
    pub values: Vec<(FieldId, Value)>,
}

pub(super) fn run(
    edit: &mut Edit<'_>,
    node: NodeId,
    node_type: &TypeId,
    at: &Place,
    values: &[(FieldId, Value)],
) -> Result<Label, Rejection> {
    if edit.view.is_taken(node) {
        return Err(Rejection::NodeExists(node));
    }
    let found = place::find(edit, at, &Default::default())?;
    check::allowed(edit.view, found.parent, node_type)?;
    let schema = &edit.view.frame().schema;
    let label = schema
        .node_type(node_type)
        .map_or("item".into(), |node_type| node_type.label.to_lowercase());
    for (field, value) in values {
        let definition = schema
            .field(field)
            .ok_or_else(|| Rejection::NoSuchField(field.clone()))?;
        if !schema.has_field(node_type, field) {
            return Err(Rejection::FieldNotOfType {
                title: format!("New {label}"),
                field: definition.label.clone(),
            });
        }
        check::value(edit.view, definition, value)?;
    }
    let title_field = schema.title_field(node_type);
    let title = values.iter().find_map(|(field, value)| match value {
        Value::Text(text) if Some(field) == title_field && !text.is_empty() => Some(text),
        _ => None,
    });
    let label = match title {
        Some(title) => format!("Add {label} “{}”", shorten(title)),
        None => format!("Add {label}"),
    };
    let mut all: Vec<(FieldId, Value)> = values.to_vec();
    let missing = schema
        .fields_of(node_type)
        .filter(|field| values.iter().all(|(given, _)| *given != field.id));
    let defaults = missing.filter_map(|field| {
        Some((
            field.id.clone(),
            field
                .default
                .clone()
                .filter(|value| check::value(edit.view, field, value).is_ok())?,
        ))
    });
    all.extend(defaults);
    let order = place::make_room(edit, &found, 1).remove(0);
    let parent = found.parent.map(|parent| edit.view.record(parent).id);
    write_nodes(
        edit,
        vec![NewNode {
            id: node,
            node_type: node_type.clone(),
            spot: Spot { parent, order },
            values: all,
        }],
    );
    Ok(label)
}

/// Writes the records of new nodes.
pub(crate) fn write_nodes(edit: &mut Edit<'_>, nodes: Vec<NewNode>) {
    for node in nodes {
        let mut registers = Registers::new();
        registers.insert("@type".into(), node.node_type.as_str().into());
        registers.insert(
            "@pos".into(),
            print_position(&node.spot, None).as_str().into(),
        );
        for (field, value) in &node.values {
            match encode(value) {
                Encoded::Scalar(scalar) => {
                    registers.insert(field.to_string(), scalar.into());
                }
                Encoded::Members(members) => {
                    registers.extend(
                        members
                            .into_iter()
                            .map(|(member, scalar)| (format!("{field}/{member}"), scalar.into())),
                    );
                }
                Encoded::Prose(text) if text.is_empty() => {}
                Encoded::Prose(text) => {
                    let text = ConcreteTextValue::new(&text, TextEncoding::Utf16CodeUnit);
                    registers.insert(field.to_string(), hydrate::Value::from(text));
                }
            }
        }
        let bucket = edit.view.containers.nodes[bucket_of(node.id.0)].clone();
        edit.create(
            Document::Project,
            &bucket,
            &record_key(node.id.0),
            registers,
            Stored::Text("".into()),
        );
    }
}
