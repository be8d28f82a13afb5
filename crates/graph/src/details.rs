//! A node in depth: who wrote what, and what lost a race.

use automerge::ReadDoc;

use crate::codec::{decode, split_key};
use crate::document::{Document, OpId};
use crate::id::{BlobId, FieldId, NodeId, PersonId};
use crate::project::Project;
use crate::time::Timestamp;
use crate::value::Value;
use crate::view::UnmappedValue;

/// A node in depth.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeDetails {
    /// Who made it.
    pub created_by: Option<PersonId>,
    /// When, to the second.
    pub created_at: Timestamp,
    /// Its fields that hold something.
    pub fields: Vec<FieldDetails>,
    /// Values that have no place in the template.
    pub unmapped: Vec<UnmappedValue>,
}

/// Who changed a field last, and what lost a race for it.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDetails {
    /// Which.
    pub field: FieldId,
    /// Who changed it last.
    pub by: Option<PersonId>,
    /// When, to the second.
    pub at: Timestamp,
    /// Concurrent values that lost, newest first.
    pub others: Vec<OtherValue>,
}

/// A value that lost a race.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherValue {
    /// The value; none if it does not fit the field.
    pub value: Option<Value>,
    /// The value as people know it.
    pub text: String,
    /// Whose.
    pub by: Option<PersonId>,
    /// When, to the second.
    pub at: Timestamp,
}

impl Project {
    /// A live node in depth.
    pub fn details(&self, node: NodeId) -> Option<NodeDetails> {
        let shown = self.view().node(node)?;
        let record = self.view.record(self.view.slot(node)?);
        let (created_by, created_at) = self.made(Document::Project, &OpId::of(&record.object));
        let mut newest: Vec<(FieldId, OpId)> = vec![];
        for register in &record.registers {
            let Some((field, _)) = split_key(&register.key) else {
                continue;
            };
            let Ok(Some((value, op))) = self.project.get(&record.object, register.key.as_str())
            else {
                continue;
            };
            let op = self.last_write(&value, &op);
            match newest.last_mut() {
                Some((known, newest)) if *known == field => *newest = op.max(newest.clone()),
                _ => newest.push((field, op)),
            }
        }
        let fields = newest.into_iter().map(|(field, op)| {
            let (by, at) = self.made(Document::Project, &op);
            FieldDetails {
                by,
                at,
                others: self.others(node, &field),
                field,
            }
        });
        Some(NodeDetails {
            created_by,
            created_at,
            fields: fields.collect(),
            unmapped: shown.unmapped(),
        })
    }

    /// Who attached a file to a live node.
    pub fn attached_by(&self, node: NodeId, blob: &BlobId) -> Option<PersonId> {
        let record = self.view.record(self.view.slot(node)?);
        let register = record.registers.iter().find(|register| {
            split_key(&register.key).is_some_and(|(_, member)| member == blob.as_str())
        })?;
        let found = self.project.get(&record.object, register.key.as_str());
        let (_, op) = found.ok()??;
        self.made(Document::Project, &OpId::of(&op)).0
    }

    /// Who moved a node to the trash, and when, to the second; none while it is live.
    pub fn deletion(&self, node: NodeId) -> Option<(Option<PersonId>, Timestamp)> {
        let record = self.view.record(self.view.slot(node)?);
        Some(self.made(Document::Project, record.deletion()?))
    }

    /// The newest operation of a value: for a text, of its newest visible character.
    fn last_write(&self, value: &automerge::Value<'_>, op: &automerge::ObjId) -> OpId {
        let made = OpId::of(op);
        if !matches!(value, automerge::Value::Object(automerge::ObjType::Text)) {
            return made;
        }
        let characters = self
            .project
            .list_range(op, ..)
            .map(|item| OpId::of(&item.id()));
        characters
            .max()
            .map_or(made.clone(), |newest| newest.max(made))
    }

    fn others(&self, node: NodeId, field: &FieldId) -> Vec<OtherValue> {
        let Some(slot) = self.view.slot(node) else {
            return vec![];
        };
        let record = self.view.record(slot);
        let races = record.races.iter().filter_map(|(key, contenders)| {
            let (of, member) = split_key(key)?;
            (of == *field).then_some((member, contenders))
        });
        let losers = races.flat_map(|(member, contenders)| {
            let losers = contenders.iter().rev().skip(1);
            losers.map(move |loser| (member, loser))
        });
        losers
            .map(|(member, contender)| {
                let (by, at) = self.made(Document::Project, &contender.op);
                let definition = self.view.frame().schema.field(field);
                let value = definition.and_then(|definition| {
                    decode(definition, &vec![(member, &contender.raw)])
                        .ok()
                        .flatten()
                });
                OtherValue {
                    value,
                    text: self.view.raw_text(field, &contender.raw),
                    by,
                    at,
                }
            })
            .collect()
    }
}
