//! A template with a field of every kind, whose labels differ from its ids.

use std::collections::BTreeSet;

use graph::command::Command;
use graph::id::{FieldId, TypeId};
use graph::template::{
    Field, FieldKind, FieldOption, FieldPlacement, Indicator, NodeType, Role, Shape, Template,
    Trait,
};

pub fn field(id: &str, label: &str, kind: FieldKind) -> Field {
    Field {
        id: id.into(),
        key: id.into(),
        label: label.into(),
        kind,
        options: vec![],
        default: None,
        required: false,
        unit: None,
        role: None,
        help: String::new(),
        targets: BTreeSet::new(),
    }
}

pub fn option(id: &str, label: &str) -> FieldOption {
    FieldOption {
        id: id.into(),
        label: label.into(),
        indicator: Indicator::default(),
        category: None,
        score: None,
    }
}

pub fn placed(fields: &str) -> Vec<FieldPlacement> {
    fields
        .split_whitespace()
        .map(|field| FieldPlacement {
            field: field.into(),
            group: String::new(),
        })
        .collect()
}

pub fn node_type(id: &str, label: &str, plural: &str, children: &str, fields: &str) -> NodeType {
    NodeType {
        id: id.into(),
        key: id.into(),
        label: label.into(),
        plural: plural.into(),
        icon: "circle".into(),
        shape: Shape::Circle,
        colour: "#808080".into(),
        top_level: id != "step",
        children: children.split_whitespace().map(TypeId::from).collect(),
        fields: placed(fields),
        traits: BTreeSet::new(),
        score: None,
    }
}

pub fn template() -> Template {
    use FieldKind::*;
    let with_role = |id, label, kind, role| Field {
        role: Some(role),
        ..field(id, label, kind)
    };
    let all = "title status labels size cost urgent start assignees uses hours site files notes";
    Template {
        fields: vec![
            Field {
                required: true,
                ..with_role("title", "Title", Text, Role::Title)
            },
            Field {
                options: vec![
                    option("todo", "To do"),
                    option("doing", "In progress"),
                    option("done", "Done"),
                ],
                ..with_role("status", "Status", Select, Role::Status)
            },
            Field {
                options: vec![option("red", "Red"), option("green", "Green")],
                ..field("labels", "Labels", MultiSelect)
            },
            field("size", "Size", Number),
            field("cost", "Cost", Currency),
            field("urgent", "Urgent", Checkbox),
            with_role("start", "Start", Date, Role::Start),
            with_role("assignees", "Assignees", People, Role::Assignees),
            Field {
                targets: BTreeSet::from(["tool".into()]),
                ..field("uses", "Uses", Nodes)
            },
            field("hours", "Hours", Hours),
            field("site", "Site", Url),
            field("files", "Files", Files),
            field("notes", "Notes", Prose),
        ],
        types: vec![
            node_type("phase", "Phase", "Phases", "phase task", "title notes"),
            node_type("task", "Task", "Tasks", "task step", all),
            node_type("step", "Step", "Steps", "", "title status"),
            NodeType {
                traits: BTreeSet::from([Trait::Person]),
                ..node_type("person", "Person", "People", "", "title")
            },
            node_type("tool", "Tool", "Tools", "", "title site"),
        ],
    }
}

/// A field of the template by id.
pub fn known_field(id: &str) -> Field {
    let id = FieldId::from(id);
    let found = template().fields.into_iter().find(|field| field.id == id);
    found.expect("the template of the tests has the field")
}

/// A type of the template by id.
pub fn known_type(id: &str) -> NodeType {
    let id = TypeId::from(id);
    let found = template().types.into_iter().find(|known| known.id == id);
    found.expect("the template of the tests has the type")
}

pub fn put_option(field: &str, option: FieldOption, index: Option<u32>) -> Command {
    Command::PutOption {
        field: field.into(),
        option,
        index,
    }
}

pub fn remove_option(field: &str, option: &str) -> Command {
    Command::RemoveOption {
        field: field.into(),
        option: option.into(),
    }
}

pub fn reorder_field(field: &str, index: u32) -> Command {
    Command::ReorderField {
        field: field.into(),
        index,
    }
}

pub fn remove_type(node_type: &str) -> Command {
    Command::RemoveType {
        node_type: node_type.into(),
    }
}

pub fn reorder_type(node_type: &str, index: u32) -> Command {
    Command::ReorderType {
        node_type: node_type.into(),
        index,
    }
}
