//! Making a project.

use uuid::Uuid;

use super::Project;
use super::{Signature, StoredHistory};
use crate::clipping::Clipping;
use crate::command::{Command, Place, Position};
use crate::commands;
use crate::delta::Delta;
use crate::edit::Edit;
use crate::id::AuthorId;
use crate::rejection::Rejection;
use crate::template::Template;
use crate::time::Timestamp;

/// What a project starts with.
#[derive(Debug, Clone, PartialEq)]
pub struct NewProject {
    /// Name of the project.
    pub name: String,
    /// ISO 4217 code of the one currency.
    pub currency: String,
    /// Fields and node types.
    pub template: Template,
    /// First content; may be empty.
    pub content: Clipping,
}

impl Project {
    /// A project with a template and content, as two changes that undo does not take back.
    ///
    /// `seed` is a fresh UUIDv7 from which the ids of the nodes are derived.
    ///
    /// # Errors
    /// When name, template or content break the rules that hold for commands.
    pub fn create(
        new: &NewProject,
        signature: Signature,
        seed: Uuid,
        now: Timestamp,
    ) -> Result<Project, Rejection> {
        let mut project = Project::empty();
        let author = signature.author;
        project.sign_on(signature, &StoredHistory::default());
        project.unrecorded(author, now, |edit| {
            commands::set_up(edit, &new.name, &new.currency, &new.template)
        })?;
        if !new.content.nodes.is_empty() {
            let command = Command::PasteNodes {
                clipping: new.content.clone(),
                place: Place {
                    parent: None,
                    at: Position::Last,
                },
                seed,
            };
            project.unrecorded(author, now, |edit| {
                commands::run(edit, &command).map(|_| ())
            })?;
        }
        Ok(project)
    }

    /// An edit without an undo step.
    pub(super) fn unrecorded(
        &mut self,
        author: AuthorId,
        now: Timestamp,
        act: impl FnOnce(&mut Edit<'_>) -> Result<(), Rejection>,
    ) -> Result<Delta, Rejection> {
        let occasion = self.occasion(author, now);
        let mut edit = Edit::begin(
            &mut self.project,
            &mut self.comments,
            &mut self.view,
            &occasion,
        );
        act(&mut edit)?;
        let mut finished = edit.commit();
        finished.items.clear();
        Ok(self.finish(author, finished, |_, _, _| {}))
    }
}
