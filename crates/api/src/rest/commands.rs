//! Changing a project.

use std::collections::BTreeSet;

use app::failure::Failure;
use app::programs::{Answered, Caller, Done, Level, Order, Step};
use app::request::ProjectId;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::described::{Change, InSession, Once};
use super::{graph, project_of, shapes};
use crate::access;
use crate::body::{self, Ids, Json, Params, is_on};
use crate::etag;
use crate::event;
use crate::nested;
use crate::once::Made;
use crate::problem::Problem;
use crate::state::Shared;
use crate::who::Who;

/// Makes a request that is repeated be carried out once.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Longest name of a command. What has a longer one is told of as [`UNKNOWN`].
const NAME_CHARACTERS: usize = 64;
const UNKNOWN: &str = "unknown";
/// Longest label.
const LABEL_CHARACTERS: usize = 200;
/// On the response to a request that was repeated.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// One command or several, for one session.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Execute {
    /// The session.
    session_id: String,
    /// Name of the command: one of Talus Tally, such as `setField`, or of the earlier application, such as
    /// `UpdateProperty`. Not together with `commands`.
    #[schema(example = "CreateNode")]
    command_type: Option<String>,
    /// Its fields.
    #[serde(default)]
    #[schema(value_type = Object)]
    data: Option<Value>,
    /// Commands as one change and one undo step: all or none. Each sees what the earlier ones did.
    #[serde(default)]
    commands: Vec<OneCommand>,
    /// What the undo step of several is called.
    label: Option<String>,
    /// Names the command in events, in 1 to 64 characters; drawn if it is not given.
    command_id: Option<String>,
    /// As the header `Idempotency-Key`.
    idempotency_key: Option<String>,
}

/// One of several commands.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneCommand {
    /// Name.
    command_type: String,
    /// Its fields.
    #[serde(default)]
    #[schema(value_type = Object)]
    data: Value,
}

/// How to answer.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct How {
    /// `1`: answer once the change would survive a loss of power. Otherwise once it survives the death of the process.
    durable: Option<String>,
    /// `1`: answer with the whole graph, too.
    graph: Option<String>,
}

/// A change was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct Executed {
    /// True.
    success: bool,
    /// The session.
    session_id: Uuid,
    /// Names the command in events.
    command_id: String,
    /// The revision that has it.
    revision: u64,
    /// The entity tag of the graph with it, without its quotes.
    heads: String,
    /// Whether it would survive a loss of power already.
    durable: bool,
    /// What the undo step is called; null: there was nothing to undo or redo.
    label: Option<String>,
    /// What differs, in order: objects as in events, whose `event` names them.
    #[schema(value_type = Vec<Object>)]
    changes: Vec<Value>,
    /// What undo or redo left alone, because somebody else has changed it since.
    #[schema(value_type = Vec<Object>)]
    skipped: Vec<Value>,
    /// Whether the caller has something to undo now.
    undo_available: bool,
    /// Whether the caller has something to redo now.
    redo_available: bool,
    /// All nodes, if `?graph=1` says so.
    #[schema(value_type = Option<shapes::Graph>)]
    graph: Option<Value>,
}

/// What is to be done, and for whom.
pub(super) struct Job {
    pub(super) project: ProjectId,
    pub(super) who: Who,
    pub(super) command_id: String,
    /// Names of the commands, for what is told of a refusal.
    pub(super) names: Vec<String>,
    pub(super) order: Order,
}

/// Carry out one command, or several as one step.
///
/// It is answered when it is written. `If-Match` with the entity tag of the graph makes it fail if somebody has changed
/// the project since. `X-Client-Id` names the client whose undo it is.
#[utoipa::path(
    post, path = "/commands/execute", tag = "commands", request_body = Execute,
    params(How, Once, Change),
    responses(
        (status = 200, body = Executed),
        (status = 400, description = "`INVALID_REQUEST`, `INVALID_SESSION`, `INVALID_STATE`, `INVALID_COMMAND`, `COMMAND_FAILED`, `MOVE_INVALID`, `REORDER_INVALID`; `code` is more precise: the guide lists why commands are refused", body = Problem),
        (status = 412, description = "`PRECONDITION_FAILED`", body = Problem),
    ),
)]
pub(crate) async fn execute(
    State(state): State<Shared>,
    who: Who,
    Params(how): Params<How>,
    headers: HeaderMap,
    Json(asked): Json<Execute>,
) -> Result<Response, Problem> {
    let bad_session = |problem: Problem| problem.with_status(StatusCode::BAD_REQUEST);
    let id = body::id(&asked.session_id, Problem::no_session).map_err(bad_session)?;
    let session = state.sessions().using(id);
    let session = session.ok_or_else(|| bad_session(Problem::no_session()))?;
    who.may_see(session.project)?;
    let no_project = || bad_session(Problem::no_project().called("INVALID_STATE"));
    let project = session.project.ok_or_else(no_project)?;
    let if_match = etag::expected(&headers);
    // Not the session: whoever repeats a request may have begun another one.
    let fingerprint = serde_json::to_vec(&json!([
        &asked.command_type,
        &asked.data,
        &asked.commands,
        &asked.label,
        &asked.command_id,
        &if_match
    ]));
    let fingerprint = fingerprint.unwrap_or_default();
    let key = key(&headers).or(asked.idempotency_key.clone());
    let command_id = match asked.command_id.clone() {
        Some(said) => access::short("The id of a command", &said)?,
        None => Uuid::new_v4().to_string(),
    };
    let label = asked.label.clone();
    let steps = steps(asked)?;
    let names = steps.iter().map(|step| step.name.clone()).collect();
    let order = Order::Execute {
        steps,
        label,
        command_id: command_id.clone(),
        if_match,
        level: level(&how),
    };
    let job = Job {
        project,
        who,
        command_id,
        names,
        order,
    };
    answer(&state, id, job, how, key, &fingerprint).await
}

/// Take back the caller's last step.
#[utoipa::path(
    post, path = "/sessions/{session_id}/undo", tag = "commands",
    params(InSession, How, Once, Change),
    responses(
        (status = 200, body = Executed),
        (status = 404, description = "`INVALID_SESSION`", body = Problem),
        (status = 412, description = "`PRECONDITION_FAILED`", body = Problem),
    ),
)]
pub(crate) async fn undo(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    Params(how): Params<How>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    step(state, who, &id, how, &headers, true).await
}

/// Repeat the step that the caller has undone last.
#[utoipa::path(
    post, path = "/sessions/{session_id}/redo", tag = "commands",
    params(InSession, How, Once, Change),
    responses(
        (status = 200, body = Executed),
        (status = 404, description = "`INVALID_SESSION`", body = Problem),
        (status = 412, description = "`PRECONDITION_FAILED`", body = Problem),
    ),
)]
pub(crate) async fn redo(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    Params(how): Params<How>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    step(state, who, &id, how, &headers, false).await
}

async fn step(
    state: Shared,
    who: Who,
    id: &str,
    how: How,
    headers: &HeaderMap,
    back: bool,
) -> Result<Response, Problem> {
    let (session, project) = project_of(&state, &who, id)?;
    let command_id = Uuid::new_v4().to_string();
    let (named, level, if_match) = (command_id.clone(), level(&how), etag::expected(headers));
    let fingerprint = json!([back, &if_match]).to_string();
    let order = match back {
        true => Order::Undo {
            command_id: named,
            if_match,
            level,
        },
        false => Order::Redo {
            command_id: named,
            if_match,
            level,
        },
    };
    let job = Job {
        project,
        who,
        command_id,
        names: Vec::new(),
        order,
    };
    let (key, fingerprint) = (key(headers), fingerprint.as_bytes());
    answer(&state, session.id, job, how, key, fingerprint).await
}

fn key(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(KEY)?;
    Some(said.to_str().unwrap_or_default().to_owned())
}

/// Carries a job out, once if it has a key, and answers as it is asked.
async fn answer(
    state: &Shared,
    session: Uuid,
    job: Job,
    how: How,
    key: Option<String>,
    fingerprint: &[u8],
) -> Result<Response, Problem> {
    let (project, caller) = (job.project, job.who.caller());
    let client = caller.client.as_deref().unwrap_or_default();
    let scope = format!("{}/{}/{client}", project.0, caller.token);
    let work = make(state.clone(), session, job);
    let (made, is_replayed) = match key {
        Some(key) => state.once().run(&scope, &key, fingerprint, work).await?,
        None => (work.await?, false),
    };
    let mut body = made.body;
    match made.unwritten {
        Some(problem) if !is_replayed => return Err(problem),
        None if !is_replayed => {}
        unwritten => {
            body["session_id"] = json!(session);
            let level = level(&how);
            let is_durable = body["durable"] == true;
            if unwritten.is_some() || (level == Level::Durable && !is_durable) {
                body["durable"] = json!(wait(state, project, &caller, level).await?);
            }
        }
    }
    let graph = match is_on(how.graph.as_deref()) {
        true => Some(graph::whole(state, project, &caller).await?),
        false => None,
    };
    Ok(respond(&body, graph.as_deref(), is_replayed))
}

/// Waits until all that was changed is kept. Whether it would survive a loss of power.
async fn wait(
    state: &Shared,
    project: ProjectId,
    caller: &Caller,
    level: Level,
) -> Result<bool, Problem> {
    match state.order(project, caller, Order::Wait { level }).await? {
        Answered::Done(done) => match done.unwritten {
            Some(failure) => Err(failure.into()),
            None => Ok(done.is_durable),
        },
        _ => Err(Problem::new("DEFECT", "Nothing was waited for.")),
    }
}

pub(super) fn level(how: &How) -> Level {
    match is_on(how.durable.as_deref()) {
        true => Level::Durable,
        false => Level::Written,
    }
}

fn steps(asked: Execute) -> Result<Vec<Step>, Problem> {
    let label = asked.label.as_deref().unwrap_or_default();
    if label.chars().count() > LABEL_CHARACTERS {
        let detail = format!("A label has at most {LABEL_CHARACTERS} characters.");
        return Err(Problem::new("INVALID_REQUEST", detail));
    }
    let one = asked.command_type.map(|name| Step {
        name: named(name),
        data: asked.data.unwrap_or_else(|| json!({})),
    });
    let many = asked.commands.into_iter().map(|command| Step {
        name: named(command.command_type),
        data: match command.data {
            Value::Null => json!({}),
            data => data,
        },
    });
    let many: Vec<Step> = many.collect();
    let steps = match (one, many.is_empty()) {
        (Some(one), true) => vec![one],
        (None, false) => many,
        _ => {
            return Err(Problem::new(
                "INVALID_REQUEST",
                "Give either command_type or commands.",
            ));
        }
    };
    match steps.iter().all(|it| it.data.is_object()) {
        true => Ok(steps),
        false => Err(Problem::new(
            "INVALID_REQUEST",
            "The data of a command is an object of its fields.",
        )),
    }
}

/// A name that may be one of a command. Names go into events and the audit log, whatever becomes of the command.
fn named(said: String) -> String {
    match said.chars().count() > NAME_CHARACTERS {
        true => UNKNOWN.to_owned(),
        false => said,
    }
}

async fn make(state: Shared, session: Uuid, job: Job) -> Result<Made, Problem> {
    let (who, command_id) = (job.who.clone(), job.command_id.clone());
    let done = carry_out(&state, job).await?;
    let body = reply(session, &command_id, &done);
    who.trail().nodes = nodes(&body);
    let unwritten = done.unwritten.map(Problem::from);
    Ok(Made { body, unwritten })
}

/// Changes a project. What was refused is told to its followers, too.
pub(super) async fn carry_out(state: &Shared, job: Job) -> Result<Done, Problem> {
    let Job {
        project,
        who,
        command_id,
        names,
        order,
    } = job;
    let caller = who.caller();
    {
        let mut trail = who.trail();
        trail.command_id = Some(command_id.clone());
        trail.commands = names.clone();
    }
    let name = order.name();
    match state.order(project, &caller, order).await {
        Ok(Answered::Done(done)) => Ok(*done),
        Ok(_) => Err(Problem::new("DEFECT", "The change was not made.")),
        Err(failure) => {
            let problem = refused(failure, &names);
            let author = state.app().author(&caller);
            let news = event::refusal(&command_id, &name, &author, &problem.error);
            state.publish(project, news).await;
            Err(problem)
        }
    }
}

fn reply(session: Uuid, command_id: &str, done: &Done) -> Value {
    json!({
        "success": true,
        "session_id": session,
        "command_id": command_id,
        "revision": done.revision,
        "heads": done.heads,
        "durable": done.is_durable,
        "label": done.label,
        "changes": event::changes(done.happening.as_ref()),
        "skipped": done.skipped,
        "undo_available": done.history.undo.is_some(),
        "redo_available": done.history.redo.is_some(),
    })
}

/// The nodes that a reply says were changed.
fn nodes(reply: &Value) -> Vec<String> {
    let changes = reply["changes"].as_array().into_iter().flatten();
    let nodes = changes.filter_map(|it| it["node_id"].as_str().or(it["child_id"].as_str()));
    let nodes: BTreeSet<&str> = nodes.collect();
    nodes.into_iter().map(str::to_owned).collect()
}

/// Why a command was refused, under the code that the earlier application had for it.
fn refused(failure: Failure, names: &[String]) -> Problem {
    let code = failure.code.clone();
    let problem = Problem::from(failure);
    let [name] = names else { return problem };
    let is_of_command = problem.status == 400 || code == "NODE_NOT_FOUND";
    let is_classic = name.starts_with(char::is_uppercase);
    if !is_of_command || !is_classic || code.starts_with("INVALID_") {
        return problem;
    }
    let problem = problem.with_status(StatusCode::BAD_REQUEST);
    match name.as_str() {
        "MoveNode" => problem.called("MOVE_INVALID"),
        "ReorderNode" => problem.called("REORDER_INVALID"),
        _ => problem.called("COMMAND_FAILED"),
    }
}

fn respond(body: &Value, graph: Option<&str>, is_replayed: bool) -> Response {
    let text = match graph {
        Some(graph) => nested::with_member(body, "graph", graph),
        None => body.to_string(),
    };
    let kind = HeaderValue::from_static("application/json");
    let mut response = ([(header::CONTENT_TYPE, kind)], text).into_response();
    if let Some(heads) = body["heads"].as_str() {
        response
            .headers_mut()
            .insert(header::ETAG, etag::tag(heads));
    }
    if is_replayed {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(REPLAYED, yes);
    }
    response
}
