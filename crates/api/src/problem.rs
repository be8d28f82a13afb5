//! Errors: problem details (RFC 9457) that also carry the `error` of the earlier application.

use app::failure::Failure;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// A name of the kind of problem: `urn:talus-tally:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in a few words.
    pub title: &'static str,
    /// Status of the response.
    pub status: u16,
    /// What happened and what one can do.
    pub detail: String,
    /// Stable code, such as `TYPE_NOT_ALLOWED`.
    pub code: String,
    /// The same in the form of the earlier application.
    pub error: Box<ClassicError>,
    /// More for a bug report.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub more: Option<Box<str>>,
}

/// An error in the form of the earlier application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClassicError {
    /// Its code, where it had one for this; otherwise the code of the problem.
    pub code: String,
    /// What happened.
    pub message: String,
}

impl Problem {
    /// A problem by its code.
    pub(crate) fn new(code: &str, detail: impl Into<String>) -> Self {
        Failure::new(code, detail).into()
    }

    /// The same with another status.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status.as_u16();
        self.title = status.canonical_reason().unwrap_or_default();
        self
    }

    /// The same under the code that the earlier application had for it.
    pub(crate) fn called(mut self, code: &str) -> Self {
        self.error.code = code.to_owned();
        self
    }

    pub(crate) fn no_session() -> Self {
        Self::new("INVALID_SESSION", "There is no such session.")
    }

    pub(crate) fn no_project() -> Self {
        Self::new("NO_PROJECT", "The session has no project.")
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let status = status(&failure.code);
        Self {
            kind: format!(
                "urn:talus-tally:problem:{}",
                failure.code.to_lowercase().replace('_', "-")
            ),
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            error: Box::new(ClassicError {
                code: failure.code.clone(),
                message: failure.message.clone(),
            }),
            detail: failure.message,
            code: failure.code,
            more: failure.detail.map(String::into_boxed_str),
        }
    }
}

/// The code of the problem that a response is.
#[derive(Clone)]
struct Code(String);

/// The code of the problem that a response tells of; none: it tells of none.
pub(crate) fn code_of(response: &Response) -> Option<String> {
    let is_fine = response.status().is_success() || response.status().is_redirection();
    let code = response.extensions().get::<Code>();
    match code {
        Some(Code(code)) => Some(code.clone()),
        None if is_fine || response.status() == StatusCode::NOT_MODIFIED => None,
        None => Some("FAILED".to_owned()),
    }
}

/// Has a response say which problem it tells of.
pub(crate) fn mark(response: &mut Response, code: &str) {
    response.extensions_mut().insert(Code(code.to_owned()));
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let json = serde_json::to_vec(&self).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (status, [(header::CONTENT_TYPE, kind)], json).into_response();
        mark(&mut response, &self.code);
        if status == StatusCode::TOO_MANY_REQUESTS {
            let soon = HeaderValue::from_static("1");
            response.headers_mut().insert(header::RETRY_AFTER, soon);
        }
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

/// The status of a code. What is not named here is a command that was refused.
fn status(code: &str) -> StatusCode {
    match code {
        "UNAUTHORIZED" | "TOKEN_EXPIRED" | "TOKEN_REVOKED" => StatusCode::UNAUTHORIZED,
        "FORBIDDEN" | "HOST_REFUSED" | "ORIGIN_REFUSED" | "OTHER_PROJECT" | "ROLE_FORBIDS"
        | "NEEDS_UPDATE" | "SCOPE_TOO_SMALL" => StatusCode::FORBIDDEN,
        "NOT_FOUND" | "INVALID_SESSION" | "NO_PROJECT" | "PROJECT_NOT_FOUND" | "NODE_NOT_FOUND"
        | "TEMPLATE_NOT_FOUND" | "TOKEN_NOT_FOUND" => StatusCode::NOT_FOUND,
        "TOO_SLOW" => StatusCode::REQUEST_TIMEOUT,
        "METHOD_NOT_ALLOWED" => StatusCode::METHOD_NOT_ALLOWED,
        "PROJECT_NOT_OPEN"
        | "PROJECT_IN_TRASH"
        | "PROJECT_NOT_IN_TRASH"
        | "PROJECT_CRASHED"
        | "NOT_SHARED" => StatusCode::CONFLICT,
        "PRECONDITION_FAILED" => StatusCode::PRECONDITION_FAILED,
        "PAYLOAD_TOO_LARGE" => StatusCode::PAYLOAD_TOO_LARGE,
        "IDEMPOTENCY_KEY_REUSED" => StatusCode::UNPROCESSABLE_ENTITY,
        "RATE_LIMITED" => StatusCode::TOO_MANY_REQUESTS,
        "DEFECT" | "STORE_DAMAGED" => StatusCode::INTERNAL_SERVER_ERROR,
        "CLOSED" => StatusCode::SERVICE_UNAVAILABLE,
        "DISK_FULL" | "DISK_READ_ONLY" | "DISK_FAILED" => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::BAD_REQUEST,
    }
}
