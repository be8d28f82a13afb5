//! What several requests name in paths and headers, as the OpenAPI document has it. It is read elsewhere.

use utoipa::IntoParams;

/// Whose path names a session.
#[allow(dead_code, reason = "only described")]
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct InSession {
    /// Id of a session
    session_id: String,
}

/// Whose path names a project.
#[allow(dead_code, reason = "only described")]
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct InProject {
    /// Id of a project
    project_id: String,
}

/// What is not read again by whoever has it.
#[allow(dead_code, reason = "only described")]
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct Known {
    /// Entity tag of an earlier response
    #[param(rename = "If-None-Match")]
    if_none_match: Option<String>,
}

/// What may be sent twice.
#[allow(dead_code, reason = "only described")]
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct Once {
    /// Carried out once, however often it comes
    #[param(rename = "Idempotency-Key")]
    idempotency_key: Option<String>,
}

/// What changes a project for somebody.
#[allow(dead_code, reason = "only described")]
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct Change {
    /// Entity tag of the graph
    #[param(rename = "If-Match")]
    if_match: Option<String>,
    /// Which client of the token
    #[param(rename = "X-Client-Id")]
    client: Option<String>,
}
