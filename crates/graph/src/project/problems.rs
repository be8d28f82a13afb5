//! What is wrong, with when it came to be.

use super::Project;
use crate::document::{Document, OpId};
use crate::problem::Problem;
use crate::time::Timestamp;

impl Project {
    /// Everything that is wrong, as [`crate::view::View::problems`] has it, and of conflicts also when
    /// their sides were made.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.view.problems();
        let sides = problems.iter_mut().flat_map(|problem| &mut problem.sides);
        for side in sides {
            side.at = side.op.as_ref().and_then(|op| self.moment(op));
        }
        problems
    }

    /// When an operation of the project document was made, to the second.
    fn moment(&self, op: &OpId) -> Option<Timestamp> {
        let doc = self.document(Document::Project);
        let meta = doc.get_change_meta_by_hash(&doc.hash_for_opid(&op.object())?)?;
        Some(Timestamp(meta.timestamp.saturating_mul(1000)))
    }
}
