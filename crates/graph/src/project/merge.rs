//! Exchange with other copies of the project.

use automerge::{Automerge, Change, ChangeHash, ObjId, ObjType, ROOT, ReadDoc};

use super::{Fresh, Project, pack};
use crate::delta::Delta;
use crate::document::Document;
use crate::view::{Touched, View};

/// What merging did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Merged {
    /// What changed in the view.
    pub delta: Delta,
    /// Changes that could not be read, with the reason; the others are in.
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
        let mut merged = Merged::default();
        let mut readable = vec![];
        for bytes in changes {
            match pack::read(bytes) {
                Ok(content) => readable.extend(content.into_changes()),
                Err(reason) => merged.set_aside.push(reason),
            }
        }
        let set_aside = std::mem::take(&mut merged.set_aside);
        merged = self.merge_changes(document, readable);
        merged.set_aside.splice(0..0, set_aside);
        merged
    }

    /// The same for changes that were read already.
    pub(super) fn merge_changes(&mut self, document: Document, changes: Vec<Change>) -> Merged {
        let mut merged = Merged::default();
        let doc = match document {
            Document::Project => &mut self.project,
            Document::Comments => &mut self.comments,
        };
        let before = doc.get_heads();
        let mut arrived = Arrived::of(doc);
        // One at a time: a batch of a thousand small changes to 100,000 nodes takes 4 GB, and is slower.
        for change in changes {
            if doc.get_change_meta_by_hash(&change.hash()).is_some() {
                continue;
            }
            let next = arrived.next(document, doc, &change);
            match pack::apply(doc, change) {
                Ok(()) => arrived.extend(next),
                Err(reason) => merged.set_aside.push(reason),
            }
        }
        merged.waiting_for = doc.get_missing_deps(&[]).len();
        let (fresh, touched) = arrived.all_since(document, doc, &before);
        merged.fresh = fresh;
        merged.delta = self.view.absorb(&self.project, &self.comments, &touched);
        merged
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

/// What the changes of a merge wrote, in the order in which they count.
///
/// Each is read as it comes, which takes no time that grows with the document. Only where one had to wait for another is
/// the document asked afterwards: it then looks through all its operations.
struct Arrived {
    fresh: Fresh,
    touched: Vec<Touched>,
    /// Whether each counted when its turn came.
    in_order: bool,
}

/// What one change wrote.
struct Next {
    fresh: Fresh,
    touched: Vec<Touched>,
}

impl Arrived {
    fn of(doc: &Automerge) -> Self {
        Self {
            fresh: Fresh::default(),
            touched: vec![],
            in_order: doc.get_missing_deps(&[]).is_empty(),
        }
    }

    /// Reads a change that is about to be applied.
    fn next(&mut self, document: Document, doc: &Automerge, change: &Change) -> Option<Next> {
        let holds = |dep| doc.get_change_meta_by_hash(dep).is_some();
        self.in_order &= change.deps().iter().all(holds);
        self.in_order.then(|| Next {
            fresh: Fresh::of(change),
            touched: touched_by(document, change),
        })
    }

    fn extend(&mut self, next: Option<Next>) {
        if let Some(Next { fresh, touched }) = next {
            self.fresh.append(fresh);
            self.touched.extend(touched);
        }
    }

    fn all_since(
        mut self,
        document: Document,
        doc: &Automerge,
        before: &[ChangeHash],
    ) -> (Fresh, Vec<Touched>) {
        if !self.in_order {
            (self.fresh, self.touched) = Default::default();
            for change in doc.get_changes(before) {
                self.fresh.append(Fresh::of(&change));
                self.touched.extend(touched_by(document, &change));
            }
        }
        self.touched.retain(|touch| !View::forgets(touch));
        (self.fresh, self.touched)
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
