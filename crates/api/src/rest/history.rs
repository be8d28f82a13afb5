//! What was done to a project.

use app::programs::{Answered, Order, PastChange};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::described::{InSession, Known};
use super::{Part, at, not_modified, project_of};
use crate::body::{Ids, Params};
use crate::etag;
use crate::problem::Problem;
use crate::state::Shared;
use crate::who::Who;

/// A change of the past.
#[derive(Serialize, ToSchema)]
pub(crate) struct Past {
    /// Its name: the hash of its content.
    #[schema(example = "3f0b1c5e8a4d2f967b1e0c3a5d7f9b2e4c6a8d0f1b3e5a7c9d2f4b6e8a0c1d3f")]
    change: String,
    /// `project` or `comments`.
    #[schema(example = "project")]
    document: &'static str,
    /// When, to the second, by the clock of whoever made it (RFC 3339).
    #[schema(example = "2026-02-03T09:00:00Z")]
    at: String,
    author: Maker,
    /// What the step is called; null: no undo or redo at this installation knows it any more.
    #[schema(example = "Create “Chapter 1”")]
    label: Option<String>,
    /// Whether it took that step back.
    is_undo: bool,
    /// How many values it wrote or removed.
    #[schema(example = 6)]
    operations: u64,
}

/// Who made a change.
#[derive(Serialize, ToSchema)]
pub(crate) struct Maker {
    /// The person; null: nobody that the project knows.
    person_id: Option<String>,
    /// Their name.
    name: Option<String>,
}

/// Some of what was done.
#[derive(Serialize, ToSchema)]
pub(crate) struct History {
    /// Newest first.
    changes: Vec<Past>,
    /// How many there are in all.
    total: usize,
    /// The offset of the next part; null: this is all.
    next: Option<usize>,
}

impl From<PastChange> for Past {
    fn from(it: PastChange) -> Self {
        Self {
            change: it.change,
            document: it.document,
            at: at(it.at),
            author: Maker {
                person_id: it.author.person_id,
                name: it.author.name,
            },
            label: it.label,
            is_undo: it.is_undo,
            operations: it.operations,
        }
    }
}

/// What was done, newest first: each command is a change. A change stands before all that it builds on.
#[utoipa::path(
    get, path = "/sessions/{session_id}/history", tag = "history",
    params(InSession, Part, Known),
    responses(
        (status = 200, body = History),
        (status = 304, description = "It is as it was"),
        (status = 404, description = "`INVALID_SESSION`, `NO_PROJECT`", body = Problem),
    ),
)]
pub(crate) async fn read(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    Params(part): Params<Part>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (_, project) = project_of(&state, &who, &id)?;
    let order = Order::Past {
        offset: part.offset,
        limit: part.limit(),
    };
    let answer = state.order(project, &who.caller(), order).await?;
    let Answered::Past {
        changes,
        total,
        heads,
    } = answer
    else {
        return Err(Problem::new("DEFECT", "The history was not read."));
    };
    if let Some(response) = not_modified(&headers, &heads) {
        return Ok(response);
    }
    let end = part.offset.saturating_add(changes.len());
    let history = History {
        next: (end < total && !changes.is_empty()).then_some(end),
        changes: changes.into_iter().map(Past::from).collect(),
        total,
    };
    Ok(([(header::ETAG, etag::tag(&heads))], axum::Json(history)).into_response())
}
