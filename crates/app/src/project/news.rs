//! What windows have not been told yet.

use graph::Project as Graph;
use graph::delta::Delta;
use graph::id::{AuthorId, PersonId};

use crate::event::{Changed, Event};
use crate::failure::Failure;
use crate::reply::HistoryState;
use crate::request::ProjectId;
use crate::rows;

/// Deltas since the last message, combined.
#[derive(Debug, Default)]
pub(super) struct News {
    delta: Delta,
    /// Who made them: nobody yet, one author, several.
    author: Option<Option<AuthorId>>,
    /// The same of people.
    by: Option<Option<PersonId>>,
    revision: u64,
    told: u64,
}

impl News {
    pub(super) fn add(&mut self, delta: Delta, author: Option<AuthorId>, by: Option<PersonId>) {
        if delta.is_empty() {
            return;
        }
        self.delta.append(delta);
        self.author = joint(self.author, author);
        self.by = joint(self.by, by);
        self.revision += 1;
    }

    /// What changes rarely does, though nothing in the documents.
    pub(super) fn add_frame(&mut self) {
        let delta = Delta {
            frame: true,
            ..Delta::default()
        };
        self.add(delta, None, None);
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn is_due(&self) -> bool {
        self.revision > self.told
    }

    /// The message, if there is something to tell. `needs_update`: see [`Frame`](crate::reply::Frame).
    pub(super) fn take(
        &mut self,
        project: ProjectId,
        graph: &Graph,
        history: HistoryState,
        needs_update: Option<Failure>,
    ) -> Option<Event> {
        if !self.is_due() {
            return None;
        }
        let view = graph.view();
        let delta = std::mem::take(&mut self.delta);
        let (author, by) = (self.author.take().flatten(), self.by.take().flatten());
        let since = std::mem::replace(&mut self.told, self.revision);
        let mut changed = Changed {
            project,
            since,
            revision: self.revision,
            author,
            by,
            nodes: Vec::new(),
            removed: Vec::new(),
            links: Vec::new(),
            unlinked: Vec::new(),
            texts: delta.texts.into_iter().collect(),
            comments: delta.comments.into_iter().collect(),
            frame: delta.frame.then(|| rows::frame(view, needs_update)),
            problems: delta.problems.then(|| graph.problems()),
            trash_count: rows::trash_count(view),
            history,
        };
        for node in delta.nodes.into_keys() {
            match view.node(node) {
                Some(live) => changed.nodes.push(rows::row(live)),
                None => changed.removed.push(node),
            }
        }
        for link in delta.links.into_keys() {
            match view.link(link) {
                Some(shown) => changed.links.push(shown),
                None => changed.unlinked.push(link),
            }
        }
        Some(Event::Changed(Box::new(changed)))
    }
}

/// Whose all of it is, if it is one's.
fn joint<T: PartialEq>(before: Option<Option<T>>, next: Option<T>) -> Option<Option<T>> {
    match before {
        Some(before) if before != next => Some(None),
        _ => Some(next),
    }
}
