//! Undo and redo of the author's own steps.

use graph::time::Timestamp;
use graph::{NothingToUndo, UndoReport};
use trust::Right;

use crate::failure::Failure;
use crate::programs::Cause;
use crate::project::Project;
use crate::reply::{Reply, Skipped};

/// Takes back the author's last step.
pub(super) fn undo(project: &mut Project, now: Timestamp) -> Result<Reply, Failure> {
    project.permits(Right::Edit)?;
    let undone = project.graph.undo(project.author, now);
    reply(
        project,
        undone,
        |id, label, skipped| Cause::Undo { id, label, skipped },
        "NOTHING_TO_UNDO",
        "There is nothing to undo.",
    )
}

/// Repeats the step undone last.
pub(super) fn redo(project: &mut Project, now: Timestamp) -> Result<Reply, Failure> {
    project.permits(Right::Edit)?;
    let redone = project.graph.redo(project.author, now);
    reply(
        project,
        redone,
        |id, label, skipped| Cause::Redo { id, label, skipped },
        "NOTHING_TO_REDO",
        "There is nothing to redo.",
    )
}

fn reply(
    project: &mut Project,
    done: Result<UndoReport, NothingToUndo>,
    cause: impl FnOnce(String, String, Vec<Skipped>) -> Cause,
    code: &str,
    message: &str,
) -> Result<Reply, Failure> {
    let report = done.map_err(|NothingToUndo { .. }| Failure::new(code, message))?;
    let author = project.author;
    let skipped = project.name_skipped(report.skipped);
    project.because(|id| cause(id, report.label.clone(), skipped.clone()));
    project.changed(report.delta, Some(author));
    Ok(Reply::Undone {
        revision: project.revision(),
        label: report.label,
        skipped,
    })
}
