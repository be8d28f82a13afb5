//! The one table of routes. The OpenAPI document is made from the same lines.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use socketioxide::layer::SocketIoLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access;
use crate::body::BODY_BYTES;
use crate::door;
use crate::host::{self, Host, Page};
use crate::problem::Problem;
use crate::rest::{commands, events, graph, health, presence, projects, sessions, templates};
use crate::state::Shared;

/// Where the routes begin.
const PREFIX: &str = "/api/v1";

/// A body of which nothing comes for so long is given up.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

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

/// Everything that one may ask for with the token.
fn table() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(projects::list, projects::create))
        .routes(routes!(projects::read, projects::rename, projects::delete))
        .routes(routes!(projects::open))
        .routes(routes!(projects::close))
        .routes(routes!(projects::export))
        .routes(routes!(templates::list))
        .routes(routes!(templates::schema))
        .routes(routes!(sessions::list, sessions::create))
        .routes(routes!(sessions::clean_up))
        .routes(routes!(sessions::close))
        .routes(routes!(sessions::info))
        .routes(routes!(commands::execute))
        .routes(routes!(commands::undo))
        .routes(routes!(commands::redo))
        .routes(routes!(graph::graph))
        .routes(routes!(graph::tree))
        .routes(routes!(graph::nodes))
        .routes(routes!(graph::node))
        .routes(routes!(graph::search))
        .routes(routes!(graph::problems))
        .routes(routes!(graph::blocking))
        .routes(routes!(presence::read, presence::put))
        .routes(routes!(events::missed))
}

/// The OpenAPI document, version 3.1.
pub fn openapi() -> OpenApi {
    split().1
}

fn split() -> (Router<Shared>, OpenApi) {
    let open = OpenApiRouter::new().routes(routes!(health::health));
    let (_, mut document) = OpenApiRouter::with_openapi(<Document as utoipa::OpenApi>::openapi())
        .nest(PREFIX, table().merge(open))
        .split_for_parts();
    let components = document.components.get_or_insert_default();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components
        .security_schemes
        .insert("token".to_owned(), bearer.into());
    let (routes, _) = OpenApiRouter::new().nest(PREFIX, table()).split_for_parts();
    (routes, document)
}

/// The routes with everything around them.
pub(crate) fn serve(
    state: &Shared,
    events: SocketIoLayer,
    pages: Option<(&Arc<Host>, Page)>,
) -> Router {
    let (routes, document) = split();
    let document = serde_json::to_vec(&document).unwrap_or_default();
    let (open, _) = OpenApiRouter::<Shared>::new()
        .nest(PREFIX, OpenApiRouter::new().routes(routes!(health::health)))
        .split_for_parts();
    let json = [(axum::http::header::CONTENT_TYPE, "application/json")];
    let open = open.route(
        "/api/v1/openapi.json",
        axum::routing::get(async move || (json, document.clone())),
    );
    let open = open.route("/automerge", axum::routing::get(door::enter));
    routes
        .route_layer(from_fn_with_state(state.clone(), access::with_token))
        .merge(open)
        .fallback(async || Problem::new("NOT_FOUND", "There is nothing at this address."))
        .method_not_allowed_fallback(async || {
            Problem::new("METHOD_NOT_ALLOWED", "This cannot be done at this address.")
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
        .layer(CompressionLayer::new())
        .merge(pages.map_or_else(Router::new, |(host, page)| host::routes(host, page, state)))
        .layer(map_response(not_kept))
        .layer(events)
        .layer(from_fn_with_state(state.clone(), access::from_here))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(state.clone())
}

/// Nothing is kept between program and server, and nothing is taken for another kind of thing than it says.
async fn not_kept(mut response: Response) -> Response {
    use axum::http::{HeaderValue, header};
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
