//! What the view remembers of one node, live or not.

use automerge::ObjId;
use smol_str::SmolStr;

use crate::codec::{FieldRegisters, Raw};
use crate::document::OpId;
use crate::id::{FieldId, NodeId, TypeId};

/// Index of a record.
pub(crate) type Slot = u32;

/// In place of a parent's slot: the top level.
pub(crate) const TOP: Slot = Slot::MAX;

/// Several people's values of one register.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Contender {
    pub op: OpId,
    pub raw: Raw,
}

/// One field register of a node.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Register {
    pub key: SmolStr,
    pub raw: Raw,
}

/// Where a record stands: a parent (or [`TOP`]) and an order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seat {
    pub parent: Slot,
    pub order: SmolStr,
}

/// One node.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub id: NodeId,
    pub object: ObjId,
    pub node_type: TypeId,
    /// The visible `@pos` operation.
    pub position: OpId,
    /// Parent that `@pos` names, whether it exists or not.
    pub wanted_parent: Option<NodeId>,
    /// Order that `@pos` names.
    pub wanted_order: SmolStr,
    /// Concurrent moves to other parents are visible too.
    pub contested: bool,
    /// Where it stands after cycles were cut.
    pub seat: Seat,
    /// Root of the subtree that it was trashed with.
    pub dead: Option<NodeId>,
    /// The `@del` operations that count, the greatest last; empty while live.
    pub deletions: Vec<OpId>,
    /// Something of it was written by somebody who had not seen that it was trashed, and whom none of
    /// those who trashed it had seen.
    pub edited_since: bool,
    pub purged: bool,
    /// Buried by undoing its creation, not by deleting it.
    pub unmade: bool,
    /// Another program removed the record from under its key; it is read all the same.
    pub removed: bool,
    /// There is no record: the command that made it was refused in the end.
    pub gone: bool,
    /// Field registers, sorted by key.
    pub registers: Vec<Register>,
    /// Registers with several visible values, winner included, sorted by key.
    pub races: Vec<(SmolStr, Vec<Contender>)>,
    /// Records whose seat is here, live or not, in no order.
    pub kids: Vec<Slot>,
    /// Live nodes that are shown here, in order.
    pub children: Vec<Slot>,
    /// Where it is shown, while live: its seat, or the nearest live ancestor of it.
    pub shown: Option<Slot>,
}

impl Record {
    pub fn is_live(&self) -> bool {
        self.dead.is_none() && !self.gone
    }

    pub fn is_in_trash(&self) -> bool {
        self.can_be_restored() && (!self.unmade || self.edited_since)
    }

    pub fn can_be_restored(&self) -> bool {
        self.dead.is_some() && !self.purged && !self.gone
    }

    /// The `@del` operation that counts, while dead.
    pub fn deletion(&self) -> Option<&OpId> {
        self.deletions.last()
    }

    /// Shown elsewhere than where it stands, because its parent is not live.
    pub fn is_lifted(&self) -> bool {
        self.shown.is_some_and(|shown| shown != self.seat.parent)
    }

    pub fn register(&self, key: &str) -> Option<&Raw> {
        let index = self
            .registers
            .binary_search_by(|register| register.key.as_str().cmp(key))
            .ok()?;
        Some(&self.registers[index].raw)
    }

    /// Writes or removes a register; tells what was there.
    pub fn set_register(&mut self, key: &SmolStr, raw: Option<Raw>) -> Option<Raw> {
        match (
            self.registers
                .binary_search_by(|register| register.key.cmp(key)),
            raw,
        ) {
            (Ok(index), Some(raw)) => Some(std::mem::replace(&mut self.registers[index].raw, raw)),
            (Ok(index), None) => Some(self.registers.remove(index).raw),
            (Err(index), Some(raw)) => {
                self.registers.insert(
                    index,
                    Register {
                        key: key.clone(),
                        raw,
                    },
                );
                None
            }
            (Err(_), None) => None,
        }
    }

    pub fn set_race(&mut self, key: &SmolStr, contenders: Vec<Contender>) {
        let found = self.races.binary_search_by(|(known, _)| known.cmp(key));
        match (found, contenders.len() > 1) {
            (Ok(index), true) => self.races[index].1 = contenders,
            (Ok(index), false) => {
                self.races.remove(index);
            }
            (Err(index), true) => self.races.insert(index, (key.clone(), contenders)),
            (Err(_), false) => {}
        }
    }

    /// The registers of one field.
    pub fn field_registers(&self, field: &FieldId) -> FieldRegisters<'_> {
        let id = field.as_str();
        let start = self
            .registers
            .partition_point(|register| register.key.as_str() < id);
        let belongs = |register: &'_ Register| register.key.starts_with(id);
        let run = self.registers[start..]
            .iter()
            .take_while(|register| belongs(register));
        run.filter_map(|register| {
            let rest = &register.key[id.len()..];
            if rest.is_empty() {
                Some(("", &register.raw))
            } else {
                Some((rest.strip_prefix('/')?, &register.raw))
            }
        })
        .collect()
    }
}
