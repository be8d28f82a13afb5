//! Trash, restore and purge.

use super::{Label, check, place};
use crate::document::Document;
use crate::edit::Edit;
use crate::id::NodeId;
use crate::position::Tombstone;
use crate::rejection::Rejection;
use crate::view::Slot;

pub(super) fn trash(edit: &mut Edit<'_>, nodes: &[NodeId]) -> Result<Label, Rejection> {
    let roots = place::topmost(edit, &check::all_live(edit.view, nodes)?);
    let label = format!("Move {} to trash", check::name_all(edit, &roots));
    for root in roots {
        let id = edit.view.record(root).id;
        let mut stack = vec![root];
        while let Some(slot) = stack.pop() {
            let record = edit.view.record(slot);
            stack.extend(&record.children);
            let (object, tombstone) = (record.object.clone(), Tombstone::new(&record.position, id));
            edit.put(
                Document::Project,
                &object,
                "@del",
                tombstone.print().as_str(),
            );
        }
    }
    Ok(label)
}

pub(super) fn restore(edit: &mut Edit<'_>, nodes: &[NodeId]) -> Result<Label, Rejection> {
    let roots = all_trashed(edit, nodes)?;
    let label = format!("Restore {}", check::name_all(edit, &roots));
    for root in roots {
        for slot in edit.view.restorable_with(root) {
            let object = edit.view.record(slot).object.clone();
            edit.delete(Document::Project, &object, "@del");
        }
    }
    Ok(label)
}

pub(super) fn purge(edit: &mut Edit<'_>, nodes: &[NodeId]) -> Result<Label, Rejection> {
    let roots = all_trashed(edit, nodes)?;
    let label = format!("Delete {} for good", check::name_all(edit, &roots));
    for root in roots {
        let buried = edit.view.dead_below(root);
        for slot in &buried {
            let record = edit.view.record(*slot);
            let Some(deletion) = record.deletion().cloned() else {
                continue;
            };
            let object = record.object.clone();
            edit.put_for_good(Document::Project, &object, "@purge", deletion.to_string());
        }
        let ids: Vec<NodeId> = buried
            .iter()
            .map(|slot| edit.view.record(*slot).id)
            .collect();
        edit.forget_history_of(ids);
    }
    Ok(label)
}

fn all_trashed(edit: &Edit<'_>, nodes: &[NodeId]) -> Result<Vec<Slot>, Rejection> {
    if nodes.is_empty() {
        return Err(Rejection::NothingChosen);
    }
    let slots = nodes.iter().map(|node| {
        let slot = edit.view.slot(*node).ok_or(Rejection::NoSuchNode(*node))?;
        let record = edit.view.record(slot);
        match (record.is_live(), record.can_be_restored()) {
            (true, _) => Err(Rejection::NotInTrash(edit.view.title_of(slot))),
            (false, true) => Ok(slot),
            (false, false) => Err(Rejection::NoSuchNode(*node)),
        }
    });
    slots.collect()
}
