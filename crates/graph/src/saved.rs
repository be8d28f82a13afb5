//! Filters and views that were saved under a name.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::id::{FilterId, PersonId, ViewId};

/// A saved filter. The graph keeps it; what its query means is for the filter engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct SavedFilter {
    /// Id, minted by the caller.
    pub id: FilterId,
    /// What people read.
    pub name: String,
    /// The filter as JSON.
    pub query: String,
    /// Whose it is; none: everybody's.
    pub owner: Option<PersonId>,
}

/// A saved view: which view, its columns, grouping and filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct SavedView {
    /// Id, minted by the caller.
    pub id: ViewId,
    /// What people read.
    pub name: String,
    /// The layout as JSON.
    pub layout: String,
    /// Whose it is; none: everybody's.
    pub owner: Option<PersonId>,
}
