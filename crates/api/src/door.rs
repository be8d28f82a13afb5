//! The door for automerge-repo: `/automerge`, where a stock client finds a project by its automerge URL.
//!
//! It is a host and no merge. What a client says goes to the project, which takes its changes whole or refuses them with
//! a reason; then the connection is closed, and nobody else hears of it. What happens to the project goes to every
//! client that has asked for it, whoever did it. Nothing of a client is kept between connections.

mod conversation;
mod url;
mod wire;

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

use crate::access;
use crate::body::{BODY_BYTES, Params, is_on};
use crate::problem::Problem;
use crate::state::Shared;
use crate::tokens::Scope;
use crate::who::Who;

pub(crate) use self::url::automerge_url;

/// Clients at the same time. Each has a socket, a task and what Automerge remembers of it.
const MAX_CLIENTS: usize = 64;

/// A message of a client is at most so long, like the body of a request.
const MAX_MESSAGE_BYTES: usize = BODY_BYTES;

/// The places at the door.
pub(crate) struct Door {
    places: Arc<Semaphore>,
    closing: watch::Sender<bool>,
    /// What clients call this side; another one after each start.
    peer: String,
}

impl Default for Door {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(MAX_CLIENTS)),
            closing: watch::Sender::new(false),
            peer: format!("talus-tally-{}", Uuid::new_v4().simple()),
        }
    }
}

impl Door {
    /// Sends everybody away.
    pub(crate) fn shut(&self) {
        self.closing.send_replace(true);
    }

    /// Waits until all have gone.
    pub(crate) async fn empty(&self) {
        let everyone = u32::try_from(MAX_CLIENTS).unwrap_or(u32::MAX);
        // It fails when there are no places any more, and then there is nobody.
        self.places.acquire_many(everyone).await.ok();
    }
}

/// What stands behind the `?`. The stock adapter can set no header, so the token stands here, too.
#[derive(Deserialize)]
pub(crate) struct Entrance {
    token: Option<String>,
    /// What the client is called where its changes are shown.
    client: Option<String>,
    /// `1`: it only wants to read.
    read_only: Option<String>,
}

/// Who has come.
struct Visitor {
    who: Who,
    may_write: bool,
}

/// Lets a client in.
pub(crate) async fn enter(
    State(state): State<Shared>,
    Params(entrance): Params<Entrance>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match admit(&state, entrance, &headers, upgrade) {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

fn admit(
    state: &Shared,
    entrance: Entrance,
    headers: &HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let full = |what| Problem::new("RATE_LIMITED", what);
    let visitor = visitor(state, entrance, headers)?;
    let upgrade = upgrade.map_err(|_| {
        Problem::new(
            "INVALID_REQUEST",
            "Clients of automerge-repo connect here by WebSocket.",
        )
    })?;
    let door = state.door();
    let place = Arc::clone(&door.places).try_acquire_owned();
    let place = place.map_err(|_| full("There are too many clients."))?;
    let (closing, state) = (door.closing.subscribe(), Arc::clone(state));
    let upgrade = upgrade
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES);
    Ok(upgrade.on_upgrade(move |socket| async move {
        conversation::hold(&state, &visitor, socket, closing).await;
        drop(state);
        drop(place);
    }))
}

/// Who somebody is by the token, and what that allows.
fn visitor(state: &Shared, entrance: Entrance, headers: &HeaderMap) -> Result<Visitor, Problem> {
    let said = access::bearer(headers).or(entrance.token.as_deref());
    let token = state.admit(said)?;
    let client = entrance.client.as_deref().map(access::client_name);
    let who = Who::new(token, client.transpose()?);
    let may_write = who.needs(Scope::Write).is_ok() && !is_on(entrance.read_only.as_deref());
    Ok(Visitor { who, may_write })
}
