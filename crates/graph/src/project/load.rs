//! Opening a project from what was stored, and giving it out to be stored.

use std::collections::BTreeMap;

use automerge::{Automerge, Change, LoadOptions, TextEncoding};
use thiserror::Error;

use super::pack::Content;
use super::waiting::take_in;
use super::{Project, chunk, pack};
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
pub struct Saver {
    doc: Automerge,
    waiting: Vec<Change>,
}

impl Saver {
    /// The whole document in Automerge's storage format, and behind it the changes that wait for others.
    pub fn save(&self) -> Vec<u8> {
        let mut saved = self.doc.save();
        for change in &self.waiting {
            saved.extend(change.raw_bytes());
        }
        saved
    }

    /// The same as [`Project::pack`] packs it on top of nothing.
    pub fn packed(&self) -> Vec<u8> {
        pack::tagged(pack::SAVED, self.save())
    }

    pub(super) fn into_document(self) -> Automerge {
        self.doc
    }
}

/// What [`Saver::save`] gave, read.
pub(super) struct Saved {
    pub(super) doc: Automerge,
    pub(super) waiting: Vec<Change>,
}

impl Saved {
    /// What waits is never put into the document: one that does not fit would make all of it unreadable.
    pub(super) fn read(mut bytes: &[u8]) -> Result<Saved, String> {
        let (mut document, mut changes) = (Vec::new(), Vec::new());
        while !bytes.is_empty() {
            let (chunk, rest) = chunk::split(bytes).ok_or("it is cut short")?;
            bytes = rest;
            match chunk.kind {
                chunk::CHANGE | chunk::DEFLATED => {
                    changes.push(pack::read_change(chunk.bytes.to_vec())?);
                }
                _ => document.extend(chunk.bytes),
            }
        }
        let mut doc = load(&document)?;
        let mut waiting = Vec::new();
        take_in(&mut doc, &mut waiting, changes, |_| ());
        Ok(Saved { doc, waiting })
    }
}

fn load(bytes: &[u8]) -> Result<Automerge, String> {
    let options = LoadOptions::new().text_encoding(TextEncoding::Utf16CodeUnit);
    Automerge::load_with_options(bytes, options).map_err(|error| error.to_string())
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
        let view = View::rebuild(&project.doc, &comments.doc)?;
        Ok((
            Project {
                project: project.doc,
                comments: comments.doc,
                waiting: [project.waiting, comments.waiting],
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
        Saver {
            doc: self.document(document).clone(),
            waiting: self.waiting[document as usize].clone(),
        }
    }
}

fn load_document(
    document: Document,
    stored: StoredDocument,
    notices: &mut Vec<String>,
) -> Result<Saved, LoadError> {
    let mut saved = match stored.snapshot {
        None => Saved {
            doc: genesis(document),
            waiting: Vec::new(),
        },
        Some(bytes) => {
            pack::malformed_is_an_error(|| Saved::read(&bytes)).map_err(LoadError::Damaged)?
        }
    };
    let is_as_saved = stored.changes.is_empty();
    for bytes in stored.changes {
        match pack::read(bytes) {
            Ok(Content::Document(whole))
                if pack::is_untouched(document, &saved.doc, &saved.waiting) =>
            {
                saved = *whole;
            }
            Ok(content) => {
                let changes = content.into_changes();
                let refused = take_in(&mut saved.doc, &mut saved.waiting, changes, |_| ());
                let told = |reason| format!("a change could not be applied: {reason}");
                notices.extend(refused.into_iter().map(told));
            }
            Err(error) => notices.push(format!("a change could not be read: {error}")),
        }
    }
    // What a change has cut in two keeps the room that it had whole: 2,000 changes to 100,000 nodes take 50 MB so. A
    // copy has none of it.
    if !is_as_saved {
        saved.doc = saved.doc.clone();
    }
    Ok(saved)
}
