//! Replace ranges of a long text.

use automerge::{ChangeHash, ObjId, ReadDoc};
use rustc_hash::FxHashMap;

use super::{Label, check};
use crate::codec::Raw;
use crate::command::Splice;
use crate::document::OpId;
use crate::edit::Edit;
use crate::fault::{Fault, planted};
use crate::id::{FieldId, NodeId};
use crate::rejection::Rejection;
use crate::template::FieldKind;
use crate::text::{elements, whole_characters};
use crate::view::Slot;

pub(super) fn run(
    edit: &mut Edit<'_>,
    node: NodeId,
    field: &FieldId,
    base: Option<&str>,
    splices: &[Splice],
) -> Result<Label, Rejection> {
    let slot = check::live(edit.view, node)?;
    let definition = check::field_of(edit.view, slot, field)?.clone();
    if definition.kind != FieldKind::Prose {
        return Err(Rejection::BadValue {
            field: definition.label,
            reason: "is not a long text".into(),
        });
    }
    let label = format!(
        "Edit {} of {}",
        definition.label,
        check::name_all(edit, &[slot])
    );
    let (_, current) = current_text(edit, slot, field);
    let inserted: String = splices
        .iter()
        .map(|splice| splice.insert.as_str())
        .collect();
    check::prose(&definition.label, &format!("{current}{inserted}"))?;
    let ranges = locate(edit, slot, field, base, splices)?;
    if ranges
        .iter()
        .all(|(_, delete, insert)| *delete == 0 && insert.is_empty())
    {
        return Ok(label);
    }
    let text = text_object(edit, slot, field);
    let object = edit.view.record(slot).object.clone();
    edit.splice(&object, field.as_str(), &text, &ranges);
    Ok(label)
}

/// The text that is shown and the object that holds it.
fn current_text(edit: &mut Edit<'_>, slot: Slot, field: &FieldId) -> (Option<ObjId>, String) {
    match edit.view.record(slot).register(field.as_str()) {
        Some(Raw::Prose { object, text }) => (Some(object.clone()), text.to_string()),
        Some(Raw::Text(text)) => (None, text.to_string()),
        _ => (None, String::new()),
    }
}

/// The text object to write to: the one that is shown, or a new one.
fn text_object(edit: &mut Edit<'_>, slot: Slot, field: &FieldId) -> ObjId {
    let object = edit.view.record(slot).object.clone();
    if planted(Fault::WrongTextWins) {
        let texts = edit
            .project()
            .get_all(&object, field.as_str())
            .unwrap_or_default();
        if let Some((_, oldest)) = texts.first() {
            return oldest.clone();
        }
    }
    match current_text(edit, slot, field) {
        (Some(text), _) => text,
        (None, plain) if plain.is_empty() => edit.create_text(&object, field.as_str()),
        (None, plain) => {
            edit.put_prose(&object, field.as_str(), &plain);
            let found = edit.project().get(&object, field.as_str()).ok().flatten();
            found.expect("the text was just put there").1
        }
    }
}

/// Ranges of a former state as ranges of the present one. Only characters that the former state had
/// are deleted.
fn locate<'s>(
    edit: &mut Edit<'_>,
    slot: Slot,
    field: &FieldId,
    base: Option<&str>,
    splices: &'s [Splice],
) -> Result<Vec<(usize, usize, &'s str)>, Rejection> {
    let mut end = 0;
    for splice in splices {
        if (splice.at as usize) < end {
            return Err(Rejection::StaleText);
        }
        end = splice.at as usize + splice.delete as usize;
    }
    let plain = |splice: &'s Splice| {
        (
            splice.at as usize,
            splice.delete as usize,
            splice.insert.as_str(),
        )
    };
    let (object, text) = current_text(edit, slot, field);
    let heads = base.map(parse_heads).transpose()?;
    let (Some(heads), Some(object)) = (heads, object) else {
        let fits = end <= text.encode_utf16().count();
        return if fits {
            Ok(splices.iter().map(plain).collect())
        } else {
            Err(Rejection::StaleText)
        };
    };
    let doc = edit.project();
    let known = heads
        .iter()
        .all(|head| doc.get_change_by_hash(head).is_some());
    if !known {
        return Err(Rejection::StaleText);
    }
    let former = doc.text_at(&object, &heads).unwrap_or_default();
    let length = former.encode_utf16().count();
    if end > length {
        return Err(Rejection::StaleText);
    }
    if former == text {
        return Ok(splices.iter().map(plain).collect());
    }
    let now = |at: usize| {
        if at >= length {
            return doc.length(&object);
        }
        let cursor = doc.get_cursor(&object, at, Some(&heads));
        cursor
            .ok()
            .and_then(|cursor| doc.get_cursor_position(&object, &cursor, None).ok())
            .unwrap_or_else(|| doc.length(&object))
    };
    let places = places_now(doc, &object, &heads);
    let moved = splices.iter().flat_map(|splice| {
        let (at, delete, insert) = plain(splice);
        let (from, to) = whole_characters(&former, at, at + delete);
        let mut ranges = vec![(now(from), 0, insert)];
        let gone = places
            .iter()
            .filter(|place| (from..to).contains(&place.former));
        for place in gone {
            match ranges.last_mut() {
                Some((start, length, _)) if *start + *length == place.now => *length += place.width,
                _ => ranges.push((place.now, place.width, "")),
            }
        }
        ranges
    });
    Ok(moved.collect())
}

/// A character that was there formerly and still is.
struct Place {
    former: usize,
    now: usize,
    width: usize,
}

/// Where the characters of a former state are now; what others typed among them is not listed.
fn places_now(doc: &impl ReadDoc, text: &ObjId, heads: &[ChangeHash]) -> Vec<Place> {
    let present = elements(doc.list_range(text, ..));
    let present: FxHashMap<OpId, usize> = present.map(|it| (it.op, it.at)).collect();
    let places = elements(doc.list_range_at(text, .., heads)).filter_map(|it| {
        Some(Place {
            former: it.at,
            now: *present.get(&it.op)?,
            width: it.width,
        })
    });
    places.collect()
}

fn parse_heads(base: &str) -> Result<Vec<ChangeHash>, Rejection> {
    base.split_whitespace()
        .map(|hash| hash.parse().map_err(|_| Rejection::StaleText))
        .collect()
}

/// Makes a long text read like this, touching only what differs.
pub(super) fn replace(edit: &mut Edit<'_>, slot: Slot, field: &FieldId, new: &str) {
    let (_, old) = current_text(edit, slot, field);
    super::settle::settle(edit, slot, field.as_str());
    if old == new {
        return;
    }
    let text = text_object(edit, slot, field);
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..]
        .iter()
        .rev()
        .zip(new[head..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let units = |chars: &[char]| chars.iter().map(|c| c.len_utf16()).sum::<usize>();
    let insert: String = new[head..new.len() - tail].iter().collect();
    let object = edit.view.record(slot).object.clone();
    edit.splice(
        &object,
        field.as_str(),
        &text,
        &[(
            units(&old[..head]),
            units(&old[head..old.len() - tail]),
            &insert,
        )],
    );
}
