//! One room's conversation with all its links.

mod acks;
mod base;
mod blobs;
mod catch_up;
mod forward;
mod import;
mod link;
mod members;
mod owed;
mod receive;
mod signals;
mod table;
mod vouchers;

use std::collections::BTreeSet;

use bytes::Bytes;
use trust::{DeviceId, Membership, RoomId};

use crate::{
    Advert, Base, BlobEvent, Frame, Limits, LinkError, LinkId, LogRange, Message, Signal, StreamId,
    Time, Vector,
};

pub use link::{Peer, PeerView, Phase, Side};
pub use signals::DeviceView;

use blobs::Blobs;
use catch_up::Recent;
use link::Link;
use signals::Signals;
use table::Table;
use vouchers::Vouchers;

/// One room's conversation with all its links.
///
/// It remembers what each peer is known to hold and answers one question: what should be sent now? It keeps no log:
/// the frames are with the host, and asked for by [`Outgoing::Replay`]. A desktop's project and a relay's room use the
/// same type.
///
/// Two vectors are inside: what was *accepted*, that is handed to the host and never handed again, and what is *held*,
/// that is written. Only the second is announced and forwarded, so nobody learns of a frame that a crash could take.
///
/// Nothing here waits: time arrives as an argument, messages leave as return values, and a second
/// [`poll`](Self::poll) without news yields nothing. Memory is bounded by streams times links, whatever peers do.
pub struct Exchange {
    device: DeviceId,
    membership: Membership,
    /// Who gets frames although it is no member.
    carriers: BTreeSet<DeviceId>,
    /// In most rooms nobody has lost a right, and this is nothing.
    vouchers: Option<Box<Vouchers>>,
    /// A time in ms since 1970, and when that was.
    clock: Option<(u64, Time)>,
    own: Option<StreamId>,
    base: Option<Box<Base>>,
    /// Only where they are not the usual ones.
    limits: Option<Box<Limits>>,
    table: Table,
    /// Ascending by id.
    #[allow(
        clippy::vec_box,
        reason = "a list sets aside room for as many again, and a relay has thousands of rooms of few"
    )]
    links: Vec<Box<Link>>,
    recent: Recent,
    signals: Signals,
    blobs: Blobs,
    /// The base that the host has been given to store, until it is written.
    coming_base: Option<Box<Base>>,
    /// Reads of the log under way.
    replays: usize,
    /// Which link is the next to be served from the log.
    turn: usize,
    outbox: Vec<Outgoing>,
    /// The latest time that was given.
    now: Time,
    /// When `poll` has something to do without any news.
    due: Option<Time>,
}

/// With what a conversation begins.
pub struct Setup {
    /// This device.
    pub device: DeviceId,
    /// The room's membership as far as it is known here.
    pub membership: Membership,
    /// What the store has written.
    pub held: Vector,
    /// Where the log begins, if frames were dropped.
    pub base: Option<Base>,
    /// The stream in which this device writes now.
    pub own: Option<StreamId>,
    /// What this machine decides.
    pub limits: Limits,
}

/// What a message brought.
#[derive(Default, PartialEq, Eq, Debug)]
pub struct Received {
    /// Frames that are new to this room, each the next of its stream: to be written, then published. A snapshot that comes
    /// with a `base` may be in the log already; storing it once more changes nothing.
    pub frames: Vec<Frame>,
    /// To be stored as the room's base in the same commit as `frames`, because a snapshot came in place of frames that its
    /// sender has no more: once written, first [`Exchange::rebase`], then [`Exchange::publish`].
    pub base: Option<Base>,
    /// Signals that are new.
    pub signals: Vec<Signal>,
    /// What peers want of blobs, and pieces that came.
    pub blobs: Vec<BlobEvent>,
    /// The membership log has changed and is to be stored.
    pub membership_changed: bool,
    /// Somebody has acknowledged frames.
    pub acked: bool,
    /// Somebody holds more of this device's own stream than the device itself: the machine was cloned or set back. The
    /// host begins a fresh stream and says so by [`Exchange::begin_stream`].
    pub own_stream_taken: bool,
    /// `DIVERGED`: these hold exactly what is held here and have other heads.
    pub diverged: Vec<DeviceId>,
}

/// What the shell is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outgoing {
    /// Send a message. The shell reports its length by [`Exchange::sent`] once it has left.
    Send(LinkId, Bytes),
    /// Read frames from the log and give them to [`Exchange::replayed`]: the ranges in this order, each ascending, as
    /// many frames as fit into so many bytes, but at least one. It is always answered, with nothing if the log fails.
    Replay(LinkId, Vec<LogRange>, usize),
    /// Close the link, without [`Exchange::disconnect`].
    Drop(LinkId, LinkError),
}

impl Outgoing {
    /// The link that it is about.
    pub fn link(&self) -> LinkId {
        match self {
            Self::Send(link, _) | Self::Replay(link, ..) | Self::Drop(link, _) => *link,
        }
    }
}

impl Exchange {
    /// A conversation without links.
    pub fn new(setup: Setup) -> Self {
        Self {
            device: setup.device,
            table: Table::new(&setup.held),
            membership: setup.membership,
            carriers: BTreeSet::new(),
            vouchers: None,
            clock: None,
            own: setup.own,
            base: setup.base.map(Box::new),
            limits: (setup.limits != Limits::DEFAULT).then(|| Box::new(setup.limits)),
            links: Vec::new(),
            recent: Recent::default(),
            signals: Signals::default(),
            blobs: Blobs::default(),
            coming_base: None,
            replays: 0,
            turn: 0,
            now: Time::default(),
            outbox: Vec::new(),
            due: None,
        }
    }

    /// A link is up. Both sides say at once who is a member, and to each other what they hold as soon as the other is one. In
    /// an open room everybody is.
    pub fn connect(&mut self, link: LinkId, peer: Peer, now: Time) {
        self.now = now;
        self.disconnect(link);
        let place = self.links.partition_point(|known| known.id < link);
        let link = Box::new(Link::new(link, peer, self.table.len()));
        self.links.insert(place, link);
        self.send(place, self.members());
        self.open_up(place);
    }

    /// A link is down. Unknown links are ignored.
    pub fn disconnect(&mut self, link: LinkId) {
        let Some(place) = self.place(link) else {
            return;
        };
        let gone = self.links.remove(place);
        self.outbox.retain(|outgoing| outgoing.link() != link);
        if gone.replaying.is_some() {
            self.replays -= 1;
        }
        self.blobs_lost(link);
        self.ask_for_blobs(self.now);
        self.serve_next();
    }

    /// A message has come. After an error the link is already forgotten; the shell closes it. If there was something good in
    /// the message before what is wrong with it, that is returned, and [`Outgoing::Drop`] follows.
    pub fn receive(
        &mut self,
        link: LinkId,
        message: Bytes,
        now: Time,
    ) -> Result<Received, LinkError> {
        let Some(place) = self.place(link) else {
            return Ok(Received::default());
        };
        self.now = now;
        let mut received = Received::default();
        let Err(error) = self.take(place, message, now, &mut received) else {
            return Ok(received);
        };
        self.disconnect(link);
        if received == Received::default() {
            return Err(error);
        }
        self.outbox.push(Outgoing::Drop(link, error));
        Ok(received)
    }

    /// What is to be done now. Without news since the last call, nothing.
    pub fn poll(&mut self, now: Time) -> Vec<Outgoing> {
        self.now = now;
        if self.due.is_some_and(|due| due <= now) {
            self.due = None;
            self.send_due_acks(now);
            self.send_due_vectors(now);
            self.send_due_state(now);
            self.ask_for_blobs(now);
        }
        std::mem::take(&mut self.outbox)
    }

    /// When to poll although nothing has happened.
    pub fn wake(&self) -> Option<Time> {
        self.due
    }

    /// The room.
    pub fn room(&self) -> RoomId {
        self.membership.room()
    }

    /// Who is a member.
    pub fn membership(&self) -> &Membership {
        &self.membership
    }

    /// What is written.
    pub fn held(&self) -> Vector {
        self.table.held()
    }

    /// Where the log begins, if frames were dropped.
    pub fn base(&self) -> Option<&Base> {
        self.base.as_deref()
    }

    /// The device writes in this stream from now on.
    pub fn begin_stream(&mut self, stream: StreamId) {
        self.own = Some(stream);
    }

    /// The links, by id.
    pub fn peers(&self) -> impl Iterator<Item = PeerView> + '_ {
        self.links.iter().map(|link| link.view(&self.table))
    }

    fn limits(&self) -> &Limits {
        self.limits.as_deref().unwrap_or(&Limits::DEFAULT)
    }

    fn place(&self, link: LinkId) -> Option<usize> {
        self.links
            .binary_search_by_key(&link, |known| known.id)
            .ok()
    }

    fn send(&mut self, place: usize, message: Bytes) {
        let link = &mut self.links[place];
        link.in_flight_bytes += message.len();
        self.outbox.push(Outgoing::Send(link.id, message));
    }

    fn send_vector(&mut self, place: usize) {
        let advert = Message::Vector(Advert {
            held: self.table.held(),
            base: self.base().cloned(),
        });
        self.send(place, advert.encode());
    }

    fn wake_at(&mut self, time: Time) {
        self.due = Some(self.due.map_or(time, |due| due.min(time)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_in_which_nothing_happens_takes_little() {
        let bytes = size_of::<Exchange>();
        assert!(bytes <= 768, "{bytes}");
    }
}
