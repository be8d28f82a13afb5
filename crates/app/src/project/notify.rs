//! What others did that concerns the person at this window.

use graph::Merged;
use graph::document::Document;
use graph::notice::{Addressee, Notice};
use graph::time::Timestamp;
use store::{Chunk, RoomKey, RoomWrite};

use super::{Effect, Project};
use crate::event::Event;
use crate::notices::{NOTICES, NoticeGroup};
use crate::room::TakenIn;
use crate::settings::Notify;

impl Project {
    /// What of this the person wants to hear of.
    pub fn notify(&mut self, notify: Notify) {
        self.notify = notify;
    }

    /// The list of what concerned them, newest first.
    pub(crate) fn notices(&self) -> Vec<NoticeGroup> {
        let shared = self.shared.as_ref();
        shared.map_or_else(Vec::new, |shared| shared.notices.entries())
    }

    /// Marks entries of the list as read, all if none are named.
    pub(crate) fn mark_notices(&mut self, ids: Option<&[u32]>) {
        if let Some(shared) = &mut self.shared {
            shared.are_notices_due |= shared.notices.mark(ids);
        }
    }

    /// Lists what frames brought that concerns the person, in the chunk of the first of these frames: what of them a crash
    /// takes comes again and is known by then. Gives the entries that windows are to be told of.
    pub(super) fn list_notices(&mut self, taken_in: &mut [TakenIn], now: Timestamp) -> Vec<u32> {
        let found = self.find_notices(taken_in);
        let Some(shared) = self.shared.as_mut().filter(|_| !found.is_empty()) else {
            return vec![];
        };
        let fresh = shared.notices.add(found, &self.notify, now);
        if fresh.is_empty() {
            return fresh;
        }
        let kept = (NOTICES.to_owned(), Some(shared.notices.encode()));
        let room = taken_in
            .first_mut()
            .and_then(|first| first.chunks.last_mut()?.room.as_mut());
        match room {
            Some(room) => room.meta.push(kept),
            None => shared.are_notices_due = true,
        }
        fresh
    }

    /// Tells windows of entries. They name people and items, so what brought them is told first.
    pub(super) fn tell_notices(&mut self, fresh: Vec<u32>, effects: &mut Vec<Effect>) {
        if !fresh.is_empty() {
            effects.extend(self.flush().map(Effect::Emit));
            effects.push(Effect::Emit(self.news_of_notices(fresh)));
        }
    }

    /// What all frames together did: what one did and the next took back is no news.
    fn find_notices(&self, taken_in: &[TakenIn]) -> Vec<Notice> {
        let is_wanted = self
            .shared
            .as_ref()
            .is_some_and(|it| !it.notices.is_catching_up());
        if !is_wanted {
            return vec![];
        }
        let whom = Addressee {
            person: self.signature.person,
            name: self.signature.profile.name.clone(),
        };
        let documents = [Document::Project, Document::Comments].into_iter();
        documents
            .flat_map(|document| {
                let all = taken_in.iter().flat_map(|it| &it.merged);
                let of_document = all.filter(|(of, _)| *of == document);
                let merged: Vec<&Merged> = of_document.map(|(_, merged)| merged).collect();
                match merged[..] {
                    [only] => self.graph.notices(document, only, &whom),
                    _ => self.graph.notices(document, &together(&merged), &whom),
                }
            })
            .collect()
    }

    /// Keeps and tells what changed in the list without a frame.
    pub(super) fn keep_notices(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let fresh = self.list_passages(now);
        let Some(shared) = &mut self.shared else {
            return;
        };
        if shared.notices.is_catching_up() && shared.room.has_caught_up() {
            shared.notices.catch_up();
            shared.are_notices_due = true;
        }
        if !std::mem::take(&mut shared.are_notices_due) {
            return;
        }
        let mut write = RoomWrite::new(RoomKey(shared.room.id().0), vec![]);
        write.meta = vec![(NOTICES.to_owned(), Some(shared.notices.encode()))];
        let chunk = Chunk::new(store::Document::PROJECT, vec![]).in_room(write);
        self.keep(chunk, effects);
        effects.push(Effect::Unsaved(self.unsaved()));
        effects.push(Effect::Emit(self.news_of_notices(fresh)));
    }

    fn news_of_notices(&self, fresh: Vec<u32>) -> Event {
        Event::Notices {
            project: self.id,
            entries: self.notices(),
            fresh,
        }
    }
}

/// What several merges in a row did.
fn together(merged: &[&Merged]) -> Merged {
    let mut all = Merged::default();
    for one in merged {
        all.delta.append(one.delta.clone());
        all.fresh.append(one.fresh.clone());
    }
    all
}
