//! Make exactly these nodes block a node.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Label, check, link, paste};
use crate::edit::Edit;
use crate::id::{LinkId, NodeId};
use crate::link::{Lag, Link, LinkKind};
use crate::rejection::Rejection;

pub(super) fn run(
    edit: &mut Edit<'_>,
    node: NodeId,
    blockers: &[NodeId],
    seed: Uuid,
) -> Result<Label, Rejection> {
    let slot = check::live(edit.view, node)?;
    let wanted: BTreeSet<NodeId> = blockers.iter().copied().collect();
    let present: Vec<Link> = edit
        .view
        .links_at(slot)
        .filter(|link| link.relation.blocks() && link.to == node)
        .cloned()
        .collect();
    for blocker in &wanted {
        check::live(edit.view, *blocker)?;
        if *blocker == node {
            return Err(Rejection::SelfLink);
        }
        if present.iter().all(|link| link.from != *blocker) {
            link::no_cycle(edit, *blocker, node)?;
        }
    }
    for old in present.iter().filter(|link| !wanted.contains(&link.from)) {
        link::remove(edit, old.id);
    }
    let missing: Vec<NodeId> = wanted
        .into_iter()
        .filter(|blocker| present.iter().all(|link| link.from != *blocker))
        .collect();
    for (i, blocker) in missing.into_iter().enumerate() {
        let id = LinkId(paste::derived_id(seed, i as u64));
        if edit.view.link_record(id).is_some() {
            return Err(Rejection::LinkExists);
        }
        link::create(
            edit,
            id,
            LinkKind::FinishToStart,
            blocker,
            node,
            Lag::default(),
        );
    }
    Ok(format!(
        "Set blockers of {}",
        check::name_all(edit, &[slot])
    ))
}
