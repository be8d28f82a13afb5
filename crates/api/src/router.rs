//! The one table of routes. The OpenAPI document is made from the same lines.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use socketioxide::layer::SocketIoLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::{self, Asked};
use crate::asyncapi::asyncapi;
use crate::body::BODY_BYTES;
use crate::document;
use crate::door;
use crate::etag;
use crate::host::{self, Host, Page};
use crate::page;
use crate::problem::Problem;
use crate::rest::{
    audit, commands, events, graph, health, history, presence, projects, sessions, sharing,
    templates, tokens, transfer, verification,
};
use crate::slow;
use crate::state::Shared;
use crate::tokens::Scope;

/// Where the routes begin.
pub(crate) const PREFIX: &str = "/api/v1";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Talus Tally",
        description = "Projects for programs of the same machine. See the guide, docs/guides/programs.md.",
        license(name = "MIT OR Apache-2.0"),
    ),
    security(("token" = [])),
)]
struct Document;

/// Everything that one may ask for with a token, by how much that must permit.
fn table() -> [(Scope, OpenApiRouter<Shared>); 3] {
    let read = OpenApiRouter::new()
        .routes(routes!(projects::list))
        .routes(routes!(projects::read))
        .routes(routes!(projects::open))
        .routes(routes!(transfer::export))
        .routes(routes!(sharing::peers))
        .routes(routes!(templates::list))
        .routes(routes!(templates::schema))
        .routes(routes!(sessions::list, sessions::create))
        .routes(routes!(sessions::info))
        .routes(routes!(graph::graph))
        .routes(routes!(graph::tree))
        .routes(routes!(graph::nodes))
        .routes(routes!(graph::node))
        .routes(routes!(graph::search))
        .routes(routes!(graph::problems))
        .routes(routes!(graph::blocking))
        .routes(routes!(history::read))
        .routes(routes!(presence::read))
        .routes(routes!(events::missed));
    let write = OpenApiRouter::new()
        .routes(routes!(projects::create))
        .routes(routes!(projects::rename, projects::delete))
        .routes(routes!(projects::restore))
        .routes(routes!(projects::close))
        .routes(routes!(transfer::import))
        .routes(routes!(sessions::clean_up))
        .routes(routes!(sessions::close))
        .routes(routes!(commands::execute))
        .routes(routes!(commands::undo))
        .routes(routes!(commands::redo))
        .routes(routes!(presence::put));
    let admin = OpenApiRouter::new()
        .routes(routes!(tokens::list, tokens::give))
        .routes(routes!(tokens::revoke))
        .routes(routes!(sharing::invite))
        .routes(routes!(sharing::join))
        .routes(routes!(sharing::examine))
        .routes(routes!(verification::verify))
        .routes(routes!(audit::read));
    [
        (Scope::Read, read),
        (Scope::Write, write),
        (Scope::Admin, admin),
    ]
}

/// The OpenAPI document, version 3.1.
pub fn openapi() -> OpenApi {
    let mut all = OpenApiRouter::new().routes(routes!(health::health));
    for (scope, mut routes) in table() {
        document::note_scope(routes.get_openapi_mut(), scope);
        all = all.merge(routes);
    }
    let (_, mut document) = OpenApiRouter::with_openapi(<Document as utoipa::OpenApi>::openapi())
        .nest(PREFIX, all)
        .split_for_parts();
    document::complete(&mut document);
    let components = document.components.get_or_insert_default();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components
        .security_schemes
        .insert("token".to_owned(), bearer.into());
    document
}

/// Who may come to a listener.
pub(crate) enum For<'a> {
    /// Programs of this machine, and its browsers if there are pages.
    ThisMachine(Option<(&'a Arc<Host>, Page)>),
    /// Programs of other machines: without a token nothing is said but that a connection of Socket.IO has begun, which
    /// ends unless the token follows.
    Others,
}

/// The routes of a listener with everything around them.
pub(crate) fn serve(state: &Shared, events: SocketIoLayer, asked: Asked, whom: &For<'_>) -> Router {
    let (document, events_document) = (json!(openapi()), asyncapi());
    let page = page::render(&document, &events_document);
    let (document, events_document) = (document.to_string(), events_document.to_string());
    let mut routes = OpenApiRouter::new();
    for (scope, some) in table() {
        let admit = from_fn_with_state((state.clone(), scope), access::with_token);
        routes = routes.merge(some.route_layer(admit));
    }
    let open = OpenApiRouter::new().routes(routes!(health::health));
    let nested = |routes| Router::from(OpenApiRouter::<Shared>::new().nest(PREFIX, routes));
    let (routes, open) = (nested(routes), nested(open));
    let in_json = |text: String| ([(header::CONTENT_TYPE, "application/json")], text);
    let open = open.route(
        "/api/v1/openapi.json",
        axum::routing::get(async move || in_json(document.clone())),
    );
    let open = open.route(
        "/api/v1/asyncapi.json",
        axum::routing::get(async move || in_json(events_document.clone())),
    );
    let open = open.route(
        "/docs",
        axum::routing::get(async move || page::respond(page.clone())),
    );
    let (open, pages) = match whom {
        For::ThisMachine(None) => (open, Router::new()),
        For::ThisMachine(Some((host, page))) => (open, host::routes(host, *page, state)),
        For::Others => {
            let admit = from_fn_with_state((state.clone(), Scope::Read), access::with_token);
            (open.route_layer(admit), Router::new())
        }
    };
    let is_open = matches!(whom, For::ThisMachine(_));
    let nothing = async move |State(state): State<Shared>, headers: HeaderMap| {
        let nothing = Problem::new("NOT_FOUND", "There is nothing at this address.");
        match is_open {
            true => nothing,
            false => access::who(&state, &headers).err().unwrap_or(nothing),
        }
    };
    routes
        .merge(open)
        .route("/automerge", axum::routing::get(door::enter))
        .fallback(nothing)
        .method_not_allowed_fallback(async || {
            Problem::new("METHOD_NOT_ALLOWED", "This cannot be done at this address.")
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(CompressionLayer::new())
        .layer(map_response(etag::note_coding))
        .merge(pages)
        .layer(map_response(not_kept))
        .layer(events)
        .layer(from_fn_with_state(state.clone(), access::begins_slowly))
        .layer(from_fn_with_state(state.limits().body_wait, slow::give_up))
        .layer(from_fn_with_state(Arc::new(asked), access::from_here))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(state.clone())
}

/// Nothing is kept between program and server, and nothing is taken for another kind of thing than it says.
async fn not_kept(mut response: Response) -> Response {
    use axum::http::HeaderValue;
    let headers = response.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-cache"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::new(
        "DEFECT",
        "Something went wrong inside Talus Tally; please report it.",
    )
    .into_response()
}
