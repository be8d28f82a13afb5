//! Changing a project.

use graph::command::Command;
use graph::time::Timestamp;
use trust::Right;

use crate::failure::Failure;
use crate::project::Project;
use crate::reply::Reply;

/// Applies a command of the author of this window.
pub(super) fn answer(
    project: &mut Project,
    now: Timestamp,
    command: &Command,
) -> Result<Reply, Failure> {
    project.permits(right(command))?;
    let author = project.author;
    let applied = project.graph.apply(author, command, now)?;
    project.changed(applied.delta, Some(author));
    Ok(Reply::Applied {
        revision: project.revision(),
        label: applied.label,
    })
}

/// What somebody must be permitted to do this.
fn right(command: &Command) -> Right {
    match command {
        Command::AddComment { .. }
        | Command::EditComment { .. }
        | Command::ResolveComment { .. }
        | Command::DeleteComment { .. } => Right::Comment,
        _ => Right::Edit,
    }
}
