//! Reading registers of a document into records.

use std::sync::Arc;

use automerge::iter::{DocItem, DocObjItem, MapRangeItem};
use automerge::{Automerge, ObjId, ObjType, ReadDoc, ScalarValue, ScalarValueRef, Value, ValueRef};
use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};
use uuid::Uuid;

use super::conflicts::noted_place;
use super::record::{Contender, Record, Seat, TOP};
use super::{Home, Slot, View, differences_since};
use crate::codec::{self, Raw};
use crate::document::{Document, OpId, Reader, record_id};
use crate::fault::{Fault, planted};
use crate::id::{CommentId, LinkId, NodeId, TypeId};
use crate::position::{Spot, Tombstone, parse_position};

impl View {
    pub(super) fn read_everything(&mut self, project: &Automerge, comments: &Automerge) {
        self.read_frame(project, comments);
        self.find_lost_containers(project, comments);
        let links = self.read_records(project);
        self.read_removed_records(project);
        for (id, object) in links {
            self.read_link(project, LinkId(id), object);
        }
        for (id, object) in self.list_comments(comments) {
            self.read_comment(comments, CommentId(id), object);
        }
        self.seat_everybody(project);
        self.find_link_cycles();
        self.find_all_flaws();
    }

    /// Reads the records of all nodes in one pass over the document, and says what links there are: to seek every one of them,
    /// or every bucket, most of which are empty in a small project, costs several times as much.
    fn read_records(&mut self, doc: &Automerge) -> Vec<(Uuid, ObjId)> {
        let mut links = vec![];
        let mut unread = FxHashMap::default();
        // The pass leaves out what stands in a container that another program removed, and maps that are empty.
        let is_listed = !self.lost.is_empty();
        if is_listed {
            for (index, bucket) in self.containers.links.iter().enumerate() {
                links.extend(records(doc, index, bucket));
            }
            for (index, bucket) in self.containers.nodes.clone().iter().enumerate() {
                for (id, object) in records(doc, index, bucket) {
                    let slot = self.begin_record(NodeId(id), object.clone());
                    unread.insert(object, slot);
                }
            }
        }
        // The items of an object come one after the other.
        let mut object: Option<Arc<ObjId>> = None;
        let mut place = Passed::Other;
        for DocObjItem { obj, item } in doc.iter() {
            if !object.as_ref().is_some_and(|it| Arc::ptr_eq(it, &obj)) {
                let next = match unread.remove(&*obj) {
                    Some(slot) => Passed::Record(slot, PlainStructure::default()),
                    None if is_listed => Passed::Other,
                    None => self.passed(&obj),
                };
                if let Passed::Record(slot, plain) = std::mem::replace(&mut place, next) {
                    self.end_record(doc, slot, plain);
                }
                object = Some(obj);
            }
            let DocItem::Map(item) = item else {
                continue;
            };
            match &mut place {
                Passed::Record(slot, plain) => self.take_item(doc, *slot, plain, &item),
                Passed::Links(index) => links.extend(record(*index, &item)),
                Passed::Nodes(index) => {
                    if let Some((id, object)) = record(*index, &item) {
                        let slot = self.begin_record(NodeId(id), object.clone());
                        unread.insert(object, slot);
                    }
                }
                Passed::Other => {}
            }
        }
        if let Passed::Record(slot, plain) = place {
            self.end_record(doc, slot, plain);
        }
        for (object, slot) in unread {
            self.read_items(doc, slot, &object);
        }
        links
    }

    /// What a pass over the project has come to, if it is a bucket.
    fn passed(&self, object: &ObjId) -> Passed {
        match self.homes.get(&(Document::Project, object.clone())) {
            Some(Home::NodeBucket(index)) => Passed::Nodes(*index),
            Some(Home::LinkBucket(index)) => Passed::Links(*index),
            _ => Passed::Other,
        }
    }

    /// All comments, in one pass if that comes by all of them.
    fn list_comments(&self, doc: &Automerge) -> Vec<(Uuid, ObjId)> {
        let buckets = &self.comment_containers.comments;
        if !self.lost.is_empty() {
            let buckets = buckets.iter().enumerate();
            return (buckets.flat_map(|(index, bucket)| records(doc, index, bucket))).collect();
        }
        let found = doc.iter().filter_map(|DocObjItem { obj, item }| {
            let DocItem::Map(item) = item else {
                return None;
            };
            if !is_map(&item) {
                return None;
            }
            match self.homes.get(&(Document::Comments, (*obj).clone()))? {
                Home::CommentBucket(index) => record(*index, &item),
                _ => None,
            }
        });
        found.collect()
    }

    /// Reads a node's record for the first time, or anew after its map was replaced.
    pub(super) fn read_record(&mut self, doc: &impl Reader, id: NodeId, object: ObjId) -> Slot {
        let slot = self.begin_record(id, object.clone());
        self.read_items(doc, slot, &object);
        slot
    }

    fn read_items(&mut self, doc: &impl Reader, slot: Slot, object: &ObjId) {
        let mut plain = PlainStructure::default();
        for item in doc.map_range(object, ..) {
            self.take_item(doc, slot, &mut plain, &item);
        }
        self.end_record(doc, slot, plain);
    }

    fn begin_record(&mut self, id: NodeId, object: ObjId) -> Slot {
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
        record.object = object;
        record.gone = false;
        record.races.clear();
        slot
    }

    fn take_item(
        &mut self,
        doc: &impl Reader,
        slot: Slot,
        plain: &mut PlainStructure,
        item: &MapRangeItem<'_>,
    ) {
        if item.key.starts_with('@') {
            plain.see(item);
            return;
        }
        let is_object = matches!(item.value, ValueRef::Object(_));
        if item.conflict || is_object || self.is_settled_anywhere(item) {
            self.read_register(doc, slot, &item.key);
            return;
        }
        let raw = match &item.value {
            ValueRef::Scalar(value) => Raw::from_scalar(&ScalarValue::from(value.clone())),
            ValueRef::Object(_) => None,
        };
        let key = self.intern(&item.key);
        self.place_register(slot, &key, raw);
    }

    fn end_record(&mut self, doc: &impl Reader, slot: Slot, plain: PlainStructure) {
        match plain {
            PlainStructure {
                node_type: Some(node_type),
                position: Some((position, text)),
                is_more: false,
            } => self.take_plain_structure(slot, node_type, position, &text),
            _ => self.read_structure(doc, slot),
        }
    }

    /// What [`View::read_structure`] would find for a live node that nobody disputes.
    fn take_plain_structure(&mut self, slot: Slot, node_type: TypeId, position: OpId, text: &str) {
        let spot = parse_position(text).0;
        self.lost_places.remove(&slot);
        self.unseen_edits.remove(&slot);
        let record = self.record_mut(slot);
        record.node_type = node_type;
        record.position = position;
        record.wanted_parent = spot.parent;
        record.wanted_order = spot.order;
        record.contested = false;
        record.dead = None;
        record.deletions.clear();
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
            deletions: vec![],
            edited_since: false,
            purged: false,
            unmade: false,
            removed: false,
            gone: false,
            registers: vec![],
            races: vec![],
            kids: vec![],
            children: vec![],
            shown: None,
        });
        slot
    }

    /// Reads type, position and tombstones; the tree is put right afterwards.
    pub(super) fn read_structure(&mut self, doc: &impl Reader, slot: Slot) {
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
        let named = position.to_string();
        let believed: Vec<(OpId, Tombstone)> = texts_at(doc, &object, "@del")
            .into_iter()
            .map(|(op, text)| (op, Tombstone::parse(&text)))
            .filter(|(_, tombstone)| {
                tombstone.position == named.as_str() || planted(Fault::TombstoneIgnoresMove)
            })
            .collect();
        let purge = text_at(doc, &object, "@purge").map(|(text, _)| text);
        let id = self.record(slot).id;
        let lost = positions.iter().rev().skip(1);
        let lost = lost.filter(|(op, spot)| {
            spot.parent != wanted.parent && !self.is_noted(&noted_place(id, op))
        });
        let lost: Vec<_> = lost.map(|(op, spot)| (op.clone(), spot.parent)).collect();
        let contested = !lost.is_empty();
        put_or_remove(&mut self.lost_places, slot, lost);
        let record = self.record_mut(slot);
        record.node_type = node_type;
        record.contested = contested;
        record.position = position;
        record.wanted_parent = wanted.parent;
        record.wanted_order = wanted.order;
        let buried = believed.last();
        record.unmade = buried.is_some_and(|(_, tombstone)| tombstone.root.is_none());
        record.dead = buried.map(|(_, tombstone)| tombstone.root.unwrap_or(id));
        record.purged =
            buried.is_some_and(|(op, _)| purge.as_deref() == Some(op.to_string().as_str()));
        record.deletions = believed.into_iter().map(|(op, _)| op).collect();
        self.read_edited_since(doc, slot);
    }

    /// Whether somebody wrote to a dead node without having been seen by anyone who trashed it.
    pub(super) fn read_edited_since(&mut self, doc: &impl Reader, slot: Slot) {
        let record = self.record(slot);
        let changes: Option<Vec<_>> = record
            .deletions
            .iter()
            .map(|op| doc.change_of(op))
            .collect();
        // What is being deleted in an open transaction has been seen as it is.
        let changes = changes.filter(|changes| {
            !changes.is_empty() && !changes.iter().any(|change| doc.is_last(change))
        });
        let edits = changes.map(|changes| differences_since(doc, &record.object, &changes));
        let mut edits = edits.unwrap_or_default();
        edits.retain(|(key, _)| !["@pos", "@del", "@purge"].contains(&key.as_str()));
        self.record_mut(slot).edited_since = !edits.is_empty();
        put_or_remove(&mut self.unseen_edits, slot, edits);
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
        if !self.frame.settled.is_empty() {
            let place = settled_place(self.record(slot).id, &key);
            contenders.retain(|lost| self.frame.settled.get(&lost.op) != Some(&place));
        }
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

    /// Whether somebody settled a race against a value; where, [`View::read_register`] looks.
    fn is_settled_anywhere(&self, item: &MapRangeItem<'_>) -> bool {
        !self.frame.settled.is_empty() && self.frame.settled.contains_key(&OpId::of(&item.id()))
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

/// Where a pass over the project is.
enum Passed {
    Nodes(usize),
    Links(usize),
    Record(Slot, PlainStructure),
    Other,
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

/// Records in a bucket.
fn records(doc: &Automerge, index: usize, bucket: &ObjId) -> Vec<(Uuid, ObjId)> {
    let items = doc.map_range(bucket, ..);
    items.filter_map(|item| record(index, &item)).collect()
}

/// The record that an item of a bucket is: a map under an id that belongs there.
fn record(index: usize, item: &MapRangeItem<'_>) -> Option<(Uuid, ObjId)> {
    let id = record_id(index, &item.key).filter(|_| is_map(item))?;
    Some((id, item.id()))
}

fn is_map(item: &MapRangeItem<'_>) -> bool {
    matches!(item.value, ValueRef::Object(ObjType::Map))
}

/// Keeps what is there and nothing for what is not, so that most nodes cost nothing.
fn put_or_remove<T>(map: &mut FxHashMap<Slot, Vec<T>>, slot: Slot, found: Vec<T>) {
    if found.is_empty() {
        map.remove(&slot);
    } else {
        map.insert(slot, found);
    }
}

/// What `settled` says of a value that lost: the register that it stands in.
pub(crate) fn settled_place(node: NodeId, key: &str) -> SmolStr {
    format_smolstr!("{node}/{key}")
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

/// The visible map of a register.
pub(super) fn map_at(doc: &impl ReadDoc, object: &ObjId, key: &str) -> Option<ObjId> {
    match doc.get(object, key).ok()?? {
        (Value::Object(ObjType::Map), map) => Some(map),
        _ => None,
    }
}

/// The visible boolean of a register.
pub(super) fn flag_at(doc: &impl ReadDoc, object: &ObjId, key: &str) -> bool {
    doc.get(object, key)
        .ok()
        .flatten()
        .and_then(|(value, _)| value.as_bool())
        .unwrap_or(false)
}
