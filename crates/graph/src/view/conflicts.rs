//! What a conflict is between, how it could have gone, and whether somebody has taken note of it.
//!
//! A race of a field is settled value by value (`settle`). A conflict of structure has no register of
//! its own; it is taken note of under a name that says what was decided about, so that something new
//! is listed again.

use std::collections::BTreeSet;

use smol_str::{SmolStr, format_smolstr};

use super::record::TOP;
use super::{Flaw, Slot, View, shorten};
use crate::codec::split_key;
use crate::command::{Command, Place, Position};
use crate::document::OpId;
use crate::id::{NodeId, PersonId};
use crate::problem::{Fix, ProblemKind, Side};

/// The name under which a place that lost is taken note of.
pub(super) fn noted_place(node: NodeId, op: &OpId) -> SmolStr {
    format_smolstr!("{node}/@pos/{op}")
}

/// The node that a name of this file is about.
pub(super) fn node_noted(name: &str) -> Option<NodeId> {
    let (node, rest) = name.split_once('/')?;
    rest.starts_with('@').then(|| node.parse().ok())?
}

/// The name of this file that `name` becomes when the operation in it came back as another one; none if it is about
/// something else.
pub(crate) fn renamed_note(name: &str, old: &OpId, new: &OpId) -> Option<SmolStr> {
    node_noted(name)?;
    let (about, operation) = name.rsplit_once('/')?;
    (operation == old.to_string()).then(|| format_smolstr!("{about}/{new}"))
}

impl View {
    /// Whether somebody has taken note of what has this name.
    pub(super) fn is_noted(&self, name: &str) -> bool {
        self.frame.noted.contains(name)
    }

    /// Under which names a conflict of structure is taken note of; empty if there is none.
    pub(crate) fn conflict_names(&self, slot: Slot, kind: ProblemKind) -> Vec<SmolStr> {
        let record = self.record(slot);
        match kind {
            ProblemKind::MoveRace => {
                let lost = self.lost_places.get(&slot).into_iter().flatten();
                lost.map(|(op, _)| noted_place(record.id, op)).collect()
            }
            ProblemKind::MoveCycle => vec![self.cycle_name(slot)],
            ProblemKind::ParentDeleted => self.lifting_name(slot).into_iter().collect(),
            ProblemKind::EditedAfterDelete => self.unseen_name(slot).into_iter().collect(),
            _ => vec![],
        }
    }

    pub(super) fn cycle_name(&self, slot: Slot) -> SmolStr {
        let record = self.record(slot);
        format_smolstr!("{}/@cycle/{}", record.id, record.position)
    }

    /// Of a lifted node: its place below that deletion.
    pub(super) fn lifting_name(&self, slot: Slot) -> Option<SmolStr> {
        let record = self.record(slot);
        let deletion = self.parent_of_lifted(slot)?.deletion()?;
        Some(format_smolstr!("{}/@lifted/{deletion}", record.id))
    }

    /// Of a node that was edited while it was deleted: up to the newest of these edits.
    pub(super) fn unseen_name(&self, slot: Slot) -> Option<SmolStr> {
        let record = self.record(slot);
        let edits = self.unseen_edits.get(&slot)?;
        let newest = edits.iter().filter_map(|(_, op)| op.as_ref()).max();
        let newest = newest.or(record.deletion())?;
        Some(format_smolstr!("{}/@del/{newest}", record.id))
    }

    fn parent_of_lifted(&self, slot: Slot) -> Option<&super::Record> {
        let record = self.record(slot);
        let is_under_one = record.is_lifted() && record.seat.parent != TOP;
        is_under_one.then(|| self.record(record.seat.parent))
    }

    /// The edits that a conflict is between, the one in force first, without times.
    pub(crate) fn sides(&self, slot: Slot, flaw: &Flaw) -> Vec<Side> {
        let record = self.record(slot);
        let title = self.title_of(slot);
        match flaw {
            Flaw::FieldRace(key) => {
                let contenders = record.races.iter().find(|(known, _)| known == key);
                let Some((field, _)) = split_key(key) else {
                    return vec![];
                };
                let contenders = contenders.into_iter().flat_map(|(_, all)| all.iter().rev());
                contenders
                    .enumerate()
                    .map(|(rank, contender)| {
                        let text = shorten(&self.raw_text(&field, &contender.raw));
                        self.side(format!("“{text}”"), Some(&contender.op), rank == 0)
                    })
                    .collect()
            }
            Flaw::MoveRace => {
                let mut told = BTreeSet::from([record.wanted_parent]);
                let shown = self.moved(record.wanted_parent, &record.position, true);
                let lost = self.lost_places.get(&slot).into_iter().flatten();
                let lost = lost.filter(|(_, parent)| told.insert(*parent));
                let lost = lost.map(|(op, parent)| self.moved(*parent, op, false));
                [shown].into_iter().chain(lost).collect()
            }
            Flaw::MoveCycle => {
                let mut path = self.cycle_path(slot).into_iter().rev().map(|at| {
                    let parent = self.title_of(self.record(at).seat.parent);
                    let text = format!("“{}” below “{parent}”", self.title_of(at));
                    self.side(text, Some(&self.record(at).position), true)
                });
                let text = format!("“{title}” {}", self.place_name(record.wanted_parent));
                let aside = self.side(text, Some(&record.position), false);
                // The top of the path is the node itself, which the others were moved below.
                let shown: Vec<Side> = path.by_ref().collect();
                shown.into_iter().chain([aside]).collect()
            }
            Flaw::ParentDeleted => {
                let Some(parent) = self.parent_of_lifted(slot) else {
                    return vec![];
                };
                let above = self.title_of(record.seat.parent);
                let deleted = format!("“{above}” moved to the trash");
                vec![
                    self.side(deleted, parent.deletion(), true),
                    self.side(
                        format!("“{title}” put below “{above}”"),
                        Some(&record.position),
                        false,
                    ),
                ]
            }
            Flaw::EditedAfterDelete => {
                let deleted = self.side("Moved to the trash".into(), record.deletion(), true);
                let edits = self.unseen_edits.get(&slot).into_iter().flatten();
                let edits = edits.map(|(key, op)| {
                    let name = match split_key(key) {
                        Some((field, _)) => self.label_of(&field),
                        None => "Type".into(),
                    };
                    self.side(format!("{name} edited"), op.as_ref(), false)
                });
                [deleted].into_iter().chain(edits).collect()
            }
            _ => vec![],
        }
    }

    /// Ways to have a conflict go the other way, where that is more than a value.
    pub(super) fn swaps(&self, slot: Slot, flaw: &Flaw) -> Vec<Fix> {
        let record = self.record(slot);
        let to = |node: NodeId, parent: Option<NodeId>| Command::MoveNodes {
            nodes: vec![node],
            place: Place {
                parent,
                at: Position::Last,
            },
        };
        match flaw {
            Flaw::MoveRace => {
                let mut told = BTreeSet::from([self.shown_parent(slot).flatten()]);
                let lost = self.lost_places.get(&slot).into_iter().flatten();
                let reachable = lost.filter(|(_, parent)| {
                    told.insert(*parent) && parent.is_none_or(|parent| self.may_hold(parent, slot))
                });
                let fixes = reachable.map(|(_, parent)| Fix {
                    label: format!("Move it {}", self.place_name(*parent)),
                    command: to(record.id, *parent),
                });
                fixes.collect()
            }
            Flaw::MoveCycle => {
                // The child through which the wanted parent hangs below the node changes places with it.
                let path = self.cycle_path(slot);
                let (Some(child), Some(parent)) = (path.last(), record.wanted_parent) else {
                    return vec![];
                };
                let commands = vec![
                    Command::MoveNodes {
                        nodes: vec![self.record(*child).id],
                        place: self.place_of(slot),
                    },
                    to(record.id, Some(parent)),
                ];
                let label = format!("Move it {} instead", self.place_name(Some(parent)));
                vec![Fix {
                    command: Command::Batch {
                        label: Some(format!("{label}: “{}”", self.title_of(slot))),
                        commands,
                    },
                    label,
                }]
            }
            _ => vec![],
        }
    }

    /// From the parent that a displaced node wants up to the child of that node, all live.
    pub(crate) fn cycle_path(&self, slot: Slot) -> Vec<Slot> {
        let wanted = self.record(slot).wanted_parent;
        let mut at = wanted.and_then(|parent| self.slot(parent)).unwrap_or(TOP);
        let mut path = vec![];
        while at != TOP && path.len() < self.records.len() {
            if at == slot {
                return path;
            }
            if !self.record(at).is_live() {
                return vec![];
            }
            path.push(at);
            at = self.record(at).seat.parent;
        }
        vec![]
    }

    /// Whether a node may be moved below another: that is live and not beneath it.
    fn may_hold(&self, parent: NodeId, slot: Slot) -> bool {
        let Some(parent) = self.node(parent) else {
            return false;
        };
        let id = self.record(slot).id;
        parent.id() != id && parent.ancestors().iter().all(|above| above.id() != id)
    }

    fn moved(&self, parent: Option<NodeId>, op: &OpId, is_shown: bool) -> Side {
        let text = format!("Moved {}", self.place_name(parent));
        self.side(text, Some(op), is_shown)
    }

    fn place_name(&self, parent: Option<NodeId>) -> String {
        match parent.map(|parent| self.slot(parent)) {
            None => "to the top level".into(),
            Some(Some(slot)) => format!("below “{}”", self.title_of(slot)),
            Some(None) => "below something that is not there".into(),
        }
    }

    fn side(&self, text: String, op: Option<&OpId>, is_shown: bool) -> Side {
        Side {
            text,
            by: op.and_then(|op| self.author_of(op)),
            at: None,
            is_shown,
            op: op.cloned(),
        }
    }

    /// Who made an operation, if its actor has been introduced.
    pub(crate) fn author_of(&self, op: &OpId) -> Option<PersonId> {
        let actor = SmolStr::from(op.actor.to_hex_string());
        self.frame.authors.get(&actor).copied()
    }
}
