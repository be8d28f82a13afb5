//! Copied subtrees that can be inserted elsewhere, in another project too.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::id::FieldId;
use crate::link::{Lag, LinkKind};
use crate::template::{Field, NodeType};
use crate::value::Value;

/// Subtrees with the definitions one needs to understand them elsewhere.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct Clipping {
    /// Fields that occur.
    pub fields: Vec<Field>,
    /// Node types that occur.
    pub types: Vec<NodeType>,
    /// Nodes, each after its parent, siblings in order.
    pub nodes: Vec<ClippedNode>,
    /// Links among the nodes.
    pub links: Vec<ClippedLink>,
}

/// One copied node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct ClippedNode {
    /// Index of the parent among the clipping's nodes; none: a root.
    pub parent: Option<u32>,
    /// Id of its type, in the clipping's types.
    pub node_type: crate::id::TypeId,
    /// Values. References point to nodes by id; those among the clipping are redirected to the copies.
    pub values: Vec<(FieldId, Value)>,
    /// Id that it had.
    pub original: crate::id::NodeId,
}

/// One copied link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct ClippedLink {
    /// Index of the node it starts from.
    pub from: u32,
    /// Index of the node it leads to.
    pub to: u32,
    /// Kind.
    pub relation: LinkKind,
    /// Lag.
    pub lag: Lag,
}
