//! A room that other relays have, too.

use bytes::Bytes;
use sync::LinkError;
use tokio::sync::oneshot;

use super::RoomTask;
use crate::{
    clock::now_ms,
    cluster::{self, CLUSTER, ClusterInput, Run, Share},
    log,
    room::Input,
};

impl RoomTask {
    pub(super) fn take_shared(&mut self, input: ClusterInput) {
        if self.share.is_none() {
            return;
        }
        match input {
            ClusterInput::Up(run) => {
                self.run = Some(run);
                self.is_weighed = false;
                self.handle(Input::Up(CLUSTER, cluster::peer()));
            }
            ClusterInput::Message(message) => self.handle(Input::Message(CLUSTER, message)),
            ClusterInput::Sent(bytes) => self.handle(Input::Sent(CLUSTER, bytes)),
            ClusterInput::Kept(vector) => self.handle(Input::Shared(vector)),
            ClusterInput::Down => {
                self.run = None;
                self.handle(Input::Down(CLUSTER));
            }
        }
    }

    pub(super) fn send_shared(&self, message: Bytes) {
        if let Some(share) = &self.share {
            share.send(message);
        }
    }

    pub(super) fn weigh_shared(&self) {
        if let Some(share) = &self.share {
            share.weigh(self.log_bytes);
        }
    }

    /// What came from others broke the rules.
    pub(super) fn refuse_shared(&self, error: &LinkError) {
        tracing::error!(room = %self.id, %error, "what other relays share of a room is wrong");
        if let Some(share) = &self.share {
            share.refuse();
        }
    }

    /// The room is not kept here any more, so it is not shared either.
    pub(super) fn end_sharing(&mut self) {
        if self.share.take().is_some() {
            self.room.handle(self.now, Input::Down(CLUSTER));
        }
        self.sharing.clear();
    }

    /// The room is kept here after it was not.
    pub(super) fn share_again(&mut self) {
        if let (None, Some(cluster)) = (&self.share, &self.premises.cluster) {
            self.share = Some(Box::new(Share::join(&**cluster, self.id)));
        }
    }

    /// Stays until all of it is shared. Of somebody who does not wait any more nothing is remembered.
    pub(super) fn begin_sharing(&mut self, run: Run, shared: oneshot::Sender<()>) {
        self.sharing.push((run, shared));
        if self.seats.is_empty() {
            self.forget_at_ms = Some(now_ms());
        }
    }

    /// Whether it has to stay open although nobody is in it.
    pub(super) fn is_needed_by_others(&mut self) -> bool {
        self.sharing.retain(|(_, waiting)| !waiting.is_closed());
        self.share.is_some() && (!self.sharing.is_empty() || !self.room.is_settled())
    }

    /// Remembers on disk where all of the room is shared, and tells who waits for it.
    pub(super) fn note_shared(&mut self) {
        if !self.room.is_shared() {
            return;
        }
        if !std::mem::replace(&mut self.is_weighed, true) {
            self.weigh_shared();
        }
        // Whoever waits for it to be shared elsewhere waits on: that it was shared before tells nothing.
        let is_done = |waiting: &mut (Run, _)| self.run == Some(waiting.0);
        for (_, waiting) in self.sharing.extract_if(.., is_done) {
            // Who does not wait any more needs no answer.
            let _ = waiting.send(());
        }
        if self.run.is_some() && self.run != self.shared && self.room.is_on_disk() {
            self.shared = self.run;
            let write = self.run.map(|run| log::shared_write(self.key(), run));
            if let Some(write) = write {
                // If it is not kept, the room is looked at once more after the next start.
                self.premises.store.rooms().append(write, Box::new(|_| {}));
            }
        }
    }
}
