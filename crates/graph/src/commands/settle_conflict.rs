//! Take note of a conflict: it stays as it is and is not listed any more.

use super::{Label, check, settle};
use crate::codec::split_key;
use crate::document::Document;
use crate::edit::Edit;
use crate::id::{FieldId, NodeId};
use crate::problem::ProblemKind;
use crate::rejection::Rejection;

/// Nothing of what it is between is written, so that undo brings the conflict back as it was.
pub(super) fn run(
    edit: &mut Edit<'_>,
    node: NodeId,
    kind: ProblemKind,
    field: Option<&FieldId>,
) -> Result<Label, Rejection> {
    let slot = edit.view.slot(node).ok_or(Rejection::NoSuchNode(node))?;
    let record = edit.view.record(slot);
    if !record.is_live() && !record.can_be_restored() {
        return Err(Rejection::NoSuchNode(node));
    }
    let label = format!("Dismiss conflict of {}", check::name_all(edit, &[slot]));
    if kind == ProblemKind::FieldRace {
        let raced = edit.view.record(slot).races.iter().map(|(key, _)| key);
        let raced = raced.filter(|key| split_key(key).is_some_and(|(of, _)| Some(&of) == field));
        let raced: Vec<_> = raced.cloned().collect();
        if raced.is_empty() {
            return Err(Rejection::NothingChosen);
        }
        raced.iter().for_each(|key| settle::settle(edit, slot, key));
        return Ok(label);
    }
    let names = match edit.view.has_flaw(slot, kind) {
        true => edit.view.conflict_names(slot, kind),
        false => vec![],
    };
    if names.is_empty() {
        return Err(Rejection::NothingChosen);
    }
    let settled = edit.view.containers.section("settled").clone();
    for name in names {
        edit.put(Document::Project, &settled, &name, "noted");
    }
    Ok(label)
}
