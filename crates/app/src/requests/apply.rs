//! Changing a project.

use graph::command::Command;
use graph::time::Timestamp;
use trust::Right;

use crate::failure::Failure;
use crate::programs::Cause;
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
    project.because(|id| Cause::Command {
        id,
        name: kind(command),
        label: applied.label.clone(),
    });
    project.changed(applied.delta, Some(author));
    Ok(Reply::Applied {
        revision: project.revision(),
        label: applied.label,
    })
}

/// What kind of command it is, by its name on the wire.
fn kind(command: &Command) -> String {
    let json = serde_json::to_value(command).unwrap_or_default();
    json["kind"].as_str().unwrap_or_default().to_owned()
}

/// What somebody must be permitted to do this.
pub(crate) fn right(command: &Command) -> Right {
    match command {
        Command::AddComment { .. }
        | Command::EditComment { .. }
        | Command::ResolveComment { .. }
        | Command::DeleteComment { .. } => Right::Comment,
        _ => Right::Edit,
    }
}
