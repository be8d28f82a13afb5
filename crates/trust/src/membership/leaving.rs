//! Leaving without being an owner: rule M20.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::graph::{Entry, Graph};
use crate::DeviceId;
use crate::record::{Content, Cut, Left, RecordId};

/// Which additions and joins the devices that were added have ended, and the cut with which they did.
pub fn ended<'a>(graph: &Graph<'a>) -> BTreeMap<usize, &'a Cut> {
    let leaves = graph.entries().iter().enumerate();
    let leaves = leaves.filter_map(|(place, entry)| match &entry.record.content {
        Content::Left(left) => Some((addition_of(graph, place, left)?, &left.cut)),
        _ => None,
    });
    leaves.collect()
}

/// What a leave ends, if that is before it and makes its signer a member.
pub fn addition_of(graph: &Graph<'_>, leave: usize, left: &Left) -> Option<usize> {
    let addition = graph.find(&left.of)?;
    let signer = graph.entries()[leave].record.signer.device();
    let is_its = added_by(&graph.entries()[addition]) == Some(signer);
    (is_its && graph.is_before(addition, leave)).then_some(addition)
}

/// Whom a record makes a member, whether it counts or not.
pub fn added_by(entry: &Entry) -> Option<DeviceId> {
    match &entry.record.content {
        Content::Added(added) => Some(added.device.device()),
        Content::Readmitted(again) => Some(again.device),
        Content::Joined(_) => Some(entry.record.signer.device()),
        _ => None,
    }
}

/// Of several leaves of one device that end the same, the one with the smallest name: nothing builds on any of them.
pub fn first_words(entries: &[Arc<Entry>]) -> Vec<Arc<Entry>> {
    let key = |entry: &Entry| match &entry.record.content {
        Content::Left(left) => Some((entry.record.signer, left.of)),
        _ => None,
    };
    let mut first = BTreeMap::new();
    for entry in entries {
        if let Some(key) = key(entry) {
            let name = first.entry(key).or_insert(entry.id);
            *name = (*name).min(entry.id);
        }
    }
    let first: BTreeSet<RecordId> = first.into_values().collect();
    let kept = entries.iter();
    let kept = kept.filter(|entry| key(entry).is_none() || first.contains(&entry.id));
    kept.cloned().collect()
}

/// The least of two cuts.
pub fn least(one: Cut, other: &Cut) -> Cut {
    let common = one.into_iter().filter_map(|(nonce, number)| {
        let least = number.min(*other.get(&nonce)?);
        Some((nonce, least))
    });
    common.collect()
}
