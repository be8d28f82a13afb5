//! Set or clear one field of one or many nodes.

use std::collections::BTreeMap;

use automerge::ScalarValue;
use smol_str::SmolStr;

use super::{Label, check};
use crate::codec::{Encoded, Raw, encode};
use crate::document::Document;
use crate::edit::Edit;
use crate::id::{FieldId, NodeId};
use crate::rejection::Rejection;
use crate::template::Role;
use crate::value::Value;
use crate::view::Slot;

pub(super) fn run(
    edit: &mut Edit<'_>,
    nodes: &[NodeId],
    field: &FieldId,
    value: Option<&Value>,
) -> Result<Label, Rejection> {
    let slots = check::all_live(edit.view, nodes)?;
    for slot in &slots {
        match value {
            Some(value) => {
                check::value(edit.view, check::field_of(edit.view, *slot, field)?, value)?
            }
            None if edit.view.record(*slot).field_registers(field).is_empty() => {
                check::field_of(edit.view, *slot, field)?;
            }
            None => {}
        }
    }
    let label = label(edit, &slots, field, value);
    for slot in slots {
        write(edit, slot, field, value);
    }
    Ok(label)
}

fn label(edit: &Edit<'_>, slots: &[Slot], field: &FieldId, value: Option<&Value>) -> Label {
    let definition = edit.view.frame().schema.field(field);
    let name = definition.map_or(field.to_string(), |field| field.label.clone());
    let whom = check::name_all(edit, slots);
    match (definition.and_then(|field| field.role), value) {
        (Some(Role::Title), Some(_)) => format!("Rename {whom}"),
        (_, Some(_)) => format!("Set {name} of {whom}"),
        (_, None) => format!("Clear {name} of {whom}"),
    }
}

/// Makes the field hold exactly this.
pub(super) fn write(edit: &mut Edit<'_>, slot: Slot, field: &FieldId, value: Option<&Value>) {
    match value.map(encode) {
        Some(Encoded::Prose(text)) => super::edit_text::replace(edit, slot, field, &text),
        Some(Encoded::Scalar(scalar)) => {
            clear(edit, slot, field, |member| !member.is_empty());
            put(edit, slot, field.as_str(), scalar);
        }
        Some(Encoded::Members(members)) => {
            clear(edit, slot, field, |member| !members.contains_key(member));
            write_members(edit, slot, field, members);
        }
        None => clear(edit, slot, field, |_| true),
    }
}

/// Writes members that are not there yet, or not like this, or in dispute.
pub(super) fn write_members(
    edit: &mut Edit<'_>,
    slot: Slot,
    field: &FieldId,
    members: BTreeMap<String, ScalarValue>,
) {
    for (member, scalar) in members {
        put(edit, slot, &format!("{field}/{member}"), scalar);
    }
}

/// Removes the registers of a field for which the caller says so.
pub(super) fn clear(
    edit: &mut Edit<'_>,
    slot: Slot,
    field: &FieldId,
    leaves: impl Fn(&str) -> bool,
) {
    let record = edit.view.record(slot);
    let object = record.object.clone();
    let registers = record.field_registers(field);
    let is_prose = |raw: &Raw| matches!(raw, Raw::Prose { .. });
    let kept_text = edit
        .view
        .frame()
        .schema
        .field(field)
        .is_some_and(|field| field.kind == crate::template::FieldKind::Prose);
    let leaving: Vec<(SmolStr, bool)> = registers
        .into_iter()
        .filter(|(member, _)| leaves(member))
        .map(|(member, raw)| {
            (
                if member.is_empty() {
                    field.as_str().into()
                } else {
                    smol_str::format_smolstr!("{field}/{member}")
                },
                is_prose(raw),
            )
        })
        .collect();
    for (key, prose) in leaving {
        if prose && kept_text {
            super::edit_text::replace(edit, slot, field, "");
        } else {
            edit.delete(Document::Project, &object, &key);
        }
    }
}

fn put(edit: &mut Edit<'_>, slot: Slot, key: &str, scalar: ScalarValue) {
    let record = edit.view.record(slot);
    if Raw::from_scalar(&scalar).as_ref() == record.register(key) {
        super::settle::settle(edit, slot, key);
    } else {
        let object = record.object.clone();
        edit.put(Document::Project, &object, key, scalar);
    }
}
