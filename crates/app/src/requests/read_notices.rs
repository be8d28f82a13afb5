//! What concerned the person at this window.

use crate::project::Project;
use crate::reply::Reply;

/// The list; empty if the project is not shared.
pub(super) fn answer(project: &Project) -> Reply {
    Reply::Notices {
        entries: project.notices(),
    }
}
