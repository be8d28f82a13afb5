//! The project's own properties, and people.

use super::definition::{self, Properties, text};
use super::{Label, check};
use crate::document::Document;
use crate::edit::Edit;
use crate::id::PersonId;
use crate::person::Person;
use crate::rejection::Rejection;

pub(super) fn set_project(
    edit: &mut Edit<'_>,
    name: Option<&str>,
    currency: Option<&str>,
) -> Result<Label, Rejection> {
    let meta = edit.view.containers.section("meta").clone();
    if let Some(name) = name {
        check::name("the project's name", name)?;
        edit.put(Document::Project, &meta, "name", name);
    }
    if let Some(currency) = currency {
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(Rejection::BadValue {
                field: "Currency".into(),
                reason: "is a three-letter code (ISO 4217), for example EUR".into(),
            });
        }
        edit.put(Document::Project, &meta, "currency", currency);
    }
    match (name, currency) {
        (Some(name), _) => Ok(format!(
            "Rename project to “{}”",
            crate::view::shorten(name)
        )),
        (None, Some(currency)) => Ok(format!("Set currency to {currency}")),
        (None, None) => Err(Rejection::NothingChosen),
    }
}

pub(super) fn put_person(
    edit: &mut Edit<'_>,
    id: PersonId,
    person: &Person,
) -> Result<Label, Rejection> {
    check::name("the name", &person.name)?;
    check::line("the colour", &person.colour)?;
    let properties = Properties::from([
        ("name".into(), text(&person.name)),
        ("colour".into(), text(&person.colour)),
    ]);
    definition::put(edit, "people", &id.to_string(), properties, &[]);
    Ok(format!(
        "Rename person to “{}”",
        crate::view::shorten(&person.name)
    ))
}
