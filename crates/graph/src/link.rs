//! Links between nodes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::id::{LinkId, NodeId};

/// A link as it stands in the view: both ends live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct Link {
    /// Id.
    pub id: LinkId,
    /// Kind.
    pub relation: LinkKind,
    /// Blocker, or either end of a relation.
    pub from: NodeId,
    /// Blocked node, or the other end.
    pub to: NodeId,
    /// Delay of a blocking link.
    pub lag: Lag,
}

/// What a link says. The four blocking kinds are the precedence relations of project scheduling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub enum LinkKind {
    /// `to` starts after `from` has finished.
    FinishToStart,
    /// `to` starts after `from` has started.
    StartToStart,
    /// `to` finishes after `from` has finished.
    FinishToFinish,
    /// `to` finishes after `from` has started.
    StartToFinish,
    /// The two have to do with each other.
    RelatesTo,
}

/// Delay of a blocking link in working days; negative: overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(export, export_to = "graph.ts", type = "number")]
pub struct Lag(pub i32);

impl LinkKind {
    /// Whether the link says that one node waits for the other.
    pub fn blocks(self) -> bool {
        self != LinkKind::RelatesTo
    }
}
