//! What a room has decided is done: messages leave, frames go to the disk, who offends is named.

use sync::{LinkError, LinkId};
use trust::DeviceId;

use super::{Beginning, RoomTask};
use crate::{
    cluster::CLUSTER,
    log,
    offences::Offence,
    room::{Effect, Input},
};

impl RoomTask {
    pub(super) fn carry_out(&mut self) {
        loop {
            let effects = self.room.poll(self.now);
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                match effect {
                    Effect::Send(CLUSTER, message) => self.send_shared(message),
                    Effect::Drop(CLUSTER, error) => self.refuse_shared(&error),
                    Effect::Send(link, message) => {
                        self.premises.metrics.send(message.len());
                        self.seats.queue(link, message);
                    }
                    Effect::Create(members) => {
                        let batches = Vec::new();
                        self.beginning = Some(Box::new(Beginning { members, batches }));
                    }
                    Effect::Store(batch) => self.store(batch),
                    Effect::Replay(link, ranges, max_bytes) => self.replay(link, ranges, max_bytes),
                    Effect::Drop(link, error) => self.expel(link, error),
                    Effect::KeepShelf(bytes) => {
                        // If it is not kept, the attachments are fetched anew.
                        let write = log::shelf_write(self.key(), bytes);
                        self.premises.store.rooms().append(write, Box::new(|_| {}));
                    }
                    Effect::Blame(device) => self.blame(device),
                    Effect::KeepBlob(piece) => {
                        self.pieces.push_back(piece);
                        self.keep_next();
                    }
                    effect => self.work_on(effect),
                }
            }
            for (link, sent_bytes) in self.seats.send() {
                self.handle(Input::Sent(link, sent_bytes));
            }
        }
    }

    fn blame(&mut self, device: DeviceId) {
        let offence = self.seats.offence(device, self.id);
        self.offend(offence);
    }

    pub(super) fn expel(&mut self, link: LinkId, error: LinkError) {
        let offence = self.seats.expel(link, error, self.id);
        self.offend(offence);
    }

    pub(super) fn offend(&self, offence: Option<Offence>) {
        if let Some(offence) = offence {
            self.premises.metrics.offend();
            self.premises.offences.note(offence);
        }
    }
}
