//! What responses look like whose bodies are made elsewhere or as they are sent: for the OpenAPI document.

#![allow(dead_code, reason = "what is sent is described here, not made")]

use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// A node.
#[derive(ToSchema)]
pub(crate) struct Node {
    /// Id.
    id: Uuid,
    /// Parent; null: top level.
    parent_id: Option<Uuid>,
    /// Its type.
    blueprint_type_id: String,
    /// Its title.
    name: String,
    /// Its values by field.
    #[schema(value_type = Object)]
    properties: Map<String, Value>,
    /// Its children in order.
    children: Vec<Uuid>,
    /// What blocks it.
    blocked_by: Vec<Uuid>,
}

/// A node with all that is beneath it.
#[derive(ToSchema)]
pub(crate) struct NodeWithin {
    /// Id.
    id: Uuid,
    /// Parent; null: top level.
    parent_id: Option<Uuid>,
    /// Its type.
    blueprint_type_id: String,
    /// Its title.
    name: String,
    /// Its values by field.
    #[schema(value_type = Object)]
    properties: Map<String, Value>,
    /// Its children in order.
    #[schema(no_recursion)]
    children: Vec<NodeWithin>,
    /// What blocks it.
    blocked_by: Vec<Uuid>,
}

/// A whole project.
#[derive(ToSchema)]
pub(crate) struct Graph {
    /// The project.
    id: Uuid,
    /// Revision at which it was read.
    revision: u64,
    /// What is at the top level, in order.
    nodes: Vec<NodeWithin>,
}

/// The graph of a session.
#[derive(ToSchema)]
pub(crate) struct GraphOf {
    /// The session.
    session_id: Uuid,
    /// Its project.
    graph: Graph,
}

/// A node by name and type, with all that is beneath it.
#[derive(ToSchema)]
pub(crate) struct Branch {
    /// Id.
    id: Uuid,
    /// Its title.
    name: String,
    /// Its type.
    blueprint_type_id: String,
    /// Its children in order.
    #[schema(no_recursion)]
    children: Vec<Branch>,
}

/// The tree of a session.
#[derive(ToSchema)]
pub(crate) struct TreeOf {
    /// The session.
    session_id: Uuid,
    /// Revision at which it was read.
    revision: u64,
    /// What is at the top level, in order.
    tree: Vec<Branch>,
}

/// Some of the nodes.
#[derive(ToSchema)]
pub(crate) struct Nodes {
    /// Each parent before its children.
    nodes: Vec<Node>,
    /// How many there are.
    total: usize,
    /// The offset of the next part; null: there is none.
    next: Option<usize>,
    /// Revision at which they were read.
    revision: u64,
}

/// What was found, best first.
#[derive(ToSchema)]
pub(crate) struct Hits {
    /// Where.
    hits: Vec<Hit>,
}

/// A node in which words occur.
#[derive(ToSchema)]
pub(crate) struct Hit {
    /// Which.
    node: Uuid,
    /// The field in which they stand; null: a comment.
    field: Option<String>,
    /// Text around the words.
    excerpt: String,
}

/// What is wrong.
#[derive(ToSchema)]
pub(crate) struct Problems {
    /// Some of the problems.
    problems: Vec<Flaw>,
    /// How many there are.
    total: usize,
}

/// Something that is wrong with a project.
#[derive(ToSchema)]
pub(crate) struct Flaw {
    /// What kind of thing.
    kind: String,
    /// The node that it is about; null: the project as a whole.
    node: Option<Uuid>,
    /// The field, where it is about one.
    field: Option<String>,
    /// The link, where it is about one.
    link: Option<Uuid>,
    /// Others that take part, for example those of a cycle.
    others: Vec<Uuid>,
    /// A sentence.
    message: String,
    /// Of a conflict: the edits that it is between, the one in force first.
    #[schema(value_type = Vec<Object>)]
    sides: Vec<Value>,
    /// Ways out, the recommended one first: `label`, and `command`, which can be executed as it is.
    #[schema(value_type = Vec<Object>)]
    fixes: Vec<Value>,
}

/// What blocks what.
#[derive(ToSchema)]
pub(crate) struct Blocking {
    /// Each pair once.
    relationships: Vec<Blocked>,
}

/// One thing that waits for another.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Blocked {
    /// What waits.
    blocked_node_id: Uuid,
    /// What it waits for.
    blocking_node_id: Uuid,
}

/// A template as it is in a new project.
#[derive(ToSchema)]
pub(crate) struct Schema {
    /// Id.
    id: String,
    /// Name.
    name: String,
    /// ISO 4217 code of the currency that amounts are in.
    currency: String,
    /// Fields: `id`, `key`, `label`, `kind` and more.
    #[schema(value_type = Vec<Object>)]
    fields: Vec<Value>,
    /// Node types: `id`, `key`, `label`, `fields`, `children` and more.
    #[schema(value_type = Vec<Object>)]
    types: Vec<Value>,
}
