//! The task that owns one room of a relay.

mod seats;

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use store::{Acknowledgement, BlobHash, RoomKey, RoomWrite, Store, StoreError};
use sync::{BlobName, BlobPiece, Frame, LinkError, LinkId, LogRange, Message, Time};
use tokio::{
    sync::watch,
    task::{coop::consume_budget, spawn_blocking},
    time::sleep_until,
};
use trust::{DeviceId, RoomId};

use self::seats::Seats;
use crate::{
    access::Access,
    clock::{instant, now_ms, unix_ms},
    hosts::Hosts,
    inbox::InboxReceiver,
    limits::SharedLimits,
    link::LinkInput,
    log,
    mailbox::Mailbox,
    offences::Offences,
    pieces::{self, Kept},
    room::{Batch, Effect, Fate, Input, Room},
    stop::Stop,
    stored_rooms::Unredeemed,
};

/// A room that nobody has visited for so long is forgotten; its log stays. Long enough for a laptop that reconnects.
const IDLE_MS: u64 = 60_000;

/// Between two tries of a disk that takes nothing.
const MEND_MS: u64 = 2_000;

/// What those are told whose room is not kept here.
const NOT_HOSTED: &str =
    "no owner of this project is let keep rooms at this relay; ask whoever runs the relay";

/// What those are told who bring more than is kept of a room.
const ROOM_FULL: &str =
    "this project has all the space that it may have at this relay; ask whoever runs the relay";

/// What a room has from the relay that it is in.
pub(crate) struct Premises {
    pub(crate) access: Access,
    pub(crate) hosts: watch::Receiver<Hosts>,
    pub(crate) unredeemed: Unredeemed,
    pub(crate) limits: SharedLimits,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) offences: Offences,
}

/// Carries out what a [`Room`] decides: asks the store, sends by the doors of its links.
pub(crate) struct RoomTask {
    id: RoomId,
    key: RoomKey,
    room: Room,
    /// How large all frames on disk are together.
    log_bytes: u64,
    /// The same of those that came just now.
    arrived_bytes: u64,
    limits: SharedLimits,
    inbox: InboxReceiver,
    access: Access,
    hosts: watch::Receiver<Hosts>,
    unredeemed: Unredeemed,
    /// As far as one knows; of a room of which only the name is known nobody does.
    is_hosted: bool,
    store: Arc<dyn Store>,
    seats: Seats,
    offences: Offences,
    done: Arc<Mailbox<Done>>,
    /// Pieces of attachments that came: kept one after the other.
    pieces: VecDeque<BlobPiece>,
    is_keeping: bool,
    /// The members of a room that is not on disk yet although something of it should be.
    uncreated: Option<Vec<Vec<u8>>>,
    mend_at_ms: Option<u64>,
    forget_at_ms: Option<u64>,
    now: Time,
}

/// What the disk has done.
enum Done {
    /// What became of the oldest offer of which nothing was known.
    Stored(Fate),
    Replayed(LinkId, Vec<Frame>),
    Mended(bool),
    Read(LinkId, BlobName, Option<BlobPiece>),
    Found(BlobName, u64),
    Kept(BlobName, Kept),
    Removed,
    /// Frames were let go, and so large are those that are left together.
    Dropped(Option<u64>),
    /// A defect showed itself.
    Panicked,
}

impl RoomTask {
    pub(crate) fn new(
        id: RoomId,
        (room, log_bytes): (Room, u64),
        inbox: InboxReceiver,
        premises: Premises,
    ) -> Self {
        let Premises {
            access,
            hosts,
            unredeemed,
            limits,
            store,
            offences,
        } = premises;
        Self {
            id,
            key: RoomKey(id.0),
            room,
            log_bytes,
            arrived_bytes: 0,
            limits,
            inbox,
            access,
            hosts,
            unredeemed,
            is_hosted: true,
            store,
            seats: Seats::default(),
            offences,
            done: Arc::default(),
            pieces: VecDeque::new(),
            is_keeping: false,
            uncreated: None,
            mend_at_ms: None,
            forget_at_ms: Some(now_ms() + IDLE_MS),
            now: Time(now_ms()),
        }
    }

    /// Works until nobody has been here for a while, or, once it is asked to `stop`, until everything is on disk.
    pub(crate) async fn run(&mut self, mut stop: Stop) {
        let (mut inputs, mut done) = (Vec::new(), Vec::new());
        let mut is_stopping = false;
        loop {
            // Where there is always something to do, links on the same thread get their turn all the same.
            consume_budget().await;
            let wake_ms = self.wake_ms();
            tokio::select! {
                biased;
                Ok(()) = self.hosts.changed() => self.judge(),
                () = self.done.arrived() => {}
                () = self.inbox.receive(&mut inputs), if !self.room.is_full() => {}
                () = sleep_until(instant(wake_ms.unwrap_or(0))), if wake_ms.is_some() => {}
                () = stop.asked(), if !is_stopping => is_stopping = true,
            }
            self.pass();
            self.done.take(&mut done);
            done.drain(..).for_each(|done| self.finish(done));
            self.arrived_bytes = 0;
            inputs.drain(..).for_each(|input| self.take(input));
            // An idle room keeps no memory for what may come.
            inputs = Vec::new();
            self.carry_out().await;
            self.mend();
            let is_over = is_stopping || self.forget_at_ms.is_some_and(|at_ms| at_ms <= now_ms());
            if is_over && self.room.is_idle() && self.inbox.close_if_empty() {
                return;
            }
        }
    }

    fn wake_ms(&self) -> Option<u64> {
        let exchange = self.room.wake().map(|time| time.0);
        [exchange, self.mend_at_ms, self.forget_at_ms]
            .into_iter()
            .flatten()
            .min()
    }

    fn take(&mut self, input: LinkInput) {
        match input {
            LinkInput::Up(link, peer, door) => {
                let is_near = self.access.permits_in_the_open(&door.remote());
                self.seats.add(link, peer.device, door, is_near);
                self.forget_at_ms = None;
                self.handle(Input::Up(link, peer));
            }
            LinkInput::Message(link, _) if self.seats.is_barred(link) => {}
            LinkInput::Message(link, message) if self.is_too_much(&message) => {
                let bytes = self.limits.now().room_bytes;
                tracing::warn!(room = %self.id, bytes, "full");
                self.seats.bar(link, ROOM_FULL);
            }
            LinkInput::Message(link, message) => self.handle(Input::Message(link, message)),
            LinkInput::Sent(link, bytes) => self.handle(Input::Sent(link, bytes)),
            LinkInput::Down(link, cause) => {
                if let Some(offence) = self.seats.remove(link, &cause, self.id) {
                    self.offences.note(offence);
                }
                self.handle(Input::Down(link));
                if self.seats.is_empty() {
                    let idle_ms = if self.is_hosted { IDLE_MS } else { 0 };
                    self.forget_at_ms = Some(now_ms() + idle_ms);
                }
            }
        }
    }

    /// Whether a message brings frames for which the room has no space. What is waiting for the disk is not counted, and
    /// bounded by itself.
    fn is_too_much(&mut self, message: &[u8]) -> bool {
        if !Message::is_frames(message) {
            return false;
        }
        let bytes = message.len() as u64;
        let total = self.log_bytes + self.arrived_bytes + bytes;
        let is_too_much = total > self.limits.now().room_bytes;
        if !is_too_much {
            self.arrived_bytes += bytes;
        }
        is_too_much
    }

    /// Looks at the clock, once for all that is there.
    fn pass(&mut self) {
        self.now = Time(now_ms());
        self.room.pass(self.now, unix_ms());
    }

    fn handle(&mut self, input: Input) {
        self.room.handle(self.now, input);
        if self.room.is_open() {
            self.seats.end_foreign();
        }
        if self.room.has_new_members() {
            self.judge();
        } else if !self.is_hosted {
            self.send_away();
        }
    }

    /// The room is not kept here. Who brought what should have let her host it is told what was wrong with that.
    fn send_away(&mut self) {
        let unredeemed = &self.unredeemed;
        self.seats.end_all(|device| match unredeemed.why(device) {
            Some(why) => why.to_string(),
            None => NOT_HOSTED.to_owned(),
        });
    }

    /// Whether the room is kept here; if not, everybody is sent away. What is on disk stays.
    fn judge(&mut self) {
        let Some(membership) = self.room.membership() else {
            return;
        };
        self.is_hosted = self.hosts.borrow_and_update().permits(membership.owners());
        if !self.is_hosted {
            // The device is what an admin needs to let it in.
            for owner in membership.owners() {
                tracing::warn!(room = %self.id, %owner, "not hosted: this owner is not let keep rooms here");
            }
            self.send_away();
        }
    }

    fn finish(&mut self, done: Done) {
        match done {
            Done::Stored(fate) => self.handle(Input::Stored(fate)),
            Done::Replayed(link, frames) => self.handle(Input::Replayed(link, frames)),
            Done::Read(link, name, piece) => self.handle(Input::BlobRead(link, name, piece)),
            Done::Found(name, kept) => self.handle(Input::BlobFound(name, kept)),
            Done::Kept(name, kept) => {
                if let Kept::Failed(error) = &kept {
                    tracing::warn!(room = %self.id, %error, "cannot keep an attachment");
                }
                self.is_keeping = false;
                self.keep_next();
                self.handle(Input::BlobKept(name, kept));
            }
            Done::Removed => {}
            Done::Dropped(log_bytes) => self.log_bytes = log_bytes.unwrap_or(self.log_bytes),
            Done::Mended(true) => self.handle(Input::Mended),
            Done::Mended(false) | Done::Panicked => self.mend_at_ms = Some(now_ms() + MEND_MS),
        }
    }

    async fn carry_out(&mut self) {
        loop {
            let effects = self.room.poll(self.now);
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                match effect {
                    Effect::Send(link, message) => self.seats.queue(link, message),
                    Effect::Create(records) => self.uncreated = Some(records),
                    Effect::Store(batch) => self.store(batch).await,
                    Effect::Replay(link, ranges, max_bytes) => self.replay(link, ranges, max_bytes),
                    Effect::Drop(link, error) => self.expel(link, error),
                    Effect::KeepShelf(bytes) => {
                        // If it is not kept, the attachments are fetched anew.
                        let write = log::shelf_write(self.key, bytes);
                        self.store.rooms().append(write, Box::new(|_| {}));
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

    async fn store(&mut self, batch: Batch) {
        if self.uncreated.is_none() || Box::pin(self.create()).await {
            let frames = batch.frames.iter().map(|frame| frame.bytes().len() as u64);
            self.log_bytes += frames.sum::<u64>();
            self.append(log::write(self.key, &batch));
        } else {
            self.handle(Input::Stored(Fate::Failed));
        }
    }

    /// Makes the room on disk if it is not there; says whether it is.
    async fn create(&mut self) -> bool {
        let Some(records) = self.uncreated.clone() else {
            return true;
        };
        let (store, key) = (self.store.clone(), self.key);
        let created =
            spawn_blocking(move || store.rooms().create(key, vec![log::members_meta(&records)]));
        match created.await {
            Ok(Ok(()) | Err(StoreError::RoomExists(_))) => self.uncreated = None,
            Ok(Err(error)) => tracing::error!(room = %self.id, %error, "cannot make a room"),
            Err(_) => {}
        }
        self.uncreated.is_none()
    }

    fn append(&self, write: RoomWrite) {
        let done = self.done.clone();
        let acknowledge = move |acknowledgement| {
            let fate = match acknowledgement {
                Acknowledgement::Written(_) => Fate::Written,
                Acknowledgement::Durable(_) => Fate::Durable,
                Acknowledgement::Failed(_) => Fate::Failed,
            };
            // The room may be gone by then.
            let _ = done.push(Done::Stored(fate));
        };
        self.store.rooms().append(write, Box::new(acknowledge));
    }

    /// Has something done beside this task that waits for the disk.
    fn beside(&self, work: impl FnOnce(&dyn Store) -> Done + Send + 'static) {
        let (store, done) = (self.store.clone(), self.done.clone());
        spawn_blocking(move || {
            let work = AssertUnwindSafe(|| work(&*store));
            let _ = done.push(catch_unwind(work).unwrap_or(Done::Panicked));
        });
    }

    fn replay(&mut self, link: LinkId, ranges: Vec<LogRange>, max_bytes: usize) {
        let (key, id) = (self.key, self.id);
        self.beside(move |store| {
            let frames = log::read(store, key, &ranges, max_bytes).unwrap_or_else(|error| {
                tracing::error!(room = %id, %error, "cannot read a log");
                vec![]
            });
            Done::Replayed(link, frames)
        });
    }

    fn keep_next(&mut self) {
        if self.is_keeping {
            return;
        }
        if let Some(piece) = self.pieces.pop_front() {
            self.is_keeping = true;
            self.beside(move |store| Done::Kept(piece.name, pieces::keep_piece(store, &piece)));
        }
    }

    fn work_on(&mut self, effect: Effect) {
        let key = self.key;
        self.beside(move |store| match effect {
            Effect::ReadBlob(link, name, offset) => {
                Done::Read(link, name, pieces::read_piece(store, name, offset))
            }
            Effect::FindBlob(name) => {
                let part = store.blobs().part(BlobHash(name.0));
                Done::Found(name, part.unwrap_or(0))
            }
            Effect::DropBlobs(names) => {
                for name in names {
                    // What stays behind is found by nobody, and replaced when it comes again.
                    let _ = store.blobs().remove(BlobHash(name.0));
                    let _ = store.blobs().drop_part(BlobHash(name.0));
                }
                Done::Removed
            }
            Effect::DropFrames(base) => {
                // What stays goes with the next snapshot.
                if let Err(error) = log::drop_below(store, key, &base) {
                    tracing::warn!(%error, "cannot drop frames");
                }
                Done::Dropped(store.rooms().load(key).ok().map(|it| it.bytes))
            }
            Effect::DropPart(name) => {
                let _ = store.blobs().drop_part(BlobHash(name.0));
                Done::Removed
            }
            _ => Done::Removed,
        });
    }

    fn blame(&mut self, device: DeviceId) {
        if let Some(offence) = self.seats.offence(device, self.id) {
            self.offences.note(offence);
        }
    }

    /// Tries the disk again when it is time.
    fn mend(&mut self) {
        let now_ms = now_ms();
        if !self.room.is_stuck() {
            self.mend_at_ms = None;
        } else if self.mend_at_ms.get_or_insert(now_ms + MEND_MS) <= &mut { now_ms } {
            self.mend_at_ms = None;
            let key = self.key;
            self.beside(move |store| Done::Mended(store.rooms().retry(key).is_ok()));
        }
    }

    fn expel(&mut self, link: LinkId, error: LinkError) {
        if let Some(offence) = self.seats.expel(link, error, self.id) {
            self.offences.note(offence);
        }
    }
}
