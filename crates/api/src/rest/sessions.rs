//! Sessions of programs.

use app::reply::Reply;
use app::request::{ProjectId, Request};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

use super::described::InSession;
use super::{Part, session, standing};
use crate::body::{Ids, Json, Params};
use crate::problem::Problem;
use crate::sessions::Session;
use crate::state::Shared;
use crate::who::Who;

/// A session to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSession {
    /// Which project to follow; it is opened if need be. None: a session without a project.
    project_id: Option<Uuid>,
}

/// Some of the sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sessions {
    /// Oldest first.
    sessions: Vec<SessionInfo>,
    /// How many there are.
    total: usize,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionInfo {
    /// Id.
    session_id: Uuid,
    /// Its project.
    project_id: Option<Uuid>,
    /// When it was made (RFC 3339).
    created_at: String,
    /// When it was used last.
    last_activity: String,
    /// Connections that have joined it.
    active_clients: usize,
}

/// A session, and how its project stands for the caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionState {
    #[serde(flatten)]
    session: SessionInfo,
    /// Name of the project.
    project_name: Option<String>,
    /// Other machines that the project is at now.
    peers: usize,
    /// Live nodes.
    node_count: usize,
    /// Changes since the project was opened.
    revision: u64,
    /// Whether the caller has something to undo.
    undo_available: bool,
    /// What that is.
    undo_label: Option<String>,
    /// Whether the caller has something to redo.
    redo_available: bool,
    /// What that is.
    redo_label: Option<String>,
    /// Number of the last event.
    sequence: u64,
    /// Names the numbering of events; another one begins anew.
    feed: Option<Uuid>,
}

/// How old is idle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CleanUp {
    /// Sessions that nobody is in and nobody has used for so long are closed.
    #[serde(default = "a_day")]
    max_inactive_hours: f64,
}

/// What was closed.
#[derive(Serialize, ToSchema)]
pub(crate) struct CleanedUp {
    /// How many sessions.
    removed: usize,
}

fn a_day() -> f64 {
    24.0
}

/// The sessions.
#[utoipa::path(get, path = "/sessions", tag = "sessions", params(Part), responses((status = 200, body = Sessions)))]
pub(crate) async fn list(
    State(state): State<Shared>,
    who: Who,
    Params(part): Params<Part>,
) -> axum::Json<Sessions> {
    let mut sessions = state.sessions().list();
    sessions.retain(|session| who.sees(session.project));
    let (sessions, total) = part.of(sessions);
    let sessions = sessions.iter().map(info_of).collect();
    axum::Json(Sessions { sessions, total })
}

/// Make a session.
#[utoipa::path(
    post, path = "/sessions", tag = "sessions", request_body = NewSession,
    responses((status = 201, body = SessionInfo), (status = 404, description = "`PROJECT_NOT_FOUND`", body = Problem)),
)]
pub(crate) async fn create(
    State(state): State<Shared>,
    who: Who,
    Json(new): Json<NewSession>,
) -> Result<Response, Problem> {
    let project = new.project_id.map(ProjectId);
    who.may_see(project)?;
    let session = state.begin(state.place(&who)?, project).await?;
    Ok((StatusCode::CREATED, axum::Json(info_of(&session))).into_response())
}

/// A session, and how its project stands.
#[utoipa::path(
    get, path = "/sessions/{session_id}/info", tag = "sessions",
    params(InSession),
    responses((status = 200, body = SessionState), (status = 404, description = "`INVALID_SESSION`", body = Problem)),
)]
pub(crate) async fn info(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
) -> Result<axum::Json<SessionState>, Problem> {
    let session = session(&state, &who, &id)?;
    let mut answer = SessionState {
        session: info_of(&session),
        project_name: None,
        peers: 0,
        node_count: 0,
        revision: 0,
        undo_available: false,
        undo_label: None,
        redo_available: false,
        redo_label: None,
        sequence: 0,
        feed: None,
    };
    if let Some(project) = session.project {
        let it = standing(&state, project, &who.caller()).await?;
        let feed = state.feed(project).await?;
        answer = SessionState {
            project_name: Some(it.name),
            peers: peers(&state, project).await?,
            node_count: it.node_count,
            revision: it.revision,
            undo_available: it.can_undo.is_some(),
            undo_label: it.can_undo,
            redo_available: it.can_redo.is_some(),
            redo_label: it.can_redo,
            sequence: feed.log().await.newest(),
            feed: Some(feed.id),
            ..answer
        };
    }
    Ok(axum::Json(answer))
}

/// Close a session. Its project stays as it is.
#[utoipa::path(
    delete, path = "/sessions/{session_id}", tag = "sessions",
    params(InSession),
    responses((status = 204), (status = 404, description = "`INVALID_SESSION`", body = Problem)),
)]
pub(crate) async fn close(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
) -> Result<StatusCode, Problem> {
    let session = session(&state, &who, &id)?;
    state.sessions().remove(session.id);
    state.end(&session, "The session was closed.").await;
    Ok(StatusCode::NO_CONTENT)
}

/// Close sessions that are idle. This happens by itself, too.
#[utoipa::path(
    post, path = "/sessions/cleanup", tag = "sessions", request_body = CleanUp,
    responses((status = 200, body = CleanedUp)),
)]
pub(crate) async fn clean_up(
    State(state): State<Shared>,
    who: Who,
    Json(CleanUp { max_inactive_hours }): Json<CleanUp>,
) -> Result<axum::Json<CleanedUp>, Problem> {
    who.may_see(None)?;
    let idle = Duration::try_from_secs_f64(max_inactive_hours * 3600.0);
    let idle = idle.map_err(|_| Problem::new("INVALID_REQUEST", "This is no number of hours."))?;
    let closed = state.sessions().close_idle(idle);
    for session in &closed {
        state.end(session, "The session was idle.").await;
    }
    Ok(axum::Json(CleanedUp {
        removed: closed.len(),
    }))
}

/// At how many other machines somebody has a project open.
async fn peers(state: &Shared, project: ProjectId) -> Result<usize, Problem> {
    match state.call(Request::ReadSharing { project }).await? {
        Reply::Sharing { sharing } => {
            let companions = sharing.into_iter().flat_map(|sharing| sharing.companions);
            Ok(companions.filter(|it| it.person.is_some()).count())
        }
        _ => Err(Problem::new("DEFECT", "Who is there was not read.")),
    }
}

fn info_of(session: &Session) -> SessionInfo {
    SessionInfo {
        session_id: session.id,
        project_id: session.project.map(|project| project.0),
        created_at: session.created_at.to_string(),
        last_activity: session.last_activity.to_string(),
        active_clients: session.members.len(),
    }
}
