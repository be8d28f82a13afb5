//! Built-in templates.

use app::builtin;
use axum::Json;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::shapes::Schema;
use crate::body::Ids;
use crate::problem::Problem;

/// Built-in templates.
#[derive(Serialize, ToSchema)]
pub(crate) struct Templates {
    /// In the order in which they are offered.
    templates: Vec<TemplateInfo>,
}

/// A built-in template.
#[derive(Serialize, ToSchema)]
pub(crate) struct TemplateInfo {
    /// Id, for making a project.
    id: String,
    /// Name.
    name: String,
    /// A sentence.
    description: String,
    /// Labels of its first node types.
    node_types: Vec<String>,
}

/// The built-in templates.
#[utoipa::path(get, path = "/templates", tag = "templates", responses((status = 200, body = Templates)))]
pub(crate) async fn list() -> Json<Templates> {
    let templates = builtin::all().iter().map(|it| TemplateInfo {
        id: it.key.clone(),
        name: it.name.clone(),
        description: it.description.clone(),
        node_types: it.summary().types,
    });
    Json(Templates {
        templates: templates.collect(),
    })
}

/// Fields and node types of a template, as they are in a new project.
#[utoipa::path(
    get, path = "/templates/{template_id}/schema", tag = "templates",
    params(("template_id" = String, Path, description = "Id of a template")),
    responses(
        (status = 200, body = Schema),
        (status = 404, description = "`TEMPLATE_NOT_FOUND`", body = Problem),
    ),
)]
pub(crate) async fn schema(Ids(id): Ids<String>) -> Result<Json<Value>, Problem> {
    let found = builtin::all().iter().find(|it| it.key == id);
    let found =
        found.ok_or_else(|| Problem::new("TEMPLATE_NOT_FOUND", "There is no such template."))?;
    Ok(Json(json!({
        "id": found.key,
        "name": found.name,
        "currency": found.currency,
        "fields": found.template.fields,
        "types": found.template.types,
    })))
}
