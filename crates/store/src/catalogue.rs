//! The list of projects.

use crate::ProjectKey;

/// What the list of projects shows without opening one. Times are milliseconds since 1970, UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRecord {
    /// Its id.
    pub key: ProjectKey,
    /// Its name, as of the last time it was open.
    pub name: String,
    /// The template or sample it came from.
    pub template: String,
    /// When it was made.
    pub created_ms: i64,
    /// When it was last opened; none if never.
    pub opened_ms: Option<i64>,
    /// When it was moved to the trash; none if it is not there.
    pub trashed_ms: Option<i64>,
    /// How many nodes it had when last open.
    pub node_count: u64,
    /// Whatever else the list wants to show, as JSON of the caller's making.
    pub stats: Option<String>,
}
