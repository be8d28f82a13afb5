//! Whether somebody is there.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::Shared;

/// The server is there.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    status: &'static str,
    /// Version of the application.
    version: &'static str,
    /// Whether the disk takes nothing: what is on it is shown, and changes stay in memory.
    is_read_only: bool,
}

/// Whether the server is there. Needs no token.
#[utoipa::path(get, path = "/health", tag = "health", security(()), responses((status = 200, body = Health)))]
pub(crate) async fn health(State(state): State<Shared>) -> Json<Health> {
    Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        is_read_only: state.app().is_read_only(),
    })
}
