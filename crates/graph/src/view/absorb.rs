//! Keeping the view up to date: re-read what was touched, then put right what depends on it.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ObjId, ReadDoc};
use smol_str::SmolStr;

use super::conflicts::node_noted;
use super::frame::Part;
use super::links::LinkRecord;
use super::record::TOP;
use super::{CommentView, Home, Slot, View};
use crate::codec::{referenced, split_key};
use crate::delta::{Delta, NodeDelta};
use crate::document::{Document, Reader, record_id};
use crate::fault::{Fault, planted};
use crate::id::{CommentId, FieldId, LinkId, NodeId};
use crate::schema::Schema;

/// A register, or a text as a whole, that a change wrote to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Touched {
    pub document: Document,
    pub object: ObjId,
    /// None for positions in a text.
    pub key: Option<SmolStr>,
    /// The map that was made there, if it was one: it may be out of sight again.
    pub made: Option<ObjId>,
}

/// What has to be put right after reading.
#[derive(Default)]
struct Work {
    structure: BTreeSet<Slot>,
    fields: BTreeSet<Slot>,
    links: BTreeSet<LinkId>,
    frame: BTreeSet<Part>,
    containers: bool,
}

impl View {
    /// Re-reads what was touched. Idempotent; the order does not matter.
    pub(crate) fn absorb(
        &mut self,
        project: &impl Reader,
        comments: &impl Reader,
        touched: &[Touched],
    ) -> Delta {
        let mut delta = Delta::default();
        let mut work = Work::default();
        for touch in touched {
            let Some(home) = self.home_of(touch) else {
                continue;
            };
            match (home, touch.key.as_deref()) {
                (Home::Root, _) => work.containers = true,
                (Home::NodeBucket(bucket), Some(key)) => {
                    if let Some(id) = record_id(bucket, key).map(NodeId) {
                        self.absorb_record(project, touch, id, &mut work, &mut delta);
                    }
                }
                (Home::Section(section), Some(key)) => {
                    work.frame.insert((section, key.into()));
                }
                (Home::Part(part), _) => {
                    work.frame.insert(part);
                }
                (Home::Node(slot), Some(key)) => {
                    self.absorb_register(project, slot, key, &mut work, &mut delta)
                }
                (Home::Prose(slot, key), None) => {
                    self.absorb_register(project, slot, &key, &mut work, &mut delta)
                }
                _ => {}
            }
        }
        self.absorb_links_and_comments(project, comments, touched, &mut work, &mut delta);
        self.settle(project, comments, work, &mut delta);
        delta
    }

    fn home_of(&self, touch: &Touched) -> Option<Home> {
        let home = self.homes.get(&(touch.document, touch.object.clone()));
        home.cloned()
    }

    /// Links and comments name nodes, which by now have been read.
    fn absorb_links_and_comments(
        &mut self,
        project: &impl Reader,
        comments: &impl Reader,
        touched: &[Touched],
        work: &mut Work,
        delta: &mut Delta,
    ) {
        for touch in touched {
            match (self.home_of(touch), touch.key.as_deref()) {
                (Some(Home::LinkBucket(bucket)), Some(key)) => {
                    if let Some(id) = record_id(bucket, key).map(LinkId) {
                        self.absorb_link(project, id, work, delta);
                    }
                }
                (Some(Home::Link(id)), Some(_)) if !work.links.contains(&id) => {
                    self.absorb_link(project, id, work, delta);
                }
                (Some(Home::CommentBucket(bucket)), Some(key)) => {
                    if let Some(id) = record_id(bucket, key).map(CommentId) {
                        self.absorb_comment(comments, id, delta);
                    }
                }
                (Some(Home::Comment(id)), Some(_)) => self.absorb_comment(comments, id, delta),
                _ => {}
            }
        }
    }

    fn absorb_record(
        &mut self,
        doc: &impl Reader,
        touch: &Touched,
        id: NodeId,
        work: &mut Work,
        delta: &mut Delta,
    ) {
        let known = self.slot(id);
        let mut maps = known.map(|slot| self.maps_of(slot)).unwrap_or_default();
        maps.extend(touch.made.clone());
        if let Some(slot) = known {
            self.note_structure_before(slot, delta);
        }
        match self.read_standing(doc, &touch.object, id, maps) {
            Some(slot) => {
                work.structure.insert(slot);
                work.fields.insert(slot);
            }
            None => {
                let Some(slot) = known else { return };
                self.let_go(slot);
                work.structure.insert(slot);
            }
        }
    }

    fn absorb_register(
        &mut self,
        doc: &impl Reader,
        slot: Slot,
        key: &str,
        work: &mut Work,
        delta: &mut Delta,
    ) {
        if key.starts_with('@') {
            self.note_structure_before(slot, delta);
            if work.structure.insert(slot) {
                self.read_structure(doc, slot);
            }
            return;
        }
        self.note_before(slot, delta);
        let Some((field, _)) = split_key(key) else {
            return;
        };
        self.note_field_before(slot, &field, delta);
        let was_prose = self.is_prose(slot, key);
        self.read_register(doc, slot, key);
        if was_prose || self.is_prose(slot, key) {
            delta.texts.insert((self.record(slot).id, field));
        }
        if self.record(slot).dead.is_some() {
            self.read_edited_since(doc, slot);
            delta.trash = true;
        }
        work.fields.insert(slot);
    }

    fn is_prose(&self, slot: Slot, key: &str) -> bool {
        matches!(
            self.record(slot).register(key),
            Some(crate::codec::Raw::Prose { .. })
        )
    }

    fn note_before<'a>(&self, slot: Slot, delta: &'a mut Delta) -> &'a mut NodeDelta {
        let record = self.record(slot);
        delta.nodes.entry(record.id).or_insert_with(|| NodeDelta {
            parent: self.shown_parent(slot),
            ..NodeDelta::default()
        })
    }

    fn note_structure_before(&self, slot: Slot, delta: &mut Delta) {
        self.note_before(slot, delta).structure = true;
    }

    pub(super) fn shown_parent(&self, slot: Slot) -> Option<Option<crate::id::NodeId>> {
        let shown = self.record(slot).shown?;
        Some((shown != TOP).then(|| self.record(shown).id))
    }

    fn note_field_before(&self, slot: Slot, field: &FieldId, delta: &mut Delta) {
        let id = self.record(slot).id;
        let before = self.node(id).and_then(|node| node.value(field));
        if let Some(change) = delta.nodes.get_mut(&id) {
            change.fields.entry(field.clone()).or_insert(before);
        }
    }

    fn absorb_link(&mut self, doc: &impl ReadDoc, id: LinkId, work: &mut Work, delta: &mut Delta) {
        delta.links.entry(id).or_insert_with(|| self.link(id));
        if let Some(LinkRecord { link, .. }) = self.link_record(id) {
            let ends = [link.from, link.to];
            work.fields
                .extend(ends.into_iter().filter_map(|end| self.slot(end)));
        }
        work.links.insert(id);
        match self.link_object(doc, id) {
            Some(object) => self.read_link(doc, id, object),
            None => self.remove_link(id),
        }
    }

    fn absorb_comment(&mut self, doc: &impl ReadDoc, id: CommentId, delta: &mut Delta) {
        let before = self.comment(id).cloned();
        match self.comment_object(doc, id) {
            Some(object) => self.read_comment(doc, id, object),
            None => self.remove_comment(id),
        }
        let on = |comment: Option<&CommentView>| comment.map(|comment| comment.node);
        delta.comments.extend(on(before.as_ref()));
        delta.comments.extend(on(self.comment(id)));
        delta.remarks.entry(id).or_insert(before);
    }

    /// Puts right what depends on what was read.
    fn settle(
        &mut self,
        project: &impl Reader,
        comments: &impl Reader,
        work: Work,
        delta: &mut Delta,
    ) {
        let mut look = work.fields;
        if work.containers {
            delta.problems |= self.find_lost_containers(project, comments);
        }
        if !work.frame.is_empty() {
            self.settle_frame(project, comments, &work.frame, &mut look, delta);
        }
        let mut links = work.links;
        if !work.structure.is_empty() {
            self.settle_structure(project, &work.structure, &mut look, &mut links, delta);
        }
        if !links.is_empty() {
            let cycles = self.refresh_link_cycles(&links);
            links.extend(cycles);
            for link in &links {
                let Some(record) = self.link_record(*link).map(|record| record.link.clone()) else {
                    continue;
                };
                look.extend(
                    [record.from, record.to]
                        .into_iter()
                        .filter_map(|end| self.slot(end)),
                );
            }
        }
        for slot in look {
            let Some(before) = self.find_flaws(slot) else {
                continue;
            };
            delta.problems = true;
            delta.flaws.entry(self.record(slot).id).or_insert(before);
        }
    }

    fn settle_frame(
        &mut self,
        project: &impl Reader,
        comments: &impl Reader,
        parts: &BTreeSet<Part>,
        look: &mut BTreeSet<Slot>,
        delta: &mut Delta,
    ) {
        let old = self.read_parts(project, comments, parts);
        delta.frame |= old.differs;
        delta.problems |= !old.noted.is_empty();
        for node in old.noted.iter().filter_map(|name| node_noted(name)) {
            if let Some(slot) = self.slot(node) {
                self.read_structure(project, slot);
                look.insert(slot);
            }
        }
        for (op, before) in old.settled {
            look.extend(self.node_of(&op.object()));
            let now = self.frame.settled.get(&op).cloned();
            for place in [before, now].into_iter().flatten() {
                self.reread_settled(project, &place, look, delta);
            }
        }
        let Some(schema) = old.schema else {
            return;
        };
        for slot in 0..self.records.len() as Slot {
            if self.concerns(slot, &schema) {
                self.note_structure_before(slot, delta);
            }
            look.insert(slot);
        }
    }

    /// Reads a register in which a race was settled, or is a race again.
    fn reread_settled(
        &mut self,
        doc: &impl Reader,
        place: &str,
        look: &mut BTreeSet<Slot>,
        delta: &mut Delta,
    ) {
        let slot = |node: &str| self.slot(node.parse().ok()?);
        if let Some((node, key)) = place.split_once('/')
            && let Some(slot) = slot(node)
            && !key.starts_with('@')
        {
            let mut work = Work::default();
            self.absorb_register(doc, slot, key, &mut work, delta);
            look.extend(work.fields);
        }
    }

    /// Whether a node is shown otherwise under another template.
    fn concerns(&self, slot: Slot, old: &Schema) -> bool {
        let record = self.record(slot);
        let new = &self.frame.schema;
        if old.node_type(&record.node_type) != new.node_type(&record.node_type) {
            return true;
        }
        record
            .registers
            .iter()
            .filter_map(|register| split_key(&register.key))
            .any(|(field, _)| old.field(&field) != new.field(&field))
    }

    fn settle_structure(
        &mut self,
        doc: &impl Reader,
        structure: &BTreeSet<Slot>,
        look: &mut BTreeSet<Slot>,
        links: &mut BTreeSet<LinkId>,
        delta: &mut Delta,
    ) {
        let displaced = self.displaced.clone();
        let before = |view: &View, slot: Slot| {
            (
                view.record(slot).shown.is_some(),
                view.record(slot).dead.is_some(),
            )
        };
        let old: BTreeMap<Slot, (bool, bool)> = structure
            .iter()
            .map(|slot| (*slot, before(self, *slot)))
            .collect();
        let affected = self.reseat(doc, structure, delta);
        for slot in &affected {
            let record = self.record(*slot);
            let was_live = old
                .get(slot)
                .map_or(record.shown.is_some(), |(live, _)| *live);
            delta.trash |= record.dead.is_some() || !was_live;
            if was_live != record.shown.is_some() {
                for link in self.link_ids_at(record.id) {
                    links.insert(link);
                    let known = self.link_record(link).map(|record| record.link.clone());
                    if let Some(link) = known {
                        delta.links.entry(link.id).or_insert(
                            (was_live && self.other_end_was_live(&link, &old)).then_some(link),
                        );
                    }
                }
            }
        }
        look.extend(self.dependents(&affected));
        look.extend(displaced.symmetric_difference(&self.displaced));
        for slot in structure {
            let refers = self
                .record(*slot)
                .registers
                .iter()
                .any(|register| referenced(&register.key).is_some());
            if refers {
                look.insert(*slot);
            }
        }
    }

    fn other_end_was_live(
        &self,
        link: &crate::link::Link,
        old: &BTreeMap<Slot, (bool, bool)>,
    ) -> bool {
        [link.from, link.to].into_iter().all(|end| {
            let Some(slot) = self.slot(end) else {
                return false;
            };
            old.get(&slot)
                .map_or(self.record(slot).shown.is_some(), |(live, _)| *live)
        })
    }

    /// For every touched register of a remote change, unless a defect is planted.
    pub(crate) fn forgets(touch: &Touched) -> bool {
        planted(Fault::ForgetRemoteField)
            && touch
                .key
                .as_deref()
                .is_some_and(|key| !key.starts_with('@'))
    }

    /// Notes, for nodes about to be shown elsewhere, where they were.
    pub(super) fn note_all_before(&self, slots: &BTreeSet<Slot>, delta: &mut Delta) {
        for slot in slots {
            self.note_structure_before(*slot, delta);
        }
    }
}
