//! Ending a race in favour of what is shown.

use crate::codec::Raw;
use crate::document::{Document, OpId};
use crate::edit::Edit;
use crate::view::{Slot, settled_place};

/// Declares the values that lost a race settled; nothing happens if there is no race.
///
/// The values stay where they are, so that undo brings the race back by taking the declaration back.
pub(super) fn settle(edit: &mut Edit<'_>, slot: Slot, key: &str) {
    let record = edit.view.record(slot);
    let Some((_, contenders)) = record.races.iter().find(|(known, _)| known == key) else {
        return;
    };
    let winner = match record.register(key) {
        Some(Raw::Prose { object, .. }) => Some(OpId::of(object)),
        _ => contenders.last().map(|contender| contender.op.clone()),
    };
    let losers: Vec<OpId> = contenders
        .iter()
        .map(|contender| contender.op.clone())
        .filter(|op| Some(op) != winner.as_ref())
        .collect();
    let place = settled_place(record.id, key);
    let settled = edit.view.containers.section("settled").clone();
    for loser in losers {
        edit.put(
            Document::Project,
            &settled,
            &loser.to_string(),
            place.as_str(),
        );
    }
}
