//! Nodes as programs read them.

use graph::StoredHistory;
use graph::document::Document;
use graph::id::NodeId;
use graph::time::Timestamp;
use graph::view::NodeView;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::plain;
use crate::failure::Failure;

/// A node for programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeCard {
    /// Id.
    pub id: NodeId,
    /// Parent; none: top level.
    pub parent_id: Option<NodeId>,
    /// Type.
    pub blueprint_type_id: String,
    /// Title.
    pub name: String,
    /// Values that fit, by field.
    pub properties: Map<String, Json>,
    /// Children in order.
    pub children: Vec<NodeId>,
    /// What blocks it.
    pub blocked_by: Vec<NodeId>,
}

/// Some of the nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The nodes, each parent before its children.
    pub nodes: Vec<NodeCard>,
    /// How many there are in all.
    pub total: usize,
    /// Revision at which they were read.
    pub revision: u64,
    /// Heads at which they were read.
    pub heads: String,
}

/// A change of the past, for programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PastChange {
    /// Its name: the hash of its content, in hexadecimal.
    pub change: String,
    /// Which of the documents has it: `project` or `comments`.
    pub document: &'static str,
    /// When, to the second.
    pub at: Timestamp,
    /// Who made it.
    pub author: PastAuthor,
    /// What the step is called, as long as undo or redo of somebody at this installation knows it.
    pub label: Option<String>,
    /// Whether it took that step back.
    pub is_undo: bool,
    /// How many values it wrote or removed.
    pub operations: u64,
}

/// Whose a change of the past is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PastAuthor {
    /// The person, if the project knows who it was.
    pub person_id: Option<String>,
    /// Their name.
    pub name: Option<String>,
}

/// A node as it is now.
pub(crate) fn card(node: NodeView<'_>) -> NodeCard {
    NodeCard {
        id: node.id(),
        parent_id: node.parent().map(|parent| parent.id()),
        blueprint_type_id: node.node_type().to_string(),
        name: node.title(),
        properties: plain::properties(node),
        children: node.children().map(|child| child.id()).collect(),
        blocked_by: node.blockers().collect(),
    }
}

/// Some nodes, and how many there are.
pub(crate) fn page(
    graph: &graph::Project,
    under: Option<NodeId>,
    offset: usize,
    limit: usize,
) -> Result<(Vec<NodeCard>, usize), Failure> {
    let view = graph.view();
    let Some(under) = under else {
        let some = view.nodes().skip(offset).take(limit);
        return Ok((some.map(card).collect(), view.node_count()));
    };
    let node = view.node(under);
    let node = node.ok_or(graph::rejection::Rejection::NoSuchNode(under))?;
    let nodes = node.subtree();
    let total = nodes.len();
    let some = nodes.into_iter().skip(offset).take(limit);
    Ok((some.map(card).collect(), total))
}

/// Some of what was done, newest first, and how much there is. `absent` are histories of programs that have not asked yet.
pub(crate) fn past(
    graph: &graph::Project,
    absent: &[StoredHistory],
    offset: usize,
    limit: usize,
) -> (Vec<PastChange>, usize) {
    let (changes, total) = graph.past(absent, offset, limit);
    let people = &graph.view().frame().people;
    let changes = changes.into_iter().map(|it| PastChange {
        change: it.hash.to_string(),
        document: match it.document {
            Document::Project => "project",
            Document::Comments => "comments",
        },
        at: it.at,
        author: PastAuthor {
            person_id: it.person.map(|person| person.to_string()),
            name: it.person.and_then(|id| Some(people.get(&id)?.name.clone())),
        },
        label: it.label,
        is_undo: it.is_undo,
        operations: it.operations,
    });
    (changes.collect(), total)
}

/// Names what the documents hold: equal heads, equal projects.
pub(crate) fn heads(graph: &graph::Project) -> String {
    let mut hash = blake3::Hasher::new();
    for document in [Document::Project, Document::Comments] {
        let mut heads = graph.heads(document);
        heads.sort_unstable();
        for head in heads {
            hash.update(&head.0);
        }
        hash.update(b";");
    }
    let hash = hash.finalize().to_hex();
    hash[..32].to_owned()
}
