//! Noting what of the list the person has seen.

use crate::project::Project;
use crate::reply::Reply;

/// Marks them; nothing happens if they are not there any more.
pub(super) fn answer(project: &mut Project, entries: Option<Vec<u32>>) -> Reply {
    project.mark_notices(entries.as_deref());
    Reply::Done
}
