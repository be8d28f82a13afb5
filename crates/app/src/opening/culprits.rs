//! Changes at which a project cannot be opened: a defect here, not damage. They are set aside, so that it opens again.

use std::panic::{AssertUnwindSafe, catch_unwind};

use graph::Project as Graph;
use store::{Document, Loaded, Seq, Store};

use crate::failure::Failure;
use crate::panics;
use crate::request::ProjectId;
use crate::world::defect;

/// So many are set aside at one opening; more are no single defect, and somebody should look first.
const MAX_CULPRITS: usize = 8;

/// Reads a project. If that panics, the change at which it does is found, set aside and named in the notices.
pub(super) fn read_without(
    store: &dyn Store,
    id: ProjectId,
    mut loaded: Loaded,
) -> Result<(Graph, Vec<String>), Failure> {
    let mut notices = Vec::new();
    loop {
        let report = match attempt(&loaded) {
            Ok(read) => {
                let (graph, found) = read?;
                notices.extend(found);
                return Ok((graph, notices));
            }
            Err(report) => report,
        };
        let culprit = find(&loaded).filter(|_| notices.len() < MAX_CULPRITS);
        let Some((document, seq)) = culprit else {
            return Err(defect(&report));
        };
        store.set_aside(id.into(), document, seq, &report)?;
        if let Some(tail) = loaded.documents.get_mut(&document) {
            tail.chunks.retain(|(known, _)| *known != seq);
        }
        notices.push(format!(
            "A change could not be taken in because of a defect, and was set aside; please report it: {report}."
        ));
    }
}

/// What reading gives, or what a panic said.
fn attempt(loaded: &Loaded) -> Result<Result<(Graph, Vec<String>), Failure>, String> {
    let read = || {
        #[cfg(feature = "testing")]
        for (_, chunk) in loaded.documents.values().flat_map(|it| &it.chunks) {
            assert!(chunk != crate::room::PLANTED, "a planted defect");
        }
        super::read(loaded.clone())
    };
    catch_unwind(AssertUnwindSafe(read)).map_err(|it| panics::message(&*it))
}

/// The first chunk at which reading panics, in the order in which they were written.
fn find(loaded: &Loaded) -> Option<(Document, Seq)> {
    let mut chunks: Vec<(Seq, Document)> = loaded
        .documents
        .iter()
        .flat_map(|(document, tail)| tail.chunks.iter().map(|(seq, _)| (*seq, *document)))
        .collect();
    chunks.sort_unstable();
    let up_to = |count: usize| {
        let last = count.checked_sub(1).map(|last| chunks[last].0);
        let mut part = loaded.clone();
        for tail in part.documents.values_mut() {
            tail.chunks.retain(|(seq, _)| Some(*seq) <= last);
        }
        attempt(&part)
    };
    if up_to(0).is_err() {
        return None;
    }
    // Reading so many goes well, reading so many does not.
    let (mut good, mut bad) = (0, chunks.len());
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        match up_to(middle) {
            Ok(_) => good = middle,
            Err(_) => bad = middle,
        }
    }
    let (seq, document) = chunks.get(good)?;
    Some((*document, *seq))
}
