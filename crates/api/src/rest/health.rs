//! Whether somebody is there.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The server is there.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    status: &'static str,
    /// Version of the application.
    version: &'static str,
}

/// Whether the server is there. Needs no token.
#[utoipa::path(get, path = "/health", tag = "health", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn health() -> Json<Health> {
    Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}
