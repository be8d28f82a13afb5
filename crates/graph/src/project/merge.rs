//! Exchange with other copies of the project.

use automerge::{Change, ChangeHash, ObjId, ObjType, ROOT};

use super::waiting::take_in;
use super::{Fresh, Project, pack};
use crate::delta::Delta;
use crate::document::Document;
use crate::view::{Touched, View};

/// What merging did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Merged {
    /// What changed in the view.
    pub delta: Delta,
    /// Why changes could not be read or kept; the others are in.
    pub set_aside: Vec<String>,
    /// Changes that others still have to send before all of these count.
    pub waiting_for: usize,
    /// The operations that came with it; none where a whole project was taken as it is.
    pub fresh: Fresh,
}

impl Project {
    /// Takes in changes that were made elsewhere. Never refused; any order, any number of times.
    pub fn merge(
        &mut self,
        document: Document,
        changes: impl IntoIterator<Item = Vec<u8>>,
    ) -> Merged {
        let (mut readable, mut unreadable) = (Vec::new(), Vec::new());
        for bytes in changes {
            match pack::read(bytes) {
                Ok(content) => readable.extend(content.into_changes()),
                Err(reason) => unreadable.push(reason),
            }
        }
        let mut merged = self.merge_changes(document, readable);
        merged.set_aside.splice(0..0, unreadable);
        merged
    }

    /// The same for changes that were read already.
    pub(super) fn merge_changes(&mut self, document: Document, changes: Vec<Change>) -> Merged {
        let doc = match document {
            Document::Project => &mut self.project,
            Document::Comments => &mut self.comments,
        };
        let waiting = &mut self.waiting[document as usize];
        let (mut fresh, mut touched) = (Fresh::default(), Vec::new());
        let set_aside = take_in(doc, waiting, changes, |change| {
            fresh.append(Fresh::of(change));
            touched.extend(touched_by(document, change));
        });
        touched.retain(|touch| !View::forgets(touch));
        Merged {
            delta: self.view.absorb(&self.project, &self.comments, &touched),
            set_aside,
            waiting_for: self.missing(document).len(),
            fresh,
        }
    }

    /// The changes that a document has on top of what somebody else holds.
    pub fn changes_since(&self, document: Document, heads: &[ChangeHash]) -> Vec<Vec<u8>> {
        self.document(document)
            .get_changes(heads)
            .into_iter()
            .map(|change| change.raw_bytes().to_vec())
            .collect()
    }

    /// What a document's newest changes are.
    pub fn heads(&self, document: Document) -> Vec<ChangeHash> {
        self.document(document).get_heads()
    }
}

/// The registers that a change wrote to.
fn touched_by(document: Document, change: &Change) -> Vec<Touched> {
    let decoded = change.decode();
    let mut touched: Vec<Touched> = vec![];
    for (counter, op) in (decoded.start_op.get()..).zip(&decoded.operations) {
        let object = match &op.obj {
            automerge::legacy::ObjectId::Root => ROOT,
            automerge::legacy::ObjectId::Id(id) => ObjId::Id(id.counter(), id.actor().clone(), 0),
        };
        let made = matches!(op.action, automerge::legacy::OpType::Make(ObjType::Map))
            .then(|| ObjId::Id(counter, decoded.actor_id.clone(), 0));
        let key = match &op.key {
            automerge::legacy::Key::Map(key) => Some(key.clone()),
            automerge::legacy::Key::Seq(_) => None,
        };
        let touch = Touched {
            document,
            object,
            key,
            made,
        };
        if touched.last() != Some(&touch) {
            touched.push(touch);
        }
    }
    touched
}
