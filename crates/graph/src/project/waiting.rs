//! Changes that come before what they build on.
//!
//! Automerge would queue them, and apply them together with what they waited for. Here each is applied when its turn has
//! come: one that the document cannot hold takes no other with it, and who made it is known.

use std::collections::BTreeSet;

use automerge::{Automerge, Change, ChangeHash};
use rustc_hash::{FxHashMap, FxHashSet};

use super::apply::{apply, holds};

/// Applies what can be applied of these and of what waits, each after what it builds on; the rest waits. Says of each of
/// these that was refused why. One that waited and is refused now is let go: whoever brought what it waited for has no part
/// in it.
pub(super) fn take_in(
    doc: &mut Automerge,
    waiting: &mut Vec<Change>,
    changes: Vec<Change>,
    mut applied: impl FnMut(&Change),
) -> Vec<String> {
    let mut all = std::mem::take(waiting);
    let waited: FxHashSet<ChangeHash> = all.iter().map(Change::hash).collect();
    all.extend(changes);
    let mut seen = FxHashSet::default();
    all.retain(|change| !holds(doc, &change.hash()) && seen.insert(change.hash()));
    let (ready, rest) = in_order(all, |dep| holds(doc, dep));
    *waiting = rest;
    if apply(doc, &ready).is_ok() {
        ready.iter().for_each(applied);
        return Vec::new();
    }
    // Which one it is shows when each is tried alone.
    let mut refused = Vec::new();
    for change in ready {
        // What it builds on may have been refused.
        if !change.deps().iter().all(|dep| holds(doc, dep)) {
            waiting.push(change);
            continue;
        }
        match apply(doc, std::slice::from_ref(&change)) {
            Ok(()) => applied(&change),
            Err(_) if waited.contains(&change.hash()) => {}
            Err(reason) => refused.push(reason),
        }
    }
    refused
}

/// The changes for which others wait and that have not come.
pub(super) fn lacking(doc: &Automerge, waiting: &[Change]) -> BTreeSet<ChangeHash> {
    let mut lacking: BTreeSet<ChangeHash> =
        waiting.iter().flat_map(Change::deps).copied().collect();
    for change in waiting {
        lacking.remove(&change.hash());
    }
    lacking.retain(|dep| !holds(doc, dep));
    lacking
}

/// The changes whose predecessors are here or come before them, in such an order; and the others.
pub(super) fn in_order(
    changes: Vec<Change>,
    is_here: impl Fn(&ChangeHash) -> bool,
) -> (Vec<Change>, Vec<Change>) {
    let mut waits_for: Vec<usize> = Vec::with_capacity(changes.len());
    let mut followers: FxHashMap<ChangeHash, Vec<usize>> = FxHashMap::default();
    for (place, change) in changes.iter().enumerate() {
        let lacking = change.deps().iter().filter(|dep| !is_here(dep));
        let lacking: BTreeSet<&ChangeHash> = lacking.collect();
        waits_for.push(lacking.len());
        for dep in lacking {
            followers.entry(*dep).or_default().push(place);
        }
    }
    let free = (0..changes.len()).filter(|place| waits_for[*place] == 0);
    let mut order: Vec<usize> = free.collect();
    let mut next = 0;
    while let Some(place) = order.get(next) {
        next += 1;
        let freed = followers.remove(&changes[*place].hash());
        for follower in freed.into_iter().flatten() {
            waits_for[follower] -= 1;
            if waits_for[follower] == 0 {
                order.push(follower);
            }
        }
    }
    let mut changes: Vec<Option<Change>> = changes.into_iter().map(Some).collect();
    let ready = order.into_iter().filter_map(|place| changes[place].take());
    let ready = ready.collect();
    (ready, changes.into_iter().flatten().collect())
}
