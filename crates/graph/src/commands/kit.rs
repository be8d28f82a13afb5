//! Kits: prepared subtrees.

use uuid::Uuid;

use super::definition::{self, Properties, text};
use super::{Label, check, clip, paste};
use crate::clipping::Clipping;
use crate::command::Place;
use crate::edit::Edit;
use crate::id::{KitId, NodeId};
use crate::rejection::Rejection;

pub(super) fn save(
    edit: &mut Edit<'_>,
    kit: &KitId,
    name: &str,
    nodes: &[NodeId],
) -> Result<Label, Rejection> {
    check::id(kit.as_str())?;
    check::name("the kit's name", name)?;
    check::all_live(edit.view, nodes)?;
    let content = serde_json::to_string(&clip(edit.view, nodes)).unwrap_or_default();
    definition::put(
        edit,
        "kits",
        kit.as_str(),
        Properties::from([
            ("name".into(), text(name)),
            ("content".into(), text(&content)),
        ]),
        &[],
    );
    Ok(format!("Save kit “{name}”"))
}

pub(super) fn remove(edit: &mut Edit<'_>, kit: &KitId) -> Result<Label, Rejection> {
    let (name, _) = edit
        .view
        .frame()
        .kits
        .get(kit)
        .cloned()
        .ok_or_else(|| Rejection::NoSuchKit(kit.clone()))?;
    definition::remove(edit, "kits", kit.as_str());
    Ok(format!("Remove kit “{name}”"))
}

pub(super) fn apply(
    edit: &mut Edit<'_>,
    kit: &KitId,
    place: &Place,
    seed: Uuid,
) -> Result<Label, Rejection> {
    let (name, content) = edit
        .view
        .frame()
        .kits
        .get(kit)
        .cloned()
        .ok_or_else(|| Rejection::NoSuchKit(kit.clone()))?;
    let clipping: Clipping =
        serde_json::from_str(&content).map_err(|_| Rejection::NoSuchKit(kit.clone()))?;
    paste::run(edit, &clipping, place, seed)?;
    Ok(format!("Insert kit “{name}”"))
}
