//! As much of a document as fits into what carries it.

use std::collections::BTreeSet;

use automerge::{Automerge, Change, ChangeHash};

use super::Project;
use super::pack::{self, Packed};
use crate::document::Document;

/// Packed, many small changes take a fifteenth of their size, long texts as much as before. So many times what fits is tried
/// first.
const GUESS: usize = 4;

impl Project {
    /// As [`Project::pack`], and no more than so many bytes: the oldest changes first. Pack on top of the heads for what comes
    /// behind them, until there is nothing.
    ///
    /// A change that alone is larger is added to `too_large`. It stays where it is, as do those that build on it.
    pub fn pack_within(
        &self,
        document: Document,
        since: &[ChangeHash],
        most_bytes: usize,
        too_large: &mut BTreeSet<ChangeHash>,
    ) -> Option<Packed> {
        let doc = self.document(document);
        if too_large.is_empty()
            && let Some(whole) = pack::whole(document, doc, since)
            && whole.bytes.len() <= most_bytes
        {
            return Some(whole);
        }
        let since = &pack::on_genesis(document, since);
        loop {
            let stuck = stuck(doc, since, too_large);
            if stuck.len() == doc.get_changes_meta(since).len() {
                return None;
            }
            let mut changes = doc.get_changes(since);
            changes.retain(|change| !stuck.contains(&change.hash()));
            let all = changes.len();
            match fitting(doc, &mut changes, most_bytes) {
                Ok(bytes) => {
                    let is_all = stuck.is_empty() && changes.len() == all;
                    return Some(Packed {
                        bytes,
                        heads: match is_all {
                            true => doc.get_heads(),
                            false => newest(since, &changes),
                        },
                        changes: changes.len(),
                    });
                }
                Err(change) => too_large.insert(change),
            };
        }
    }

    /// How many changes on top of `since` are too large, or build on one that is.
    pub fn count_stuck(
        &self,
        document: Document,
        since: &[ChangeHash],
        too_large: &BTreeSet<ChangeHash>,
    ) -> usize {
        let since = &pack::on_genesis(document, since);
        stuck(self.document(document), since, too_large).len()
    }
}

/// Changes that are too large, and those that build on them. Automerge gives changes behind what they build on.
fn stuck(
    doc: &Automerge,
    since: &[ChangeHash],
    too_large: &BTreeSet<ChangeHash>,
) -> BTreeSet<ChangeHash> {
    let mut stuck = BTreeSet::new();
    if too_large.is_empty() {
        return stuck;
    }
    for change in doc.get_changes_meta(since) {
        let builds_on_one = change.deps.iter().any(|dep| stuck.contains(dep));
        if builds_on_one || too_large.contains(&change.hash) {
            stuck.insert(change.hash);
        }
    }
    stuck
}

/// Packs the first of these changes, which are at least one, and drops the others. The error: the first is too large.
fn fitting(
    doc: &Automerge,
    changes: &mut Vec<Change>,
    most_bytes: usize,
) -> Result<Vec<u8>, ChangeHash> {
    let mut most_raw = most_bytes.saturating_mul(GUESS);
    loop {
        let raw = truncate(changes, most_raw);
        let bytes = pack::packed(doc, changes, most_bytes);
        if bytes.len() <= most_bytes {
            return Ok(bytes);
        }
        let [_, _, ..] = changes[..] else {
            return Err(changes[0].hash());
        };
        // As much less as it was too much, and a little for what does not shrink alike.
        let excess = bytes.len() / (most_bytes / 9 * 8).max(1) + 1;
        most_raw = most_raw.min(raw / excess.max(2));
    }
}

/// Keeps the first changes that together take no more than this as they are, and one in any case. Gives what they take.
fn truncate(changes: &mut Vec<Change>, most_raw: usize) -> usize {
    let mut raw = 0;
    let mut fit = 0;
    for change in changes.iter() {
        let more = raw + change.raw_bytes().len();
        if fit > 0 && more > most_raw {
            break;
        }
        (raw, fit) = (more, fit + 1);
    }
    changes.truncate(fit);
    raw
}

/// The newest of what is known and these changes.
fn newest(since: &[ChangeHash], changes: &[Change]) -> Vec<ChangeHash> {
    let mut newest: BTreeSet<ChangeHash> = since.iter().copied().collect();
    for change in changes {
        for dep in change.deps() {
            newest.remove(dep);
        }
        newest.insert(change.hash());
    }
    newest.into_iter().collect()
}
