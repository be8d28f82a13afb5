//! Definitions: fields, options, types, filters, views, kits. Each is one flat map; writing one
//! touches the registers that differ, so that concurrent edits of different properties merge.

use std::collections::BTreeMap;

use automerge::{ReadDoc, ScalarValue};
use serde::Serialize;
use smol_str::SmolStr;

use crate::document::Document;
use crate::edit::{Edit, Registers};
use crate::history::Stored;
use crate::order;

/// Registers of a definition; none clears.
pub(super) type Properties = BTreeMap<String, Option<ScalarValue>>;

/// A text that is left out when it is empty.
pub(super) fn text(text: &str) -> Option<ScalarValue> {
    (!text.is_empty()).then(|| ScalarValue::Str(text.into()))
}

/// A boolean that is left out when it is false.
pub(super) fn flag(flag: bool) -> Option<ScalarValue> {
    flag.then_some(ScalarValue::Boolean(true))
}

/// The name of a member of a closed set, as in JSON.
pub(super) fn word(word: &impl Serialize) -> Option<ScalarValue> {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(name)) => Some(ScalarValue::Str(name.into())),
        _ => None,
    }
}

/// Whether a definition is there and not removed.
pub(super) fn exists(edit: &mut Edit<'_>, section: &'static str, key: &str) -> bool {
    let Some(object) = edit
        .view
        .frame()
        .objects
        .get(&(section, SmolStr::from(key)))
        .cloned()
    else {
        return false;
    };
    edit.op_at(Document::Project, &object, "@del").is_none()
}

/// Makes a definition, or writes what differs; a removed one comes back. Registers that begin with
/// one of `owned` and are not given are cleared.
pub(super) fn put(
    edit: &mut Edit<'_>,
    section: &'static str,
    key: &str,
    properties: Properties,
    owned: &[&str],
) {
    let Some(object) = edit
        .view
        .frame()
        .objects
        .get(&(section, SmolStr::from(key)))
        .cloned()
    else {
        let registers: Registers = properties
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?.into())))
            .collect();
        let container = edit.view.containers.section(section).clone();
        edit.create(
            Document::Project,
            &container,
            key,
            registers,
            Stored::Flag(true),
        );
        return;
    };
    let present: BTreeMap<String, ScalarValue> = {
        let doc = edit.project();
        let scalar = |value: &automerge::ValueRef<'_>| match value {
            automerge::ValueRef::Scalar(scalar) => Some(ScalarValue::from(scalar)),
            automerge::ValueRef::Object(_) => None,
        };
        doc.map_range(&object, ..)
            .filter_map(|item| Some((item.key.to_string(), scalar(&item.value)?)))
            .collect()
    };
    edit.delete(Document::Project, &object, "@del");
    for name in present.keys().filter(|name| {
        owned.iter().any(|prefix| name.starts_with(prefix)) && !properties.contains_key(*name)
    }) {
        edit.delete(Document::Project, &object, name);
    }
    for (name, value) in properties {
        match value {
            Some(value) if present.get(&name) == Some(&value) => {}
            Some(value) => edit.put(Document::Project, &object, &name, value),
            None => edit.delete(Document::Project, &object, &name),
        }
    }
}

/// Removes a definition; it can come back with all it had.
pub(super) fn remove(edit: &mut Edit<'_>, section: &'static str, key: &str) {
    if let Some(object) = edit
        .view
        .frame()
        .objects
        .get(&(section, SmolStr::from(key)))
        .cloned()
    {
        edit.put(Document::Project, &object, "@del", true);
    }
}

/// A key that puts a definition at an index among others of its section, given in order.
pub(super) fn order_at(
    edit: &mut Edit<'_>,
    section: &'static str,
    others: &[SmolStr],
    index: usize,
) -> SmolStr {
    let index = index.min(others.len());
    let orders = &edit.view.frame().orders;
    let order_of = |key: &SmolStr| orders.get(&(section, key.clone())).cloned();
    let low = index
        .checked_sub(1)
        .and_then(|index| order_of(&others[index]));
    let high = others.get(index).and_then(order_of);
    order::between(low.as_deref(), high.as_deref(), &mut edit.jitter)
}

/// Writes a definition's place among others.
pub(super) fn reorder(
    edit: &mut Edit<'_>,
    section: &'static str,
    key: &str,
    others: &[SmolStr],
    index: usize,
) {
    let order = order_at(edit, section, others, index);
    if let Some(object) = edit
        .view
        .frame()
        .objects
        .get(&(section, SmolStr::from(key)))
        .cloned()
    {
        edit.put(Document::Project, &object, "order", order.as_str());
    }
}
