//! What the OpenAPI document says of every operation alike.

use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response};

use crate::problem::Problem;
use crate::tokens::Scope;

/// What a problem is sent as.
const PROBLEM: &str = "application/problem+json";

/// Notes which scope the operations need, and the problems that each may answer with.
pub(crate) fn note_scope(document: &mut OpenApi, scope: Scope) {
    for (path, item) in &mut document.paths.paths {
        for (changes, operation) in operations(item) {
            let needs = format!("Needs a token with the scope `{}`.", scope.name());
            let description = operation.description.get_or_insert_default();
            *description = match description.is_empty() {
                true => needs,
                false => format!("{description}\n\n{needs}"),
            };
            note_problems(operation, path, changes);
        }
    }
}

fn note_problems(operation: &mut Operation, path: &str, changes: bool) {
    let is_of_one = path.contains("{project_id}") || path.contains("{session_id}");
    let is_executed = path == "/commands/execute";
    let is_stepped = path.ends_with("/undo") || path.ends_with("/redo");
    let has_body = operation.request_body.is_some();
    let known = &mut operation.responses.responses;
    for (status, codes, is_possible) in [
        ("400", "`INVALID_REQUEST`", true),
        (
            "401",
            "`UNAUTHORIZED`, `TOKEN_EXPIRED`, `TOKEN_REVOKED`",
            true,
        ),
        (
            "403",
            "`SCOPE_TOO_SMALL`, `OTHER_PROJECT`, `HOST_REFUSED`, `ORIGIN_REFUSED`, `ROLE_FORBIDS`, `NEEDS_UPDATE`",
            true,
        ),
        (
            "404",
            "There is nothing of this id",
            path.contains('{') || has_body,
        ),
        (
            "409",
            "`PROJECT_NOT_OPEN`, `PROJECT_CRASHED`, `NOT_SHARED`",
            is_of_one || is_executed,
        ),
        ("408", "`TOO_SLOW`", has_body),
        ("413", "`PAYLOAD_TOO_LARGE`", has_body),
        ("422", "`IDEMPOTENCY_KEY_REUSED`", is_executed || is_stepped),
        ("429", "`RATE_LIMITED`", true),
        (
            "507",
            "`DISK_FULL`, `DISK_READ_ONLY`, `DISK_FAILED`",
            changes,
        ),
    ] {
        if is_possible {
            let described = || RefOr::T(problem(codes));
            known.entry(status.to_owned()).or_insert_with(described);
        }
    }
    for (status, response) in known {
        let is_problem = status.starts_with(['4', '5']);
        if let RefOr::T(response) = response
            && is_problem
            && let Some(content) = response.content.shift_remove("application/json")
        {
            response.content.insert(PROBLEM.to_owned(), content);
        }
    }
}

fn problem(codes: &str) -> Response {
    let mut response = Response::new(codes);
    let schema = Ref::from_schema_name(Problem::name());
    let content = Content::new(Some(schema));
    response
        .content
        .insert(PROBLEM.to_owned(), RefOr::T(content));
    response
}

/// The operations of a path, and whether each changes something.
fn operations(path: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let PathItem {
        get,
        put,
        post,
        delete,
        patch,
        ..
    } = path;
    let changing = [put, post, delete, patch].map(|it| (true, it));
    let all = [(false, get)].into_iter().chain(changing);
    all.filter_map(|(changes, operation)| Some((changes, operation.as_mut()?)))
}
