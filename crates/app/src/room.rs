//! The room of an open project: its frames, who else holds them, and what still has to be framed.
//!
//! Document and log say the same in two ways. Every change of the document is in some frame of the
//! log or waits to be put into one; [`Framed`] tells which. Own changes wait until somebody is there
//! to send them to, so a month offline leaves as one frame, and while a frame of ours is on its way to
//! the disk, so a burst of edits is a few frames. Frames of others are merged as they come.
//!
//! In a closed room frames and signals are sealed and signed as they are made, and opened as they come.
//!
//! Pure but for the randomness of seals: it stores nothing and sends nothing. What is to be stored leaves as a [`RoomWrite`],
//! what is to be sent as [`Outgoing`]; a frame is given away only once the store says that it is written.

pub mod acquainted;
mod activity;
mod company;
mod cut_short;
mod epochs;
mod framed;
pub mod members;
mod mint;
mod presence;
mod remembered;
mod sealer;
mod snapshot;
mod standing;
mod storing;
mod take_in;
mod unopened;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use graph::{ChangeHash, Project as Graph};
use store::{RoomKey, RoomWrite};
use sync::{
    Base, BlobEvent, Bundle, Content, Draft, Exchange, Frame, FrameId, Frontier, LinkError, LinkId,
    LogRange, Outgoing, Peer, Phase, Setup, Snapshots, StreamId, Time, Vector,
};
use trust::membership::Refused;
use trust::{DeviceId, Membership, Right, RoomId};
use uuid::Uuid;

use crate::attachments::{Faces, Peers};
use crate::fault::{Fault, planted};
use crate::notices::Notices;
use crate::outbox::Number;
use crate::rooms;

pub(crate) use self::epochs::{Epochs, FRAMED_ANEW};
pub use self::framed::Framed;
pub use self::presence::Presence;
pub(crate) use self::presence::read_faces;
pub use self::sealer::Keys;
pub use self::snapshot::{Beginning, CALM_MS, SnapshotSaver, Weight};
pub(crate) use self::snapshot::{Condensing, bare};
#[cfg(feature = "testing")]
pub use self::take_in::PLANTED;
pub(crate) use self::take_in::TakenIn;

use self::acquainted::Acquaintances;
use self::cut_short::Edits;
use self::mint::Minted;
use self::presence::Voice;
use self::snapshot::Saving;
use self::unopened::Unopened;

/// Under which name the room keeps [`Framed`].
pub(crate) const FRAMED: &str = "framed";

/// Under which name the room keeps that it has frames that could not be applied.
pub(crate) const UNREAD: &str = "unread";

/// Under which name a room keeps the names of frames that it could not open yet: 32 bytes each.
pub(crate) const UNOPENED: &str = "unopened";

/// Under which name a room keeps its log of members: each record, preceded by its length.
pub(crate) const MEMBERS: &str = "members";

/// Under which name a closed room keeps the keys of its epochs, sealed to this installation.
pub(crate) const KEYS: &str = "keys";

/// Under which name a closed room keeps who was heard on the devices of its members.
pub(crate) const FACES: &str = "faces";

/// Under which names the room keeps where its log begins, which snapshots are known, and what a newcomer would read.
pub(crate) const BASE: &str = "base";
pub(crate) const SNAPSHOTS: &str = "snapshots";
pub(crate) const WEIGHT: &str = "weight";

/// Under which name the room keeps the frames at which its project had to be closed: 32 bytes each.
pub(crate) const SUSPECTS: &str = "suspects";

/// Whose frames are snapshots and countersignatures.
const ROOM_DOCUMENT: store::Document = store::Document(2);

/// So many offences are remembered.
const MAX_OFFENCES: usize = 16;

/// What a room begins with when its project is opened.
#[derive(Debug)]
pub struct RoomSetup {
    /// This installation.
    pub device: DeviceId,
    /// Which run of this installation, for its signals; later ones are greater.
    pub session: u64,
    /// Who may do what.
    pub membership: Membership,
    /// What is sealed and signed with; none is needed in an open room.
    pub keys: Option<Keys>,
    /// The frames of a closed room's log, and of one with frames that are not read yet, in any order: they tell for what
    /// others have vouched.
    pub log: Vec<Frame>,
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
    /// Where the log begins, and what is known of its snapshots.
    pub beginning: Beginning,
    /// Changes travel in frames of at most so many bytes: [`sync::limits::MAX_PAYLOAD_BYTES`], or less in a test.
    pub payload_bytes: usize,
}

/// The room of one open project.
pub struct Room {
    id: RoomId,
    exchange: Exchange,
    stream: StreamId,
    era: Uuid,
    /// Somebody else goes on with the stream, or the others take nothing of it any more; nothing is minted before there is
    /// another.
    is_stream_taken: bool,
    is_drawing: bool,
    /// Own frames so far in this stream.
    minted: u64,
    edits: Edits,
    framed: Framed,
    payload_bytes: usize,
    /// Changes that do not fit into a frame; they and what builds on them stay here.
    too_large: BTreeSet<ChangeHash>,
    /// What the next own frame lists.
    frontier: Frontier,
    /// Own frames of before this opening, which none lists.
    own_before: BTreeSet<FrameId>,
    /// What is sealed and signed with.
    keys: Option<Keys>,
    /// In which all that is sealed.
    epochs: Epochs,
    /// Members or keys differ from what is stored.
    are_members_due: bool,
    /// Machines at addresses that somebody has chosen.
    chosen: BTreeSet<DeviceId>,
    /// Why this device could not join.
    not_let_in: Option<Refused>,
    /// What the store was given and has not answered for: frames, and the base of the log after them.
    unwritten: BTreeMap<Number, (Vec<Frame>, Option<Base>)>,
    /// Written and not durable, by stream and number.
    written: BTreeMap<Number, Vec<(StreamId, u64)>>,
    /// Own frames that no other machine has acknowledged.
    unacknowledged: VecDeque<Minted>,
    voice: Voice,
    /// Frames that could not be applied, by the device that made them.
    faults: BTreeMap<DeviceId, u32>,
    /// Attachments that were not what their name says, by the device that sent them.
    spoiled: BTreeMap<DeviceId, u32>,
    /// What links were ended for lately, oldest first.
    offences: VecDeque<(DeviceId, LinkError, Time)>,
    /// Devices for which everything was framed anew in this session.
    mended: BTreeSet<DeviceId>,
    /// What others are known to hold.
    acquaintances: Acquaintances,
    /// A file is to be made of all that is here, whether or not somebody is there.
    is_packing: bool,
    /// Who was heard on which device.
    faces: Faces,
    are_faces_due: bool,
    /// What was last said there of who is here; whether that still holds, the exchange knows.
    said: BTreeMap<DeviceId, Presence>,
    snapshots: Snapshots,
    weight: Weight,
    /// When changes were last framed or taken in.
    changed_at: Time,
    /// When to look whether there is something to condense.
    look_at: Option<Time>,
    saving: Option<Saving>,
    /// There are frames that could not be applied here.
    is_unread: bool,
    /// Frames that will be read once their key is here, or by a later version.
    unopened: Unopened,
    in_flight: Option<(FrameId, DeviceId)>,
    /// Frames at which the project had to be closed before; they are kept, and not merged again.
    suspects: BTreeSet<FrameId>,
    /// The base of the log is another, and what stands below it can be deleted.
    is_rebased: bool,
    /// What came about attachments, for [`take_blob_events`](Self::take_blob_events).
    blobs: Vec<BlobEvent>,
}

impl Room {
    /// A room without a link.
    pub fn open(setup: RoomSetup) -> Self {
        let stream = StreamId {
            device: setup.device,
            nonce: setup.stream,
        };
        let (frontier, own_before) = remembered::frontier(&setup.log, stream);
        let mut exchange = Exchange::new(Setup {
            device: setup.device,
            membership: setup.membership,
            held: setup.held,
            base: setup.beginning.base,
            own: Some(stream),
            limits: sync::Limits::default(),
        });
        setup.log.iter().for_each(|frame| exchange.recall(frame));
        let edits = Edits::of(&setup.log, stream, exchange.membership());
        let mut keys = setup.keys;
        let has_learned = keys
            .as_mut()
            .is_some_and(|keys| keys.learn(exchange.membership()));
        let mut room = Self {
            id: exchange.room(),
            stream,
            era: setup.era,
            is_stream_taken: false,
            edits,
            is_drawing: false,
            minted: match planted(Fault::NumberAnew) {
                true => 0,
                false => exchange.held().get(&stream),
            },
            exchange,
            framed: setup.framed,
            payload_bytes: setup.payload_bytes,
            too_large: BTreeSet::new(),
            frontier,
            own_before,
            keys,
            epochs: Epochs::of(&setup.log, setup.beginning.framed_anew),
            are_members_due: has_learned,
            chosen: BTreeSet::new(),
            not_let_in: None,
            unwritten: BTreeMap::new(),
            written: BTreeMap::new(),
            unacknowledged: VecDeque::new(),
            voice: Voice::new(setup.device, setup.session),
            faults: BTreeMap::new(),
            spoiled: BTreeMap::new(),
            offences: VecDeque::new(),
            mended: BTreeSet::new(),
            acquaintances: Acquaintances::new(),
            is_packing: false,
            faces: setup.beginning.faces,
            are_faces_due: false,
            said: BTreeMap::new(),
            blobs: Vec::new(),
            snapshots: setup.beginning.snapshots,
            weight: setup.beginning.weight,
            changed_at: Time::default(),
            look_at: None,
            saving: None,
            is_unread: setup.beginning.is_unread,
            unopened: Unopened::of(&setup.log, &setup.beginning.unopened),
            is_rebased: false,
            in_flight: None,
            suspects: setup.beginning.suspects,
        };
        room.say_what_is_left();
        room
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
        self.look_again(now);
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

    /// The others, for attachments.
    pub(crate) fn peers(&mut self, now: Time) -> Peers<'_> {
        Peers {
            exchange: &mut self.exchange,
            now,
        }
    }

    /// What is known of the others.
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// Who was heard on which device.
    pub(crate) fn faces(&self) -> &Faces {
        &self.faces
    }

    /// What came about attachments since the last time.
    pub(crate) fn take_blob_events(&mut self) -> Vec<BlobEvent> {
        std::mem::take(&mut self.blobs)
    }

    /// A device sent something else under an attachment's name, and is named for it.
    pub(crate) fn charge_for_blob(&mut self, device: DeviceId) {
        *self.spoiled.entry(device).or_default() += 1;
    }

    /// The frame that is being merged at this moment, and whose it is: what a panic leaves behind.
    pub(crate) fn in_flight(&self) -> Option<(FrameId, DeviceId)> {
        self.in_flight
    }

    /// What is to be done now.
    pub(crate) fn poll(&mut self, graph: &Graph, now: Time) -> Vec<Outgoing> {
        self.speak(graph, now);
        self.exchange.poll(now)
    }

    /// When to poll although nothing happens.
    pub(crate) fn wake(&self) -> Option<Time> {
        let own = [self.speaks_at(), self.condense_at(), self.stands_in_at()];
        own.into_iter()
            .chain([self.exchange.wake()])
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

    /// What time it is, by which doors judge invitations.
    pub(crate) fn set_clock(&mut self, unix_ms: u64, now: Time) {
        self.exchange.set_clock(unix_ms, now);
    }

    /// Makes a frame in the own stream, which lists what was seen.
    fn make(
        &mut self,
        document: sync::Document,
        content: Content<'_>,
        payload: &[u8],
    ) -> Option<Frame> {
        let mut frontier = self.frontier.clone();
        let mut deps = frontier.take(content.right(document));
        deps.retain(|dep| !self.own_before.contains(dep));
        let draft = Draft {
            room: self.id,
            document,
            epoch: 0,
            stream: self.stream,
            number: self.minted + 1,
            deps: &deps,
            content,
            payload,
        };
        let frame = sealer::frame(self.exchange.membership(), self.keys.as_ref(), draft)?;
        self.minted += 1;
        self.edits.make(&frame);
        self.frontier = frontier;
        self.epochs.note(&frame);
        Some(frame)
    }

    /// Whether this device may write such frames.
    pub(crate) fn may(&self, right: Right) -> bool {
        let members = self.exchange.membership();
        members.permits(&self.stream.device, right).is_ok()
    }

    /// What is to be stored with these frames in one commit.
    fn write(&mut self, frames: &[Frame]) -> RoomWrite {
        let stored = frames.iter().map(stored_frame).collect();
        let mut write = RoomWrite::new(RoomKey(self.id.0), stored);
        write.meta = vec![(FRAMED.to_owned(), Some(self.framed.encode()))];
        self.epochs.keep(&mut write);
        self.keep_condensing(&mut write);
        if std::mem::take(&mut self.are_members_due) {
            self.keep_members(&mut write);
        }
        self.keep_faces(&mut write);
        let unopened = self.unopened.take_unkept();
        let unopened = unopened.map(|it| (UNOPENED.to_owned(), it));
        write.meta.extend(unopened);
        write
    }

    /// What is kept of who is a member, and of the keys.
    fn keep_members(&self, write: &mut RoomWrite) {
        if planted(Fault::ForgetMembers) {
            return;
        }
        let members = rooms::encode_members(self.exchange.membership());
        write.meta.push((MEMBERS.to_owned(), Some(members)));
        if let Some(keys) = &self.keys {
            let kept = keys.encode(&self.id);
            write.meta.push((KEYS.to_owned(), Some(kept)));
        }
    }
}

/// A frame as the store keeps it.
fn stored_frame(frame: &Frame) -> store::Frame {
    let header = frame.header();
    store::Frame {
        document: match header.document {
            sync::Document::Comments => store::Document::COMMENTS,
            sync::Document::Room => ROOM_DOCUMENT,
            _ => store::Document::PROJECT,
        },
        stream: stream_key(header.stream),
        number: header.number,
        bytes: frame.bytes().to_vec(),
    }
}

fn stream_key(stream: StreamId) -> store::StreamKey {
    store::StreamKey {
        device: stream.device.0,
        stream: stream.nonce,
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
