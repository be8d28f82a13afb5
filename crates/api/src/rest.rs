//! One file for each kind of thing that is asked for.

pub(crate) mod audit;
pub(crate) mod commands;
mod described;
pub(crate) mod events;
pub(crate) mod graph;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod presence;
pub(crate) mod projects;
pub(crate) mod sessions;
mod shapes;
pub(crate) mod sharing;
pub(crate) mod templates;
pub(crate) mod tokens;
pub(crate) mod transfer;
pub(crate) mod verification;

use app::programs::{Answered, Caller, Order};
use app::request::ProjectId;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::body;
use crate::etag;
use crate::problem::Problem;
use crate::sessions::Session;
use crate::state::Shared;
use crate::who::Who;

/// What lists give at most at once.
const PAGE: usize = 1000;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// So many are passed over.
    #[serde(default)]
    offset: usize,
    /// At most so many; 1000 at most.
    limit: Option<usize>,
}

impl Part {
    fn limit(self) -> usize {
        self.limit.unwrap_or(PAGE).min(PAGE)
    }

    fn of<T>(self, all: Vec<T>) -> (Vec<T>, usize) {
        let total = all.len();
        let some = all.into_iter().skip(self.offset).take(self.limit());
        (some.collect(), total)
    }
}

/// A project in the list of this installation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProjectInfo {
    /// Id.
    pub(crate) project_id: String,
    /// Name.
    pub(crate) name: String,
    /// Name of the template that it was made from.
    pub(crate) template: String,
    /// When it was made (RFC 3339).
    pub(crate) created_at: String,
    /// When it was opened last.
    pub(crate) opened_at: String,
    /// When it was moved to the trash.
    pub(crate) trashed_at: Option<String>,
    /// Nodes when it was open last.
    pub(crate) node_count: u32,
    /// By which a client of automerge-repo finds it; another one once it is shared. See docs/guides/automerge-repo.md.
    #[schema(example = "automerge:2akvofn6L1o4RMUEMQi7qzwRjKWZ")]
    pub(crate) automerge_url: Option<String>,
}

/// The session of a path, in use from now.
fn session(state: &Shared, who: &Who, id: &str) -> Result<Session, Problem> {
    let id = body::id(id, Problem::no_session)?;
    let session = state.sessions().using(id).ok_or_else(Problem::no_session)?;
    who.may_see(session.project)?;
    Ok(session)
}

/// The session of a path, and its project.
fn project_of(state: &Shared, who: &Who, id: &str) -> Result<(Session, ProjectId), Problem> {
    let session = session(state, who, id)?;
    let project = session.project.ok_or_else(Problem::no_project)?;
    Ok((session, project))
}

/// How a project stands for a caller.
struct Standing {
    revision: u64,
    heads: String,
    can_undo: Option<String>,
    can_redo: Option<String>,
    name: String,
    node_count: usize,
}

async fn standing(
    state: &Shared,
    project: ProjectId,
    caller: &Caller,
) -> Result<Standing, Problem> {
    match state.order(project, caller, Order::State).await? {
        Answered::State {
            revision,
            heads,
            history,
            name,
            node_count,
        } => Ok(Standing {
            revision,
            heads,
            can_undo: history.undo,
            can_redo: history.redo,
            name,
            node_count,
        }),
        _ => Err(Problem::new("DEFECT", "The state was not read.")),
    }
}

/// The answer to whoever has what is named so already.
fn not_modified(headers: &HeaderMap, name: &str) -> Option<Response> {
    let tag = etag::known(headers, name)?;
    Some((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response())
}

fn at(time: app::programs::Time) -> String {
    jiff::Timestamp::from_millisecond(time.0)
        .unwrap_or_default()
        .to_string()
}
