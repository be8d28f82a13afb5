//! What is wrong with a node, kept up to date node by node.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::{Slot, View};
use crate::codec::{decode, split_key};
use crate::id::{FieldId, LinkId, NodeId};
use crate::problem::ProblemKind;
use crate::template::{Field, FieldKind, Trait};
use crate::value::Value;

/// What is wrong with a node; [`View::problems`] puts it into words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// Its newest move would have closed a cycle.
    MoveCycle,
    /// Its place names a parent that never was.
    ParentMissing,
    /// Its record was removed by another program.
    RecordRemoved,
    /// It was moved to different parents at the same time.
    MoveRace,
    /// Its parent is in the trash.
    ParentDeleted,
    /// The template does not have its type.
    TypeMissing,
    /// Its type may not stand here.
    TypeNotAllowed,
    /// A required field is empty.
    RequiredMissing(FieldId),
    /// A value has no place in the template.
    Unmapped(FieldId),
    /// A reference leads nowhere, or to the wrong type.
    DeadReference(FieldId),
    /// A register has several values; the key is `<field>` or `<field>/<member>`.
    FieldRace(SmolStr),
    /// A link at it is part of a cycle.
    BlockingCycle(LinkId),
    /// It was edited while it was being trashed.
    EditedAfterDelete,
}

impl Flaw {
    /// As which kind of conflict it is listed: edits that nobody could have told of each other.
    pub(crate) fn conflict(&self) -> Option<ProblemKind> {
        match self {
            Flaw::FieldRace(_) => Some(ProblemKind::FieldRace),
            Flaw::MoveRace => Some(ProblemKind::MoveRace),
            Flaw::MoveCycle => Some(ProblemKind::MoveCycle),
            Flaw::ParentDeleted => Some(ProblemKind::ParentDeleted),
            Flaw::EditedAfterDelete => Some(ProblemKind::EditedAfterDelete),
            _ => None,
        }
    }
}

impl View {
    pub(super) fn find_all_flaws(&mut self) {
        for slot in 0..self.records.len() as Slot {
            self.find_flaws(slot);
        }
    }

    /// Looks at one node again; what was wrong with it before, if that differs.
    pub(super) fn find_flaws(&mut self, slot: Slot) -> Option<Vec<Flaw>> {
        let flaws = self.flaws_of(slot);
        if self.flaws.get(&slot).map_or(&[][..], Vec::as_slice) == flaws.as_slice() {
            return None;
        }
        let before = if flaws.is_empty() {
            self.flaws.remove(&slot)
        } else {
            self.flaws.insert(slot, flaws)
        };
        Some(before.unwrap_or_default())
    }

    fn flaws_of(&self, slot: Slot) -> Vec<Flaw> {
        let record = self.record(slot);
        if !record.is_live() {
            let seen = record.is_in_trash() && record.edited_since;
            let is_noted = || self.unseen_name(slot).is_some_and(|it| self.is_noted(&it));
            return if seen && !is_noted() {
                vec![Flaw::EditedAfterDelete]
            } else {
                vec![]
            };
        }
        let mut flaws = vec![];
        if self.is_removed(slot) {
            flaws.push(Flaw::RecordRemoved);
        }
        if self.displaced.contains(&slot) {
            if self.wants_the_missing(slot) {
                flaws.push(Flaw::ParentMissing);
            } else if !self.is_noted(&self.cycle_name(slot)) {
                flaws.push(Flaw::MoveCycle);
            }
        }
        if record.contested {
            flaws.push(Flaw::MoveRace);
        }
        let is_noted = || self.lifting_name(slot).is_some_and(|it| self.is_noted(&it));
        if record.is_lifted() && !is_noted() {
            flaws.push(Flaw::ParentDeleted);
        }
        self.type_flaws(slot, &mut flaws);
        self.field_flaws(slot, &mut flaws);
        flaws.extend(
            record
                .races
                .iter()
                .map(|(key, _)| Flaw::FieldRace(key.clone())),
        );
        let cyclic = self
            .link_ids_at(record.id)
            .filter(|link| self.is_cyclic(*link));
        flaws.extend(cyclic.map(Flaw::BlockingCycle));
        flaws
    }

    fn type_flaws(&self, slot: Slot, flaws: &mut Vec<Flaw>) {
        let record = self.record(slot);
        let schema = &self.frame.schema;
        if schema.node_type(&record.node_type).is_none() {
            flaws.push(Flaw::TypeMissing);
            return;
        }
        let parent = record
            .shown
            .filter(|shown| *shown != super::record::TOP)
            .map(|shown| &self.record(shown).node_type);
        if !record.is_lifted() && !schema.allows(parent, &record.node_type) {
            flaws.push(Flaw::TypeNotAllowed);
        }
    }

    fn field_flaws(&self, slot: Slot, flaws: &mut Vec<Flaw>) {
        let record = self.record(slot);
        let schema = &self.frame.schema;
        if schema.node_type(&record.node_type).is_none() {
            return; // that the type is missing says it for every value
        }
        for field in schema.fields_of(&record.node_type) {
            let registers = record.field_registers(&field.id);
            match decode(field, &registers) {
                Err(_) => flaws.push(Flaw::Unmapped(field.id.clone())),
                Ok(None) if field.required => flaws.push(Flaw::RequiredMissing(field.id.clone())),
                Ok(value) => {
                    if value.is_some_and(|value| self.has_dead_reference(field, &value)) {
                        flaws.push(Flaw::DeadReference(field.id.clone()));
                    }
                }
            }
        }
        let mut last: Option<FieldId> = None;
        for register in &record.registers {
            let Some((field, _)) = split_key(&register.key) else {
                continue;
            };
            if last.as_ref() == Some(&field)
                || schema.has_field(&record.node_type, &field) && schema.field(&field).is_some()
            {
                continue;
            }
            if !register.raw.text().is_empty() {
                flaws.push(Flaw::Unmapped(field.clone()));
            }
            last = Some(field);
        }
    }

    fn has_dead_reference(&self, field: &Field, value: &Value) -> bool {
        match value {
            Value::Nodes(nodes) => nodes.iter().any(|node| !self.is_target(field, *node)),
            Value::Hours(hours) => hours.keys().any(|node| !self.is_target(field, *node)),
            _ => false,
        }
    }

    /// Whether a field may refer to a node.
    pub(crate) fn is_target(&self, field: &Field, node: NodeId) -> bool {
        let Some(node) = self.node(node) else {
            return false;
        };
        let schema = &self.frame.schema;
        let is_person = || schema.has_trait(node.node_type(), Trait::Person);
        let fits = match field.kind {
            FieldKind::People | FieldKind::Hours => is_person(),
            _ => true,
        };
        fits && (field.targets.is_empty() || field.targets.contains(node.node_type()))
    }

    /// Nodes whose flaws depend on these: their children, those who refer to them, those linked.
    pub(super) fn dependents(&self, slots: &BTreeSet<Slot>) -> BTreeSet<Slot> {
        let mut all = slots.clone();
        for slot in slots {
            let record = self.record(*slot);
            all.extend(&record.children);
            all.extend(self.referrers.get(&record.id).into_iter().flatten());
        }
        all
    }

    /// What is wrong with a node.
    pub fn flaws(&self, node: NodeId) -> &[Flaw] {
        self.slot(node)
            .and_then(|slot| self.flaws.get(&slot))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Whether a conflict of structure is listed for a node.
    pub(crate) fn has_flaw(&self, slot: Slot, kind: ProblemKind) -> bool {
        let flaws = self.flaws.get(&slot).map(Vec::as_slice).unwrap_or_default();
        flaws.iter().any(|flaw| flaw.conflict() == Some(kind))
    }

    pub(super) fn all_flaws(&self) -> impl Iterator<Item = (Slot, &Flaw)> {
        self.flaws
            .iter()
            .flat_map(|(slot, flaws)| flaws.iter().map(move |flaw| (*slot, flaw)))
    }
}
