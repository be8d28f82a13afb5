//! Saved filters and views.

use super::definition::{self, Properties, text};
use super::{Label, check};
use crate::edit::Edit;
use crate::id::{FilterId, PersonId, ViewId};
use crate::rejection::Rejection;
use crate::saved::{SavedFilter, SavedView};

pub(super) fn put_filter(edit: &mut Edit<'_>, filter: &SavedFilter) -> Result<Label, Rejection> {
    let properties = properties(
        filter.id.as_str(),
        &filter.name,
        ("query", &filter.query),
        filter.owner,
    )?;
    definition::put(edit, "filters", filter.id.as_str(), properties, &[]);
    Ok(format!("Save filter “{}”", filter.name))
}

pub(super) fn put_view(edit: &mut Edit<'_>, view: &SavedView) -> Result<Label, Rejection> {
    let properties = properties(
        view.id.as_str(),
        &view.name,
        ("layout", &view.layout),
        view.owner,
    )?;
    definition::put(edit, "views", view.id.as_str(), properties, &[]);
    Ok(format!("Save view “{}”", view.name))
}

fn properties(
    id: &str,
    name: &str,
    content: (&str, &str),
    owner: Option<PersonId>,
) -> Result<Properties, Rejection> {
    check::id(id)?;
    check::name("the name", name)?;
    check::prose(content.0, content.1)?;
    Ok(Properties::from([
        ("name".into(), text(name)),
        (content.0.into(), text(content.1)),
        (
            "owner".into(),
            owner.and_then(|owner| text(&owner.to_string())),
        ),
    ]))
}

pub(super) fn remove_filter(edit: &mut Edit<'_>, id: &FilterId) -> Result<Label, Rejection> {
    let name = edit
        .view
        .frame()
        .filters
        .get(id)
        .map(|filter| filter.name.clone());
    let name = name.ok_or_else(|| Rejection::NoSuchSaved(id.to_string()))?;
    definition::remove(edit, "filters", id.as_str());
    Ok(format!("Remove filter “{name}”"))
}

pub(super) fn remove_view(edit: &mut Edit<'_>, id: &ViewId) -> Result<Label, Rejection> {
    let name = edit
        .view
        .frame()
        .views
        .get(id)
        .map(|view| view.name.clone());
    let name = name.ok_or_else(|| Rejection::NoSuchSaved(id.to_string()))?;
    definition::remove(edit, "views", id.as_str());
    Ok(format!("Remove view “{name}”"))
}
