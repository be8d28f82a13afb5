//! Who is at a project.

use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::sharing::Sharing;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::described::InSession;
use super::project_of;
use crate::body::{Ids, Json};
use crate::event::payload::{ClientThere, PersonThere, Presence, object};
use crate::problem::Problem;
use crate::sessions::Session;
use crate::state::Shared;
use crate::who::Who;

/// Where somebody is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    /// The node that is looked at.
    node_id: Option<String>,
    /// The field that is edited.
    property_id: Option<String>,
    /// Whether keys are being pressed in it.
    #[serde(default)]
    typing: bool,
}

/// Who is there: programs in this session, and people at other machines.
#[utoipa::path(
    get, path = "/sessions/{session_id}/presence", tag = "presence",
    params(InSession),
    responses(
        (status = 200, body = Presence<'_>),
        (status = 404, description = "`INVALID_SESSION`, `NO_PROJECT`", body = Problem),
    ),
)]
pub(crate) async fn read(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
) -> Result<axum::Json<Map<String, Value>>, Problem> {
    let (session, project) = project_of(&state, &who, &id)?;
    match state.call(Request::ReadSharing { project }).await? {
        Reply::Sharing { sharing } => Ok(axum::Json(payload(&session, sharing.as_ref()))),
        _ => Err(Problem::new("DEFECT", "Who is there was not read.")),
    }
}

/// Tell people at other machines what is being looked at here.
#[utoipa::path(
    put, path = "/sessions/{session_id}/presence", tag = "presence", request_body = Place,
    params(InSession),
    responses((status = 204), (status = 404, description = "`INVALID_SESSION`, `NO_PROJECT`", body = Problem)),
)]
pub(crate) async fn put(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    Json(place): Json<Place>,
) -> Result<StatusCode, Problem> {
    let (_, project) = project_of(&state, &who, &id)?;
    let request = json!({
        "kind": "putPresence", "project": project,
        "node": place.node_id, "field": place.property_id, "isTyping": place.typing,
    });
    let request: Request = serde_json::from_value(request).map_err(|error| {
        Problem::new(
            "INVALID_REQUEST",
            format!("The place does not fit: {error}."),
        )
    })?;
    state.call(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells every session of a project who is there.
pub(crate) async fn tell(state: &Shared, project: ProjectId, sharing: Option<&Sharing>) {
    let sessions = state.sessions().list();
    for session in sessions
        .iter()
        .filter(|session| session.project == Some(project))
    {
        state
            .tell(session, "presence", &payload(session, sharing))
            .await;
    }
}

fn payload(session: &Session, sharing: Option<&Sharing>) -> Map<String, Value> {
    let clients = session
        .members
        .iter()
        .map(|(connection, member)| ClientThere {
            client_id: connection,
            name: member.client.as_deref(),
        });
    let companions = sharing.into_iter().flat_map(|sharing| &sharing.companions);
    let peers = companions.filter_map(|it| {
        Some(PersonThere {
            person_id: it.person.as_ref()?.to_string(),
            name: it.name.as_deref(),
            node_id: it.node.map(|node| node.0),
            property_id: it.field.as_ref().map(ToString::to_string),
            typing: it.is_typing,
            seen_at: super::at(it.seen_at),
        })
    });
    object(&Presence {
        session_id: session.id,
        clients: clients.collect(),
        peers: peers.collect(),
        timestamp: jiff::Timestamp::now().to_string(),
    })
}
