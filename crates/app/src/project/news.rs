//! What windows have not been told yet.

use graph::delta::Delta;
use graph::id::AuthorId;
use graph::view::View;

use crate::event::{Changed, Event};
use crate::reply::HistoryState;
use crate::request::ProjectId;
use crate::rows;

/// Deltas since the last message, combined.
#[derive(Debug, Default)]
pub(super) struct News {
    delta: Delta,
    /// Who made them: nobody yet, one author, several.
    author: Option<Option<AuthorId>>,
    revision: u64,
    told: u64,
}

impl News {
    pub(super) fn add(&mut self, delta: Delta, author: Option<AuthorId>) {
        if delta.is_empty() {
            return;
        }
        self.delta.append(delta);
        self.author = match self.author {
            None => Some(author),
            Some(before) if before == author => Some(before),
            Some(_) => Some(None),
        };
        self.revision += 1;
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn is_due(&self) -> bool {
        self.revision > self.told
    }

    /// The message, if there is something to tell.
    pub(super) fn take(
        &mut self,
        project: ProjectId,
        view: &View,
        history: HistoryState,
    ) -> Option<Event> {
        if !self.is_due() {
            return None;
        }
        let delta = std::mem::take(&mut self.delta);
        let author = self.author.take().flatten();
        let since = std::mem::replace(&mut self.told, self.revision);
        let mut changed = Changed {
            project,
            since,
            revision: self.revision,
            author,
            nodes: Vec::new(),
            removed: Vec::new(),
            links: Vec::new(),
            unlinked: Vec::new(),
            texts: delta.texts.into_iter().collect(),
            comments: delta.comments.into_iter().collect(),
            frame: delta.frame.then(|| rows::frame(view)),
            problems: delta.problems.then(|| view.problems()),
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
