//! Fields of the template.

use smol_str::SmolStr;

use super::definition::{self, Properties, flag, text, word};
use super::{Label, check, put_option};
use crate::edit::Edit;
use crate::id::FieldId;
use crate::rejection::Rejection;
use crate::template::{Field, FieldKind, Role};

pub(super) fn run(edit: &mut Edit<'_>, field: &Field) -> Result<Label, Rejection> {
    check::id(field.id.as_str())?;
    check::name("the field's key", &field.key)?;
    check::name("the field's label", &field.label)?;
    check::prose("the field's help", &field.help)?;
    if let Some(default) = &field.default {
        check::value(edit.view, field, default)?;
    }
    if is_title(edit, &field.id) && (field.role, field.kind) != (Some(Role::Title), FieldKind::Text)
    {
        return Err(Rejection::Needed(field.label.clone()));
    }
    let known = definition::exists(edit, "fields", field.id.as_str());
    let order = (!known).then(|| definition::order_at(edit, "fields", &keys(edit), usize::MAX));
    write(edit, field, order)?;
    Ok(format!(
        "{} field “{}”",
        if known { "Edit" } else { "Add" },
        field.label
    ))
}

/// Writes what differs; with an order the field is new, and its options are written too.
pub(super) fn write(
    edit: &mut Edit<'_>,
    field: &Field,
    order: Option<SmolStr>,
) -> Result<(), Rejection> {
    let mut properties = Properties::from([
        ("key".into(), text(&field.key)),
        ("label".into(), text(&field.label)),
        ("kind".into(), word(&field.kind)),
        ("required".into(), flag(field.required)),
        ("unit".into(), field.unit.as_deref().and_then(text)),
        ("role".into(), field.role.as_ref().and_then(word)),
        ("help".into(), text(&field.help)),
        (
            "default".into(),
            field
                .default
                .as_ref()
                .and_then(|value| text(&serde_json::to_string(value).unwrap_or_default())),
        ),
    ]);
    properties.extend(
        field
            .targets
            .iter()
            .map(|target| (format!("target/{target}"), flag(true))),
    );
    let is_new = order.is_some();
    if let Some(order) = order {
        properties.insert("order".into(), text(&order));
    }
    definition::put(edit, "fields", field.id.as_str(), properties, &["target/"]);
    let mut last = None;
    for option in field.options.iter().filter(|_| is_new) {
        last = Some(put_option::write_new(edit, &field.id, option, last)?);
    }
    Ok(())
}

pub(super) fn remove(edit: &mut Edit<'_>, field: &FieldId) -> Result<Label, Rejection> {
    let schema = &edit.view.frame().schema;
    let definition = schema
        .field(field)
        .ok_or_else(|| Rejection::NoSuchField(field.clone()))?;
    let label = definition.label.clone();
    if is_title(edit, field) {
        return Err(Rejection::Needed(label));
    }
    definition::remove(edit, "fields", field.as_str());
    Ok(format!("Remove field “{label}”"))
}

/// Whether nodes of some type are named by the field.
fn is_title(edit: &Edit<'_>, field: &FieldId) -> bool {
    let schema = &edit.view.frame().schema;
    let mut types = schema.template().types.iter();
    types.any(|node_type| schema.title_field(&node_type.id) == Some(field))
}

pub(super) fn reorder(
    edit: &mut Edit<'_>,
    field: &FieldId,
    index: u32,
) -> Result<Label, Rejection> {
    let definition = edit
        .view
        .frame()
        .schema
        .field(field)
        .ok_or_else(|| Rejection::NoSuchField(field.clone()))?;
    let label = format!("Move field “{}”", definition.label);
    let others: Vec<SmolStr> = keys(edit)
        .into_iter()
        .filter(|key| *key != field.0)
        .collect();
    definition::reorder(edit, "fields", field.as_str(), &others, index as usize);
    Ok(label)
}

fn keys(edit: &Edit<'_>) -> Vec<SmolStr> {
    edit.view
        .frame()
        .schema
        .template()
        .fields
        .iter()
        .map(|field| field.id.0.clone())
        .collect()
}
