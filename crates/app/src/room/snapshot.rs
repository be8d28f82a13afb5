//! Snapshots: whoever comes later reads what there is, and not everything that ever happened.
//!
//! One device makes a snapshot when the room is calm and what a newcomer would read has outgrown the project, and a
//! second one countersigns it (rules S6 and S7 of `docs/sync.md`). From then on the frames that it counts may go.

use std::collections::BTreeSet;

use graph::document::Document;
use graph::{Project as Graph, Saver};
use store::{Chunk, RoomWrite};
use sync::{
    Base, Content, CountersignatureBody, Frame, FrameId, Heads, Snapshot, SnapshotBody, Snapshots,
    Time, Vector,
};
use trust::record::EpochId;
use trust::{DeviceId, Right};

use super::{BASE, Room, SNAPSHOTS, WEIGHT, mint::Minted};
use crate::attachments::Faces;

/// Nothing is condensed before the room has been calm for so long: who types is not disturbed, and a burst is condensed
/// once.
pub const CALM_MS: u64 = 60_000;

/// Whoever hears of something waits so long for what else there is to hear.
const LOOK_MS: u64 = 1_000;

/// Less than this is not worth a snapshot, however small the project.
const LEAST_BYTES: u64 = 32 << 10;

/// A newcomer reads at most one so-many-th more than the project, once the room has been calm.
const SHARE: u64 = 16;

/// With what a room begins beside its log: what its condensing has come to, and who was seen.
#[derive(Debug, Default)]
pub struct Beginning {
    /// Where the log begins, if frames were dropped.
    pub base: Option<Base>,
    /// The snapshots that are known.
    pub snapshots: Snapshots,
    /// What a newcomer would read.
    pub weight: Weight,
    /// There are frames that could not be applied here.
    pub is_unread: bool,
    /// Frames that could not be opened yet.
    pub unopened: BTreeSet<FrameId>,
    /// The epochs of which all was framed once more.
    pub framed_anew: BTreeSet<EpochId>,
    /// Frames at which the project had to be closed.
    pub suspects: BTreeSet<FrameId>,
    /// Which members were heard on which devices.
    pub faces: Faces,
}

/// How much a newcomer would read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    /// Bytes of the newest frame that holds everything until then.
    pub whole: u64,
    /// Bytes of the frames since.
    pub above: u64,
}

/// What condensing asks for.
pub(crate) enum Condensing {
    /// Save the documents beside the task, and hand the bytes to [`Room::condensed`].
    Save(Box<SnapshotSaver>),
    /// Store this, and hand it over.
    Store(RoomWrite, Vec<Frame>, Option<Base>),
}

/// A snapshot that is being saved: what it counts, and its heads.
pub(super) struct Saving {
    counted: Vector,
    heads: Heads,
}

impl Weight {
    /// A frame was stored. `is_whole`: it holds everything until then.
    fn add(&mut self, bytes: usize, is_whole: bool) {
        match is_whole {
            true => (self.whole, self.above) = (bytes as u64, 0),
            false => self.above += bytes as u64,
        }
    }

    fn is_heavy(&self) -> bool {
        self.above > LEAST_BYTES.max(self.whole / SHARE)
    }

    /// Both numbers as 8 bytes, big-endian.
    pub fn encode(&self) -> Vec<u8> {
        [self.whole.to_be_bytes(), self.above.to_be_bytes()].concat()
    }

    /// What [`Weight::encode`] gave; none if it is something else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (whole, rest) = bytes.split_first_chunk::<8>()?;
        let above: &[u8; 8] = rest.try_into().ok()?;
        Some(Self {
            whole: u64::from_be_bytes(*whole),
            above: u64::from_be_bytes(*above),
        })
    }
}

impl Room {
    /// What is to be done so that a newcomer reads less: at most one thing at a time, and nothing while anything is on
    /// its way.
    pub(crate) fn condense(
        &mut self,
        graph: &Graph,
        now: Time,
        unix_ms: u64,
    ) -> Option<Condensing> {
        if !self.unwritten.is_empty() || self.is_stream_taken {
            return None;
        }
        if let Some(dropping) = self.drop_below(unix_ms) {
            return Some(dropping);
        }
        let may_condense = self.saving.is_none() && self.may(Right::Edit);
        if !may_condense || self.condense_at()? > now {
            return None;
        }
        // What it does not find now, it finds when something happens.
        self.look_at = None;
        let heads = self.heads(graph)?;
        let company = self.equals(&heads, now);
        self.countersign(&heads, &company, unix_ms)
            .or_else(|| self.begin_snapshot(graph, heads, &company))
    }

    /// When to look whether there is something to condense; none before something happens.
    pub(super) fn condense_at(&self) -> Option<Time> {
        self.look_at.filter(|_| self.has_company())
    }

    /// Something happened that may let this device condense once the room is calm.
    pub(super) fn look_again(&mut self, now: Time) {
        let calm_at = self.changed_at.plus_ms(CALM_MS);
        let at = calm_at.max(now.plus_ms(LOOK_MS));
        let known = self.look_at.filter(|known| *known >= calm_at);
        self.look_at = Some(known.map_or(at, |known| known.min(at)));
    }

    /// Frames that a snapshot counts may go: the base of the log becomes that snapshot.
    fn drop_below(&mut self, unix_ms: u64) -> Option<Condensing> {
        self.snapshots.iter().next()?;
        let held = self.exchange.held();
        let base = self.exchange.base();
        let snapshot = self.snapshots.may_drop(&held, base, unix_ms)?.clone();
        let base = self.exchange.base_below(&snapshot);
        let mut write = self.write(&[]);
        based_on(&mut write, &base);
        Some(Condensing::Store(write, Vec::new(), Some(base)))
    }

    /// Devices that hold and show what this one does and may condense, this one apart.
    pub(super) fn equals(&self, heads: &Heads, now: Time) -> Vec<DeviceId> {
        let digest = self.exchange.held().digest();
        let members = self.exchange.membership();
        let equals = self.exchange.devices(now).filter(|device| {
            let state = device.state.as_ref();
            let is_equal = state.is_some_and(|it| it.digest == digest && it.heads == Some(*heads));
            let may_condense = members.permits(&device.device, Right::Edit).is_ok();
            is_equal && may_condense && device.device != self.stream.device
        });
        equals.map(|device| device.device).collect()
    }

    /// The snapshot that another made and this one could vouch for.
    fn to_countersign(&self) -> Option<&Snapshot> {
        let held = self.exchange.held();
        self.snapshots.to_countersign(&self.stream.device, &held)
    }

    /// Of those who could, the device with the smallest id countersigns.
    fn countersign(
        &mut self,
        heads: &Heads,
        company: &[DeviceId],
        unix_ms: u64,
    ) -> Option<Condensing> {
        let me = self.stream.device;
        let snapshot = self.to_countersign().filter(|it| it.heads == *heads)?;
        let maker = snapshot.stream.device;
        let mut others = company.iter().filter(|device| **device != maker);
        if others.any(|device| *device < me) {
            return None;
        }
        let body = CountersignatureBody {
            snapshot: snapshot.id,
            heads: *heads,
        };
        self.mint_for_room(Content::Countersignature(body), &[], unix_ms)
    }

    /// Of those who show the same, the device with the smallest id makes a snapshot, if there is another to countersign.
    fn begin_snapshot(
        &mut self,
        graph: &Graph,
        heads: Heads,
        company: &[DeviceId],
    ) -> Option<Condensing> {
        let me = self.stream.device;
        let is_first = !company.is_empty() && company.iter().all(|device| me < *device);
        if !is_first || !self.weight.is_heavy() {
            return None;
        }
        self.saving = Some(Saving {
            counted: self.exchange.held(),
            heads,
        });
        Some(Condensing::Save(Box::new(SnapshotSaver {
            project: graph.fork(Document::Project),
            comments: graph.fork(Document::Comments),
        })))
    }

    /// The documents are saved. If anything came in between, it is left for later.
    pub(crate) fn condensed(&mut self, payload: &[u8], unix_ms: u64) -> Option<Condensing> {
        let saving = self.saving.take()?;
        if !self.may(Right::Edit) {
            return None;
        }
        let is_other = saving.counted != self.exchange.held();
        if is_other || !self.unwritten.is_empty() || self.is_stream_taken {
            self.look_again(self.changed_at);
            return None;
        }
        let body = SnapshotBody {
            vector: saving.counted,
            heads: saving.heads,
        };
        let minted = self.mint_for_room(Content::Snapshot(&body), payload, unix_ms);
        if minted.is_none() {
            // It is too large for a frame, and will not be smaller in a minute: it is tried again when it has grown.
            let whole = payload.len() as u64;
            self.weight = Weight { whole, above: 0 };
        }
        minted
    }

    fn mint_for_room(
        &mut self,
        content: Content<'_>,
        payload: &[u8],
        unix_ms: u64,
    ) -> Option<Condensing> {
        let frame = self.make(sync::Document::Room, content, payload)?;
        let minted = Minted::of_room(self.stream, self.minted);
        self.unacknowledged.push_back(minted);
        self.weigh(&frame, payload, unix_ms);
        let write = self.write(std::slice::from_ref(&frame));
        Some(Condensing::Store(write, vec![frame], None))
    }

    /// A frame with this content is about to be stored: it counts for what a newcomer reads, and may be a snapshot.
    pub(super) fn weigh(&mut self, frame: &Frame, content: &[u8], unix_ms: u64) {
        let is_snapshot = frame.snapshot().is_some();
        // A first frame may be the whole project as it is saved.
        let is_whole = is_snapshot
            || (frame.header().document == sync::Document::Project && graph::is_whole(content));
        self.weight.add(frame.bytes().len(), is_whole);
        self.snapshots.see(frame, unix_ms);
    }
}

/// A copy of all documents that can be saved on another thread.
pub struct SnapshotSaver {
    project: Saver,
    comments: Saver,
}

impl SnapshotSaver {
    /// What a snapshot carries: the length of the project as 4 bytes, big-endian, the project, the comments; both packed.
    pub fn save(&self) -> Vec<u8> {
        let project = self.project.packed();
        let length = u32::try_from(project.len()).unwrap_or(u32::MAX);
        [&length.to_be_bytes()[..], &project, &self.comments.packed()].concat()
    }
}

/// The project and the comments that a snapshot carries.
pub(super) fn contents(payload: &[u8]) -> Option<[(Document, &[u8]); 2]> {
    let (length, rest) = payload.split_first_chunk::<4>()?;
    let (project, comments) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    Some([(Document::Comments, comments), (Document::Project, project)])
}

/// Stored with this, the log begins with these snapshots.
pub(super) fn based_on(write: &mut RoomWrite, base: &Base) {
    let covered = base.vector().iter();
    write.covered = covered
        .map(|(stream, number)| (super::stream_key(stream), number))
        .collect();
    write.meta.push((BASE.to_owned(), Some(base.encode())));
}

impl Room {
    /// What is kept of all this with every write.
    pub(super) fn keep_condensing(&self, write: &mut RoomWrite) {
        let snapshots = self
            .snapshots
            .iter()
            .next()
            .map(|_| self.snapshots.encode());
        write.meta.push((SNAPSHOTS.to_owned(), snapshots));
        write
            .meta
            .push((WEIGHT.to_owned(), Some(self.weight.encode())));
    }

    /// What of the log may be deleted below its base; to be asked once the base is written.
    pub(crate) fn droppable(&self) -> Vec<(store::Document, store::Vector)> {
        let Some(base) = self.exchange.base() else {
            return Vec::new();
        };
        let through: store::Vector = base
            .vector()
            .iter()
            .map(|(stream, number)| (super::stream_key(stream), number))
            .collect();
        let mut documents = vec![store::Document::PROJECT, store::Document::COMMENTS];
        // One snapshot may count the frame of another that stands as well.
        if base.snapshots().len() == 1 {
            documents.push(super::ROOM_DOCUMENT);
        }
        documents
            .into_iter()
            .map(|document| (document, through.clone()))
            .collect()
    }
}

/// A chunk of a document that carries nothing but what belongs to the room.
pub(crate) fn bare(write: RoomWrite) -> Chunk {
    Chunk::new(store::Document::PROJECT, Vec::new()).in_room(write)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_read_back() {
        let weight = Weight {
            whole: 1 << 40,
            above: 7,
        };
        assert_eq!(Weight::decode(&weight.encode()), Some(weight));
        assert_eq!(Weight::decode(b"something else"), None);
    }

    #[test]
    fn what_outgrows_the_project_is_heavy() {
        let mut weight = Weight::default();
        weight.add(1 << 20, true);
        weight.add(1 << 16, false);
        assert!(!weight.is_heavy());
        weight.add(1, false);
        assert!(weight.is_heavy());
        weight.add(1 << 20, true);
        assert!(!weight.is_heavy());
    }
}
