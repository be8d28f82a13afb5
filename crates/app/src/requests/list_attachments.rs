//! Attachments that are not here.

use graph::id::BlobId;

use crate::project::Project;
use crate::reply::Reply;

/// How they stand, and who has them.
pub(super) fn answer(project: &mut Project) -> Reply {
    let attachments = project.missing_attachments();
    Reply::Attachments { attachments }
}

/// Fetches one that failed or was stopped.
pub(super) fn fetch(project: &mut Project, blob: &BlobId) -> Reply {
    project.fetch_attachment(blob);
    Reply::Done
}

/// Gives up fetching one.
pub(super) fn stop(project: &mut Project, blob: &BlobId) -> Reply {
    project.stop_attachment(blob);
    Reply::Done
}
