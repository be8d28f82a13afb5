//! Events for those who missed some, or who listen without Socket.IO.

use std::time::Duration;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::described::InSession;
use super::project_of;
use crate::body::{Ids, Params};
use crate::event::Spelling;
use crate::problem::Problem;
use crate::state::Shared;
use crate::who::Who;

/// Longest wait.
const WAIT: u64 = 30;
/// Events at once.
const AT_ONCE: usize = 1000;
/// Bytes at once, unless one event has more.
const AT_ONCE_BYTES: usize = 4 << 20;

/// Which events.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct After {
    /// Number of the last one that is known; 0: from the beginning.
    after: u64,
    /// At most so many; 1000 at most.
    limit: Option<usize>,
    /// If there is none, wait so many seconds for one; 30 at most.
    #[serde(default)]
    wait: u64,
    /// `hyphen` or `colon`.
    #[serde(default)]
    #[param(inline)]
    spelling: Spelling,
}

/// Events of a session.
#[derive(Serialize, ToSchema)]
pub(crate) struct Events {
    /// Names the numbering; if it is another than before, the project must be read anew.
    feed: Uuid,
    /// Number of the last event that there is.
    newest: u64,
    /// Whether none is missing between `after` and these. Otherwise the project must be read anew.
    complete: bool,
    /// In order: payloads as Socket.IO has them, whose `event` names them.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Value>,
}

/// Events after a number.
#[utoipa::path(
    get, path = "/sessions/{session_id}/events", tag = "events",
    params(InSession, After),
    responses((status = 200, body = Events), (status = 404, description = "`INVALID_SESSION`, `NO_PROJECT`", body = Problem)),
)]
pub(crate) async fn missed(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    Params(asked): Params<After>,
) -> Result<axum::Json<Events>, Problem> {
    let (session, project) = project_of(&state, &who, &id)?;
    if asked.wait > 0 {
        // The feed itself is not held: it ends when nobody needs it.
        let mut newest = state.feed(project).await?.watch();
        let more = newest.wait_for(|newest| *newest != asked.after);
        let limit = Duration::from_secs(asked.wait.min(WAIT));
        tokio::select! {
            // Nothing happened: the answer says so.
            _ = tokio::time::timeout(limit, more) => {}
            () = state.over(session.id) => return Err(Problem::no_session()),
            why = state.tokens().ended(&who.token) => return Err(why),
        }
    }
    let feed = state.feed(project).await?;
    let limit = asked.limit.unwrap_or(AT_ONCE).min(AT_ONCE);
    let log = feed.log().await;
    let missed = log.after(asked.after, limit, AT_ONCE_BYTES);
    let events = missed.records.iter().map(|record| {
        let mut payload = record.payload(session.id);
        payload.insert("event".to_owned(), json!(asked.spelling.spell(record.name)));
        Value::Object(payload)
    });
    Ok(axum::Json(Events {
        feed: feed.id,
        newest: log.newest(),
        complete: missed.is_complete,
        events: events.collect(),
    }))
}
