//! Reading registers of a document into records.

use automerge::iter::MapRangeItem;
use automerge::{ObjId, ObjType, ReadDoc, ScalarValue, ScalarValueRef, Value, ValueRef};
use smol_str::SmolStr;

use super::record::{Contender, Record, Seat, TOP};
use super::{Home, Slot, View};
use crate::codec::{self, Raw};
use crate::document::{Document, OpId};
use crate::fault::{Fault, planted};
use crate::id::{NodeId, TypeId};
use crate::position::{Spot, Tombstone, parse_position};

impl View {
    pub(super) fn read_everything(&mut self, project: &impl ReadDoc, comments: &impl ReadDoc) {
        self.read_frame(project, comments);
        for bucket in self.containers.nodes.clone() {
            for item in project.map_range(&bucket, ..) {
                if let (Ok(id), ValueRef::Object(ObjType::Map)) = (item.key.parse(), &item.value) {
                    self.read_record(project, id, item.id());
                }
            }
        }
        for bucket in self.containers.links.clone() {
            for item in project.map_range(&bucket, ..) {
                if let (Ok(id), ValueRef::Object(ObjType::Map)) = (item.key.parse(), &item.value) {
                    self.read_link(project, id, item.id());
                }
            }
        }
        for bucket in self.comment_containers.comments.clone() {
            for item in comments.map_range(&bucket, ..) {
                if let (Ok(id), ValueRef::Object(ObjType::Map)) = (item.key.parse(), &item.value) {
                    self.read_comment(comments, id, item.id());
                }
            }
        }
        self.seat_everybody(project);
        self.find_link_cycles();
        self.find_all_flaws();
    }

    /// Reads a node's record for the first time, or anew after its map was replaced.
    pub(super) fn read_record(&mut self, doc: &impl ReadDoc, id: NodeId, object: ObjId) -> Slot {
        let slot = self
            .slots
            .get(&id)
            .copied()
            .unwrap_or_else(|| self.new_record(id, object.clone()));
        self.homes
            .insert((Document::Project, object.clone()), Home::Node(slot));
        let stale: Vec<SmolStr> = self
            .record(slot)
            .registers
            .iter()
            .map(|register| register.key.clone())
            .collect();
        for key in stale {
            self.place_register(slot, &key, None);
        }
        let record = self.record_mut(slot);
        record.object = object.clone();
        record.gone = false;
        record.races.clear();
        let mut plain = PlainStructure::default();
        for item in doc.map_range(&object, ..) {
            if item.key.starts_with('@') {
                plain.see(&item);
                continue;
            }
            if item.conflict || matches!(item.value, ValueRef::Object(_)) {
                self.read_register(doc, slot, &item.key);
            } else {
                let raw = match &item.value {
                    ValueRef::Scalar(value) => Raw::from_scalar(&ScalarValue::from(value.clone())),
                    ValueRef::Object(_) => None,
                };
                let key = self.intern(&item.key);
                self.place_register(slot, &key, raw);
            }
        }
        match plain {
            PlainStructure {
                node_type: Some(node_type),
                position: Some((position, text)),
                is_more: false,
            } => self.take_plain_structure(slot, node_type, position, &text),
            _ => self.read_structure(doc, slot),
        }
        slot
    }

    /// What [`View::read_structure`] would find for a live node that nobody disputes.
    fn take_plain_structure(&mut self, slot: Slot, node_type: TypeId, position: OpId, text: &str) {
        let spot = parse_position(text).0;
        let record = self.record_mut(slot);
        record.node_type = node_type;
        record.position = position;
        record.wanted_parent = spot.parent;
        record.wanted_order = spot.order;
        record.contested = false;
        record.dead = None;
        record.deletion = None;
        record.edited_since = false;
        record.purged = false;
        record.unmade = false;
    }

    fn new_record(&mut self, id: NodeId, object: ObjId) -> Slot {
        let slot = Slot::try_from(self.records.len())
            .expect("fewer than four billion nodes fit in memory");
        self.slots.insert(id, slot);
        self.records.push(Record {
            id,
            position: OpId::of(&object),
            object,
            node_type: TypeId::from(""),
            wanted_parent: None,
            wanted_order: SmolStr::default(),
            contested: false,
            seat: Seat {
                parent: TOP,
                order: SmolStr::default(),
            },
            dead: None,
            deletion: None,
            edited_since: false,
            purged: false,
            unmade: false,
            gone: false,
            registers: vec![],
            races: vec![],
            kids: vec![],
            children: vec![],
            shown: None,
            links: vec![],
        });
        slot
    }

    /// Reads type, position and tombstones; the tree is put right afterwards.
    pub(super) fn read_structure(&mut self, doc: &impl ReadDoc, slot: Slot) {
        let object = self.record(slot).object.clone();
        let node_type = text_at(doc, &object, "@type")
            .map(|(text, _)| TypeId(text))
            .unwrap_or_else(|| TypeId::from(""));
        let positions = positions(doc, &object);
        let position = positions
            .last()
            .map(|(op, _)| op.clone())
            .unwrap_or_else(|| OpId::of(&object));
        let wanted = positions
            .last()
            .map(|(_, spot)| spot.clone())
            .unwrap_or(Spot {
                parent: None,
                order: "zz".into(),
            });
        let tombstones = texts_at(doc, &object, "@del");
        let named = position.to_string();
        let believes = |tombstone: &Tombstone| {
            tombstone.position == named.as_str() || planted(Fault::TombstoneIgnoresMove)
        };
        let buried = tombstones
            .iter()
            .rev()
            .map(|(op, text)| (op, Tombstone::parse(text)))
            .find(|(_, tomb)| believes(tomb));
        let purge = text_at(doc, &object, "@purge").map(|(text, _)| text);
        let id = self.record(slot).id;
        let record = self.record_mut(slot);
        record.node_type = node_type;
        record.contested = positions
            .iter()
            .any(|(_, spot)| spot.parent != wanted.parent);
        record.position = position;
        record.wanted_parent = wanted.parent;
        record.wanted_order = wanted.order;
        record.unmade = buried
            .as_ref()
            .is_some_and(|(_, tombstone)| tombstone.root.is_none());
        record.dead = buried
            .as_ref()
            .map(|(_, tombstone)| tombstone.root.unwrap_or(id));
        record.purged = buried
            .as_ref()
            .is_some_and(|(op, _)| purge.as_deref() == Some(op.to_string().as_str()));
        record.deletion = buried.map(|(op, _)| op.clone());
        self.read_edited_since(doc, slot);
    }

    /// Whether somebody else wrote to a dead node after its tombstone, by Lamport time. A node that was
    /// buried by undoing its creation counts as edited by whatever anybody else ever wrote to it.
    pub(super) fn read_edited_since(&mut self, doc: &impl ReadDoc, slot: Slot) {
        let record = self.record(slot);
        let edited = record.deletion.as_ref().is_some_and(|deletion| {
            let later = |op: &OpId| {
                op.actor != deletion.actor && (record.unmade || op.counter > deletion.counter)
            };
            doc.map_range(&record.object, ..)
                .filter(|item| !item.key.starts_with('@'))
                .any(|item| {
                    let typed = matches!(item.value, ValueRef::Object(ObjType::Text))
                        && doc
                            .list_range(item.id(), ..)
                            .any(|c| later(&OpId::of(&c.id())));
                    typed || later(&OpId::of(&item.id()))
                })
        });
        self.record_mut(slot).edited_since = edited;
    }

    /// Reads one field register.
    pub(super) fn read_register(&mut self, doc: &impl ReadDoc, slot: Slot, key: &str) {
        let object = self.record(slot).object.clone();
        let key = self.intern(key);
        let mut contenders = vec![];
        for (value, op) in doc.get_all(&object, key.as_str()).unwrap_or_default() {
            let raw = match &value {
                Value::Scalar(scalar) => Raw::from_scalar(scalar),
                Value::Object(ObjType::Text) => {
                    self.homes.insert(
                        (Document::Project, op.clone()),
                        Home::Prose(slot, key.clone()),
                    );
                    Some(Raw::Prose {
                        text: doc.text(&op).unwrap_or_default().into(),
                        object: op.clone(),
                    })
                }
                Value::Object(_) => Some(Raw::Odd("a structure of another program".into())),
            };
            contenders.extend(raw.map(|raw| Contender {
                op: OpId::of(&op),
                raw,
            }));
        }
        contenders.retain(|contender| !self.frame.settled.contains(&contender.op));
        // A text that is empty, because its author took everything back, does not contend.
        let is_empty = |contender: &Contender| matches!(&contender.raw, Raw::Prose { text, .. } if text.is_empty());
        if !contenders.iter().all(is_empty) {
            contenders.retain(|contender| !is_empty(contender));
        }
        let raw = contenders.last().map(|winner| winner.raw.clone());
        self.place_register(slot, &key, raw);
        contenders.dedup_by(|later, earlier| same_text(&later.raw, &earlier.raw));
        self.record_mut(slot).set_race(&key, contenders);
    }

    fn place_register(&mut self, slot: Slot, key: &SmolStr, raw: Option<Raw>) {
        let present = raw.is_some();
        self.record_mut(slot).set_register(key, raw);
        if let Some(target) = codec::referenced(key) {
            let referrers = self.referrers.entry(target).or_default();
            if present {
                referrers.insert(slot);
            } else {
                let still = self.records[slot as usize]
                    .registers
                    .iter()
                    .any(|register| codec::referenced(&register.key) == Some(target));
                if !still {
                    referrers.remove(&slot);
                }
            }
        }
    }
}

/// Structure of a record as one pass over its registers finds it: most records have a type and an
/// undisputed position, and reading those one by one would be half the time of opening a project.
#[derive(Default)]
struct PlainStructure {
    node_type: Option<TypeId>,
    position: Option<(OpId, SmolStr)>,
    /// There is a dispute or a tombstone.
    is_more: bool,
}

impl PlainStructure {
    fn see(&mut self, item: &MapRangeItem<'_>) {
        let text = match &item.value {
            ValueRef::Scalar(ScalarValueRef::Str(text)) if !item.conflict => SmolStr::from(&**text),
            _ => {
                self.is_more = true;
                return;
            }
        };
        match &*item.key {
            "@type" => self.node_type = Some(TypeId(text)),
            "@pos" => self.position = Some((OpId::of(&item.id()), text)),
            _ => self.is_more = true,
        }
    }
}

/// Two values that a person would not tell apart are no conflict.
fn same_text(a: &Raw, b: &Raw) -> bool {
    match (a, b) {
        (Raw::Prose { text: a, .. }, Raw::Prose { text: b, .. }) => a == b,
        _ => a == b,
    }
}

/// Visible `@pos` values, the winner last.
pub(super) fn positions(doc: &impl ReadDoc, object: &ObjId) -> Vec<(OpId, Spot)> {
    texts_at(doc, object, "@pos")
        .into_iter()
        .map(|(op, text)| (op, parse_position(&text).0))
        .collect()
}

/// Visible text values of a register, the winner last.
pub(super) fn texts_at(doc: &impl ReadDoc, object: &ObjId, key: &str) -> Vec<(OpId, SmolStr)> {
    let all = doc.get_all(object, key).unwrap_or_default();
    let texts = all
        .into_iter()
        .filter_map(|(value, op)| Some((OpId::of(&op), SmolStr::from(value.as_str()?))));
    let mut texts: Vec<_> = texts.collect();
    texts.sort_by(|a, b| a.0.cmp(&b.0));
    texts
}

/// The visible text of a register.
pub(super) fn text_at(doc: &impl ReadDoc, object: &ObjId, key: &str) -> Option<(SmolStr, OpId)> {
    let (value, op) = doc.get(object, key).ok()??;
    Some((value.as_str()?.into(), OpId::of(&op)))
}

/// The visible boolean of a register.
pub(super) fn flag_at(doc: &impl ReadDoc, object: &ObjId, key: &str) -> bool {
    doc.get(object, key)
        .ok()
        .flatten()
        .and_then(|(value, _)| value.as_bool())
        .unwrap_or(false)
}
