//! People who take part in a project.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How a person is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct Person {
    /// Display name.
    pub name: String,
    /// `#rrggbb`.
    pub colour: String,
}
