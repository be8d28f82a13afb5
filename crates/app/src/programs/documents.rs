//! How a project's document is named for programs that keep a copy of it.

use crate::app::App;
use crate::failure::Failure;
use crate::request::ProjectId;
use crate::rooms;
use store::{Store, StoreError};
use uuid::Uuid;

/// What a name is derived for (BLAKE3, key derivation).
const CONTEXT: &str = "talus-tally v1 document of automerge-repo";

/// Names the document of a project: the first 16 bytes of what BLAKE3 derives from its room, or from its id as long as
/// it is in none. So it is the same on all machines that share a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentId(pub [u8; 16]);

impl DocumentId {
    fn of(name: &[u8]) -> Self {
        let derived = blake3::derive_key(CONTEXT, name);
        let mut id = [0; 16];
        id.copy_from_slice(&derived[..16]);
        Self(id)
    }
}

impl App {
    /// The name of a project's document.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn document_of(&self, project: ProjectId) -> Result<DocumentId, Failure> {
        let read = self
            .inner()
            .world
            .blocking(move |world| names(&*world.store, project));
        Ok(read.await?.0)
    }

    /// The project of a document, by its name or by the one that it had before it was shared.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn project_of(&self, document: DocumentId) -> Result<Option<ProjectId>, Failure> {
        let find = self.inner().world.blocking(move |world| {
            for record in world.store.projects()? {
                let project = ProjectId(Uuid::from_bytes(record.key.0));
                let (name, before) = names(&*world.store, project)?;
                if [name, before].contains(&document) {
                    return Ok::<_, StoreError>(Some(project));
                }
            }
            Ok(None)
        });
        find.await
    }
}

/// The name of a project's document, and the one that it has while it is in no room.
fn names(store: &dyn Store, project: ProjectId) -> Result<(DocumentId, DocumentId), StoreError> {
    let alone = DocumentId::of(project.0.as_bytes());
    let shared = rooms::of(store, project)?.map(|room| DocumentId::of(&room.0));
    Ok((shared.unwrap_or(alone), alone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_derived_as_the_guide_says() {
        let name = DocumentId::of(&[7; 32]);
        let expected = blake3::derive_key(CONTEXT, &[7; 32]);
        assert_eq!(name.0, expected[..16]);
        assert_ne!(name, DocumentId::of(&[7; 16]));
    }
}
