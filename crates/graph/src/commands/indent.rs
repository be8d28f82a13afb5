//! Indent and outdent.

use std::collections::BTreeSet;

use super::{Label, check, move_nodes, place};
use crate::command::{Place, Position};
use crate::edit::Edit;
use crate::id::NodeId;
use crate::rejection::Rejection;
use crate::view::{Slot, TOP};

pub(super) fn indent(edit: &mut Edit<'_>, nodes: &[NodeId]) -> Result<Label, Rejection> {
    let slots = place::topmost(edit, &check::all_live(edit.view, nodes)?);
    let chosen: BTreeSet<Slot> = slots.iter().copied().collect();
    for group in by_parent(edit, &slots) {
        let siblings = edit
            .view
            .children_of(edit.view.record(group[0]).shown.unwrap_or(TOP));
        let above = siblings
            .iter()
            .take_while(|sibling| **sibling != group[0])
            .filter(|sibling| !chosen.contains(sibling))
            .last();
        let above = *above.ok_or(Rejection::NothingAbove)?;
        let to = Place {
            parent: Some(edit.view.record(above).id),
            at: Position::Last,
        };
        move_nodes::move_to(edit, &group, &to)?;
    }
    Ok(format!("Indent {}", check::name_all(edit, &slots)))
}

pub(super) fn outdent(edit: &mut Edit<'_>, nodes: &[NodeId]) -> Result<Label, Rejection> {
    let slots = place::topmost(edit, &check::all_live(edit.view, nodes)?);
    for group in by_parent(edit, &slots) {
        let parent = edit
            .view
            .record(group[0])
            .shown
            .filter(|parent| *parent != TOP)
            .ok_or(Rejection::AtTop)?;
        let grandparent = edit.view.record(parent).shown.filter(|slot| *slot != TOP);
        let to = Place {
            parent: grandparent.map(|slot| edit.view.record(slot).id),
            at: Position::After(edit.view.record(parent).id),
        };
        move_nodes::move_to(edit, &group, &to)?;
    }
    Ok(format!("Outdent {}", check::name_all(edit, &slots)))
}

/// Nodes that share a parent, groups and members in the order of the outline.
fn by_parent(edit: &Edit<'_>, slots: &[Slot]) -> Vec<Vec<Slot>> {
    let mut groups: Vec<(Option<Slot>, Vec<Slot>)> = vec![];
    for slot in slots {
        let parent = edit.view.record(*slot).shown;
        match groups.iter_mut().find(|(known, _)| *known == parent) {
            Some((_, group)) => group.push(*slot),
            None => groups.push((parent, vec![*slot])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
