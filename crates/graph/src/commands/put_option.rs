//! Options of select fields.

use smol_str::{SmolStr, format_smolstr};

use super::definition::{self, Properties, text, word};
use super::{Label, check};
use crate::edit::Edit;
use crate::id::{FieldId, OptionId};
use crate::order;
use crate::rejection::Rejection;
use crate::template::{Field, FieldKind, FieldOption};

pub(super) fn run(
    edit: &mut Edit<'_>,
    field: &FieldId,
    option: &FieldOption,
    index: Option<u32>,
) -> Result<Label, Rejection> {
    let definition = edit
        .view
        .frame()
        .schema
        .field(field)
        .ok_or_else(|| Rejection::NoSuchField(field.clone()))?
        .clone();
    if !matches!(definition.kind, FieldKind::Select | FieldKind::MultiSelect) {
        return Err(Rejection::BadValue {
            field: definition.label,
            reason: "only select fields have options".into(),
        });
    }
    let mut properties = properties(option)?;
    let key = key(field, &option.id);
    let known = definition::exists(edit, "options", &key);
    let others: Vec<SmolStr> = keys(&definition)
        .into_iter()
        .filter(|other| *other != key)
        .collect();
    if let Some(index) = index
        .map(|index| index as usize)
        .or((!known).then_some(usize::MAX))
    {
        let order = definition::order_at(edit, "options", &others, index);
        properties.insert("order".into(), text(&order));
    }
    definition::put(edit, "options", &key, properties, &[]);
    Ok(format!(
        "{} option “{}”",
        if known { "Edit" } else { "Add" },
        option.label
    ))
}

/// Writes an option of a field that is being made, after the one with this order; returns its order.
pub(super) fn write_new(
    edit: &mut Edit<'_>,
    field: &FieldId,
    option: &FieldOption,
    after: Option<SmolStr>,
) -> Result<SmolStr, Rejection> {
    let mut properties = properties(option)?;
    let order = order::between(after.as_deref(), None, &mut edit.jitter);
    properties.insert("order".into(), text(&order));
    definition::put(edit, "options", &key(field, &option.id), properties, &[]);
    Ok(order)
}

fn properties(option: &FieldOption) -> Result<Properties, Rejection> {
    check::id(option.id.as_str())?;
    check::name("the option's label", &option.label)?;
    let style = if option.indicator.style == Default::default() {
        None
    } else {
        word(&option.indicator.style)
    };
    Ok(Properties::from([
        ("label".into(), text(&option.label)),
        ("icon".into(), text(&option.indicator.icon)),
        ("colour".into(), text(&option.indicator.colour)),
        ("style".into(), style),
        ("category".into(), option.category.as_ref().and_then(word)),
        (
            "score".into(),
            option.score.and_then(|score| text(&score.to_string())),
        ),
    ]))
}

pub(super) fn remove(
    edit: &mut Edit<'_>,
    field: &FieldId,
    option: &OptionId,
) -> Result<Label, Rejection> {
    let definition = edit
        .view
        .frame()
        .schema
        .field(field)
        .ok_or_else(|| Rejection::NoSuchField(field.clone()))?;
    let known = definition.options.iter().find(|known| known.id == *option);
    let label = known
        .ok_or_else(|| Rejection::NoSuchOption(option.clone(), definition.label.clone()))?
        .label
        .clone();
    definition::remove(edit, "options", &key(field, option));
    Ok(format!("Remove option “{label}”"))
}

fn key(field: &FieldId, option: &OptionId) -> SmolStr {
    format_smolstr!("{field}/{option}")
}

fn keys(field: &Field) -> Vec<SmolStr> {
    field
        .options
        .iter()
        .map(|option| key(&field.id, &option.id))
        .collect()
}
