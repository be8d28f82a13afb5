//! Opening a project from what was stored, and giving it out to be stored.

use std::collections::BTreeMap;

use automerge::{Automerge, Change, LoadOptions, TextEncoding};
use thiserror::Error;

use super::Project;
use super::pack::{self, Content};
use crate::document::{Document, NotOurs, SCHEMA, genesis};
use crate::view::View;

/// A document as it is stored: a snapshot and the changes since.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredDocument {
    /// What [`Saver::save`] gave; none: genesis.
    pub snapshot: Option<Vec<u8>>,
    /// Changes as [`Written`](super::Written) or [`Packed`](super::Packed) gave them, in any order.
    pub changes: Vec<Vec<u8>>,
}

/// A project that could not be opened.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The bytes are not an Automerge document.
    #[error("the document is damaged: {0}")]
    Damaged(String),
    /// It is a document of something else.
    #[error("this is not a project: {0}")]
    NotOurs(#[from] NotOurs),
    /// A newer version wrote it.
    #[error(
        "the project was written by a newer version (schema {found}, this version knows {known})"
    )]
    NewerSchema {
        /// Version of the document.
        found: u64,
        /// Version of this program.
        known: u64,
    },
}

impl LoadError {
    /// The stable code that programs see.
    pub fn code(&self) -> &'static str {
        match self {
            LoadError::Damaged(_) => "PROJECT_DAMAGED",
            LoadError::NotOurs(_) => "NOT_A_PROJECT",
            LoadError::NewerSchema { .. } => "NEWER_SCHEMA",
        }
    }
}

/// A copy of a document that can be saved on another thread.
pub struct Saver(Automerge);

impl Saver {
    /// The whole document in Automerge's storage format.
    pub fn save(&self) -> Vec<u8> {
        self.0.save()
    }

    /// The whole document as [`Project::pack`] packs it on top of nothing.
    pub fn packed(&self) -> Vec<u8> {
        super::pack::tagged(super::pack::SAVED, self.0.save())
    }

    pub(super) fn into_document(self) -> Automerge {
        self.0
    }
}

impl Project {
    /// Opens a project from its stored documents.
    ///
    /// # Errors
    /// When a snapshot is damaged or not of a project. Changes that cannot be read are set aside and
    /// named in the second result. One of a newer schema opens: nothing is to be
    /// [changed](Project::require_known_schema) in it.
    pub fn load(
        project: StoredDocument,
        comments: StoredDocument,
    ) -> Result<(Project, Vec<String>), LoadError> {
        let mut notices = vec![];
        let project = load_document(Document::Project, project, &mut notices)?;
        let comments = load_document(Document::Comments, comments, &mut notices)?;
        let view = View::rebuild(&project, &comments)?;
        Ok((
            Project {
                project,
                comments,
                view,
                authors: BTreeMap::new(),
                written: vec![],
            },
            notices,
        ))
    }

    /// Whether this version knows all that the project says. If not, it shows what it knows, and what
    /// it would write beside the rest could contradict that.
    ///
    /// # Errors
    /// When a newer version has said so in the project, at any time.
    pub fn require_known_schema(&self) -> Result<(), LoadError> {
        let found = self.view.frame().schema_version;
        let known = SCHEMA;
        match found > known {
            true => Err(LoadError::NewerSchema { found, known }),
            false => Ok(()),
        }
    }

    /// A copy of a document for saving it elsewhere.
    pub fn fork(&self, document: Document) -> Saver {
        Saver(self.document(document).clone())
    }
}

fn load_document(
    document: Document,
    stored: StoredDocument,
    notices: &mut Vec<String>,
) -> Result<Automerge, LoadError> {
    let mut doc = match stored.snapshot {
        None => genesis(document),
        Some(bytes) => {
            let options = LoadOptions::new().text_encoding(TextEncoding::Utf16CodeUnit);
            let load = || Automerge::load_with_options(&bytes, options).map_err(|e| e.to_string());
            pack::malformed_is_an_error(load).map_err(LoadError::Damaged)?
        }
    };
    let is_as_saved = stored.changes.is_empty();
    for bytes in stored.changes {
        match pack::read(bytes) {
            Ok(Content::Document(saved)) if pack::is_untouched(document, &doc) => doc = *saved,
            Ok(content) => apply(&mut doc, content.into_changes(), notices),
            Err(error) => notices.push(format!("a change could not be read: {error}")),
        }
    }
    // What a change has cut in two keeps the room that it had whole: 2,000 changes to 100,000 nodes take 50 MB so. A
    // copy has none of it.
    Ok(if is_as_saved { doc } else { doc.clone() })
}

/// One at a time: a batch of a thousand small changes to 100,000 nodes takes 4 GB, and is slower.
fn apply(doc: &mut Automerge, changes: Vec<Change>, notices: &mut Vec<String>) {
    for change in changes {
        if let Err(reason) = pack::apply(doc, change) {
            notices.push(format!("a change could not be applied: {reason}"));
        }
    }
}
