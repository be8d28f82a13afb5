//! The one shape in which errors reach the window, REST and the command line.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a request was refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
#[error("{message} ({code})")]
pub struct Failure {
    /// Stable code, for example `TYPE_NOT_ALLOWED`.
    pub code: String,
    /// What happened and what one can do; for people.
    pub message: String,
    /// More for a bug report, where there is more.
    pub detail: Option<String>,
}
