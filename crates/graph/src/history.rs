//! Undo and redo of one author, register by register.
//!
//! An entry lists what an own step wrote: register, value before, operation after. Taking it back
//! writes the value before if the own operation is still visible, the other visible value if somebody
//! wrote at the same time, and leaves the register alone (and names it) if somebody has overwritten
//! it since. Undo is an ordinary change; what it writes back gets a new operation id, which older
//! entries then refer to. Each entry names registers by operation id, so a history survives a restart
//! and any merge.

mod stack;

use automerge::{ChangeHash, ObjId, ObjType, ReadDoc, ScalarValue};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::document::{Document, OpId};
use crate::id::NodeId;
use crate::project::{HistoryUpdate, StoredHistory};
use crate::text::{Renamed, TextStep};
use crate::view::renamed_note;

pub(crate) use stack::Stack;

/// Steps that are kept.
pub const MAX_STEPS: usize = 100;

/// A register's content in a history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Stored {
    Text(SmolStr),
    Flag(bool),
    Int(i64),
    Float(f64),
    Bytes(Vec<u8>),
    /// The content of a text object, which is made anew.
    Prose(String),
}

impl Stored {
    /// The visible value of a register and its operation.
    pub fn read(doc: &impl ReadDoc, object: &ObjId, key: &str) -> Option<(Stored, Option<OpId>)> {
        let (value, op) = doc.get(object, key).ok()??;
        Some((Self::from_value(doc, &value, &op)?, Some(OpId::of(&op))))
    }

    pub fn from_value(
        doc: &impl ReadDoc,
        value: &automerge::Value<'_>,
        op: &ObjId,
    ) -> Option<Stored> {
        let scalar = match value {
            automerge::Value::Scalar(scalar) => scalar.as_ref(),
            automerge::Value::Object(ObjType::Text) => {
                return Some(Stored::Prose(doc.text(op).unwrap_or_default()));
            }
            automerge::Value::Object(_) => return None,
        };
        Some(match scalar {
            ScalarValue::Str(text) => Stored::Text(text.clone()),
            ScalarValue::Boolean(flag) => Stored::Flag(*flag),
            ScalarValue::Int(number) | ScalarValue::Timestamp(number) => Stored::Int(*number),
            ScalarValue::Uint(number) => Stored::Int(i64::try_from(*number).ok()?),
            ScalarValue::Counter(counter) => Stored::Int(counter.into()),
            ScalarValue::F64(number) => Stored::Float(*number),
            ScalarValue::Bytes(bytes) => Stored::Bytes(bytes.clone()),
            ScalarValue::Unknown { .. } | ScalarValue::Null => return None,
        })
    }

    /// As a scalar; none for texts.
    pub fn scalar(&self) -> Option<ScalarValue> {
        Some(match self {
            Stored::Text(text) => ScalarValue::Str(text.clone()),
            Stored::Flag(flag) => ScalarValue::Boolean(*flag),
            Stored::Int(number) => ScalarValue::Int(*number),
            Stored::Float(number) => ScalarValue::F64(*number),
            Stored::Bytes(bytes) => ScalarValue::Bytes(bytes.clone()),
            Stored::Prose(_) => return None,
        })
    }
}

/// One thing that a step did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Item {
    /// Wrote a register. Making a record is writing its tombstone away.
    Register {
        document: Document,
        object: OpId,
        key: SmolStr,
        before: Option<(Stored, Option<OpId>)>,
        after: Option<OpId>,
    },
    /// Edited a long text.
    Text {
        node: OpId,
        key: SmolStr,
        text: OpId,
        steps: Vec<TextStep>,
    },
    /// Purged a node; histories forget it.
    Purged(NodeId),
}

/// One step of an author.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    pub label: String,
    pub items: Vec<Item>,
    /// The changes that the step made: what others wrote without having been seen by them came later.
    #[serde(default)]
    pub changes: Vec<(Document, ChangeHash)>,
}

/// The steps of one author at one installation.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub undo: Stack,
    pub redo: Stack,
}

impl History {
    /// What was stored.
    pub fn read(stored: &StoredHistory) -> History {
        History {
            undo: Stack::read(&stored.undo),
            redo: Stack::read(&stored.redo),
        }
    }

    /// How to bring what is stored up to date.
    pub fn update(&mut self) -> HistoryUpdate {
        HistoryUpdate {
            undo: self.undo.update(),
            redo: self.redo.update(),
        }
    }

    /// Adds a new step; what could have been redone cannot any more.
    pub fn push(&mut self, entry: Entry) {
        self.redo.clear();
        self.undo.push(entry);
    }

    fn change_items(&mut self, mut change: impl FnMut(&mut Item) -> bool) {
        for stack in [&mut self.undo, &mut self.redo] {
            stack.change_each(|entry| {
                let mut is_changed = false;
                for item in &mut entry.items {
                    is_changed |= change(item);
                }
                is_changed
            });
        }
    }

    /// A value was written back under a new operation: entries that knew the old one follow.
    pub fn reown(&mut self, object: &OpId, key: &str, old: &OpId, new: &OpId) {
        self.change_items(|item| {
            let Item::Register {
                object: known,
                key: known_key,
                before,
                after,
                ..
            } = item
            else {
                return false;
            };
            if known != object || known_key != key {
                return false;
            }
            let before = before.as_mut().and_then(|(_, op)| op.as_mut());
            let mut is_changed = false;
            for op in [after.as_mut(), before].into_iter().flatten() {
                if op == old {
                    *op = new.clone();
                    is_changed = true;
                }
            }
            is_changed
        });
        self.follow_in_names(old, new);
    }

    /// Conflicts that are taken note of once more are those between the operations that there are now.
    fn follow_in_names(&mut self, old: &OpId, new: &OpId) {
        self.redo.change_each(|entry| {
            let mut is_changed = false;
            for item in &mut entry.items {
                if let Item::Register { key, .. } = item
                    && let Some(name) = renamed_note(key, old, new)
                {
                    *key = name;
                    is_changed = true;
                }
            }
            is_changed
        });
    }

    /// Characters came back under new operations: entries that knew the old ones follow.
    pub fn rename(&mut self, text: &OpId, renamed: &Renamed) {
        self.change_items(|item| {
            let Item::Text {
                text: known, steps, ..
            } = item
            else {
                return false;
            };
            if known != text {
                return false;
            }
            for step in steps {
                step.rename(renamed);
            }
            true
        });
    }

    /// Forgets steps that touch these records. Says whether there were any.
    pub fn forget(&mut self, records: &[OpId]) -> bool {
        let touches = |entry: &Entry| {
            entry.items.iter().any(|item| match item {
                Item::Register { object, .. } => records.contains(object),
                Item::Text { node, .. } => records.contains(node),
                Item::Purged(_) => false,
            })
        };
        let steps = self.undo.len() + self.redo.len();
        self.undo.retain(|entry| !touches(entry));
        self.redo.retain(|entry| !touches(entry));
        steps != self.undo.len() + self.redo.len()
    }
}
