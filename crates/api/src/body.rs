//! What a request brings, read so that whatever is wrong with it is a [`Problem`].

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_LENGTH;
use axum::http::request::Parts;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::problem::Problem;
use crate::slow::is_too_slow;
use crate::state::Shared;
use crate::who::Who;

/// Longest body of a request. A batch of ten thousand commands has 2 MB.
pub(crate) const BODY_BYTES: usize = 8 << 20;

/// A JSON body, which is an object. None at all is an empty one. Nesting beyond 128 levels is refused while it is read.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Shared> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &Shared) -> Result<Self, Problem> {
        // Who says that it is too long need not send it first.
        let said = request.headers().get(CONTENT_LENGTH);
        let said = said.and_then(|said| said.to_str().ok()?.parse::<u64>().ok());
        if said.is_some_and(|said| said > BODY_BYTES as u64) {
            return Err(too_large());
        }
        let who = request.extensions().get::<Who>().cloned();
        let who = who.ok_or_else(crate::access::unauthorized)?;
        let mut bytes = Vec::new();
        let mut pieces = request.into_body().into_data_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|error| lost(&error))?;
            if bytes.len() + piece.len() > BODY_BYTES {
                return Err(too_large());
            }
            who.hold(state.bodies(), piece.len())?;
            bytes.extend_from_slice(&piece);
        }
        let bytes: &[u8] = match bytes.is_empty() {
            true => b"{}",
            false => &bytes,
        };
        // Serde would take a list for an object whose fields come in order.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(Problem::new(
                "INVALID_REQUEST",
                "The body is a JSON object.",
            ));
        }
        let value = serde_json::from_slice(bytes).map_err(|error| {
            Problem::new(
                "INVALID_REQUEST",
                format!("The body does not fit: {error}."),
            )
        });
        value.map(Self)
    }
}

/// Why a body did not come whole.
pub(crate) fn lost(error: &axum::Error) -> Problem {
    match is_too_slow(error) {
        true => Problem::new("TOO_SLOW", "The body came too slowly; send it again."),
        false => Problem::new("INVALID_REQUEST", "The body did not arrive whole."),
    }
}

fn too_large() -> Problem {
    let detail = format!("A request has at most {} MB.", BODY_BYTES >> 20);
    Problem::new("PAYLOAD_TOO_LARGE", detail)
}

/// The query of a request.
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await;
        let query = query.map_err(|rejection| {
            Problem::new(
                "INVALID_REQUEST",
                format!("The query does not fit: {}.", rejection.body_text()),
            )
        });
        query.map(|Query(value)| Self(value))
    }
}

/// Ids in a path: text, of which each handler says what it names. One that is none is not found.
pub(crate) struct Ids<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Ids<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::from_request_parts(parts, state).await;
        let path = path.map_err(|_| Problem::new("NOT_FOUND", "There is nothing of this name."));
        path.map(|Path(value)| Self(value))
    }
}

/// An id, or the problem that nothing has it.
pub(crate) fn id(text: &str, missing: impl FnOnce() -> Problem) -> Result<Uuid, Problem> {
    Uuid::parse_str(text).map_err(|_| missing())
}

/// A switch in a query: there, `1`, `true` or `yes`.
pub(crate) fn is_on(said: Option<&str>) -> bool {
    matches!(said, Some("" | "1" | "true" | "yes"))
}
