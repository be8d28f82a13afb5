//! Change the type of nodes.

use super::{Label, check};
use crate::document::Document;
use crate::edit::Edit;
use crate::id::{NodeId, TypeId};
use crate::rejection::Rejection;
use crate::view::TOP;

pub(super) fn run(
    edit: &mut Edit<'_>,
    nodes: &[NodeId],
    node_type: &TypeId,
) -> Result<Label, Rejection> {
    let slots = check::all_live(edit.view, nodes)?;
    let schema = &edit.view.frame().schema;
    let new = schema
        .node_type(node_type)
        .ok_or_else(|| Rejection::NoSuchType(node_type.clone()))?;
    let label = format!("Convert {} to {}", check::name_all(edit, &slots), new.label);
    for slot in &slots {
        let record = edit.view.record(*slot);
        let parent = record
            .shown
            .filter(|shown| *shown != TOP && !slots.contains(shown));
        match parent {
            None if record.shown != Some(TOP) => {
                check::allowed_types(edit.view, Some(node_type), node_type)?
            }
            parent => check::allowed(edit.view, parent, node_type)?,
        }
        for child in record
            .children
            .iter()
            .filter(|child| !slots.contains(child))
        {
            check::allowed_types(
                edit.view,
                Some(node_type),
                &edit.view.record(*child).node_type,
            )?;
        }
    }
    for slot in slots {
        let object = edit.view.record(slot).object.clone();
        edit.put(Document::Project, &object, "@type", node_type.as_str());
    }
    Ok(label)
}
