//! Who did what.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::audit::{Entry, Wanted};
use crate::body::Params;
use crate::problem::Problem;
use crate::state::Shared;
use crate::who::Who;

/// What is given at most at once.
const PAGE: usize = 1000;

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only those before this number.
    before: Option<u64>,
    /// Only those of this project.
    project: Option<Uuid>,
    /// Only those of the token with this id.
    token: Option<String>,
    /// At most so many; 1000 at most.
    limit: Option<usize>,
}

/// Some of the audit log.
#[derive(Serialize, ToSchema)]
pub(crate) struct Entries {
    /// Newest first.
    entries: Vec<Entry>,
    /// What `before` is for the next part; null: this is all.
    next: Option<u64>,
}

/// Who did what, newest first: changes of programs, and what was refused to them. It has no titles and no values.
#[utoipa::path(
    get, path = "/audit", tag = "audit", params(Which),
    responses((status = 200, body = Entries)),
)]
pub(crate) async fn read(
    State(state): State<Shared>,
    who: Who,
    Params(which): Params<Which>,
) -> Result<Json<Entries>, Problem> {
    let project = match (who.token.project, which.project) {
        (Some(own), None) => Some(own.0),
        (_, said) => said,
    };
    if let Some(project) = project {
        who.may_see(Some(app::request::ProjectId(project)))?;
    }
    let limit = which.limit.unwrap_or(100).clamp(1, PAGE);
    let wanted = Wanted {
        before: which.before,
        project,
        token: which.token,
        limit,
    };
    let entries = state.audit().read(wanted).await.map_err(|error| {
        let detail = format!("The audit log could not be read: {error}.");
        Problem::new("DISK_FAILED", detail)
    })?;
    let is_full = entries.len() == limit;
    let next = entries.last().filter(|_| is_full).map(|it| it.number);
    Ok(Json(Entries { entries, next }))
}
