//! Reading a project.

use app::programs::{Answered, Caller, NodeId, Order, Page};
use app::reply::Reply;
use app::request::{ProjectId, Request};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use uuid::Uuid;

use super::described::{InSession, Known};
use super::{Part, not_modified, project_of, shapes, standing};
use crate::body::{self, Ids, Params};
use crate::etag;
use crate::nested;
use crate::problem::Problem;
use crate::state::Shared;
use crate::who::Who;

/// What to look for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Words {
    /// Words, all of which occur in a node's title, texts or comments. Case and accents do not matter.
    q: String,
    /// At most so many; 500 at most.
    limit: Option<u32>,
}

/// Which nodes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Beneath {
    /// Only this node and what is beneath it.
    under: Option<String>,
    /// So many are passed over.
    #[serde(default)]
    offset: usize,
    /// At most so many; 1000 at most.
    limit: Option<usize>,
}

/// The whole graph, nodes within their parents.
#[utoipa::path(
    get, path = "/sessions/{session_id}/graph", tag = "graph",
    params(InSession, Known),
    responses(
        (status = 200, body = shapes::GraphOf),
        (status = 304, description = "It is as it was"),
        (status = 404, description = "`INVALID_SESSION`, `NO_PROJECT`", body = Problem),
    ),
)]
pub(crate) async fn graph(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    tagged(&state, &who, &id, &headers, |session, project, page| {
        let graph = graph_of(project, page);
        nested::with_member(&json!({"session_id": session}), "graph", &graph)
    })
    .await
}

/// The tree: names and types, nodes within their parents.
#[utoipa::path(
    get, path = "/sessions/{session_id}/graph/tree", tag = "graph",
    params(InSession, Known),
    responses(
        (status = 304, description = "It is as it was"),
        (status = 200, body = shapes::TreeOf),
        (status = 404, description = "`INVALID_SESSION`, `NO_PROJECT`", body = Problem),
    ),
)]
pub(crate) async fn tree(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    tagged(&state, &who, &id, &headers, |session, _, page| {
        let tree = nested::trees(
            &page.nodes,
            |node| json!({"id": node.id, "name": node.name, "blueprint_type_id": node.blueprint_type_id}),
        );
        let object = json!({"session_id": session, "revision": page.revision});
        nested::with_member(&object, "tree", &tree)
    })
    .await
}

/// Nodes one after another, each parent before its children.
#[utoipa::path(
    get, path = "/sessions/{session_id}/nodes", tag = "graph",
    params(InSession, Beneath, Known),
    responses(
        (status = 304, description = "It is as it was"),
        (status = 200, body = shapes::Nodes),
        (status = 404, description = "`INVALID_SESSION`, `NO_PROJECT`, `NODE_NOT_FOUND`", body = Problem),
    ),
)]
pub(crate) async fn nodes(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    Params(beneath): Params<Beneath>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (_, project) = project_of(&state, &who, &id)?;
    let caller = who.caller();
    if let Some(response) = unchanged(&state, project, &caller, &headers).await? {
        return Ok(response);
    }
    let under = beneath.under.as_deref().map(node_id).transpose()?;
    let part = Part {
        offset: beneath.offset,
        limit: beneath.limit,
    };
    let page = read(&state, project, &caller, under, part.offset, part.limit()).await?;
    let end = part.offset + page.nodes.len();
    let next = (end < page.total && !page.nodes.is_empty()).then_some(end);
    let tag = [(header::ETAG, etag::tag(&page.heads))];
    let body =
        json!({"nodes": page.nodes, "total": page.total, "next": next, "revision": page.revision});
    Ok((tag, axum::Json(body)).into_response())
}

/// One node: its values and children.
#[utoipa::path(
    get, path = "/sessions/{session_id}/graph/nodes/{node_id}", tag = "graph",
    params(
        InSession,
        ("node_id" = String, Path, description = "Id of a node"),
        Known,
    ),
    responses(
        (status = 304, description = "It is as it was"),
        (status = 200, body = shapes::Node),
        (status = 404, description = "`INVALID_SESSION`, `NO_PROJECT`, `NODE_NOT_FOUND`", body = Problem),
    ),
)]
pub(crate) async fn node(
    State(state): State<Shared>,
    who: Who,
    Ids((id, node)): Ids<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (_, project) = project_of(&state, &who, &id)?;
    let caller = who.caller();
    let Answered::Node { node, heads } = state
        .order(project, &caller, Order::Node(node_id(&node)?))
        .await?
    else {
        return Err(Problem::new("DEFECT", "The node was not read."));
    };
    if let Some(response) = not_modified(&headers, &heads) {
        return Ok(response);
    }
    Ok(([(header::ETAG, etag::tag(&heads))], axum::Json(node)).into_response())
}

/// Nodes in which words occur, best first.
#[utoipa::path(
    get, path = "/sessions/{session_id}/search", tag = "graph",
    params(InSession, Words),
    responses(
        (status = 200, body = shapes::Hits),
        (status = 404, description = "`INVALID_SESSION`, `NO_PROJECT`", body = Problem),
    ),
)]
pub(crate) async fn search(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    Params(words): Params<Words>,
) -> Result<axum::Json<Value>, Problem> {
    let (_, project) = project_of(&state, &who, &id)?;
    let limit = words.limit.unwrap_or(50);
    let request = Request::Find {
        project,
        query: words.q,
        limit,
    };
    match state.call(request).await? {
        Reply::Hits { hits } => Ok(axum::Json(json!({"hits": hits}))),
        _ => Err(Problem::new("DEFECT", "Nothing was looked for.")),
    }
}

/// What is wrong with the project, with ways out.
#[utoipa::path(
    get, path = "/sessions/{session_id}/problems", tag = "graph",
    params(InSession, Part),
    responses(
        (status = 200, body = shapes::Problems),
        (status = 404, description = "`INVALID_SESSION`, `NO_PROJECT`", body = Problem),
    ),
)]
pub(crate) async fn problems(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Value>, Problem> {
    let (_, project) = project_of(&state, &who, &id)?;
    let caller = who.caller();
    match state.order(project, &caller, Order::Problems).await? {
        Answered::Problems(problems) => {
            let (problems, total) = part.of(problems);
            Ok(axum::Json(json!({"problems": problems, "total": total})))
        }
        _ => Err(Problem::new("DEFECT", "The problems were not read.")),
    }
}

/// What blocks what.
#[utoipa::path(
    get, path = "/sessions/{session_id}/blocking-graph", tag = "graph",
    params(InSession, Known),
    responses(
        (status = 304, description = "It is as it was"),
        (status = 200, body = shapes::Blocking),
        (status = 404, description = "`INVALID_SESSION`, `NO_PROJECT`", body = Problem),
    ),
)]
pub(crate) async fn blocking(
    State(state): State<Shared>,
    who: Who,
    Ids(id): Ids<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    tagged(&state, &who, &id, &headers, |_, _, page| {
        let pairs = page.nodes.iter().flat_map(|node| {
            let blockers = node.blocked_by.iter();
            blockers.map(|by| json!({"blockedNodeId": node.id, "blockingNodeId": by}))
        });
        json!({"relationships": pairs.collect::<Vec<_>>()}).to_string()
    })
    .await
}

/// The whole graph as JSON, for a response that carries it, too.
pub(crate) async fn whole(
    state: &Shared,
    project: ProjectId,
    caller: &Caller,
) -> Result<String, Problem> {
    let page = everything(state, project, caller).await?;
    Ok(graph_of(project, &page))
}

/// All of a project in the shape that `show` gives it, with its entity tag; 304 to whoever has it already.
async fn tagged(
    state: &Shared,
    who: &Who,
    id: &str,
    headers: &HeaderMap,
    show: impl FnOnce(Uuid, ProjectId, &Page) -> String,
) -> Result<Response, Problem> {
    let (session, project) = project_of(state, who, id)?;
    let caller = who.caller();
    if let Some(response) = unchanged(state, project, &caller, headers).await? {
        return Ok(response);
    }
    let page = everything(state, project, &caller).await?;
    let kind = HeaderValue::from_static("application/json");
    let headers = [
        (header::ETAG, etag::tag(&page.heads)),
        (header::CONTENT_TYPE, kind),
    ];
    Ok((headers, show(session.id, project, &page)).into_response())
}

async fn everything(state: &Shared, project: ProjectId, caller: &Caller) -> Result<Page, Problem> {
    read(state, project, caller, None, 0, usize::MAX).await
}

async fn read(
    state: &Shared,
    project: ProjectId,
    caller: &Caller,
    under: Option<NodeId>,
    offset: usize,
    limit: usize,
) -> Result<Page, Problem> {
    let order = Order::Nodes {
        under,
        offset,
        limit,
    };
    match state.order(project, caller, order).await? {
        Answered::Nodes(page) => Ok(page),
        _ => Err(Problem::new("DEFECT", "The nodes were not read.")),
    }
}

fn graph_of(project: ProjectId, page: &Page) -> String {
    let object = json!({"id": project, "revision": page.revision});
    let nodes = nested::trees(&page.nodes, |node| json!(node));
    nested::with_member(&object, "nodes", &nodes)
}

/// The response if the project is as the caller knows it.
async fn unchanged(
    state: &Shared,
    project: ProjectId,
    caller: &Caller,
    headers: &HeaderMap,
) -> Result<Option<Response>, Problem> {
    if !headers.contains_key(header::IF_NONE_MATCH) {
        return Ok(None);
    }
    let heads = standing(state, project, caller).await?.heads;
    Ok(not_modified(headers, &heads))
}

fn node_id(text: &str) -> Result<NodeId, Problem> {
    let missing = || Problem::new("NODE_NOT_FOUND", "There is no such node.");
    body::id(text, missing).map(NodeId)
}
