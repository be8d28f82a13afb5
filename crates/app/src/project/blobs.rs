//! An open project and its attachments.

use graph::delta::Delta;
use graph::id::BlobId;

use super::{Effect, Project};
use crate::attachments::{Attachment, BlobDone, Faces};
use crate::event::Event;

impl Project {
    /// How the attachments stand that are not here. From here on they are followed, if they were not.
    pub(crate) fn missing_attachments(&mut self) -> Vec<Attachment> {
        self.follow_attachments();
        let (room, nobody) = (self.room(), Faces::new());
        let faces = room.map_or(&nobody, |room| room.faces());
        let exchange = room.map(|room| room.exchange());
        self.attachments.missing(&self.graph, exchange, faces)
    }

    /// Fetches one again that failed, was stopped, or turned out not to be here.
    pub(crate) fn fetch_attachment(&mut self, blob: &BlobId) {
        self.follow_attachments();
        self.attachments.retry(blob);
    }

    /// Gives up fetching one.
    pub(crate) fn stop_attachment(&mut self, blob: &BlobId) {
        let mut peers = self.shared.as_mut().map(|shared| shared.peers());
        let work = self.attachments.stop(blob, peers.as_mut());
        self.blob_work.extend(work);
    }

    pub(super) fn follow_attachments(&mut self) {
        let me = self.person();
        self.attachments.begin(me, self.graph.view());
    }

    pub(super) fn attachments_changed(&mut self, delta: &Delta) {
        let mut peers = self.shared.as_mut().map(|shared| shared.peers());
        self.attachments
            .update(self.graph.view(), delta, peers.as_mut());
    }

    /// What is here is offered to the room, what lacks is fetched from it.
    pub(super) fn enter_with_attachments(&mut self) {
        self.follow_attachments();
        if let Some(shared) = &mut self.shared {
            self.attachments.enter(&mut shared.peers());
        }
    }

    /// Takes what came over a link about attachments.
    pub(super) fn take_blob_events(&mut self) {
        let Some(shared) = &mut self.shared else {
            return;
        };
        for event in shared.room.take_blob_events() {
            let mut peers = shared.peers();
            let guilty = self
                .attachments
                .take(event, &mut peers, &mut self.blob_work);
            if let Some(device) = guilty {
                shared.room.charge_for_blob(device);
            }
        }
    }

    pub(super) fn learn_of_blobs(&mut self, done: BlobDone) {
        let mut peers = self.shared.as_mut().map(|shared| shared.peers());
        let guilty = self.attachments.learn(done, peers.as_mut());
        if let (Some(device), Some(shared)) = (guilty, &mut self.shared) {
            shared.room.charge_for_blob(device);
            self.tell_soon();
        }
    }

    /// What follows from this step: work on the disk, and what windows are to hear.
    pub(super) fn see_to_attachments(&mut self, effects: &mut Vec<Effect>) {
        let work = self.blob_work.drain(..);
        let work = work.chain(self.attachments.take_lookups());
        effects.extend(work.map(Effect::Blob));
        let nobody = Faces::new();
        let (room, now) = match &self.shared {
            Some(shared) => (Some(&shared.room), shared.time()),
            None => (None, sync::Time::default()),
        };
        let faces = room.map_or(&nobody, |room| room.faces());
        let exchange = room.map(|room| room.exchange());
        let news = self
            .attachments
            .take_news(&self.graph, exchange, faces, now);
        if !news.is_empty() {
            effects.push(Effect::Emit(Event::Attachments {
                project: self.id,
                attachments: news,
            }));
        }
    }
}
