//! Add and remove members of a set field, leaving the others.

use super::{Label, check, set_field};
use crate::codec::{Encoded, encode, is_set};
use crate::edit::Edit;
use crate::id::{FieldId, NodeId};
use crate::rejection::Rejection;
use crate::value::Value;

pub(super) fn run(
    edit: &mut Edit<'_>,
    nodes: &[NodeId],
    field: &FieldId,
    add: Option<&Value>,
    remove: Option<&Value>,
) -> Result<Label, Rejection> {
    let slots = check::all_live(edit.view, nodes)?;
    if add.is_none() && remove.is_none() {
        return Err(Rejection::NothingChosen);
    }
    for slot in &slots {
        let definition = check::field_of(edit.view, *slot, field)?;
        if !is_set(definition.kind) {
            return Err(Rejection::BadValue {
                field: definition.label.clone(),
                reason: "holds one value; set it instead".into(),
            });
        }
        if let Some(add) = add {
            check::value(edit.view, definition, add)?;
        }
        if let Some(remove) =
            remove.filter(|remove| !crate::codec::fits_kind(definition.kind, remove))
        {
            return Err(Rejection::WrongKind {
                field: definition.label.clone(),
                expected: crate::codec::expected(definition.kind).into(),
                found: crate::codec::found(remove).into(),
            });
        }
    }
    let name = edit
        .view
        .frame()
        .schema
        .field(field)
        .map_or(field.to_string(), |field| field.label.clone());
    let label = format!("Edit {name} of {}", check::name_all(edit, &slots));
    for slot in slots {
        if let Some(Encoded::Members(members)) = remove.map(encode) {
            set_field::clear(edit, slot, field, |member| members.contains_key(member));
        }
        if let Some(Encoded::Members(members)) = add.map(encode) {
            set_field::write_members(edit, slot, field, members);
        }
    }
    Ok(label)
}
