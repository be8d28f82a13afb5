//! The room of an open project: its frames, who else holds them, and what still has to be framed.
//!
//! Document and log say the same in two ways. Every change of the document is in some frame of the
//! log or waits to be put into one; [`Framed`] tells which. Own changes wait until somebody is there
//! to send them to, so a month offline leaves as one frame, and while a frame of ours is on its way to
//! the disk, so a burst of edits is a few frames. Frames of others are merged as they come.
//!
//! Pure: it stores nothing and sends nothing. What is to be stored leaves as a [`RoomWrite`], what is
//! to be sent as [`Outgoing`]; a frame is given away only once the store says that it is written.

pub mod acquainted;
mod framed;
mod mint;
mod presence;
mod standing;
mod take_in;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use graph::Project as Graph;
use store::{RoomKey, RoomWrite};
use sync::{
    Bundle, Exchange, Frame, FrameId, LinkId, LogRange, Outgoing, Peer, Phase, Setup, StreamId,
    Time, Vector,
};
use trust::{DeviceId, Membership, RoomId};
use uuid::Uuid;

use crate::notices::Notices;
use crate::outbox::{Fate, Number};

pub use self::framed::Framed;
pub use self::presence::Presence;
pub(crate) use self::take_in::TakenIn;

use self::acquainted::Acquaintances;
use self::mint::Minted;
use self::presence::Voice;

/// Under which name the room keeps [`Framed`].
pub(crate) const FRAMED: &str = "framed";

/// What a room begins with when its project is opened.
#[derive(Debug)]
pub struct RoomSetup {
    /// This installation.
    pub device: DeviceId,
    /// Which run of this installation, for its signals; later ones are greater.
    pub session: u64,
    /// Who may do what.
    pub membership: Membership,
    /// What the log holds.
    pub held: Vector,
    /// In which the stream is good.
    pub era: Uuid,
    /// The stream in which this installation goes on; never one that somebody else may go on with.
    pub stream: u64,
    /// What of the documents is in frames.
    pub framed: Framed,
    /// What concerned the person here.
    pub notices: Notices,
}

/// The room of one open project.
pub struct Room {
    id: RoomId,
    exchange: Exchange,
    stream: StreamId,
    era: Uuid,
    /// Somebody else goes on with the stream; nothing is minted before there is another.
    is_stream_taken: bool,
    is_drawing: bool,
    /// Own frames so far in this stream.
    minted: u64,
    framed: Framed,
    /// Frames of other streams that no known frame lists.
    frontier: BTreeSet<FrameId>,
    /// Frames that the store was given and has not answered for.
    unwritten: BTreeMap<Number, Vec<Frame>>,
    /// Written and not durable, by stream and number.
    written: BTreeMap<Number, Vec<(StreamId, u64)>>,
    /// Own frames that no other machine has acknowledged.
    unacknowledged: VecDeque<Minted>,
    voice: Voice,
    /// Frames that could not be applied, by the device that made them.
    faults: BTreeMap<DeviceId, u32>,
    /// Devices for which everything was framed anew in this session.
    mended: BTreeSet<DeviceId>,
    /// What others are known to hold.
    acquaintances: Acquaintances,
    /// A file is to be made of all that is here, whether or not somebody is there.
    is_packing: bool,
}

impl Room {
    /// A room without a link.
    pub fn open(setup: RoomSetup) -> Self {
        let stream = StreamId {
            device: setup.device,
            nonce: setup.stream,
        };
        Self {
            id: setup.membership.room(),
            stream,
            era: setup.era,
            is_stream_taken: false,
            is_drawing: false,
            minted: setup.held.get(&stream),
            exchange: Exchange::new(Setup {
                device: setup.device,
                membership: setup.membership,
                held: setup.held,
                base: None,
                own: Some(stream),
                limits: sync::Limits::default(),
            }),
            framed: setup.framed,
            frontier: BTreeSet::new(),
            unwritten: BTreeMap::new(),
            written: BTreeMap::new(),
            unacknowledged: VecDeque::new(),
            voice: Voice::new(setup.device, setup.session),
            faults: BTreeMap::new(),
            mended: BTreeSet::new(),
            acquaintances: Acquaintances::new(),
            is_packing: false,
        }
    }

    /// Which room.
    pub fn id(&self) -> RoomId {
        self.id
    }

    /// The era in which another stream is to be drawn, once after the present one was found taken.
    pub(crate) fn needs_stream(&mut self) -> Option<Uuid> {
        let is_new = self.is_stream_taken && !self.is_drawing;
        self.is_drawing |= is_new;
        is_new.then_some(self.era)
    }

    /// Own frames go into this stream from here on. What was minted before stays what it is.
    pub(crate) fn begin_stream(&mut self, nonce: u64) {
        self.stream.nonce = nonce;
        self.minted = 0;
        (self.is_stream_taken, self.is_drawing) = (false, false);
        self.exchange.begin_stream(self.stream);
    }

    /// A link is up.
    pub(crate) fn up(&mut self, link: LinkId, peer: Peer, now: Time) {
        self.exchange.connect(link, peer, now);
    }

    /// A link is down.
    pub(crate) fn down(&mut self, link: LinkId) {
        self.exchange.disconnect(link);
    }

    /// So many bytes of a link have left.
    pub(crate) fn sent(&mut self, link: LinkId, bytes: usize) {
        self.exchange.sent(link, bytes);
    }

    /// Frames that were asked for, from the log.
    pub(crate) fn replayed(&mut self, link: LinkId, frames: Vec<Frame>) {
        self.exchange.replayed(link, frames);
    }

    /// What is to be done now.
    pub(crate) fn poll(&mut self, graph: &Graph, now: Time) -> Vec<Outgoing> {
        self.speak(graph, now);
        self.exchange.poll(now)
    }

    /// When to poll although nothing happens.
    pub(crate) fn wake(&self) -> Option<Time> {
        let speaks_at = self.speaks_at();
        [self.exchange.wake(), speaks_at]
            .into_iter()
            .flatten()
            .min()
    }

    /// Whether somebody is there who says what they hold.
    pub(crate) fn has_company(&self) -> bool {
        let mut peers = self.exchange.peers();
        peers.any(|peer| peer.phase != Phase::Opening)
    }

    /// Whether all that somebody else holds is here.
    pub(crate) fn has_caught_up(&self) -> bool {
        let held = self.exchange.held();
        let mut peers = self.exchange.peers();
        peers.any(|peer| {
            peer.phase == Phase::Live && !peer.holds.is_empty() && held.covers(&peer.holds)
        })
    }

    /// From here on, until it is packed, own changes are put into frames whether or not somebody is there.
    pub(crate) fn begin_packing(&mut self) {
        self.is_packing = true;
    }

    /// Everything that is in frames, for somebody who holds `since`: a bundle without its frames, and where they are in
    /// the log. None while some are on their way to the disk.
    pub(crate) fn pack(&mut self, since: &Vector) -> Option<(Bundle, Vec<LogRange>)> {
        if !self.unwritten.is_empty() || self.is_stream_taken {
            return None;
        }
        self.is_packing = false;
        let ranges = self.exchange.lacking_in(since);
        Some((self.exchange.bundle(Vec::new()), ranges))
    }

    /// These frames are handed to the store under this number.
    pub(crate) fn hand_over(&mut self, number: Number, frames: Vec<Frame>) {
        self.unwritten.insert(number, frames);
    }

    /// What became of what was handed over. Written frames are announced and forwarded, durable ones acknowledged.
    pub(crate) fn learn(&mut self, number: Number, fate: &Fate, now: Time) {
        if let Fate::Failed(_) = fate {
            return;
        }
        if let Some(frames) = self.unwritten.remove(&number) {
            frames.iter().for_each(|frame| self.exchange.publish(frame));
            self.note_news();
            let places = frames.iter().map(|frame| {
                let header = frame.header();
                (header.stream, header.number)
            });
            self.written.insert(number, places.collect());
        }
        if let Fate::Durable(_) = fate {
            for (stream, number) in self.written.remove(&number).unwrap_or_default() {
                self.exchange.durable(stream, number, now);
            }
        }
    }

    /// What is to be stored with these frames in one commit.
    fn write(&self, frames: &[Frame]) -> RoomWrite {
        let stored = frames.iter().map(stored_frame).collect();
        let mut write = RoomWrite::new(RoomKey(self.id.0), stored);
        write.meta = vec![(FRAMED.to_owned(), Some(self.framed.encode()))];
        write
    }

    /// A frame is known; later own ones list it.
    fn see(&mut self, frame: &Frame) {
        for seen in frame.deps() {
            self.frontier.remove(&seen);
        }
        self.frontier.insert(frame.id());
    }
}

/// A frame as the store keeps it.
fn stored_frame(frame: &Frame) -> store::Frame {
    let header = frame.header();
    store::Frame {
        document: match header.document {
            sync::Document::Comments => store::Document::COMMENTS,
            _ => store::Document::PROJECT,
        },
        stream: store::StreamKey {
            device: header.stream.device.0,
            stream: header.stream.nonce,
        },
        number: header.number,
        bytes: frame.bytes().to_vec(),
    }
}

/// A vector of the store as one of the protocol.
pub(crate) fn held(vector: &store::Vector) -> Vector {
    let streams = vector.iter().map(|(key, number)| {
        let stream = StreamId {
            device: DeviceId(key.device),
            nonce: key.stream,
        };
        (stream, *number)
    });
    streams.collect()
}
