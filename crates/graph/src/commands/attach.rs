//! Attach and detach files.

use std::collections::BTreeMap;

use super::{Label, check, edit_members};
use crate::edit::Edit;
use crate::id::{BlobId, FieldId, NodeId};
use crate::rejection::Rejection;
use crate::value::{File, Value};

pub(super) fn attach(
    edit: &mut Edit<'_>,
    node: NodeId,
    field: &FieldId,
    blob: &BlobId,
    file: &File,
) -> Result<Label, Rejection> {
    let files = Value::Files(BTreeMap::from([(blob.clone(), file.clone())]));
    edit_members::run(edit, &[node], field, Some(&files), None)?;
    Ok(format!("Attach “{}”", crate::view::shorten(&file.name)))
}

pub(super) fn detach(
    edit: &mut Edit<'_>,
    node: NodeId,
    field: &FieldId,
    blob: &BlobId,
) -> Result<Label, Rejection> {
    let slot = check::live(edit.view, node)?;
    let attached = edit.view.node(node).and_then(|node| node.value(field));
    let file = match attached {
        Some(Value::Files(files)) => files.get(blob).cloned(),
        _ => None,
    };
    let Some(file) = file else {
        let label = check::field_of(edit.view, slot, field)?.label.clone();
        return Err(Rejection::BadValue {
            field: label,
            reason: "this file is not attached".into(),
        });
    };
    let label = format!("Detach “{}”", crate::view::shorten(&file.name));
    edit_members::run(
        edit,
        &[node],
        field,
        None,
        Some(&Value::Files(BTreeMap::from([(blob.clone(), file)]))),
    )?;
    Ok(label)
}
