//! The door for automerge-repo: `/automerge`, where a stock client finds a project by its automerge URL.
//!
//! It is a host and no merge. What a client says goes to the project, which takes its changes whole or refuses them with
//! a reason; then the connection is closed, and nobody else hears of it. What happens to the project goes to every
//! client that has asked for it, whoever did it. Nothing of a client is kept between connections.
//!
//! Whoever is not let in is told so in the same way, after the upgrade: the stock adapter throws what it cannot catch
//! when that is refused, and reads no reason there.

mod conversation;
mod line;
mod url;
pub(crate) mod wire;

use std::sync::Arc;

use app::failure::Failure;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use uuid::Uuid;

use crate::access;
use crate::body::{BODY_BYTES, Params, is_on};
use crate::problem::Problem;
use crate::state::Shared;
use crate::tokens::Scope;
use crate::who::Who;

use self::line::Line;
pub(crate) use self::url::automerge_url;

/// Clients at the same time. Each has a socket, a task and what Automerge remembers of it.
const MAX_CLIENTS: usize = 64;

/// A message of a client is at most so long, like the body of a request.
const MAX_MESSAGE_BYTES: usize = BODY_BYTES;

/// Those who are told at the same time that they are not let in. Further ones are refused the upgrade.
const MAX_REFUSALS: usize = 64;

/// Of whoever is not let in only its name is heard.
const MAX_GREETING_BYTES: usize = 4 << 10;

/// The places at the door.
pub(crate) struct Door {
    places: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    closing: watch::Sender<bool>,
    /// What clients call this side; another one after each start.
    peer: Arc<str>,
}

impl Default for Door {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(MAX_CLIENTS)),
            refusals: Arc::new(Semaphore::new(MAX_REFUSALS)),
            closing: watch::Sender::new(false),
            peer: format!("talus-tally-{}", Uuid::new_v4().simple()).into(),
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
        for (places, count) in [(&self.places, MAX_CLIENTS), (&self.refusals, MAX_REFUSALS)] {
            let everyone = u32::try_from(count).unwrap_or(u32::MAX);
            // It fails when there are no places any more, and then there is nobody.
            places.acquire_many(everyone).await.ok();
        }
    }

    /// Lets nobody in, and says why.
    fn refuse(&self, upgrade: WebSocketUpgrade, problem: Problem) -> Response {
        let Ok(place) = Arc::clone(&self.refusals).try_acquire_owned() else {
            return problem.into_response();
        };
        let failure = Failure::new(&problem.code, problem.detail);
        let (mut closing, peer) = (self.closing.subscribe(), Arc::clone(&self.peer));
        let upgrade = upgrade
            .read_buffer_size(MAX_GREETING_BYTES)
            .max_message_size(MAX_GREETING_BYTES)
            .max_frame_size(MAX_GREETING_BYTES);
        upgrade.on_upgrade(move |socket| async move {
            tokio::select! {
                () = Line::new(socket, peer).refuse(&failure) => {}
                _ = closing.wait_for(|it| *it) => {}
            }
            drop(place);
        })
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
    entrance: Result<Params<Entrance>, Problem>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let admitted = entrance.and_then(|Params(entrance)| admit(&state, entrance, &headers));
    match (admitted, upgrade) {
        (Ok((visitor, place)), Ok(upgrade)) => receive(&state, visitor, place, upgrade),
        (Err(problem), Ok(upgrade)) => state.door().refuse(upgrade, problem),
        (Err(problem), Err(_)) => problem.into_response(),
        (Ok(_), Err(_)) => Problem::new(
            "INVALID_REQUEST",
            "Clients of automerge-repo connect here by WebSocket.",
        )
        .into_response(),
    }
}

fn receive(
    state: &Shared,
    visitor: Visitor,
    place: OwnedSemaphorePermit,
    upgrade: WebSocketUpgrade,
) -> Response {
    let (closing, state) = (state.door().closing.subscribe(), Arc::clone(state));
    let upgrade = upgrade
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES);
    upgrade.on_upgrade(move |socket| async move {
        let line = Line::new(socket, Arc::clone(&state.door().peer));
        conversation::hold(&state, &visitor, line, closing).await;
        drop(state);
        drop(place);
    })
}

/// Who has come, and a place for it.
fn admit(
    state: &Shared,
    entrance: Entrance,
    headers: &HeaderMap,
) -> Result<(Visitor, OwnedSemaphorePermit), Problem> {
    let visitor = visitor(state, entrance, headers)?;
    let place = Arc::clone(&state.door().places).try_acquire_owned();
    let place = place.map_err(|_| Problem::new("RATE_LIMITED", "There are too many clients."))?;
    Ok((visitor, place))
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
