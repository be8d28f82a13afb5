//! Fields and node types as a template's file writes them: an id is also the key, what is left out
//! takes its default, and a misspelt property is an error.

use std::collections::BTreeSet;
use std::fmt;

use graph::id::{FieldId, OptionId, TypeId};
use graph::template::{
    Category, Field, FieldKind, FieldOption, FieldPlacement, Indicator, NodeType, Role, Shape,
    Template, TextStyle, Trait,
};
use rust_decimal::Decimal;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{BuiltinError, notation};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FieldDraft {
    id: FieldId,
    label: String,
    kind: FieldKind,
    #[serde(default)]
    options: Vec<OptionDraft>,
    /// Value of a new node, in the notation of the outline.
    default: Option<String>,
    #[serde(default)]
    required: bool,
    unit: Option<String>,
    role: Option<Role>,
    #[serde(default)]
    help: String,
    #[serde(default)]
    targets: BTreeSet<TypeId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct OptionDraft {
    id: OptionId,
    label: String,
    icon: String,
    colour: String,
    #[serde(default)]
    style: TextStyle,
    category: Option<Category>,
    score: Option<Decimal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TypeDraft {
    id: TypeId,
    label: String,
    plural: String,
    icon: String,
    #[serde(default)]
    shape: Shape,
    colour: String,
    #[serde(default)]
    top_level: bool,
    #[serde(default)]
    traits: BTreeSet<Trait>,
    #[serde(default)]
    children: BTreeSet<TypeId>,
    score: Option<Decimal>,
    fields: Groups,
}

/// Ids of fields under the headings of the inspector, in order.
struct Groups(Vec<FieldPlacement>);

pub(super) fn template(
    fields: Vec<FieldDraft>,
    types: Vec<TypeDraft>,
) -> Result<Template, BuiltinError> {
    Ok(Template {
        fields: fields.into_iter().map(field).collect::<Result<_, _>>()?,
        types: types.into_iter().map(node_type).collect(),
    })
}

fn field(draft: FieldDraft) -> Result<Field, BuiltinError> {
    let mut field = Field {
        key: draft.id.to_string(),
        id: draft.id,
        label: draft.label,
        kind: draft.kind,
        options: draft.options.into_iter().map(option).collect(),
        default: None,
        required: draft.required,
        unit: draft.unit,
        role: draft.role,
        help: draft.help,
        targets: draft.targets,
    };
    if let Some(text) = draft.default {
        let value = notation::value(&field, &text, &notation::Nowhere);
        field.default = Some(value.map_err(|reason| BuiltinError::Field {
            field: field.key.clone(),
            reason,
        })?);
    }
    Ok(field)
}

fn option(draft: OptionDraft) -> FieldOption {
    FieldOption {
        id: draft.id,
        label: draft.label,
        indicator: Indicator {
            icon: draft.icon,
            colour: draft.colour,
            style: draft.style,
        },
        category: draft.category,
        score: draft.score,
    }
}

fn node_type(draft: TypeDraft) -> NodeType {
    NodeType {
        key: draft.id.to_string(),
        id: draft.id,
        label: draft.label,
        plural: draft.plural,
        icon: draft.icon,
        shape: draft.shape,
        colour: draft.colour,
        top_level: draft.top_level,
        children: draft.children,
        fields: draft.fields.0,
        traits: draft.traits,
        score: draft.score,
    }
}

impl<'de> Deserialize<'de> for Groups {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Groups;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("lists of fields under their headings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Groups, A::Error> {
                let mut placements = Vec::new();
                while let Some((group, fields)) = map.next_entry::<String, Vec<FieldId>>()? {
                    placements.extend(fields.into_iter().map(|field| FieldPlacement {
                        field,
                        group: group.clone(),
                    }));
                }
                Ok(Groups(placements))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
