//! What every command asks before it writes.

use crate::codec::{expected, fits_kind, found};
use crate::edit::Edit;
use crate::id::{FieldId, NodeId, TypeId};
use crate::rejection::Rejection;
use crate::template::{Field, FieldKind};
use crate::value::{File, Hours, Seal, Value};
use crate::view::{Slot, View};

/// Characters in one line of text. Titles of books fit; accidents do not.
const LINE_LIMIT: usize = 5_000;
/// Characters in a long text. A thick novel.
const PROSE_LIMIT: usize = 1_000_000;
/// Members of a set.
const MEMBER_LIMIT: usize = 10_000;
/// Nodes in one command.
const NODE_LIMIT: usize = 100_000;
/// Characters in an id of the template.
const ID_LIMIT: usize = 64;

/// A live node, or why there is none.
pub(super) fn live(view: &View, node: NodeId) -> Result<Slot, Rejection> {
    let slot = view.slot(node).ok_or(Rejection::NoSuchNode(node))?;
    let record = view.record(slot);
    if record.is_live() {
        Ok(slot)
    } else if record.is_in_trash() {
        Err(Rejection::InTrash(view.title_of(slot)))
    } else {
        Err(Rejection::NoSuchNode(node))
    }
}

/// All of them live, at least one, none twice.
pub(super) fn all_live(view: &View, nodes: &[NodeId]) -> Result<Vec<Slot>, Rejection> {
    if nodes.is_empty() {
        return Err(Rejection::NothingChosen);
    }
    if nodes.len() > NODE_LIMIT {
        return Err(Rejection::TooMany {
            found: nodes.len(),
            limit: NODE_LIMIT,
        });
    }
    let mut seen = std::collections::BTreeSet::new();
    let distinct = nodes.iter().filter(|node| seen.insert(**node));
    distinct.map(|node| live(view, *node)).collect()
}

/// The field, if nodes of this node's type have it.
pub(super) fn field_of<'v>(
    view: &'v View,
    slot: Slot,
    field: &FieldId,
) -> Result<&'v Field, Rejection> {
    let schema = &view.frame().schema;
    let definition = schema
        .field(field)
        .ok_or_else(|| Rejection::NoSuchField(field.clone()))?;
    if !schema.has_field(&view.record(slot).node_type, field) {
        return Err(Rejection::FieldNotOfType {
            title: view.title_of(slot),
            field: definition.label.clone(),
        });
    }
    Ok(definition)
}

/// Whether a node of a type may stand under a parent, with advice if not.
pub(super) fn allowed(view: &View, parent: Option<Slot>, child: &TypeId) -> Result<(), Rejection> {
    allowed_types(
        view,
        parent.map(|parent| &view.record(parent).node_type),
        child,
    )
}

pub(crate) fn allowed_types(
    view: &View,
    parent: Option<&TypeId>,
    child: &TypeId,
) -> Result<(), Rejection> {
    let schema = &view.frame().schema;
    let child_type = schema
        .node_type(child)
        .ok_or_else(|| Rejection::NoSuchType(child.clone()))?;
    if schema.allows(parent, child) {
        return Ok(());
    }
    let (place, takes) = match parent.and_then(|parent| schema.node_type(parent)) {
        Some(parent) => (
            format!("under “{}”", parent.label),
            parent.children.iter().cloned().collect::<Vec<_>>(),
        ),
        None if parent.is_some() => (
            "under an item whose type is not in the template".into(),
            vec![],
        ),
        None => {
            let top = schema
                .template()
                .types
                .iter()
                .filter(|node_type| node_type.top_level);
            (
                "at the top level".into(),
                top.map(|node_type| node_type.id.clone()).collect(),
            )
        }
    };
    let names: Vec<&str> = takes
        .iter()
        .filter_map(|id| schema.node_type(id))
        .map(|node_type| node_type.plural.as_str())
        .collect();
    let hint = if names.is_empty() {
        "nothing can be placed there".into()
    } else {
        format!("possible there: {}", names.join(", "))
    };
    Err(Rejection::TypeNotAllowed {
        child: child_type.plural.clone(),
        parent: place,
        hint,
    })
}

/// Whether a value can be written into a field.
pub(crate) fn value(view: &View, field: &Field, value: &Value) -> Result<(), Rejection> {
    if !fits_kind(field.kind, value) {
        return Err(Rejection::WrongKind {
            field: field.label.clone(),
            expected: expected(field.kind).into(),
            found: found(value).into(),
        });
    }
    let bad = |reason: &str| {
        Err(Rejection::BadValue {
            field: field.label.clone(),
            reason: reason.into(),
        })
    };
    match value {
        Value::Text(text) => line(&field.label, text),
        Value::Url(text) => url(field, text),
        Value::Prose(text) => prose(&field.label, text),
        Value::Number(_) | Value::Flag(_) => Ok(()),
        Value::Date(date) if date.year() < 1 => bad("the year must be between 1 and 9999"),
        Value::Date(_) => Ok(()),
        Value::Option(option) => known_option(field, option),
        Value::Options(options) => {
            members(options.len())?;
            options
                .iter()
                .try_for_each(|option| known_option(field, option))
        }
        Value::Nodes(nodes) => {
            members(nodes.len())?;
            nodes.iter().try_for_each(|node| target(view, field, *node))
        }
        Value::Hours(hours) => hours_fit(view, field, hours),
        Value::Files(files) => {
            members(files.len())?;
            files
                .iter()
                .try_for_each(|(blob, description)| file(field, blob.as_str(), description))
        }
    }
}

fn known_option(field: &Field, option: &crate::id::OptionId) -> Result<(), Rejection> {
    if field.options.iter().any(|known| known.id == *option) {
        return Ok(());
    }
    Err(Rejection::NoSuchOption(option.clone(), field.label.clone()))
}

fn members(found: usize) -> Result<(), Rejection> {
    if found > MEMBER_LIMIT {
        Err(Rejection::TooMany {
            found,
            limit: MEMBER_LIMIT,
        })
    } else {
        Ok(())
    }
}

pub(crate) fn target(view: &View, field: &Field, node: NodeId) -> Result<(), Rejection> {
    let slot = live(view, node)?;
    if view.is_target(field, node) {
        return Ok(());
    }
    let wanted = match field.kind {
        FieldKind::People | FieldKind::Hours => "a person".to_owned(),
        _ => {
            let schema = &view.frame().schema;
            let labels: Vec<&str> = field
                .targets
                .iter()
                .filter_map(|id| schema.node_type(id))
                .map(|node_type| node_type.label.as_str())
                .collect();
            format!("of the type {}", labels.join(" or "))
        }
    };
    Err(Rejection::BadValue {
        field: field.label.clone(),
        reason: format!("“{}” is not {wanted}", view.title_of(slot)),
    })
}

fn hours_fit(view: &View, field: &Field, hours: &Hours) -> Result<(), Rejection> {
    members(hours.values().map(|days| days.len()).sum())?;
    hours
        .keys()
        .try_for_each(|person| target(view, field, *person))?;
    amounts_fit(field, hours)
}

/// Whether the amounts are such as a day has.
pub(crate) fn amounts_fit(field: &Field, hours: &Hours) -> Result<(), Rejection> {
    for days in hours.values() {
        for (date, amount) in days {
            if amount.0.is_sign_negative() || amount.0 > rust_decimal::Decimal::from(24) {
                return Err(Rejection::BadValue {
                    field: field.label.clone(),
                    reason: format!("{} h on {date} is not between 0 and 24", amount.0),
                });
            }
            if date.year() < 1 {
                return Err(Rejection::BadValue {
                    field: field.label.clone(),
                    reason: "the year must be between 1 and 9999".into(),
                });
            }
        }
    }
    Ok(())
}

/// One line of text: not too long, nothing that a line cannot show.
pub(crate) fn line(what: &str, text: &str) -> Result<(), Rejection> {
    let found = text.chars().count();
    if found > LINE_LIMIT {
        return Err(Rejection::TooLong {
            what: what.into(),
            found,
            limit: LINE_LIMIT,
        });
    }
    if text.chars().any(char::is_control) {
        return Err(Rejection::BadValue {
            field: what.into(),
            reason: "line breaks and control characters cannot be kept in one line".into(),
        });
    }
    Ok(())
}

/// A line that must say something.
pub(crate) fn name(what: &str, text: &str) -> Result<(), Rejection> {
    if text.trim().is_empty() {
        return Err(Rejection::Empty(what.into()));
    }
    line(what, text)
}

/// A long text.
pub(crate) fn prose(what: &str, text: &str) -> Result<(), Rejection> {
    let found = text.chars().count();
    if found > PROSE_LIMIT {
        return Err(Rejection::TooLong {
            what: what.into(),
            found,
            limit: PROSE_LIMIT,
        });
    }
    if text.contains('\0') {
        return Err(Rejection::BadValue {
            field: what.into(),
            reason: "the character NUL cannot be kept".into(),
        });
    }
    Ok(())
}

fn url(field: &Field, text: &str) -> Result<(), Rejection> {
    line(&field.label, text)?;
    let scheme = text
        .split_once(':')
        .map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    let fits = scheme.is_some_and(|(scheme, rest)| {
        ["http", "https", "mailto", "ftp", "file"].contains(&scheme.as_str())
            && !rest.trim_start_matches('/').is_empty()
    });
    if fits && !text.chars().any(char::is_whitespace) {
        return Ok(());
    }
    Err(Rejection::BadValue {
        field: field.label.clone(),
        reason: "a web address starts with https:// and has no spaces".into(),
    })
}

/// An attached file's description.
pub(super) fn file(field: &Field, blob: &str, file: &File) -> Result<(), Rejection> {
    name("file name", &file.name)?;
    line("media type", &file.media_type)?;
    let bad = |reason: &str| {
        Err(Rejection::BadValue {
            field: field.label.clone(),
            reason: reason.into(),
        })
    };
    if !is_hash(blob) {
        return bad("a file is named by the BLAKE3 hash of its content");
    }
    let fits = |seal: &Seal| is_hash(&seal.hash) && is_key(&seal.key);
    if !file.seal.as_ref().is_none_or(fits) {
        return bad("a file is opened by a key of 32 bytes, and is what its hash says");
    }
    Ok(())
}

/// 32 bytes in lower-case hexadecimal.
fn is_hash(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 64 && text.bytes().all(is_digit)
}

/// 32 bytes in base64url without padding.
fn is_key(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.len() == 43 && text.bytes().all(is_digit)
}

/// An id of the template, which becomes a key of the document.
pub(super) fn id(id: &str) -> Result<(), Rejection> {
    let fits = !id.is_empty()
        && id.len() <= ID_LIMIT
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if fits {
        Ok(())
    } else {
        Err(Rejection::BadId(id.chars().take(80).collect()))
    }
}

/// “X” for one, “3 items” for many: what a label speaks of.
pub(super) fn name_all(edit: &Edit<'_>, slots: &[Slot]) -> String {
    match slots {
        [only] => format!("“{}”", crate::view::shorten(&edit.view.title_of(*only))),
        many => {
            let schema = &edit.view.frame().schema;
            let first = many.first().map(|slot| &edit.view.record(*slot).node_type);
            let same = many
                .iter()
                .all(|slot| Some(&edit.view.record(*slot).node_type) == first);
            let plural = first
                .filter(|_| same)
                .and_then(|id| schema.node_type(id))
                .map_or("items".into(), |node_type| node_type.plural.to_lowercase());
            format!("{} {plural}", many.len())
        }
    }
}
