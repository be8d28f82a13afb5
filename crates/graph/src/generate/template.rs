//! A template with a field of every kind.

use std::collections::BTreeSet;

use crate::clipping::{ClippedNode, Clipping};
use crate::id::{FieldId, NodeId, TypeId};
use crate::template::{
    Field, FieldKind, FieldOption, FieldPlacement, Indicator, NodeType, Role, Shape, Template,
    Trait,
};
use crate::value::Value;
use uuid::Uuid;

/// Fields by id and kind.
pub const FIELDS: [(&str, FieldKind); 13] = [
    ("title", FieldKind::Text),
    ("notes", FieldKind::Prose),
    ("size", FieldKind::Number),
    ("cost", FieldKind::Currency),
    ("urgent", FieldKind::Checkbox),
    ("start", FieldKind::Date),
    ("status", FieldKind::Select),
    ("labels", FieldKind::MultiSelect),
    ("assignees", FieldKind::People),
    ("uses", FieldKind::Nodes),
    ("hours", FieldKind::Hours),
    ("site", FieldKind::Url),
    ("files", FieldKind::Files),
];

/// A field of that id and kind.
pub fn field(id: &str, kind: FieldKind) -> Field {
    let options = match kind {
        FieldKind::Select => vec!["todo", "doing", "done"],
        FieldKind::MultiSelect => vec!["red", "green", "blue"],
        _ => vec![],
    };
    Field {
        id: id.into(),
        key: id.into(),
        label: id.into(),
        kind,
        options: options.into_iter().map(option).collect(),
        default: None,
        required: false,
        unit: None,
        role: (id == "title").then_some(Role::Title),
        help: String::new(),
        targets: BTreeSet::new(),
    }
}

/// An option of that id.
pub fn option(id: &str) -> FieldOption {
    FieldOption {
        id: id.into(),
        label: id.into(),
        indicator: Indicator::default(),
        category: None,
        score: None,
    }
}

/// A type with these children and fields.
pub fn node_type(
    id: &str,
    children: &[&str],
    fields: impl IntoIterator<Item = FieldId>,
) -> NodeType {
    NodeType {
        id: id.into(),
        key: id.into(),
        label: id.into(),
        plural: format!("{id}s"),
        icon: "circle".into(),
        shape: Shape::Circle,
        colour: "#808080".into(),
        top_level: id != "step",
        children: children.iter().map(|child| TypeId::from(*child)).collect(),
        fields: fields
            .into_iter()
            .map(|field| FieldPlacement {
                field,
                group: String::new(),
            })
            .collect(),
        traits: if id == "person" {
            BTreeSet::from([Trait::Person])
        } else {
            BTreeSet::new()
        },
        score: None,
    }
}

/// The template.
pub fn template() -> Template {
    let all = || FIELDS.iter().map(|(id, _)| FieldId::from(*id));
    Template {
        fields: FIELDS.iter().map(|(id, kind)| field(id, *kind)).collect(),
        types: vec![
            node_type("phase", &["phase", "task"], all()),
            node_type("task", &["task", "step"], all()),
            node_type(
                "step",
                &[],
                [FieldId::from("title"), FieldId::from("notes")],
            ),
            node_type("person", &[], [FieldId::from("title")]),
        ],
    }
}

/// Two people, and a phase with two tasks.
pub fn content() -> Clipping {
    let node = |index: u32, parent, kind: &str| ClippedNode {
        parent,
        node_type: kind.into(),
        values: vec![(
            FieldId::from("title"),
            Value::Text(format!("{kind} {index}")),
        )],
        original: NodeId(Uuid::from_u128(u128::from(index) + 1)),
    };
    Clipping {
        nodes: vec![
            node(0, None, "person"),
            node(1, None, "person"),
            node(2, None, "phase"),
            node(3, Some(2), "task"),
            node(4, Some(2), "task"),
        ],
        ..Clipping::default()
    }
}
