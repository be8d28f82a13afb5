//! The task that owns one room of a relay.

mod disk;
mod effects;
mod orders;
mod premises;
mod seats;
mod share;
mod words;

use std::{collections::VecDeque, future::pending, mem::take, sync::Arc};

use store::RoomKey;
use sync::{BlobName, BlobPiece, Frame, LinkId, Message, Time};
use tokio::{
    sync::{oneshot, watch},
    task::coop::consume_budget,
    time::sleep_until,
};
use trust::{DeviceId, RoomId};

pub use self::orders::{OpenRoom, Seated};
use self::seats::Seats;
use self::words::{KICKED, NOT_HOSTED, OWNER_FULL, OWNER_ROOMS, REMOVED, ROOM_FULL};
pub(crate) use self::{
    orders::{Order, Orders},
    premises::{Notice, Premises},
};
use crate::{
    clock::{instant, now_ms, unix_ms},
    cluster::{Run, Share},
    inbox::InboxReceiver,
    link::LinkInput,
    log,
    mailbox::Mailbox,
    metrics::Refusal,
    pieces::Kept,
    room::{Batch, Fate, Input, Room},
    usage,
};

/// A room that nobody has visited for so long is forgotten; its log stays. Long enough for a laptop that reconnects.
const IDLE_MS: u64 = 60_000;

/// Between two looks whether other relays have what an empty room has.
const NEEDED_MS: u64 = 1_000;

/// Between two tries of a disk that takes nothing.
const MEND_MS: u64 = 2_000;

/// Between two notes of somebody having been here while it goes on: a day of retention is never far off by it.
const VISIT_MS: u64 = 3_600_000;

/// A room as it was read from disk.
pub(crate) struct Found {
    pub(crate) room: Room,
    /// How large all its frames are together.
    pub(crate) log_bytes: u64,
    /// When somebody was last here, in milliseconds since 1970.
    pub(crate) visited_ms: Option<u64>,
    /// Where relays share rooms that had all of it.
    pub(crate) shared: Option<Run>,
}

/// Carries out what a [`Room`] decides: asks the store, sends by the doors of its links.
pub(crate) struct RoomTask {
    id: RoomId,
    room: Room,
    /// How large all frames on disk are together.
    log_bytes: u64,
    /// The same of those that came just now.
    arrived_bytes: u64,
    inbox: InboxReceiver,
    premises: Arc<Premises>,
    notice: watch::Receiver<Notice>,
    /// As far as one knows; of a room of which only the name is known nobody does.
    is_hosted: bool,
    /// Whom it is charged to, as far as one knows.
    payer: Option<DeviceId>,
    share: Option<Box<Share>>,
    /// Where rooms are shared now, and where all of this one was.
    run: Option<Run>,
    shared: Option<Run>,
    /// It was said there how large the room is.
    is_weighed: bool,
    /// Who waits for all of it to be shared, and where.
    sharing: Vec<(Run, oneshot::Sender<()>)>,
    /// The room is to be removed; dropped when this has ended.
    leaving: Option<oneshot::Sender<()>>,
    /// What is noted of the last visit, in milliseconds since 1970.
    visited_ms: u64,
    seats: Seats,
    done: Arc<Mailbox<Done>>,
    /// Pieces of attachments that came: kept one after the other.
    pieces: VecDeque<BlobPiece>,
    is_keeping: bool,
    /// The room is not on disk yet although something of it should be.
    beginning: Option<Box<Beginning>>,
    mend_at_ms: Option<u64>,
    forget_at_ms: Option<u64>,
    now: Time,
}

/// With what a room begins on disk.
struct Beginning {
    members: Vec<Vec<u8>>,
    /// What it will have first.
    batches: Vec<Batch>,
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
    Ordered(Order),
    /// A defect showed itself.
    Panicked,
}

impl RoomTask {
    pub(crate) fn new(
        id: RoomId,
        found: Found,
        inbox: InboxReceiver,
        premises: Arc<Premises>,
    ) -> Self {
        let cluster = premises.cluster.as_deref();
        let share = cluster.map(|cluster| Box::new(Share::join(cluster, id)));
        let room = match share.is_some() {
            true => found.room.shared(),
            false => found.room,
        };
        Self {
            id,
            room,
            log_bytes: found.log_bytes,
            arrived_bytes: 0,
            inbox,
            notice: premises.notice.subscribe(),
            premises,
            is_hosted: true,
            payer: None,
            share,
            run: None,
            shared: found.shared,
            is_weighed: false,
            sharing: Vec::new(),
            leaving: None,
            visited_ms: found.visited_ms.unwrap_or(0),
            seats: Seats::default(),
            done: Arc::default(),
            pieces: VecDeque::new(),
            is_keeping: false,
            beginning: None,
            mend_at_ms: None,
            forget_at_ms: Some(now_ms() + IDLE_MS),
            now: Time(now_ms()),
        }
    }

    pub(crate) fn id(&self) -> RoomId {
        self.id
    }

    /// The way to it for orders.
    pub(crate) fn orders(&self) -> Orders {
        Orders(self.done.clone())
    }

    /// Works until nobody has been here for a while, or, once all rooms are to close, until everything is on disk.
    ///
    /// A relay has thousands of rooms in which nothing happens. What is in this future while it waits each of them takes,
    /// so that is little.
    pub(crate) async fn run(&mut self) {
        let mut is_closing = self.notice.borrow().is_closing;
        loop {
            // Where there is always something to do, links on the same thread get their turn all the same.
            consume_budget().await;
            let (takes_more, wake_ms) = (!self.room.is_full(), self.wake_ms());
            tokio::select! {
                biased;
                Ok(()) = self.notice.changed() => {
                    is_closing = self.notice.borrow().is_closing;
                    if !is_closing {
                        self.judge();
                    }
                }
                () = self.done.arrived() => {}
                () = self.inbox.arrived(), if takes_more => {}
                () = Share::arrived(self.share.as_deref_mut()), if takes_more => {}
                () = wait_until(wake_ms) => {}
            }
            self.pass();
            self.take_all(takes_more);
            self.carry_out();
            let beginning = self.beginning.as_ref();
            if beginning.is_some_and(|it| !it.batches.is_empty()) {
                Box::pin(self.begin()).await;
                self.carry_out();
            }
            self.mend();
            self.note_shared();
            if !is_closing && self.is_needed_by_others() {
                let later_ms = now_ms() + NEEDED_MS;
                self.forget_at_ms = self.forget_at_ms.map(|at_ms| at_ms.max(later_ms));
            }
            let is_over = is_closing || self.forget_at_ms.is_some_and(|at_ms| at_ms <= now_ms());
            if is_over && self.room.is_idle() && self.inbox.close_if_empty() {
                drop(self.done.close());
                return;
            }
        }
    }

    /// Takes what has come; of inputs only if there is space for what they bring. An idle room keeps no memory for what may
    /// come.
    fn take_all(&mut self, takes_more: bool) {
        let (mut done, mut inputs) = (Vec::new(), Vec::new());
        self.done.take(&mut done);
        done.into_iter().for_each(|done| self.finish(done));
        self.arrived_bytes = 0;
        if takes_more {
            self.inbox.take(&mut inputs);
            inputs.into_iter().for_each(|input| self.take(input));
            let shared = self.share.as_mut().map(|share| take(&mut share.came));
            let shared = shared.unwrap_or_default();
            shared.into_iter().for_each(|input| self.take_shared(input));
        }
    }

    fn key(&self) -> RoomKey {
        RoomKey(self.id.0)
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
                let is_near = self.premises.access.permits_in_the_open(&door.remote());
                self.seats.add(link, peer.device, door, is_near);
                self.forget_at_ms = None;
                self.handle(Input::Up(link, peer));
                self.note_visit(VISIT_MS);
            }
            LinkInput::Message(link, _) if self.seats.is_barred(link) => {}
            LinkInput::Message(link, message) => {
                self.premises.metrics.receive(message.len());
                match self.excess(&message) {
                    Some((refusal, why)) => {
                        tracing::warn!(room = %self.id, owner = ?self.payer, limit = refusal.word(), "full");
                        self.premises.metrics.refuse(refusal);
                        self.seats.bar(link, why);
                    }
                    None => self.handle(Input::Message(link, message)),
                }
            }
            LinkInput::Sent(link, bytes) => self.handle(Input::Sent(link, bytes)),
            LinkInput::Down(link, cause) => {
                let offence = self.seats.remove(link, &cause, self.id);
                self.offend(offence);
                self.handle(Input::Down(link));
                if self.seats.is_empty() {
                    self.note_visit(0);
                    let idle_ms = if self.is_hosted { IDLE_MS } else { 0 };
                    self.forget_at_ms = Some(now_ms() + idle_ms);
                }
            }
        }
    }

    /// Which limit a message is above that brings frames. What is waiting for the disk is not counted, and bounded by
    /// itself.
    fn excess(&mut self, message: &[u8]) -> Option<(Refusal, &'static str)> {
        if !Message::is_frames(message) {
            return None;
        }
        let limits = self.premises.limits.now();
        let arrived = self.arrived_bytes + message.len() as u64;
        let share = self.payer.map(|owner| self.premises.usage.of(&owner));
        let share = share.unwrap_or_default();
        if self.log_bytes + arrived > limits.room_bytes {
            Some((Refusal::RoomFull, ROOM_FULL))
        } else if share.bytes + arrived > limits.owner_bytes {
            Some((Refusal::OwnerFull, OWNER_FULL))
        } else if !self.room.is_on_disk() && share.rooms >= limits.owner_rooms {
            Some((Refusal::OwnerFull, OWNER_ROOMS))
        } else {
            self.arrived_bytes = arrived;
            None
        }
    }

    /// Takes note that somebody is here, unless that was noted so short a time ago; of a room that is not on disk it is noted as
    /// it is made.
    fn note_visit(&mut self, at_least_ms: u64) {
        let now_ms = unix_ms();
        if self.room.is_on_disk() && now_ms.saturating_sub(self.visited_ms) >= at_least_ms {
            self.visited_ms = now_ms;
            // If it is not kept, the room counts as unvisited for a little longer.
            let write = log::visited_write(self.key(), now_ms);
            self.premises.store.rooms().append(write, Box::new(|_| {}));
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            // Whoever asked may have stopped waiting.
            Order::Look(answer) => {
                let _ = answer.send(OpenRoom {
                    seated: self.seats.list(),
                    log_bytes: self.log_bytes,
                });
            }
            Order::Kick(device, answer) => {
                let _ = answer.send(self.seats.kick(device, KICKED));
            }
            Order::Share(run, shared) => self.begin_sharing(run, shared),
            Order::Leave(ended) => {
                self.leaving = Some(ended);
                self.is_hosted = false;
                self.send_away();
                self.forget_at_ms = Some(now_ms());
            }
        }
    }

    /// What it takes now of its owner's share.
    fn charge(&self) {
        if let Some(payer) = self.payer.filter(|_| self.room.is_on_disk()) {
            self.premises.usage.charge(self.id, payer, self.log_bytes);
        }
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
        self.end_sharing();
        let (unredeemed, is_leaving) = (&self.premises.unredeemed, self.leaving.is_some());
        let count = self.seats.end_all(|device| match unredeemed.why(device) {
            _ if is_leaving => REMOVED.to_owned(),
            Some(why) => why.to_string(),
            None => NOT_HOSTED.to_owned(),
        });
        if !is_leaving {
            self.premises.metrics.refuse_all(Refusal::NotHosted, count);
        }
    }

    /// Whether the room is kept here; if not, everybody is sent away. What is on disk stays.
    fn judge(&mut self) {
        let Some(membership) = self.room.membership() else {
            return;
        };
        self.payer = usage::payer(membership, &self.notice.borrow().hosts);
        self.is_hosted = self.payer.is_some() && self.leaving.is_none();
        if self.is_hosted {
            self.charge();
            self.share_again();
        } else if self.leaving.is_none() {
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
            Done::Dropped(log_bytes) => {
                self.log_bytes = log_bytes.unwrap_or(self.log_bytes);
                self.charge();
                self.weigh_shared();
            }
            Done::Ordered(order) => self.obey(order),
            Done::Mended(true) => self.handle(Input::Mended),
            Done::Mended(false) | Done::Panicked => self.mend_at_ms = Some(now_ms() + MEND_MS),
        }
    }
}

/// Waits until then, or for ever. Few rooms wait for a time, and a timer is large.
async fn wait_until(at_ms: Option<u64>) {
    match at_ms {
        Some(at_ms) => Box::pin(sleep_until(instant(at_ms))).await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_in_which_nothing_happens_takes_little() {
        fn size<F>(_: impl Fn(&'static mut RoomTask) -> F) -> usize {
            size_of::<F>()
        }
        let bytes = size_of::<RoomTask>() + size(|task| task.run());
        assert!(bytes <= 896, "{bytes}");
    }
}
