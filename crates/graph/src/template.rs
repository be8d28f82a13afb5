//! The template of a project: which fields and node types it has and what they mean.
//!
//! Each project carries its own copy; edits to it are ordinary changes of that project. A field is
//! defined once and shared by many node types. Engines look for roles, never for names.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::id::{FieldId, OptionId, TypeId};
use crate::value::Value;

/// All definitions, in display order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, export_to = "graph.ts")]
pub struct Template {
    /// Fields, in display order.
    pub fields: Vec<Field>,
    /// Node types, in display order.
    pub types: Vec<NodeType>,
}

/// A field: one meaning, one type of value, used by any number of node types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct Field {
    /// Stable id.
    pub id: FieldId,
    /// Slug for imports, exports and programs.
    pub key: String,
    /// What people read.
    pub label: String,
    /// Type of the values.
    pub kind: FieldKind,
    /// Choices of a select or multi-select field, in display order.
    #[serde(default)]
    pub options: Vec<FieldOption>,
    /// Value of a new node.
    #[serde(default)]
    pub default: Option<Value>,
    /// A missing value is listed as a problem.
    #[serde(default)]
    pub required: bool,
    /// Unit shown behind numbers, for example `h` or `mm`.
    #[serde(default)]
    pub unit: Option<String>,
    /// What the field means to the engines.
    #[serde(default)]
    pub role: Option<Role>,
    /// A sentence of help.
    #[serde(default)]
    pub help: String,
    /// Node types that a reference may point to; empty means any.
    #[serde(default)]
    pub targets: BTreeSet<TypeId>,
}

/// The type of a field's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub enum FieldKind {
    /// One line of text: [`Value::Text`].
    Text,
    /// Long Markdown text: [`Value::Prose`].
    Prose,
    /// Exact number: [`Value::Number`].
    Number,
    /// Amount in the project's currency: [`Value::Number`].
    Currency,
    /// Yes or no: [`Value::Flag`].
    Checkbox,
    /// Plain date: [`Value::Date`].
    Date,
    /// One option: [`Value::Option`].
    Select,
    /// Several options: [`Value::Options`].
    MultiSelect,
    /// Nodes whose type has the person trait: [`Value::Nodes`].
    People,
    /// Nodes: [`Value::Nodes`].
    Nodes,
    /// Hours by person and day: [`Value::Hours`].
    Hours,
    /// Web address: [`Value::Url`].
    Url,
    /// Files: [`Value::Files`].
    Files,
}

/// What a field says to the engines. At most one field of a type should carry a role, except
/// `Status`, which several may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
#[expect(missing_docs, reason = "the names are the field's standard terms")]
pub enum Role {
    Title,
    Status,
    Start,
    End,
    Assignees,
    EstimatedHours,
    ActualHours,
    Allocations,
    EstimatedCost,
    ActualCost,
    CommittedCost,
    Budget,
    Quantity,
    UnitCost,
    HourlyRate,
    Capacity,
    Priority,
}

/// One choice of a select field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct FieldOption {
    /// Stable id, unique in the project.
    pub id: OptionId,
    /// What people read.
    pub label: String,
    /// How it looks.
    #[serde(default)]
    pub indicator: Indicator,
    /// What a status means for progress.
    #[serde(default)]
    pub category: Option<Category>,
    /// Contribution to velocity.
    #[serde(default)]
    #[ts(type = "string | null")]
    pub score: Option<Decimal>,
}

/// Icon, colour and text style of an option.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, export_to = "graph.ts")]
pub struct Indicator {
    /// Name of a Lucide icon, for example `circle-dot`.
    pub icon: String,
    /// `#rrggbb`.
    pub colour: String,
    /// Style of the node's title.
    pub style: TextStyle,
}

/// Style of a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
#[expect(missing_docs, reason = "the names say it")]
pub enum TextStyle {
    #[default]
    Normal,
    Bold,
    Muted,
    Strikethrough,
}

/// What a status means for progress and blocking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Category {
    ToDo,
    InProgress,
    Done,
    Cancelled,
}

/// A type of node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct NodeType {
    /// Stable id.
    pub id: TypeId,
    /// Slug for imports, exports and programs.
    pub key: String,
    /// Singular, for example `Task`.
    pub label: String,
    /// Plural, for example `Tasks`.
    pub plural: String,
    /// Name of a Lucide icon.
    #[serde(default)]
    pub icon: String,
    /// Outline of the icon.
    #[serde(default)]
    pub shape: Shape,
    /// `#rrggbb`.
    #[serde(default)]
    pub colour: String,
    /// May stand at the top of the project.
    #[serde(default)]
    pub top_level: bool,
    /// Types allowed beneath it; may name itself.
    #[serde(default)]
    pub children: BTreeSet<TypeId>,
    /// Its fields in order.
    #[serde(default)]
    pub fields: Vec<FieldPlacement>,
    /// Behaviour that it has.
    #[serde(default)]
    pub traits: BTreeSet<Trait>,
    /// Contribution to velocity of every node of this type.
    #[serde(default)]
    #[ts(type = "string | null")]
    pub score: Option<Decimal>,
}

/// A field in a node type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct FieldPlacement {
    /// Which field.
    pub field: FieldId,
    /// Heading under which the inspector shows it.
    #[serde(default)]
    pub group: String,
}

/// Outline of a type's icon, so that types differ without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Shape {
    Circle,
    #[default]
    Rounded,
    Square,
    Hexagon,
    Diamond,
}

/// Behaviour that a node type has by one switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub enum Trait {
    /// Has dates, assignees and hours.
    Scheduling,
    /// Has costs.
    Budgeting,
    /// Is a person whom work can be assigned to.
    Person,
    /// Only groups what is beneath it.
    Container,
    /// Is a thing in stock.
    Inventory,
    /// Is a point in time.
    Milestone,
}
