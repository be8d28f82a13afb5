//! Move or reorder nodes.

use std::collections::BTreeSet;

use super::{Label, check, place};
use crate::command::Place;
use crate::edit::Edit;
use crate::id::NodeId;
use crate::rejection::Rejection;
use crate::view::{Slot, TOP};

pub(super) fn run(edit: &mut Edit<'_>, nodes: &[NodeId], to: &Place) -> Result<Label, Rejection> {
    let slots = check::all_live(edit.view, nodes)?;
    let slots = place::topmost(edit, &slots);
    let label = format!("Move {}", check::name_all(edit, &slots));
    move_to(edit, &slots, to)?;
    Ok(label)
}

/// Puts nodes at a place, in the given order.
pub(super) fn move_to(edit: &mut Edit<'_>, slots: &[Slot], to: &Place) -> Result<(), Rejection> {
    let moving: BTreeSet<Slot> = slots.iter().copied().collect();
    let found = place::find(edit, to, &moving)?;
    let mut above = found.parent.unwrap_or(TOP);
    while above != TOP {
        if moving.contains(&above) {
            return Err(Rejection::OwnSubtree(edit.view.title_of(above)));
        }
        above = edit.view.record(above).shown.unwrap_or(TOP);
    }
    for slot in slots {
        let record = edit.view.record(*slot);
        let stays = record.shown == Some(found.parent.unwrap_or(TOP));
        if !stays {
            check::allowed(edit.view, found.parent, &record.node_type)?;
        }
    }
    if place::stand_there(edit, &found, slots) {
        return Ok(());
    }
    let keys = place::make_room(edit, &found, slots.len());
    let parent = found.parent.map(|parent| edit.view.record(parent).id);
    for (slot, order) in slots.iter().zip(keys) {
        place::write_position(edit, *slot, parent, order);
    }
    Ok(())
}
