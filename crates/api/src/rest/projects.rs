//! The projects of this installation.

use std::time::Duration;

use app::programs::{Done, Order, Step};
use app::reply::{ProjectSummary, Reply};
use app::request::{ProjectId, Request};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::future;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::commands::{How, Job, carry_out, level};
use super::described::{Change, InProject};
use super::shapes::Graph;
use super::{Part, ProjectInfo, at, graph, standing};
use crate::body::{self, Ids, Json, Params, is_on};
use crate::door::automerge_url;
use crate::etag;
use crate::nested;
use crate::problem::Problem;
use crate::state::Shared;
use crate::tokens::{Place, Scope};
use crate::who::Who;

/// Some of the projects.
#[derive(Serialize, ToSchema)]
pub(crate) struct Projects {
    /// Most recently opened first, those in the trash included.
    projects: Vec<ProjectInfo>,
    /// How many there are.
    total: usize,
}

/// A project to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProject {
    /// Id of a template.
    #[schema(example = "book")]
    template_id: String,
    /// Name of the project.
    #[schema(example = "A book")]
    project_name: String,
    /// Fill it with the sample of the template.
    #[serde(default)]
    sample: bool,
}

/// A project, and a session of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Opened {
    /// The project.
    project_id: Uuid,
    /// A session of it.
    session_id: Uuid,
    /// All its nodes, if `?graph=1` says so: put in as text, however deep they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Graph>)]
    graph: Option<Value>,
}

/// Another name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Renamed {
    /// The name.
    name: String,
}

/// Whether the nodes are wanted, too.
#[derive(Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WithGraph {
    /// `1`: answer with the whole graph.
    graph: Option<String>,
}

/// Whether to delete for ever.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ForEver {
    /// `1`: delete for ever, not into the trash.
    purge: Option<String>,
}

/// The projects.
#[utoipa::path(get, path = "/projects", tag = "projects", params(Part), responses((status = 200, body = Projects)))]
pub(crate) async fn list(
    State(state): State<Shared>,
    who: Who,
    Params(part): Params<Part>,
) -> Result<axum::Json<Projects>, Problem> {
    let mut projects = all(&state).await?;
    projects.retain(|project| who.sees(Some(project.id)));
    let (projects, total) = part.of(projects);
    let shown = projects.into_iter().map(|project| info(&state, project));
    let projects = future::join_all(shown).await;
    Ok(axum::Json(Projects { projects, total }))
}

/// Make a project from a template, and a session of it.
#[utoipa::path(
    post, path = "/projects", tag = "projects", params(WithGraph), request_body = NewProject,
    responses(
        (status = 201, body = Opened),
        (status = 400, description = "`INVALID_REQUEST`, `INVALID_TEMPLATE`, `EMPTY`, `TOO_LONG`", body = Problem),
    ),
)]
pub(crate) async fn create(
    State(state): State<Shared>,
    who: Who,
    Params(with): Params<WithGraph>,
    Json(new): Json<NewProject>,
) -> Result<Response, Problem> {
    who.may_see(None)?;
    // Before anything is made that would have no session.
    let place = state.place(&who)?;
    let request = Request::CreateProject {
        template: new.template_id,
        name: new.project_name,
        sample: new.sample,
    };
    let made = state.app().call(request).await;
    let made = made.map_err(|failure| match failure.code.as_str() {
        "TEMPLATE_NOT_FOUND" => Problem::from(failure)
            .with_status(StatusCode::BAD_REQUEST)
            .called("INVALID_TEMPLATE"),
        _ => Problem::from(failure),
    })?;
    let Reply::Opened { project, .. } = made else {
        return Err(Problem::new("DEFECT", "The project was not made."));
    };
    who.may_see(Some(project))?;
    begin(&state, &who, place, project, with).await
}

/// One project.
#[utoipa::path(
    get, path = "/projects/{project_id}", tag = "projects",
    params(InProject),
    responses((status = 200, body = ProjectInfo), (status = 404, description = "`PROJECT_NOT_FOUND`", body = Problem)),
)]
pub(crate) async fn read(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
) -> Result<axum::Json<ProjectInfo>, Problem> {
    let project = project(&who, &id)?;
    let found = known(&state, project).await?;
    Ok(axum::Json(info(&state, found).await))
}

/// Give a project another name. Of one that is open it is a command of the caller, who can undo it. What one holds that is not
/// open is not compared: `If-Match` is answered with `PROJECT_NOT_OPEN` then.
#[utoipa::path(
    patch, path = "/projects/{project_id}", tag = "projects", request_body = Renamed,
    params(InProject, How, Change),
    responses(
        (status = 200, body = ProjectInfo),
        (status = 400, description = "`INVALID_REQUEST`, `EMPTY`, `TOO_LONG`", body = Problem),
        (status = 404, description = "`PROJECT_NOT_FOUND`", body = Problem),
        (status = 412, description = "`PRECONDITION_FAILED`", body = Problem),
    ),
)]
pub(crate) async fn rename(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    Params(how): Params<How>,
    headers: HeaderMap,
    Json(Renamed { name }): Json<Renamed>,
) -> Result<axum::Json<ProjectInfo>, Problem> {
    let project = project(&who, &id)?;
    let step = Step {
        name: "setProject".to_owned(),
        data: json!({"name": name.trim()}),
    };
    let if_match = etag::expected(&headers);
    let is_any = if_match.is_none();
    let command_id = Uuid::new_v4().to_string();
    let job = Job {
        project,
        who: who.clone(),
        command_id: command_id.clone(),
        names: vec![step.name.clone()],
        order: Order::Execute {
            steps: vec![step],
            label: None,
            command_id,
            if_match,
            level: level(&how),
        },
    };
    match carry_out(&state, job).await {
        Ok(Done {
            unwritten: Some(failure),
            ..
        }) => return Err(failure.into()),
        Ok(_) => {}
        Err(problem) if problem.code == "PROJECT_NOT_OPEN" && is_any => {
            state.call(Request::RenameProject { project, name }).await?;
        }
        Err(problem) => return Err(problem),
    }
    read(State(state), who, Ids(id)).await
}

/// Move a project to the trash, or delete it for ever; the latter needs a token with the scope `admin`.
#[utoipa::path(
    delete, path = "/projects/{project_id}", tag = "projects",
    params(InProject, ForEver),
    responses((status = 204), (status = 404, description = "`PROJECT_NOT_FOUND`", body = Problem)),
)]
pub(crate) async fn delete(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    Params(how): Params<ForEver>,
) -> Result<StatusCode, Problem> {
    let project = project(&who, &id)?;
    let found = known(&state, project).await?;
    let purge = is_on(how.purge.as_deref());
    if purge {
        who.needs(Scope::Admin)?;
    }
    if found.trashed_at.is_none() {
        state.call(Request::TrashProject { project }).await?;
    }
    if purge {
        state.call(Request::PurgeProject { project }).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Bring a project back from the trash.
#[utoipa::path(
    post, path = "/projects/{project_id}/restore", tag = "projects",
    params(InProject),
    responses((status = 200, body = ProjectInfo), (status = 404, description = "`PROJECT_NOT_FOUND`", body = Problem)),
)]
pub(crate) async fn restore(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
) -> Result<axum::Json<ProjectInfo>, Problem> {
    let project = project(&who, &id)?;
    state.call(Request::RestoreProject { project }).await?;
    read(State(state), who, Ids(id)).await
}

/// Open a project, and make a session of it.
#[utoipa::path(
    post, path = "/projects/{project_id}/open", tag = "projects",
    params(InProject, WithGraph),
    responses((status = 201, body = Opened), (status = 404, description = "`PROJECT_NOT_FOUND`", body = Problem)),
)]
pub(crate) async fn open(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    Params(with): Params<WithGraph>,
) -> Result<Response, Problem> {
    let project = project(&who, &id)?;
    begin(&state, &who, state.place(&who)?, project, with).await
}

/// Close a project with all its sessions. Everything is on disk when the response comes.
#[utoipa::path(
    post, path = "/projects/{project_id}/close", tag = "projects",
    params(InProject),
    responses((status = 204), (status = 404, description = "`PROJECT_NOT_FOUND`", body = Problem)),
)]
pub(crate) async fn close(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
) -> Result<StatusCode, Problem> {
    let project = project(&who, &id)?;
    known(&state, project).await?;
    state.call(Request::CloseProject { project }).await?;
    state.project_closed(project).await;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn begin(
    state: &Shared,
    who: &Who,
    place: Place,
    project: ProjectId,
    with: WithGraph,
) -> Result<Response, Problem> {
    let session = state.begin(place, Some(project)).await?;
    let opened = Opened {
        project_id: project.0,
        session_id: session.id,
        graph: None,
    };
    let text = match is_on(with.graph.as_deref()) {
        true => {
            let graph = graph::whole(state, project, &who.caller()).await?;
            nested::with_member(&opened, "graph", &graph)
        }
        false => json!(opened).to_string(),
    };
    let kind = HeaderValue::from_static("application/json");
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, kind)], text).into_response())
}

/// A project of the list.
pub(super) async fn known(state: &Shared, project: ProjectId) -> Result<ProjectSummary, Problem> {
    let found = all(state).await?.into_iter().find(|it| it.id == project);
    found.ok_or_else(no_project)
}

async fn all(state: &Shared) -> Result<Vec<ProjectSummary>, Problem> {
    match state.call(Request::ListProjects).await? {
        Reply::Projects { projects } => Ok(projects),
        _ => Err(Problem::new("DEFECT", "The projects were not read.")),
    }
}

/// So long an open project may take to say how it is. While it is at work, the list says how it was.
const AT_WORK: Duration = Duration::from_millis(200);

/// The list learns of a new name a moment after the project; an open one is asked.
async fn info(state: &Shared, project: ProjectSummary) -> ProjectInfo {
    let caller = state.own_caller();
    let now = tokio::time::timeout(AT_WORK, standing(state, project.id, &caller)).await;
    let now = now.ok().and_then(Result::ok);
    // A list is of use without it.
    let document = state.app().document_of(project.id).await.ok();
    ProjectInfo {
        project_id: project.id.0.to_string(),
        node_count: now.as_ref().map_or(project.node_count, |it| {
            u32::try_from(it.node_count).unwrap_or(u32::MAX)
        }),
        name: now.map_or(project.name, |it| it.name),
        template: project.template,
        created_at: at(project.created_at),
        opened_at: at(project.opened_at),
        trashed_at: project.trashed_at.map(at),
        automerge_url: document.map(automerge_url),
    }
}

/// The project of a path.
pub(super) fn project(who: &Who, id: &str) -> Result<ProjectId, Problem> {
    let project = body::id(id, no_project).map(ProjectId)?;
    who.may_see(Some(project))?;
    Ok(project)
}

fn no_project() -> Problem {
    Problem::new(
        "PROJECT_NOT_FOUND",
        "There is no such project; it may have been deleted.",
    )
}
