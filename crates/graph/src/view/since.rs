//! What was written to a record that some changes had not seen.
//!
//! A value that is visible now and belongs to what a change had seen was visible to that change too,
//! since nothing visible has been overwritten. So comparing a record with what it was at these
//! changes tells exactly what was written by somebody who did not know of them.

use std::collections::BTreeMap;

use automerge::{ChangeHash, ObjId, ObjType, ReadDoc, ValueRef};
use smol_str::SmolStr;

use crate::document::OpId;

/// Registers that differ from what they were at some changes, with an operation that these had not
/// seen; none where something was only cleared.
pub(crate) fn differences_since(
    doc: &impl ReadDoc,
    record: &ObjId,
    changes: &[ChangeHash],
) -> Vec<(SmolStr, Option<OpId>)> {
    let mut then: BTreeMap<String, (ObjId, bool)> = doc
        .map_range_at(record, .., changes)
        .map(|item| (item.key.to_string(), (item.id(), item.conflict)))
        .collect();
    let mut found = vec![];
    for item in doc.map_range(record, ..) {
        let before = then.remove(&*item.key);
        let is_text = matches!(item.value, ValueRef::Object(ObjType::Text));
        let same = !item.conflict && before.is_some_and(|before| before == (item.id(), false));
        let newest = match (same, is_text) {
            (true, false) => continue,
            (true, true) => match typed_since(doc, &item.id(), changes) {
                Some(newest) => newest,
                None => continue,
            },
            (false, _) => match written_since(doc, record, &item.key, changes) {
                Some(newest) => newest,
                None => continue,
            },
        };
        found.push((SmolStr::from(&*item.key), newest));
    }
    found.extend(then.into_keys().map(|key| (key.into(), None)));
    found
}

/// Whether a text reads otherwise, and its newest character that is new.
fn typed_since(doc: &impl ReadDoc, text: &ObjId, changes: &[ChangeHash]) -> Option<Option<OpId>> {
    if doc.text(text).ok() == doc.text_at(text, changes).ok() {
        return None;
    }
    let characters = |range: automerge::iter::ListRange<'_>| {
        range.map(|item| OpId::of(&item.id())).collect::<Vec<_>>()
    };
    let then = characters(doc.list_range_at(text, .., changes));
    let now = characters(doc.list_range(text, ..));
    Some(now.into_iter().filter(|op| !then.contains(op)).max())
}

/// Whether a register with several values has others now, and the newest of those.
fn written_since(
    doc: &impl ReadDoc,
    record: &ObjId,
    key: &str,
    changes: &[ChangeHash],
) -> Option<Option<OpId>> {
    let now = doc.get_all(record, key).unwrap_or_default();
    let then = doc.get_all_at(record, key, changes).unwrap_or_default();
    let mut newest = None;
    let mut differ = now.len() != then.len();
    for (value, op) in &now {
        let known = then.iter().any(|(_, known)| known == op);
        let typed = match value {
            automerge::Value::Object(ObjType::Text) if known => typed_since(doc, op, changes),
            _ => None,
        };
        differ |= !known || typed.is_some();
        let written = (!known).then(|| OpId::of(op));
        newest = newest.max(typed.flatten().max(written));
    }
    differ.then_some(newest)
}
