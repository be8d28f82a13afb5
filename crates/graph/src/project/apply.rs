//! Applying a change that may say anything.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use automerge::{Automerge, Change, ChangeHash, ReadDoc, TextEncoding};
use rustc_hash::FxHashSet;

/// Whether a document holds a change.
pub(super) fn holds(doc: &Automerge, change: &ChangeHash) -> bool {
    doc.get_change_meta_by_hash(change).is_some()
}

/// So many changes are asked for by name; more are found together, for which the document looks through its history.
const FEW: usize = 16;

/// Applies changes, in an order in which the predecessors of each are there: all of them or none.
///
/// # Errors
/// When the document cannot hold one of them. Automerge panics on some malformed changes. Others it takes without keeping
/// what they say, such as one that overwrites an operation of another register: the document could not give it to anybody
/// afterwards, and what is saved of such a document does not load. Either way the document is read anew from the changes
/// it had.
///
/// # Panics
/// When Automerge panicked, and the document cannot be read anew.
pub(super) fn apply(doc: &mut Automerge, changes: &[Change]) -> Result<(), String> {
    let heads = doc.get_heads();
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        // One at a time: a batch of a thousand small changes to 100,000 nodes takes 4 GB, and is slower.
        for change in changes {
            let applied = doc.apply_changes([change.clone()]);
            applied.map_err(|error| error.to_string())?;
        }
        match gives_back(doc, changes, &heads) {
            true => Ok(()),
            false => Err("it is malformed".to_owned()),
        }
    }));
    let (reason, panic) = match attempt {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(reason)) => (reason, None),
        Err(panic) => ("it is malformed".to_owned(), Some(panic)),
    };
    if doc.get_heads() == heads && panic.is_none() {
        return Err(reason);
    }
    *doc = match (read_anew(doc, &heads), panic) {
        (Some(anew), _) => anew,
        (None, Some(panic)) => resume_unwind(panic),
        (None, None) => panic!("a document lost what it had before a change"),
    };
    Err(reason)
}

/// Whether a document has kept all that these changes say, which came on top of these heads.
fn gives_back(doc: &Automerge, changes: &[Change], heads: &[ChangeHash]) -> bool {
    let kept: FxHashSet<ChangeHash> = match changes.len() > FEW {
        true => doc.get_changes(heads).iter().map(Change::hash).collect(),
        false => changes
            .iter()
            .filter_map(|change| doc.get_change_by_hash(&change.hash()))
            .map(|kept| kept.hash())
            .collect(),
    };
    changes.iter().all(|change| kept.contains(&change.hash()))
}

/// A document with the changes that it had at these heads.
fn read_anew(doc: &Automerge, heads: &[ChangeHash]) -> Option<Automerge> {
    let read = || {
        let later = doc.get_changes_meta(heads).into_iter();
        let later: FxHashSet<ChangeHash> = later.map(|change| change.hash).collect();
        let mut anew = Automerge::new_with_encoding(TextEncoding::Utf16CodeUnit);
        for change in doc.get_changes_meta(&[]) {
            if !later.contains(&change.hash) {
                let change = doc.get_change_by_hash(&change.hash)?;
                anew.apply_changes([change]).ok()?;
            }
        }
        (anew.get_heads() == heads).then_some(anew)
    };
    catch_unwind(AssertUnwindSafe(read)).ok()?
}
