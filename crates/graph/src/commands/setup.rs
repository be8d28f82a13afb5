//! What a new project starts with.

use super::{properties, put_field, put_type};
use crate::document::{Document, SCHEMA};
use crate::edit::Edit;
use crate::order::run_between;
use crate::rejection::Rejection;
use crate::template::Template;

/// Writes name, currency and template into an empty project.
pub(crate) fn set_up(
    edit: &mut Edit<'_>,
    name: &str,
    currency: &str,
    template: &Template,
) -> Result<(), Rejection> {
    let meta = edit.view.containers.section("meta").clone();
    edit.put(Document::Project, &meta, "schema", SCHEMA);
    properties::set_project(edit, Some(name), Some(currency))?;
    let orders = run_between(None, None, template.fields.len().max(1), &mut edit.jitter);
    for (field, order) in template.fields.iter().zip(orders) {
        put_field::write(edit, field, Some(order))?;
    }
    let orders = run_between(None, None, template.types.len().max(1), &mut edit.jitter);
    for (node_type, order) in template.types.iter().zip(orders) {
        put_type::write(edit, node_type, Some(order));
    }
    Ok(())
}
