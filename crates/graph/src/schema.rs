//! The template with indexes: what is asked of it on every edit.

use rustc_hash::FxHashMap;

use crate::id::{FieldId, TypeId};
use crate::template::{Field, NodeType, Role, Template, Trait};

/// A template that can be asked quickly.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    template: Template,
    fields: FxHashMap<FieldId, usize>,
    types: FxHashMap<TypeId, usize>,
    titles: FxHashMap<TypeId, FieldId>,
}

impl Schema {
    /// Indexes a template.
    pub fn new(template: Template) -> Self {
        let fields: FxHashMap<_, _> = template
            .fields
            .iter()
            .enumerate()
            .map(|(i, field)| (field.id.clone(), i))
            .collect();
        let types = template
            .types
            .iter()
            .enumerate()
            .map(|(i, node_type)| (node_type.id.clone(), i))
            .collect();
        let mut schema = Self {
            template,
            fields,
            types,
            titles: FxHashMap::default(),
        };
        let titles = schema.template.types.iter().filter_map(|node_type| {
            Some((
                node_type.id.clone(),
                schema
                    .field_with_role(&node_type.id, Role::Title)?
                    .id
                    .clone(),
            ))
        });
        schema.titles = titles.collect();
        schema
    }

    /// The template itself.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// A field by id.
    pub fn field(&self, id: &FieldId) -> Option<&Field> {
        self.fields.get(id).map(|i| &self.template.fields[*i])
    }

    /// A node type by id.
    pub fn node_type(&self, id: &TypeId) -> Option<&NodeType> {
        self.types.get(id).map(|i| &self.template.types[*i])
    }

    /// The fields of a type, in order.
    pub fn fields_of(&self, id: &TypeId) -> impl Iterator<Item = &Field> {
        let placements = self
            .node_type(id)
            .map(|node_type| node_type.fields.as_slice())
            .unwrap_or_default();
        placements
            .iter()
            .filter_map(|placement| self.field(&placement.field))
    }

    /// Whether nodes of the type have the field.
    pub fn has_field(&self, id: &TypeId, field: &FieldId) -> bool {
        self.node_type(id).is_some_and(|node_type| {
            node_type
                .fields
                .iter()
                .any(|placement| placement.field == *field)
        })
    }

    /// The first field of a type with this role.
    pub fn field_with_role(&self, id: &TypeId, role: Role) -> Option<&Field> {
        self.fields_of(id).find(|field| field.role == Some(role))
    }

    /// The field that holds the title of nodes of a type.
    pub fn title_field(&self, id: &TypeId) -> Option<&FieldId> {
        self.titles.get(id)
    }

    /// Whether a node of type `child` may stand under one of type `parent`, or at the top level.
    pub fn allows(&self, parent: Option<&TypeId>, child: &TypeId) -> bool {
        match parent {
            None => self
                .node_type(child)
                .is_some_and(|node_type| node_type.top_level),
            Some(parent) => self
                .node_type(parent)
                .is_some_and(|node_type| node_type.children.contains(child)),
        }
    }

    /// Whether the type has a behaviour.
    pub fn has_trait(&self, id: &TypeId, behaviour: Trait) -> bool {
        self.node_type(id)
            .is_some_and(|node_type| node_type.traits.contains(&behaviour))
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.template == other.template
    }
}
