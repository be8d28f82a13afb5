//! One node of the view.

use std::collections::BTreeMap;

use super::record::TOP;
use super::{Slot, View};
use crate::codec::{self, decode};
use crate::id::{BlobId, FieldId, NodeId, TypeId};
use crate::link::Link;
use crate::template::{Field, FieldKind, Role};
use crate::value::{File, Value};

/// A node of the view: live, or in the trash when it was asked for there.
#[derive(Clone, Copy)]
pub struct NodeView<'a> {
    pub(super) view: &'a View,
    pub(super) slot: Slot,
}

/// A value that has no place in the template; it is kept as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmappedValue {
    /// The field it was written for.
    pub field: FieldId,
    /// The value as text.
    pub text: String,
    /// Why it has no place.
    pub reason: String,
}

impl<'a> NodeView<'a> {
    /// Id.
    pub fn id(self) -> NodeId {
        self.view.record(self.slot).id
    }

    /// Type; may be missing in the template.
    pub fn node_type(self) -> &'a TypeId {
        &self.view.record(self.slot).node_type
    }

    /// Parent; none: top level.
    pub fn parent(self) -> Option<NodeView<'a>> {
        let record = self.view.record(self.slot);
        let parent = record.shown.unwrap_or(record.seat.parent);
        (parent != TOP).then_some(NodeView {
            view: self.view,
            slot: parent,
        })
    }

    /// Key by which siblings sort, ties by id.
    pub fn order(self) -> &'a str {
        &self.view.record(self.slot).seat.order
    }

    /// Live children, in order.
    pub fn children(self) -> impl DoubleEndedIterator<Item = NodeView<'a>> + ExactSizeIterator {
        self.view
            .record(self.slot)
            .children
            .iter()
            .map(move |slot| NodeView {
                view: self.view,
                slot: *slot,
            })
    }

    /// From the top level to the parent.
    pub fn ancestors(self) -> Vec<NodeView<'a>> {
        let mut path: Vec<_> = std::iter::successors(self.parent(), |node| node.parent()).collect();
        path.reverse();
        path
    }

    /// The node and all below it, parents first, siblings in order.
    pub fn subtree(self) -> Vec<NodeView<'a>> {
        let mut found = vec![];
        let mut stack = vec![self];
        while let Some(node) = stack.pop() {
            found.push(node);
            stack.extend(node.children().rev());
        }
        found
    }

    /// The typed value of a field, if there is one and it fits.
    pub fn value(self, field: &FieldId) -> Option<Value> {
        let definition = self.view.frame.schema.field(field)?;
        if !self.view.frame.schema.has_field(self.node_type(), field) {
            return None;
        }
        decode(
            definition,
            &self.view.record(self.slot).field_registers(field),
        )
        .ok()
        .flatten()
    }

    /// The first value with a role.
    pub fn value_with_role(self, role: Role) -> Option<Value> {
        let field = self
            .view
            .frame
            .schema
            .field_with_role(self.node_type(), role)?;
        self.value(&field.id)
    }

    /// The first field of its type with a role.
    pub fn field_with_role(self, role: Role) -> Option<&'a Field> {
        let schema = &self.view.frame.schema;
        schema.field_with_role(self.node_type(), role)
    }

    /// All values that fit, by field.
    pub fn values(self) -> BTreeMap<FieldId, Value> {
        let fields = self.view.frame.schema.fields_of(self.node_type());
        fields
            .filter_map(|field| Some((field.id.clone(), self.typed(field)?)))
            .collect()
    }

    /// The files that are attached to it, in whichever field.
    pub fn files(self) -> BTreeMap<BlobId, File> {
        let fields = self.view.frame.schema.fields_of(self.node_type());
        let files = fields.filter(|field| field.kind == FieldKind::Files);
        files
            .filter_map(|field| match self.typed(field)? {
                Value::Files(files) => Some(files),
                _ => None,
            })
            .flatten()
            .collect()
    }

    fn typed(self, field: &Field) -> Option<Value> {
        decode(
            field,
            &self.view.record(self.slot).field_registers(&field.id),
        )
        .ok()
        .flatten()
    }

    /// The title, or a stand-in for it.
    pub fn title(self) -> String {
        self.view.title_of(self.slot)
    }

    /// Values that have no place in the template.
    pub fn unmapped(self) -> Vec<UnmappedValue> {
        let schema = &self.view.frame.schema;
        let record = self.view.record(self.slot);
        let mut fields: Vec<FieldId> = record
            .registers
            .iter()
            .filter_map(|register| Some(codec::split_key(&register.key)?.0))
            .collect();
        fields.dedup();
        let unmapped = fields.into_iter().filter_map(|field| {
            let registers = record.field_registers(&field);
            let reason = match schema.field(&field) {
                None => "the field is not in the template any more".into(),
                Some(_) if !schema.has_field(&record.node_type, &field) => {
                    "this type does not have the field".into()
                }
                Some(definition) => decode(definition, &registers).err()?,
            };
            let shown: Vec<String> = registers
                .iter()
                .map(|(member, raw)| match *member {
                    "" => raw.text(),
                    member => member.to_owned(),
                })
                .collect();
            let text = shown.join(", ");
            (!text.is_empty()).then_some(UnmappedValue {
                field,
                text,
                reason,
            })
        });
        unmapped.collect()
    }

    /// Links at either end whose other end is live.
    pub fn links(self) -> impl Iterator<Item = &'a Link> {
        self.view.links_at(self.slot)
    }

    /// Live nodes that block this one.
    pub fn blockers(self) -> impl Iterator<Item = NodeId> {
        let id = self.id();
        self.links()
            .filter(move |link| link.relation.blocks() && link.to == id)
            .map(|link| link.from)
    }

    /// Root of the subtree that it was trashed with, while in the trash.
    pub fn trashed_with(self) -> Option<NodeId> {
        self.view.record(self.slot).dead
    }

    /// Somebody edited it while it was being deleted.
    pub fn edited_since_trashed(self) -> bool {
        self.view.record(self.slot).edited_since
    }
}

impl View {
    pub(crate) fn title_of(&self, slot: Slot) -> String {
        let record = self.record(slot);
        let title = self
            .frame
            .schema
            .title_field(&record.node_type)
            .or_else(|| self.any_title(record))
            .and_then(|field| record.register(field.as_str()));
        match title
            .map(codec::Raw::text)
            .filter(|title| !title.is_empty())
        {
            Some(title) => title,
            None => match self.frame.schema.node_type(&record.node_type) {
                Some(node_type) => format!("Untitled {}", node_type.label.to_lowercase()),
                None => "Untitled".into(),
            },
        }
    }

    /// The title of a node whose type is gone from the template.
    fn any_title(&self, record: &super::Record) -> Option<&FieldId> {
        let fields = self.frame.schema.template().fields.iter();
        let mut titles = fields.filter(|field| field.role == Some(Role::Title));
        titles
            .find(|field| record.register(field.id.as_str()).is_some())
            .map(|field| &field.id)
    }

    /// Roots of the subtrees in the trash: deleted nodes that were not deleted along with their parent.
    pub fn trash(&self) -> impl Iterator<Item = NodeView<'_>> {
        let roots = self.dead.iter().filter(|slot| {
            let record = self.record(**slot);
            let along = record.seat.parent != TOP && {
                let parent = self.record(record.seat.parent);
                parent.is_in_trash() && parent.dead == record.dead
            };
            record.is_in_trash() && !along
        });
        roots.map(|slot| NodeView {
            view: self,
            slot: *slot,
        })
    }

    /// The nodes that come back when the root of a trashed subtree is restored, the root first.
    pub fn trashed_subtree(&self, root: NodeId) -> Vec<NodeView<'_>> {
        let slots = self
            .slot(root)
            .map(|slot| self.restorable_with(slot))
            .unwrap_or_default();
        slots
            .into_iter()
            .map(|slot| NodeView { view: self, slot })
            .collect()
    }

    pub(crate) fn restorable_with(&self, root: Slot) -> Vec<Slot> {
        let batch = self.record(root).dead;
        let below = self.dead_below(root).into_iter();
        below
            .filter(|slot| self.record(*slot).can_be_restored() && self.record(*slot).dead == batch)
            .collect()
    }

    /// A dead node and all dead nodes below it that no live node separates from it.
    pub(crate) fn dead_below(&self, root: Slot) -> Vec<Slot> {
        let mut found = vec![];
        let mut stack = vec![root];
        while let Some(at) = stack.pop() {
            found.push(at);
            stack.extend(
                self.record(at)
                    .kids
                    .iter()
                    .filter(|kid| !self.record(**kid).is_live()),
            );
        }
        found
    }
}
