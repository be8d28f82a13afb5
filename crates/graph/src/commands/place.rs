//! Finding a place among siblings, and putting nodes there.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::check;
use crate::command::{Place, Position};
use crate::document::Document;
use crate::edit::Edit;
use crate::id::NodeId;
use crate::order::{self, run_between};
use crate::position::{Spot, print_position};
use crate::rejection::Rejection;
use crate::view::{Slot, TOP};

/// A place that exists.
pub(super) struct FoundPlace {
    pub parent: Option<Slot>,
    /// Index among the siblings that stay.
    index: usize,
    staying: Vec<Slot>,
}

/// Looks a place up; nodes that are about to move there do not count as siblings.
pub(super) fn find(
    edit: &Edit<'_>,
    place: &Place,
    moving: &BTreeSet<Slot>,
) -> Result<FoundPlace, Rejection> {
    let parent = place
        .parent
        .map(|parent| check::live(edit.view, parent))
        .transpose()?;
    let siblings = edit.view.children_of(parent.unwrap_or(TOP));
    let index_of = |node: NodeId| {
        let slot = edit.view.slot(node);
        siblings
            .iter()
            .position(|sibling| Some(*sibling) == slot)
            .ok_or(Rejection::NoSuchPlace)
    };
    let staying: Vec<Slot> = siblings
        .iter()
        .copied()
        .filter(|slot| !moving.contains(slot))
        .collect();
    let staying_before = |index: usize| {
        let before = siblings[..index].iter();
        before.filter(|slot| !moving.contains(slot)).count()
    };
    let index = match place.at {
        Position::First => 0,
        Position::Last => staying.len(),
        Position::Before(node) => staying_before(index_of(node)?),
        Position::After(node) => staying_before(index_of(node)? + 1),
        Position::Index(index) => staying.len().min(index as usize),
    };
    Ok(FoundPlace {
        parent,
        index,
        staying,
    })
}

/// Order keys for a run of nodes at a place; numbers the siblings afresh if there is no room.
pub(super) fn make_room(edit: &mut Edit<'_>, place: &FoundPlace, count: usize) -> Vec<SmolStr> {
    let order_of = |edit: &Edit<'_>, slot: Slot| edit.view.record(slot).seat.order.clone();
    let low = place
        .index
        .checked_sub(1)
        .map(|index| order_of(edit, place.staying[index]));
    let high = place
        .staying
        .get(place.index)
        .map(|slot| order_of(edit, *slot));
    let keys = run_between(low.as_deref(), high.as_deref(), count, &mut edit.jitter);
    let fits = keys.iter().all(|key| {
        key.len() <= order::MAX_BYTES
            && low.as_ref().is_none_or(|low| low < key)
            && high.as_ref().is_none_or(|high| key < high)
    });
    if fits {
        return keys;
    }
    let mut keys = run_between(None, None, place.staying.len() + count, &mut edit.jitter);
    let ours = keys.drain(place.index..place.index + count).collect();
    let parent = place.parent.map(|parent| edit.view.record(parent).id);
    for (slot, order) in place.staying.clone().into_iter().zip(keys) {
        write_position(edit, slot, parent, order);
    }
    ours
}

/// Writes a node's `@pos`, with where it stood before.
pub(super) fn write_position(
    edit: &mut Edit<'_>,
    slot: Slot,
    parent: Option<NodeId>,
    order: SmolStr,
) {
    let record = edit.view.record(slot);
    let seat = &record.seat;
    let before = Spot {
        parent: (seat.parent != TOP).then(|| edit.view.record(seat.parent).id),
        order: seat.order.clone(),
    };
    let object = record.object.clone();
    let text = print_position(&Spot { parent, order }, Some(&before));
    edit.put(Document::Project, &object, "@pos", text.as_str());
}

/// Without those whose ancestor is chosen too, in the order of the outline.
pub(super) fn topmost(edit: &Edit<'_>, slots: &[Slot]) -> Vec<Slot> {
    let chosen: BTreeSet<Slot> = slots.iter().copied().collect();
    let path = |slot: Slot| {
        let mut path: Vec<(SmolStr, NodeId)> = vec![];
        let mut at = slot;
        while at != TOP {
            let record = edit.view.record(at);
            path.push((record.seat.order.clone(), record.id));
            at = record.shown.unwrap_or(TOP);
        }
        path.reverse();
        path
    };
    let below_another = |slot: &Slot| {
        let mut at = edit.view.record(*slot).shown.unwrap_or(TOP);
        while at != TOP {
            if chosen.contains(&at) {
                return true;
            }
            at = edit.view.record(at).shown.unwrap_or(TOP);
        }
        false
    };
    let mut top: Vec<Slot> = chosen
        .iter()
        .copied()
        .filter(|slot| !below_another(slot))
        .collect();
    top.sort_by_cached_key(|slot| path(*slot));
    top
}

/// Whether nodes stand at a place already, in this order, undisputed.
pub(super) fn stand_there(edit: &Edit<'_>, place: &FoundPlace, slots: &[Slot]) -> bool {
    let siblings = edit.view.children_of(place.parent.unwrap_or(TOP));
    siblings.get(place.index..place.index + slots.len()) == Some(slots)
        && slots.iter().all(|slot| {
            let record = edit.view.record(*slot);
            !record.contested && !record.is_lifted() && !edit.view.is_displaced(*slot)
        })
}
