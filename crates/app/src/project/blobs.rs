//! An open project and its attachments.

use std::collections::BTreeMap;

use graph::command::Command;
use graph::delta::Delta;
use graph::id::{AuthorId, BlobId, FieldId, NodeId};
use graph::time::Timestamp;
use graph::value::{File, Seal, Value};
use graph::{Signature, StoredHistory};
use relay::Kept;
use sync::BlobName;
use trust::Right;
use uuid::Uuid;

use super::{Effect, Project};
use crate::attachments::{Attachment, BlobDone, BlobWork, Faces, Sealed, blob_of};
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

    /// The attachments that a file of this hash is when it is sealed: one, as a rule.
    pub(super) fn sealed_of(&mut self, hash: &str) -> BTreeMap<BlobId, Seal> {
        self.follow_attachments();
        let view = self.graph.view();
        let nodes = self.attachments.nodes();
        let files = nodes.filter_map(|node| Some(view.node(node)?.files()));
        let sealed = files
            .flatten()
            .filter_map(|(blob, file)| Some((blob, file.seal?)));
        sealed.filter(|(_, seal)| seal.hash == hash).collect()
    }

    /// Has what an earlier version has attached sealed, if that is for this machine to do. The same comes of it wherever it
    /// is done.
    fn seal_what_is_not(&mut self) {
        if !self.attachments.has_unsealed() || self.permits(Right::Edit).is_err() {
            return;
        }
        let Some(shared) = &self.shared else {
            return;
        };
        for name in self.attachments.take_unsealed() {
            let key = shared.room.blob_key(&name);
            let work = key.map(|key| BlobWork::Seal(name, key));
            self.blob_work.extend(work);
        }
    }

    /// Names an attachment that was kept as it is by what it is when it is sealed. As with a name of a person, nobody's
    /// undo takes that back.
    fn name_sealed(
        &mut self,
        now: Timestamp,
        plain: BlobName,
        sealed: &Sealed,
        effects: &mut Vec<Effect>,
    ) {
        if self.permits(Right::Edit).is_err() {
            return;
        }
        let (old, new) = (blob_of(&plain), blob_of(&BlobName(sealed.name.0)));
        let author = AuthorId(Uuid::new_v5(&self.author.0, b"attachments"));
        let signature = Signature {
            author,
            ..self.signature.clone()
        };
        self.graph.sign_on(signature, &StoredHistory::default());
        for (field, file, nodes) in self.kept_as_it_is(&plain, &old) {
            let file_now = File {
                size_bytes: sealed.size_bytes,
                seal: Some(sealed.seal.clone()),
                ..file.clone()
            };
            let put = Command::EditMembers {
                nodes,
                field,
                add: Some(Value::Files([(new.clone(), file_now)].into())),
                remove: Some(Value::Files([(old.clone(), file)].into())),
            };
            // A name that the project refuses, which another program gave, stays and does not travel.
            if let Ok(applied) = self.graph.apply(author, &put, now) {
                self.changed(applied.delta, None);
            }
        }
        self.send_written(now, effects);
    }

    /// Where an attachment is named that is kept as it is: nodes by field and description.
    fn kept_as_it_is(&self, name: &BlobName, blob: &BlobId) -> Vec<(FieldId, File, Vec<NodeId>)> {
        let mut places: Vec<(FieldId, File, Vec<NodeId>)> = Vec::new();
        let view = self.graph.view();
        for node in self.attachments.nodes_of(name) {
            let values = view.node(node).map(|node| node.values());
            for (field, value) in values.unwrap_or_default() {
                let Value::Files(mut files) = value else {
                    continue;
                };
                let Some(file) = files.remove(blob).filter(|file| file.seal.is_none()) else {
                    continue;
                };
                let known = places
                    .iter_mut()
                    .find(|known| (&known.0, &known.1) == (&field, &file));
                match known {
                    Some((_, _, nodes)) => nodes.push(node),
                    None => places.push((field, file, vec![node])),
                }
            }
        }
        places
    }

    pub(super) fn learn_of_blobs(
        &mut self,
        now: Timestamp,
        done: BlobDone,
        effects: &mut Vec<Effect>,
    ) {
        if let BlobDone::Sealed(plain, Some(sealed)) = &done {
            return self.name_sealed(now, *plain, sealed, effects);
        }
        if matches!(done, BlobDone::Kept(_, Kept::Failed(_))) {
            effects.push(Effect::RetryLater);
        }
        let mut peers = self.shared.as_mut().map(|shared| shared.peers());
        let guilty = self.attachments.learn(done, peers.as_mut());
        if let (Some(device), Some(shared)) = (guilty, &mut self.shared) {
            shared.room.charge_for_blob(device);
            self.tell_soon();
        }
    }

    /// What follows from this step: work on the disk, and what windows are to hear.
    pub(super) fn see_to_attachments(&mut self, effects: &mut Vec<Effect>) {
        self.seal_what_is_not();
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
