//! What the OpenAPI document says of every operation alike.

use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response};

use crate::examples;
use crate::problem::Problem;
use crate::tokens::Scope;

/// What a problem is sent as.
const PROBLEM: &str = "application/problem+json";
/// What most bodies are sent as.
const JSON: &str = "application/json";
/// The operation that carries commands out.
const EXECUTE: &str = "commands_execute";
/// What files are sent as.
const BYTES: &str = "application/octet-stream";

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

/// Gives every operation a name that no other one has, and every response words, as the standard requires.
pub(crate) fn complete(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            let tag = operation.tags.iter().flatten().next();
            let names = [tag, operation.operation_id.as_ref()];
            let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
            operation.operation_id = Some(names.join("_"));
            if let Some(RefOr::T(body)) = &mut operation.request_body {
                call_binary(body.content.get_mut(BYTES));
                if let Some(RefOr::T(content)) = body.content.get_mut(JSON)
                    && operation.operation_id.as_deref() == Some(EXECUTE)
                {
                    content.examples = examples::commands();
                }
            }
            for (status, response) in &mut operation.responses.responses {
                let RefOr::T(response) = response else {
                    continue;
                };
                if response.description.is_empty() {
                    response.description = words(status).to_owned();
                }
                call_binary(response.content.get_mut(BYTES));
            }
        }
    }
}

/// Says of bytes that they are bytes, and no list of numbers.
fn call_binary(content: Option<&mut RefOr<Content>>) {
    if let Some(RefOr::T(content)) = content {
        let bytes = ObjectBuilder::new()
            .schema_type(Type::String)
            .content_media_type(BYTES);
        content.schema = Some(bytes.build().into());
    }
}

/// What a response says that has no words of its own.
fn words(status: &str) -> &'static str {
    match status {
        "201" => "It was made",
        "204" => "It is done, and there is nothing to say",
        _ => "What was asked for",
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
            "`PROJECT_NOT_OPEN`, `PROJECT_IN_TRASH`, `PROJECT_CRASHED`, `NOT_SHARED`",
            is_of_one || is_executed,
        ),
        ("408", "`TOO_SLOW`", has_body),
        ("413", "`PAYLOAD_TOO_LARGE`", has_body),
        ("422", "`IDEMPOTENCY_KEY_REUSED`", is_executed || is_stepped),
        ("429", "`RATE_LIMITED`", true),
        ("500", "`DEFECT`, `STORE_DAMAGED`", true),
        ("503", "`CLOSED`: the server ends", true),
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// OpenAPI 3.1, 4.8.10 and 4.8.17.
    #[test]
    fn each_operation_has_a_name_of_its_own_and_each_response_has_words() {
        let mut document = crate::router::openapi();
        let mut names = BTreeSet::new();
        for (path, item) in &mut document.paths.paths {
            for (_, operation) in super::operations(item) {
                let name = operation.operation_id.clone().unwrap_or_default();
                assert!(names.insert(name.clone()), "{path}: {name}");
                let responses = serde_json::to_value(&operation.responses).unwrap();
                for (status, response) in responses.as_object().unwrap() {
                    let words = response["description"].as_str().unwrap_or_default();
                    assert_ne!(words, "", "{path} {status}");
                }
            }
        }
    }
}
