//! A room as a relay keeps it.

mod gate;
mod links;
mod shared;
mod shelf;
#[cfg(test)]
mod tests;
mod unwritten;

use std::collections::BTreeMap;

use bytes::Bytes;
use sync::{
    Base, BlobName, BlobPiece, Exchange, Frame, LinkError, LinkId, LogRange, Message, Outgoing,
    Peer, Setup, Snapshots, Time, Vector,
};
use trust::{DeviceId, Membership, RoomId};

use crate::fault::{Fault, planted};
use crate::pieces::Kept;

pub(crate) use self::shelf::Shelf;
pub use self::unwritten::Batch;

use self::gate::Gate;
use self::shelf::Desk;
use self::unwritten::Unwritten;

/// What happens to a room.
#[derive(Debug)]
pub enum Input {
    /// A link is up.
    Up(LinkId, Peer),
    /// A message came.
    Message(LinkId, Bytes),
    /// So many bytes have left.
    Sent(LinkId, usize),
    /// A link is down.
    Down(LinkId),
    /// What became of the oldest offer of which nothing was known.
    Stored(Fate),
    /// The disk takes writes again.
    Mended,
    /// The frames that were asked for.
    Replayed(LinkId, Vec<Frame>),
    /// A piece of an attachment that was asked for; none if it is not there.
    BlobRead(LinkId, BlobName, Option<BlobPiece>),
    /// So much of an attachment is there in parts.
    BlobFound(BlobName, u64),
    /// What became of a piece.
    BlobKept(BlobName, Kept),
    /// These frames are kept where relays share the room.
    Shared(Vector),
}

/// What became of frames that were to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They survive the end of this process.
    Written,
    /// They survive a loss of power.
    Durable,
    /// They are not stored, and nothing after them will be before the disk is mended.
    Failed,
}

/// What is to be done.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Make the room on disk, with this log of members; before anything is stored.
    Create(Vec<Vec<u8>>),
    /// Store these, and say what became of them, of each offer in turn.
    Store(Batch),
    /// Send.
    Send(LinkId, Bytes),
    /// Read these from the log, up to so many bytes.
    Replay(LinkId, Vec<LogRange>, usize),
    /// End a link.
    Drop(LinkId, LinkError),
    /// Read a piece of an attachment for somebody.
    ReadBlob(LinkId, BlobName, u64),
    /// See how much of an attachment is there in parts.
    FindBlob(BlobName),
    /// Keep a piece of an attachment.
    KeepBlob(BlobPiece),
    /// Remove attachments, whole or in part.
    DropBlobs(Vec<BlobName>),
    /// Remove what is there of an attachment that is not whole.
    DropPart(BlobName),
    /// Delete the frames for which the snapshots of this base stand.
    DropFrames(Base),
    /// Keep this list of attachments.
    KeepShelf(Vec<u8>),
    /// This device sent something else under an attachment's name.
    Blame(DeviceId),
}

/// Above this many bytes on their way to the disk a room takes no further messages, so that a disk that is slower than
/// the network slows the network.
const MAX_UNWRITTEN_BYTES: usize = 8 << 20;

/// One room of a relay: an [`Exchange`] and what it waits for from the disk. Pure: time, messages and what became of
/// writes come in, what is to be done goes out.
///
/// Of a room that is not on this disk it knows only the name, until the first peer shows the log that begins with the
/// genesis of that name. Nothing is written before the first frame.
pub struct Room {
    knowledge: Knowledge,
    unwritten: Unwritten,
    snapshots: Snapshots,
    /// Something is to be looked at that may let frames go.
    may_drop: bool,
    /// Milliseconds since 1970.
    unix_ms: u64,
    shelf: Shelf,
    /// Bytes of attachments that are kept.
    quota_bytes: u64,
    effects: Vec<Effect>,
    /// Links on sockets.
    links: usize,
    /// Only where relays share rooms.
    gate: Option<Box<Gate>>,
    /// Nobody has looked at the members since they were learnt or changed.
    has_new_members: bool,
}

enum Knowledge {
    /// Nothing but the name.
    Name(Box<Name>),
    /// All.
    Known {
        exchange: Box<Exchange>,
        is_on_disk: bool,
    },
}

struct Name {
    room: RoomId,
    /// This device.
    device: DeviceId,
    /// These are up.
    links: BTreeMap<LinkId, Peer>,
}

impl Room {
    /// A room of which only the name is known.
    pub fn unknown(room: RoomId, device: DeviceId) -> Self {
        Self::with(Knowledge::Name(Box::new(Name {
            room,
            device,
            links: BTreeMap::new(),
        })))
    }

    /// A room as it was left on disk.
    pub fn known(
        device: DeviceId,
        membership: Membership,
        held: Vector,
        base: Option<Base>,
    ) -> Self {
        Self::with(Knowledge::Known {
            exchange: exchange(device, membership, held, base),
            is_on_disk: true,
        })
    }

    fn with(knowledge: Knowledge) -> Self {
        Self {
            knowledge,
            unwritten: Unwritten::default(),
            snapshots: Snapshots::new(),
            may_drop: false,
            unix_ms: 0,
            shelf: Shelf::default(),
            quota_bytes: 0,
            effects: Vec::new(),
            links: 0,
            gate: None,
            has_new_members: true,
        }
    }

    /// The same with attachments: those that are on disk, and how many bytes of them may be.
    pub(crate) fn with_shelf(mut self, shelf: Shelf, quota_bytes: u64) -> Self {
        (self.shelf, self.quota_bytes) = (shelf, quota_bytes);
        self
    }

    /// The same with the frames of its log, in any order: for what they vouch is not stored.
    pub(crate) fn with_log(mut self, log: &[Frame]) -> Self {
        self.with_exchange(|exchange| log.iter().for_each(|frame| exchange.recall(frame)));
        self
    }

    /// The same with the snapshots that are known.
    pub(crate) fn with_snapshots(mut self, snapshots: Snapshots) -> Self {
        self.snapshots = snapshots;
        self.may_drop = true;
        self
    }

    /// What the wall clock says, in milliseconds since 1970: snapshots and invitations are judged by it, and nothing else.
    /// Before it is told, every invitation has expired.
    pub fn pass(&mut self, now: Time, unix_ms: u64) {
        self.unix_ms = unix_ms;
        if !planted(Fault::ForgetClock) {
            self.with_exchange(|exchange| exchange.set_clock(unix_ms, now));
        }
    }

    /// Takes an input. What follows from it is asked for by [`poll`](Self::poll), once for several inputs.
    pub fn handle(&mut self, now: Time, input: Input) {
        match input {
            Input::Up(link, peer) => self.up(now, link, peer),
            Input::Down(link) => self.down(link),
            Input::Message(link, message) => {
                if let Err(error) = self.receive(now, link, message) {
                    self.effects.push(Effect::Drop(link, error));
                }
            }
            Input::Sent(link, bytes) => self.with_exchange(|exchange| exchange.sent(link, bytes)),
            Input::Replayed(link, frames) => {
                self.with_exchange(|exchange| exchange.replayed(link, frames))
            }
            Input::Stored(Fate::Written) => {
                self.at_shelf(now, |shelf, desk| shelf.begin(desk));
                let batch = self.unwritten.written();
                self.may_drop |= batch.snapshots.is_some();
                self.effects
                    .extend(batch.base.clone().map(Effect::DropFrames));
                if planted(Fault::AcknowledgeBeforeDurable) {
                    let places = batch.frames.iter().map(Frame::header);
                    let places: Vec<_> = places.map(|it| (it.stream, it.number)).collect();
                    self.with_exchange(|exchange| {
                        batch
                            .frames
                            .iter()
                            .for_each(|frame| exchange.publish(frame));
                        for (stream, number) in places {
                            exchange.durable(stream, number, now);
                        }
                    });
                }
                self.with_exchange(|exchange| {
                    if let Some(base) = batch.base {
                        exchange.rebase(base);
                    }
                    batch
                        .frames
                        .iter()
                        .for_each(|frame| exchange.publish(frame));
                });
            }
            Input::Stored(Fate::Durable) => {
                for (stream, number) in self.unwritten.durable() {
                    self.durable(now, stream, number);
                }
            }
            Input::Stored(Fate::Failed) => self.unwritten.fail(),
            Input::Shared(kept) => self.hear_shared(now, &kept),
            Input::Mended => self.unwritten.mended(),
            Input::BlobRead(link, name, piece) => {
                self.at_shelf(now, |shelf, desk| shelf.read(desk, link, name, piece));
            }
            Input::BlobFound(name, kept) => {
                self.at_shelf(now, |shelf, desk| shelf.found(desk, name, kept));
            }
            Input::BlobKept(name, kept) => {
                self.at_shelf(now, |shelf, desk| shelf.kept(desk, name, &kept));
            }
        }
    }

    /// What is to be done since the last time.
    pub fn poll(&mut self, now: Time) -> Vec<Effect> {
        self.condense();
        let mut effects = std::mem::take(&mut self.effects);
        let Knowledge::Known {
            exchange,
            is_on_disk,
        } = &mut self.knowledge
        else {
            return effects;
        };
        if let Some(batch) = self.unwritten.offer() {
            if !std::mem::replace(is_on_disk, true) {
                effects.push(Effect::Create(exchange.membership().records().to_vec()));
            }
            if planted(Fault::PublishBeforeWritten) {
                batch
                    .frames
                    .iter()
                    .for_each(|frame| exchange.publish(frame));
            }
            effects.push(Effect::Store(batch));
        }
        effects.extend(
            exchange
                .poll(now)
                .into_iter()
                .map(|outgoing| match outgoing {
                    Outgoing::Send(link, message) => Effect::Send(link, message),
                    Outgoing::Replay(link, ranges, max_bytes) => {
                        Effect::Replay(link, ranges, max_bytes)
                    }
                    Outgoing::Drop(link, error) => Effect::Drop(link, error),
                }),
        );
        effects
    }

    /// Whether it knows that it keeps an attachment of this room.
    #[cfg(feature = "testing")]
    pub fn keeps(&self, name: &BlobName) -> bool {
        self.shelf.has(name)
    }

    /// What it says to whom, once it knows who is a member.
    #[cfg(feature = "testing")]
    pub fn exchange(&self) -> Option<&Exchange> {
        match &self.knowledge {
            Knowledge::Name(_) => None,
            Knowledge::Known { exchange, .. } => Some(exchange),
        }
    }

    /// When to poll although nothing has happened.
    pub fn wake(&self) -> Option<Time> {
        match &self.knowledge {
            Knowledge::Name(_) => None,
            Knowledge::Known { exchange, .. } => exchange.wake(),
        }
    }

    /// Whether everybody who reaches it may be in it; of a room of which only the name is known that is not known either.
    pub fn is_open(&self) -> bool {
        self.membership().is_some_and(Membership::is_open)
    }

    /// Whether something of it is on disk, or about to be.
    pub fn is_on_disk(&self) -> bool {
        matches!(
            self.knowledge,
            Knowledge::Known {
                is_on_disk: true,
                ..
            }
        )
    }

    /// Its members, as far as they are known.
    pub fn membership(&self) -> Option<&Membership> {
        match &self.knowledge {
            Knowledge::Name(_) => None,
            Knowledge::Known { exchange, .. } => Some(exchange.membership()),
        }
    }

    /// Whether the members were learnt or have changed since this was last asked.
    pub fn has_new_members(&mut self) -> bool {
        std::mem::take(&mut self.has_new_members)
    }

    /// Whether it takes messages.
    pub fn is_full(&self) -> bool {
        self.unwritten.bytes() > MAX_UNWRITTEN_BYTES
    }

    /// Whether the disk should be tried again.
    pub fn is_stuck(&self) -> bool {
        self.unwritten.is_stuck()
    }

    /// Whether nobody is here and nothing is on its way to the disk.
    pub fn is_idle(&self) -> bool {
        self.links == 0 && self.unwritten.is_empty()
    }

    /// Notes snapshots among what is to be written, and lets frames go once one stands for them.
    fn condense(&mut self) {
        let mut is_news = false;
        for frame in self.unwritten.waiting() {
            is_news |= self.snapshots.see(frame, self.unix_ms);
        }
        if is_news {
            self.unwritten.note_snapshots(self.snapshots.encode());
        }
        let Knowledge::Known { exchange, .. } = &mut self.knowledge else {
            return;
        };
        if !std::mem::take(&mut self.may_drop) {
            return;
        }
        let held = exchange.held();
        let found = self
            .snapshots
            .may_drop(&held, exchange.base(), self.unix_ms);
        if let Some(snapshot) = found {
            let base = exchange.base_below(snapshot);
            self.unwritten.push(Vec::new(), Some(base));
        }
    }

    fn receive(&mut self, now: Time, link: LinkId, message: Bytes) -> Result<(), LinkError> {
        if let Knowledge::Name(name) = &mut self.knowledge {
            let membership = read_members(name.room, message.clone())?;
            let mut exchange = exchange(name.device, membership, Vector::new(), None);
            if self.gate.is_some() {
                shared::begin(&mut exchange);
            }
            if self.unix_ms > 0 && !planted(Fault::ForgetClock) {
                exchange.set_clock(self.unix_ms, now);
            }
            for (link, peer) in std::mem::take(&mut name.links) {
                exchange.connect(link, peer, now);
            }
            self.knowledge = Knowledge::Known {
                exchange,
                is_on_disk: false,
            };
            self.has_new_members = true;
        }
        let Knowledge::Known {
            exchange,
            is_on_disk,
        } = &mut self.knowledge
        else {
            return Ok(());
        };
        let received = exchange.receive(link, message, now)?;
        self.has_new_members |= received.membership_changed;
        if received.membership_changed && *is_on_disk {
            let records = exchange.membership().records().to_vec();
            self.unwritten.note_members(records);
        }
        self.unwritten.push(received.frames, received.base);
        let is_on_disk = *is_on_disk;
        for event in received.blobs {
            self.at_shelf(now, |shelf, desk| shelf.take(desk, event, is_on_disk));
        }
        Ok(())
    }

    fn at_shelf(&mut self, now: Time, work: impl FnOnce(&mut Shelf, &mut Desk<'_>)) {
        if let Knowledge::Known { exchange, .. } = &mut self.knowledge {
            let mut desk = Desk {
                exchange,
                effects: &mut self.effects,
                quota_bytes: self.quota_bytes,
                now,
            };
            work(&mut self.shelf, &mut desk);
        }
    }

    fn with_exchange(&mut self, work: impl FnOnce(&mut Exchange)) {
        if let Knowledge::Known { exchange, .. } = &mut self.knowledge {
            work(exchange);
        }
    }
}

fn read_members(room: RoomId, message: Bytes) -> Result<Membership, LinkError> {
    let Message::Members(records) = Message::decode(message)? else {
        return Err(LinkError::Unexpected("a message before the members"));
    };
    let membership = Membership::open(&records)?;
    if membership.room() != room {
        return Err(LinkError::OtherRoom);
    }
    Ok(membership)
}

fn exchange(
    device: DeviceId,
    membership: Membership,
    held: Vector,
    base: Option<Base>,
) -> Box<Exchange> {
    Box::new(Exchange::new(Setup {
        device,
        membership,
        held,
        base,
        own: None,
        limits: sync::Limits::default(),
    }))
}
