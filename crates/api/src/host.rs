//! The host of the UI in a browser: its files, what it asks, what it is told, and who may look at it.
//!
//! A request is the same JSON as the window's, answered by the same function; events are gathered as for the window.
//! Who may ask: decision 23.

mod files;
mod page;
mod stream;
mod visits;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use app::app::App;
use app::failure::Failure;
use app::request::Request as Ask;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::watch;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;

pub use self::page::Page;
use self::visits::Visits;
use crate::access;
use crate::state::Shared;
use crate::tokens::Scope;

/// Longest request of a page. What is pasted may be long.
const ASK_BYTES: usize = 32 << 20;
/// Longest key or name that is looked at.
const WORD_BYTES: usize = 1 << 10;
/// What a page is told whose visit is over.
const OVER: &str =
    "This page may not look at your projects any more. `tally page` prints a new address for it.";
/// Answers above it are packed.
const PACK_ABOVE_BYTES: u16 = 32 << 10;

/// What pages share.
pub(crate) struct Host {
    app: App,
    visits: Mutex<Visits>,
    /// How many follow events.
    pages: Arc<AtomicUsize>,
    /// Whether the server ends.
    over: watch::Sender<bool>,
    /// Files on their way between pages and the application.
    folder: TempDir,
    /// Where the server listens: `http://127.0.0.1:7826`.
    address: String,
}

impl Host {
    /// # Errors
    /// If there is no room for files.
    pub(crate) fn start(app: App, address: String) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            app,
            visits: Mutex::default(),
            pages: Arc::default(),
            over: watch::Sender::new(false),
            folder: tempfile::Builder::new().prefix("talus-tally-").tempdir()?,
            address,
        }))
    }

    /// An address of the UI that is good once. The key is in the fragment, which no browser sends to anybody.
    pub(crate) fn draw_address(&self) -> io::Result<String> {
        let key = self.visits().draw_key(Instant::now())?;
        Ok(format!("{}/#key={key}", self.address))
    }

    /// Sends every page away.
    pub(crate) fn close(&self) {
        self.over.send_replace(true);
    }

    /// Waits until all have gone.
    pub(crate) async fn empty(&self) {
        self.over.closed().await;
    }

    fn visits(&self) -> MutexGuard<'_, Visits> {
        self.visits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything for pages. `state` knows the programs' token.
pub(crate) fn routes(host: &Arc<Host>, page: Page, state: &Shared) -> Router<Shared> {
    let packed = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(PACK_ABOVE_BYTES));
    let within = Router::new()
        .route("/rpc", post(rpc).layer(packed))
        .layer(DefaultBodyLimit::max(ASK_BYTES))
        .merge(files::routes())
        .route_layer(from_fn_with_state(Arc::clone(host), with_visit));
    let enter = Router::new()
        .route("/enter", post(enter))
        .layer(DefaultBodyLimit::max(WORD_BYTES));
    let address = Router::new()
        .route("/enter/address", post(address))
        .route_layer(from_fn_with_state(
            (state.clone(), Scope::Admin),
            access::with_token,
        ));
    within
        .merge(enter)
        .route("/events", get(stream::events))
        .merge(address)
        .merge(files::open_routes())
        .merge(page.routes())
        .with_state(Arc::clone(host))
}

/// Refuses whoever is on no visit.
async fn with_visit(State(host): State<Arc<Host>>, mut request: Request, next: Next) -> Response {
    let pass = access::bearer(request.headers()).unwrap_or_default();
    let visit = host.visits().find(pass, Instant::now());
    let Some(visit) = visit else {
        return over();
    };
    request.extensions_mut().insert(visit);
    next.run(request).await
}

fn over() -> Response {
    failed(StatusCode::UNAUTHORIZED, Failure::new("VISIT_OVER", OVER))
}

/// A request, answered as the window's are.
async fn rpc(State(host): State<Arc<Host>>, ask: Result<Bytes, BytesRejection>) -> Response {
    let ask = match ask {
        Ok(ask) => ask,
        Err(rejection) => return unreadable(&rejection),
    };
    let answer = match host.leaves_open(&ask) {
        true => br#"{"ok":{"kind":"done"}}"#.to_vec(),
        false => host.app.call_json(&ask).await,
    };
    ([(header::CONTENT_TYPE, "application/json")], answer).into_response()
}

impl Host {
    /// Whether it would close a project at which another page may be.
    fn leaves_open(&self, ask: &[u8]) -> bool {
        self.pages.load(Ordering::Relaxed) > 1
            && ask.len() < WORD_BYTES
            && matches!(serde_json::from_slice(ask), Ok(Ask::CloseProject { .. }))
    }
}

/// Begins a visit by a key, which is the body.
async fn enter(
    State(host): State<Arc<Host>>,
    key: Result<String, axum::extract::rejection::StringRejection>,
) -> Response {
    let begun = host
        .visits()
        .begin(&key.unwrap_or_default(), Instant::now());
    match begun {
        Ok(Some(pass)) => axum::Json(json!({"pass": pass})).into_response(),
        Ok(None) => over(),
        Err(error) => broken(&error),
    }
}

/// A new address, for whoever has the programs' token.
async fn address(State(host): State<Arc<Host>>) -> Response {
    match host.draw_address() {
        Ok(address) => axum::Json(json!({"address": address})).into_response(),
        Err(error) => broken(&error),
    }
}

fn unreadable(rejection: &BytesRejection) -> Response {
    let failure = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Failure::new("PAYLOAD_TOO_LARGE", "That is too much at once.")
        }
        _ => Failure::new("BAD_REQUEST", "The request did not arrive."),
    };
    failed(rejection.status(), failure)
}

fn broken(error: &io::Error) -> Response {
    let failure = Failure::new(
        "DISK_FAILED",
        "This machine does not let Talus Tally do that.",
    );
    failed(
        StatusCode::INTERNAL_SERVER_ERROR,
        failure.with_detail(error),
    )
}

/// A failure, in the form in which the window gets it.
fn failed(status: StatusCode, failure: Failure) -> Response {
    (status, axum::Json(json!({"failed": failure}))).into_response()
}
