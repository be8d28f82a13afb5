//! Changing a project, as it looks from beside its task.

use graph::command::Command;

use crate::app::Inner;
use crate::failure::Failure;
use crate::progress::long;
use crate::reply::Reply;
use crate::request::{ProjectId, Request};

/// Has a command, an undo or a redo carried out, and tells of it if that takes long.
///
/// What waits for another change is told of, too: one sees that it was heard. It cannot be cancelled, because the task
/// does one thing at a time and does it wholly; undo takes it back.
pub(super) async fn call(
    app: &Inner,
    project: ProjectId,
    request: Request,
) -> Result<Reply, Failure> {
    let label = doing(&request).to_owned();
    let changed = long(&app.world, label, |progress| async move {
        progress.commit()?;
        app.ask(project, request).await
    });
    changed.await
}

/// What is being done, for people.
fn doing(request: &Request) -> &'static str {
    match request {
        Request::Undo { .. } => "Undoing",
        Request::Redo { .. } => "Redoing",
        Request::Apply { command, .. } => match command {
            Command::DuplicateNodes { .. } => "Duplicating",
            Command::PasteNodes { .. } | Command::ApplyKit { .. } => "Inserting",
            Command::MoveNodes { .. } | Command::Indent { .. } | Command::Outdent { .. } => {
                "Moving"
            }
            Command::TrashNodes { .. } => "Moving to the trash",
            Command::RestoreNodes { .. } => "Restoring",
            Command::PurgeNodes { .. } => "Deleting for good",
            Command::ConvertType { .. } => "Converting",
            _ => "Changing the project",
        },
        _ => "Working",
    }
}
