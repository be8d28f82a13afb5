//! From positions to a tree.
//!
//! A node stands where its newest visible position puts it. Concurrent moves can make cycles; in
//! each cycle the oldest edge is dropped and its node falls back to its next candidate: an older
//! visible position, then the recorded previous positions, then the top level. The result depends on
//! the positions alone, not on who saw them in which order.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use automerge::ReadDoc;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::record::{Seat, TOP};
use super::{Slot, View};
use crate::delta::Delta;
use crate::document::OpId;
use crate::fault::{Fault, planted};
use crate::position::{Spot, parse_position};

/// A place where a node may stand.
#[derive(Debug, Clone)]
struct Candidate {
    /// Stated by a visible position, not recorded as an earlier one.
    stated: bool,
    op: OpId,
    spot: Spot,
}

/// Nodes that have fallen back, with their candidates and the one in force.
type Fallen = FxHashMap<Slot, (Vec<Candidate>, usize)>;

impl View {
    /// Seats all records, then shows all live ones; for a view that is read anew.
    pub(super) fn seat_everybody(&mut self, doc: &impl ReadDoc) {
        let all: Vec<Slot> = (0..self.records.len() as Slot).collect();
        self.seat_from_scratch(doc);
        for slot in &all {
            let parent = self.record(*slot).seat.parent;
            self.kids_mut(parent).push(*slot);
        }
        for slot in &all {
            let shown = self.nearest_live(*slot);
            let record = self.record_mut(*slot);
            record.shown = shown;
            if record.dead.is_some() {
                self.dead.insert(*slot);
            }
            if let Some(parent) = shown {
                self.live_count += 1;
                self.children_mut(parent).push(*slot);
            }
        }
        let mut lists: Vec<Slot> = all;
        lists.push(TOP);
        for parent in lists {
            let mut children = std::mem::take(self.children_mut(parent));
            children.sort_unstable_by(|a, b| self.compare_siblings(*a, *b));
            *self.children_mut(parent) = children;
        }
    }

    /// Puts the tree right after the structure of some nodes was read; returns every node whose
    /// seat, liveness or shown parent may differ.
    pub(super) fn reseat(
        &mut self,
        doc: &impl ReadDoc,
        touched: &BTreeSet<Slot>,
        delta: &mut Delta,
    ) -> BTreeSet<Slot> {
        let mut moved = self.new_seats(doc, touched);
        moved.extend(touched);
        // A node that died or revived, or a dead one that moved, changes where those below it are shown.
        let mut affected = moved.clone();
        for slot in &moved {
            self.below_through_dead(*slot, &mut affected);
        }
        self.note_all_before(&affected, delta);
        self.hide(&affected);
        self.show(&affected);
        affected
    }

    /// Computes seats where they may have changed and links the records to their new seats.
    fn new_seats(&mut self, doc: &impl ReadDoc, touched: &BTreeSet<Slot>) -> BTreeSet<Slot> {
        let mut moved = BTreeSet::new();
        if self.displaced.is_empty() && self.seats_are_plain(touched) {
            for slot in touched {
                let seat = self
                    .wanted_seat(*slot)
                    .expect("plain seats have parents that exist");
                if self.take_seat(*slot, seat) {
                    moved.insert(*slot);
                }
            }
            return moved;
        }
        let before: Vec<Seat> = self
            .records
            .iter()
            .map(|record| record.seat.clone())
            .collect();
        self.seat_from_scratch(doc);
        for (slot, old) in before.into_iter().enumerate() {
            let new = std::mem::replace(&mut self.records[slot].seat, old);
            if self.take_seat(slot as Slot, new) {
                moved.insert(slot as Slot);
            }
        }
        moved
    }

    /// Whether all touched nodes can stand where they want without a cycle.
    fn seats_are_plain(&self, touched: &BTreeSet<Slot>) -> bool {
        touched.iter().all(|slot| {
            if self.record(*slot).gone {
                return false;
            }
            let mut at = *slot;
            for _ in 0..=self.records.len() {
                let Some(seat) = (if touched.contains(&at) {
                    self.wanted_seat(at)
                } else {
                    Some(self.record(at).seat.clone())
                }) else {
                    return false;
                };
                if seat.parent == TOP {
                    return true;
                }
                at = seat.parent;
                if at == *slot {
                    return false;
                }
            }
            false
        })
    }

    /// A record that is there.
    fn present(&self, id: crate::id::NodeId) -> Option<Slot> {
        self.slot(id).filter(|slot| !self.record(*slot).gone)
    }

    /// Whether a node wants to stand below something that is not there.
    pub(super) fn wants_the_missing(&self, slot: Slot) -> bool {
        self.wanted_seat(slot).is_none()
    }

    fn wanted_seat(&self, slot: Slot) -> Option<Seat> {
        let record = self.record(slot);
        let parent = match record.wanted_parent {
            None => TOP,
            Some(parent) => self.present(parent)?,
        };
        Some(Seat {
            parent,
            order: record.wanted_order.clone(),
        })
    }

    /// The whole resolution. Writes seats only; lists are the caller's.
    fn seat_from_scratch(&mut self, doc: &impl ReadDoc) {
        let mut fallen = Fallen::default();
        for slot in 0..self.records.len() as Slot {
            if self.wanted_seat(slot).is_none() {
                fallen.insert(slot, (self.candidates(doc, slot), 0));
            }
        }
        loop {
            let seats: Vec<Slot> = (0..self.records.len() as Slot)
                .map(|slot| self.parent_under(slot, &mut fallen))
                .collect();
            let dropped = self.oldest_edges_of_cycles(&seats, &fallen);
            if dropped.is_empty() {
                break;
            }
            for slot in dropped {
                fallen
                    .entry(slot)
                    .or_insert_with(|| (self.candidates(doc, slot), 0))
                    .1 += 1;
            }
        }
        for slot in 0..self.records.len() as Slot {
            let seat = match fallen.get(&slot) {
                None => self
                    .wanted_seat(slot)
                    .expect("those without a parent have fallen"),
                Some((candidates, index)) => match candidates.get(*index) {
                    Some(candidate) => Seat {
                        parent: self.slot_of(&candidate.spot),
                        order: candidate.spot.order.clone(),
                    },
                    None => Seat {
                        parent: TOP,
                        order: SmolStr::default(),
                    },
                },
            };
            self.record_mut(slot).seat = seat;
        }
        self.displaced = fallen.into_keys().collect();
    }

    fn slot_of(&self, spot: &Spot) -> Slot {
        spot.parent
            .and_then(|parent| self.present(parent))
            .unwrap_or(TOP)
    }

    /// The parent in force, moving past candidates whose parent does not exist.
    fn parent_under(&self, slot: Slot, fallen: &mut Fallen) -> Slot {
        let Some((candidates, index)) = fallen.get_mut(&slot) else {
            return self.wanted_seat(slot).map_or(TOP, |seat| seat.parent);
        };
        while let Some(candidate) = candidates.get(*index) {
            match candidate.spot.parent {
                None => return TOP,
                Some(parent) => match self.present(parent) {
                    Some(parent) => return parent,
                    None => *index += 1,
                },
            }
        }
        TOP
    }

    fn candidates(&self, doc: &impl ReadDoc, slot: Slot) -> Vec<Candidate> {
        let mut all = super::read::texts_at(doc, &self.record(slot).object, "@pos");
        all.reverse();
        let stated = all.iter().map(|(op, text)| Candidate {
            stated: true,
            op: op.clone(),
            spot: parse_position(text).0,
        });
        let earlier = all.iter().filter_map(|(op, text)| {
            Some(Candidate {
                stated: false,
                op: op.clone(),
                spot: parse_position(text).1?,
            })
        });
        stated.chain(earlier).collect()
    }

    /// For each cycle the node whose edge is the oldest.
    fn oldest_edges_of_cycles(&self, parents: &[Slot], fallen: &Fallen) -> Vec<Slot> {
        let mut visited = vec![0_u32; parents.len()];
        let mut dropped = vec![];
        for start in 0..parents.len() {
            let stamp = start as u32 + 1;
            let mut path = vec![];
            let mut at = start as Slot;
            while at != TOP && visited[at as usize] == 0 {
                visited[at as usize] = stamp;
                path.push(at);
                at = parents[at as usize];
            }
            if at != TOP && visited[at as usize] == stamp {
                let cycle = path.iter().skip_while(|slot| **slot != at);
                let oldest = if planted(Fault::CutByLocalOrder) {
                    cycle.copied().min()
                } else {
                    cycle
                        .copied()
                        .min_by_key(|slot| self.edge_age(*slot, fallen))
                };
                dropped.extend(oldest);
            }
        }
        dropped
    }

    fn edge_age(&self, slot: Slot, fallen: &Fallen) -> (bool, OpId, crate::id::NodeId) {
        let record = self.record(slot);
        match fallen
            .get(&slot)
            .and_then(|(candidates, index)| candidates.get(*index))
        {
            Some(candidate) => (candidate.stated, candidate.op.clone(), record.id),
            None => (true, record.position.clone(), record.id),
        }
    }

    /// Moves a record to a seat; false if it sits there already.
    fn take_seat(&mut self, slot: Slot, seat: Seat) -> bool {
        let old = self.record(slot).seat.clone();
        let listed = self.kids_of(old.parent).contains(&slot);
        if old == seat && listed {
            return false;
        }
        if old.parent != seat.parent || !listed {
            self.kids_mut(old.parent).retain(|kid| *kid != slot);
            self.kids_mut(seat.parent).push(slot);
        }
        self.record_mut(slot).seat = seat;
        true
    }

    /// Adds what is seated below a node through dead nodes only: that is shown above it, or was.
    fn below_through_dead(&self, slot: Slot, into: &mut BTreeSet<Slot>) {
        let record = self.record(slot);
        if record.is_live() && record.shown.is_some() {
            return;
        }
        let mut stack = vec![slot];
        while let Some(at) = stack.pop() {
            for kid in &self.record(at).kids {
                into.insert(*kid);
                if !self.record(*kid).is_live() {
                    stack.push(*kid);
                }
            }
        }
    }

    /// Takes nodes out of the lists of children where they are shown.
    fn hide(&mut self, slots: &BTreeSet<Slot>) {
        let mut by_parent: BTreeMap<Slot, Vec<Slot>> = BTreeMap::new();
        for slot in slots {
            if let Some(parent) = self.record(*slot).shown {
                by_parent.entry(parent).or_default().push(*slot);
            }
        }
        for (parent, leaving) in by_parent {
            self.live_count -= leaving.len();
            let children = self.children_mut(parent);
            if let [only] = leaving[..] {
                let index = children
                    .iter()
                    .position(|child| *child == only)
                    .expect("a shown node is in its parent's list");
                children.remove(index);
            } else {
                children.retain(|child| !slots.contains(child));
            }
        }
    }

    /// Puts live nodes into the lists of children where they belong.
    fn show(&mut self, slots: &BTreeSet<Slot>) {
        let mut by_parent: BTreeMap<Slot, Vec<Slot>> = BTreeMap::new();
        for slot in slots {
            let shown = self.nearest_live(*slot);
            let record = self.record_mut(*slot);
            record.shown = shown;
            if record.dead.is_some() {
                self.dead.insert(*slot);
            } else {
                self.dead.remove(slot);
            }
            if let Some(parent) = shown {
                by_parent.entry(parent).or_default().push(*slot);
            }
        }
        for (parent, arriving) in by_parent {
            self.live_count += arriving.len();
            if let [only] = arriving[..] {
                let children = self.children_of(parent);
                let index = children
                    .partition_point(|child| self.compare_siblings(*child, only) == Ordering::Less);
                self.children_mut(parent).insert(index, only);
            } else {
                let mut children = std::mem::take(self.children_mut(parent));
                children.extend(arriving);
                children.sort_by(|a, b| self.compare_siblings(*a, *b));
                *self.children_mut(parent) = children;
            }
        }
    }

    /// Where a live node is shown: its seat, or the nearest live ancestor of it.
    fn nearest_live(&self, slot: Slot) -> Option<Slot> {
        if !self.record(slot).is_live() {
            return None;
        }
        let mut parent = self.record(slot).seat.parent;
        while parent != TOP && !self.record(parent).is_live() {
            if planted(Fault::ForgetLift) {
                return Some(parent);
            }
            parent = self.record(parent).seat.parent;
        }
        Some(parent)
    }

    fn compare_siblings(&self, a: Slot, b: Slot) -> Ordering {
        let (a, b) = (self.record(a), self.record(b));
        (&a.seat.order, a.id).cmp(&(&b.seat.order, b.id))
    }

    pub(crate) fn children_of(&self, parent: Slot) -> &[Slot] {
        if parent == TOP {
            &self.roots
        } else {
            &self.record(parent).children
        }
    }

    pub(crate) fn kids_of(&self, parent: Slot) -> &[Slot] {
        if parent == TOP {
            &self.root_kids
        } else {
            &self.record(parent).kids
        }
    }

    fn children_mut(&mut self, parent: Slot) -> &mut Vec<Slot> {
        if parent == TOP {
            &mut self.roots
        } else {
            &mut self.records[parent as usize].children
        }
    }

    fn kids_mut(&mut self, parent: Slot) -> &mut Vec<Slot> {
        if parent == TOP {
            &mut self.root_kids
        } else {
            &mut self.records[parent as usize].kids
        }
    }
}
