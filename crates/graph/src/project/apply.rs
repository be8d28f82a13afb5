//! Applying a change that may say anything.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use automerge::{Automerge, Change, ChangeHash, ReadDoc, TextEncoding};
use rustc_hash::FxHashSet;

/// Whether a document holds a change.
pub(super) fn holds(doc: &Automerge, change: &ChangeHash) -> bool {
    doc.get_change_meta_by_hash(change).is_some()
}

/// Applies a change whose predecessors are all there.
///
/// # Errors
/// When the document cannot hold it. Automerge panics on some malformed changes. Others it takes without keeping what they
/// say, such as one that overwrites an operation of another register: the document could not give it to anybody
/// afterwards, and what is saved of such a document does not load. Either way the document is read anew from the changes
/// it had.
///
/// # Panics
/// When Automerge panicked, and the document cannot be read anew.
pub(super) fn apply(doc: &mut Automerge, change: &Change) -> Result<(), String> {
    let heads = doc.get_heads();
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        let applied = doc.apply_changes([change.clone()]);
        applied.map_err(|error| error.to_string())?;
        Ok(gives_back(doc, change))
    }));
    let panic = match attempt {
        Ok(Ok(true)) => return Ok(()),
        Ok(Err(error)) => return Err(error),
        Ok(Ok(false)) => None,
        Err(panic) => Some(panic),
    };
    *doc = match (read_anew(doc, &heads), panic) {
        (Some(anew), _) => anew,
        (None, Some(panic)) => resume_unwind(panic),
        (None, None) => panic!("a document lost what it had before a change"),
    };
    Err("it is malformed".to_owned())
}

/// Whether a document has kept all that a change says.
fn gives_back(doc: &Automerge, change: &Change) -> bool {
    let hash = change.hash();
    doc.get_change_by_hash(&hash)
        .is_some_and(|kept| kept.hash() == hash)
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
