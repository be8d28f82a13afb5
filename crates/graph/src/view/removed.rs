//! What another program removed: records and containers.
//!
//! Deleting or replacing a map takes it out of sight, but not out of the document: it can be read,
//! written and merged as before. So the view goes on reading the maps that it knows by the
//! operations that made them, and lists what stands no longer under its name.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ChangeMetadata, ObjId, ObjType, Parents, Prop, ReadDoc, Value};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::{Home, Slot, View};
use crate::document::{Document, GENESIS_ACTOR, OpId, Reader, containers, record_id};
use crate::id::NodeId;

/// The map that is read as a record.
pub(super) struct Standing {
    pub object: ObjId,
    /// It is not what stands under its key.
    pub removed: bool,
    /// Other maps that were made under the key.
    pub rivals: BTreeSet<ObjId>,
}

impl Standing {
    /// Of all maps that were ever made under a key: the one that is visible, or else the newest.
    pub fn choose(
        doc: &impl ReadDoc,
        bucket: &ObjId,
        key: &str,
        known: BTreeSet<ObjId>,
    ) -> Option<Standing> {
        let mut maps = known;
        let all = doc.get_all(bucket, key).unwrap_or_default();
        let visible = all.last().filter(|(value, _)| is_map(value));
        let visible = visible.map(|(_, object)| object.clone());
        maps.extend(
            all.into_iter()
                .filter(|(value, _)| is_map(value))
                .map(|(_, object)| object),
        );
        // A creation that was rolled back leaves an id of nothing.
        maps.retain(|object| doc.object_type(object).is_ok());
        let object = visible.clone().or_else(|| maps.last().cloned())?;
        maps.remove(&object);
        Some(Standing {
            object,
            removed: visible.is_none(),
            rivals: maps,
        })
    }
}

fn missing_from(doc: &impl ReadDoc, document: Document) -> BTreeSet<SmolStr> {
    let mut standing: FxHashSet<ObjId> = FxHashSet::default();
    let mut looked_in = None;
    let mut missing = BTreeSet::new();
    for container in containers(document) {
        if looked_in != Some(&container.parent) {
            standing.extend(doc.map_range(&container.parent, ..).map(|item| item.id()));
            looked_in = Some(&container.parent);
        }
        if !standing.contains(&container.object) {
            missing.insert(container.path.clone());
        }
    }
    missing
}

fn is_map(value: &Value<'_>) -> bool {
    matches!(value, Value::Object(ObjType::Map))
}

impl View {
    /// Every map that is known to have been made under the key of a record.
    pub(super) fn maps_of(&self, slot: Slot) -> BTreeSet<ObjId> {
        let mut maps = self.rivals.get(&slot).cloned().unwrap_or_default();
        let record = self.record(slot);
        maps.extend((!record.gone).then(|| record.object.clone()));
        maps
    }

    /// Forgets the map of a record whose creation was rolled back: its operation will name another.
    pub(super) fn let_go(&mut self, slot: Slot) {
        let object = self.record(slot).object.clone();
        self.homes.remove(&(Document::Project, object));
        self.rivals.remove(&slot);
        self.record_mut(slot).gone = true;
    }

    pub(super) fn note_standing(&mut self, slot: Slot, standing: Standing) {
        self.record_mut(slot).removed = standing.removed;
        if standing.rivals.is_empty() {
            self.rivals.remove(&slot);
        } else {
            self.rivals.insert(slot, standing.rivals);
        }
    }

    /// Finds records that do not stand under their keys, after all others were read.
    ///
    /// A map that is out of sight is in no listing, so every operation is asked whether it made one.
    pub(super) fn read_removed_records(&mut self, doc: &Automerge) {
        let mut hidden: BTreeMap<(usize, NodeId), BTreeSet<ObjId>> = BTreeMap::new();
        let theirs = |change: &ChangeMetadata<'_>| change.actor.to_bytes() != GENESIS_ACTOR;
        for change in doc.get_changes_meta(&[]).into_iter().filter(theirs) {
            for counter in change.start_op..=change.max_op {
                let object = OpId {
                    counter,
                    actor: (*change.actor).clone(),
                }
                .object();
                // Asked in this way since the refusal is cheap, and most operations made no object.
                let Ok(parents) = doc.parents(&object) else {
                    continue;
                };
                let home = (Document::Project, object);
                if self.homes.contains_key(&home) {
                    continue;
                }
                if let Some(record) = self.record_made(doc, &home.1, parents) {
                    hidden.entry(record).or_default().insert(home.1);
                }
            }
        }
        for ((bucket, id), mut maps) in hidden {
            if let Some(slot) = self.slot(id) {
                maps.extend(self.maps_of(slot));
            }
            let bucket = self.containers.nodes[bucket].clone();
            self.read_standing(doc, &bucket, id, maps);
        }
    }

    /// The bucket and the node that a map was made in and for.
    fn record_made(
        &self,
        doc: &Automerge,
        object: &ObjId,
        mut parents: Parents<'_>,
    ) -> Option<(usize, NodeId)> {
        let parent = parents.next()?;
        let Some(Home::NodeBucket(bucket)) = self.homes.get(&(Document::Project, parent.obj))
        else {
            return None;
        };
        let Prop::Map(key) = parent.prop else {
            return None;
        };
        let is_map = matches!(doc.object_type(object), Ok(ObjType::Map));
        let id = record_id(*bucket, &key).filter(|_| is_map)?;
        Some((*bucket, NodeId(id)))
    }

    /// Reads the record of a node from the map that is it; none if there is none.
    pub(super) fn read_standing(
        &mut self,
        doc: &impl Reader,
        bucket: &ObjId,
        id: NodeId,
        known: BTreeSet<ObjId>,
    ) -> Option<Slot> {
        let standing = Standing::choose(doc, bucket, &id.to_string(), known)?;
        let slot = self.read_record(doc, id, standing.object.clone());
        self.note_standing(slot, standing);
        Some(slot)
    }

    /// Looks which containers do not stand under their names; true if these are others than before.
    pub(super) fn find_lost_containers(
        &mut self,
        project: &impl ReadDoc,
        comments: &impl ReadDoc,
    ) -> bool {
        let mut lost = missing_from(project, Document::Project);
        lost.extend(missing_from(comments, Document::Comments));
        let before = std::mem::replace(&mut self.lost, lost);
        before != self.lost
    }

    /// Paths of containers that do not stand under their names, unless somebody has taken note.
    pub(crate) fn lost_containers(&self) -> impl Iterator<Item = &SmolStr> {
        let noted = &self.frame.noted;
        self.lost.iter().filter(|path| !noted.contains(*path))
    }

    /// Whether a node's record does not stand under its key, and nobody has taken note of it.
    pub(crate) fn is_removed(&self, slot: Slot) -> bool {
        let record = self.record(slot);
        record.removed && !self.frame.settled.contains_key(&OpId::of(&record.object))
    }
}
