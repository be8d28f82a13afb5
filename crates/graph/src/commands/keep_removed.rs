//! Take note of what another program removed.

use std::collections::BTreeSet;

use smol_str::{SmolStr, ToSmolStr};

use super::{Label, check};
use crate::document::{Document, OpId};
use crate::edit::Edit;
use crate::id::NodeId;
use crate::rejection::Rejection;

/// Nothing has to be brought back, since the view never let go of it.
pub(super) fn run(
    edit: &mut Edit<'_>,
    nodes: &[NodeId],
    containers: &[String],
) -> Result<Label, Rejection> {
    let slots = match nodes {
        [] => vec![],
        nodes => check::all_live(edit.view, nodes)?,
    };
    let removed = slots.iter().filter(|slot| edit.view.is_removed(**slot));
    let records = removed.map(|slot| OpId::of(&edit.view.record(*slot).object).to_smolstr());
    let lost: BTreeSet<SmolStr> = edit.view.lost_containers().cloned().collect();
    let parts = containers.iter().map(SmolStr::from);
    let parts = parts.filter(|path| lost.contains(path));
    let noted: Vec<SmolStr> = records.chain(parts).collect();
    if noted.is_empty() {
        return Err(Rejection::NothingChosen);
    }
    let label = match slots.as_slice() {
        [] => "Keep what another program removed".into(),
        slots => format!("Keep {}", check::name_all(edit, slots)),
    };
    let settled = edit.view.containers.section("settled").clone();
    for name in noted {
        edit.put(Document::Project, &settled, &name, "removed");
    }
    Ok(label)
}
