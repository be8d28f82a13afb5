//! `GET /sync` and `GET /pair`: from HTTP to WebSocket (RFC 6455, 4.2).

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{
            CONNECTION, HeaderName, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
            SEC_WEBSOCKET_VERSION, UPGRADE,
        },
    },
    response::{IntoResponse, Response},
};
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Where a handler leaves the upgrade for the connection's own task, so that a link needs no second task.
#[derive(Clone, Default)]
pub(super) struct Slot(Arc<Mutex<Option<(Purpose, OnUpgrade)>>>);

/// What a WebSocket is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A link about a room.
    Sync,
    /// Pairing.
    Pair,
}

impl Slot {
    pub(super) fn take(&self) -> Option<(Purpose, OnUpgrade)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, purpose: Purpose, upgrade: OnUpgrade) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((purpose, upgrade));
    }
}

pub(super) async fn to_sync(request: Request) -> Response {
    upgrade(request, Purpose::Sync)
}

pub(super) async fn to_pair(request: Request) -> Response {
    upgrade(request, Purpose::Pair)
}

fn upgrade(mut request: Request, purpose: Purpose) -> Response {
    let headers = request.headers();
    if headers.contains_key(ORIGIN) {
        return (StatusCode::FORBIDDEN, "not for web pages\n").into_response();
    }
    let is_websocket =
        names(headers, &UPGRADE, "websocket") && names(headers, &CONNECTION, "upgrade");
    if !is_websocket || !names(headers, &SEC_WEBSOCKET_VERSION, "13") {
        let required = [(UPGRADE, "websocket"), (SEC_WEBSOCKET_VERSION, "13")];
        return (
            StatusCode::UPGRADE_REQUIRED,
            required,
            "this is a WebSocket\n",
        )
            .into_response();
    }
    let Some(key) = headers.get(SEC_WEBSOCKET_KEY) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes()));
    let Some(slot) = request.extensions().get::<Slot>().cloned() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    slot.put(purpose, hyper::upgrade::on(&mut request));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(
        SEC_WEBSOCKET_ACCEPT,
        accept.expect("Base64 is a header's value"),
    );
    response
}

/// Whether a header's list names `word`.
fn names(headers: &HeaderMap, header: &HeaderName, word: &str) -> bool {
    let values = headers
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(word))
}
