//! Taking in what others send.

use bytes::Bytes;
use graph::document::Document;
use graph::{Merged, Project as Graph};
use store::Chunk;
use sync::{Base, Bundle, Frame, Kind, LinkError, LinkId, Received, StreamId, Time};
use trust::DeviceId;

use super::snapshot::{self, based_on, contents};
use super::{MAX_OFFENCES, Room, UNREAD, sealer};
use crate::fault::{Fault, planted};
use crate::history;

/// A frame with this payload makes the project panic, in tests.
#[cfg(feature = "testing")]
pub const PLANTED: &[u8] = b"a defect that is planted";

/// A frame of somebody else: what it changed here, and what is to be stored of it.
pub(crate) struct TakenIn {
    /// None: only the base differs.
    pub(crate) frame: Option<Frame>,
    /// Where the log begins once this is written.
    pub(crate) base: Option<Base>,
    /// What it did to each document that it is about, as far as this version can tell.
    pub(crate) merged: Vec<(Document, Merged)>,
    /// The last of them carries the frame.
    pub(crate) chunks: Vec<Chunk>,
}

impl Room {
    /// A message has come. Its frames are merged in their order.
    ///
    /// # Errors
    /// When its sender could have known that it is not acceptable; the link is to be closed.
    pub(crate) fn receive(
        &mut self,
        graph: &mut Graph,
        link: LinkId,
        message: Bytes,
        now: Time,
        unix_ms: u64,
    ) -> Result<Vec<TakenIn>, LinkError> {
        // After an error the exchange does not know the link any more.
        let sender = self.device_at(link);
        let received = self.exchange.receive(link, message, now);
        let received = received.inspect_err(|error| self.note_offence(sender, *error, now))?;
        Ok(self.absorb(graph, received, now, unix_ms))
    }

    /// A bundle is taken in as if a peer had sent it. Also says how many of its frames begin later than what is here, and
    /// were left.
    ///
    /// # Errors
    /// When it is not one of this room that its writer was allowed to write; nothing is taken in.
    pub(crate) fn import(
        &mut self,
        graph: &mut Graph,
        bundle: &Bundle,
        now: Time,
        unix_ms: u64,
    ) -> Result<(Vec<TakenIn>, usize), LinkError> {
        let (received, left) = self.exchange.import(bundle)?;
        Ok((self.absorb(graph, received, now, unix_ms), left))
    }

    fn absorb(
        &mut self,
        graph: &mut Graph,
        received: Received,
        now: Time,
        unix_ms: u64,
    ) -> Vec<TakenIn> {
        let Received {
            frames,
            base,
            acked,
            own_stream_taken,
            diverged,
            signals,
            blobs,
            membership_changed,
        } = received;
        if membership_changed {
            self.members_changed(now, unix_ms);
        }
        self.note_faces(&signals);
        self.blobs.extend(blobs);
        self.is_stream_taken |= own_stream_taken;
        for device in diverged {
            self.mend(device);
        }
        if acked {
            self.note_acknowledgements();
        }
        if frames.iter().any(|it| it.header().kind == Kind::Changes) {
            self.changed_at = now;
        }
        if !frames.is_empty() || !signals.is_empty() {
            self.look_again(now);
        }
        // The base is stored with the last of the snapshots that it needs; what stands above it comes behind.
        let is_needed = |frame: &Frame| {
            let header = frame.header();
            let stands = |base: &Base| base.stands(header.stream, header.number);
            base.as_ref().is_some_and(stands)
        };
        let last = frames.iter().rposition(is_needed);
        let mut taken_in = Vec::new();
        if let (Some(base), None) = (&base, last) {
            taken_in.push(self.taken(None, Some(base.clone()), Vec::new(), Vec::new()));
        }
        for (place, frame) in frames.into_iter().enumerate() {
            let base = base.clone().filter(|_| last == Some(place));
            taken_in.push(self.take_in(graph, frame, base, unix_ms));
        }
        self.let_all_read(now, unix_ms);
        taken_in
    }

    fn device_at(&self, link: LinkId) -> Option<DeviceId> {
        let mut peers = self.exchange.peers();
        Some(peers.find(|peer| peer.link == link)?.peer.device)
    }

    /// Somebody is named who could have known better.
    fn note_offence(&mut self, sender: Option<DeviceId>, error: LinkError, now: Time) {
        let (Some(device), false) = (sender, matches!(error, LinkError::Bye(_))) else {
            return;
        };
        if self.offences.len() == MAX_OFFENCES {
            self.offences.pop_front();
        }
        self.offences.push_back((device, error, now));
    }

    /// Somebody holds the same frames and shows something else: one number was used for two frames, by a machine that
    /// was set back without noticing. Everything that is here is framed anew, once, so that both have both.
    fn mend(&mut self, device: DeviceId) {
        if self.mended.insert(device) {
            self.framed.forget_all();
        }
    }

    fn take_in(
        &mut self,
        graph: &mut Graph,
        frame: Frame,
        base: Option<Base>,
        unix_ms: u64,
    ) -> TakenIn {
        self.frontier.see(&frame);
        self.epochs.note(&frame);
        let members = self.exchange.membership();
        self.edits.take(&frame, members);
        let opened = match frame.header().is_known() {
            true => sealer::payload(members, self.keys.as_ref(), &frame),
            false => None,
        };
        self.weigh(&frame, opened.as_deref().unwrap_or_default(), unix_ms);
        let (merged, chunks) = match opened {
            Some(payload) => self.read(graph, &frame, &payload, base.is_some()),
            None => {
                self.leave_unopened(&frame);
                Default::default()
            }
        };
        self.taken(Some(frame.clone()), base, merged, chunks)
    }

    /// Merges what a frame says: what that did, and what is to be stored. What nobody here can read is kept as a frame alone,
    /// so that it is passed on and never read again.
    pub(super) fn read(
        &mut self,
        graph: &mut Graph,
        frame: &Frame,
        payload: &[u8],
        is_needed: bool,
    ) -> (Vec<(Document, Merged)>, Vec<Chunk>) {
        let device = frame.header().stream.device;
        let Some(parts) = self.parts(frame, payload, is_needed) else {
            self.is_unread = true;
            return Default::default();
        };
        if self.suspects.contains(&frame.id()) {
            self.charge(device);
            self.is_unread = true;
            return Default::default();
        }
        self.in_flight = Some((frame.id(), device));
        #[cfg(feature = "testing")]
        assert!(*payload != *PLANTED, "a planted defect");
        let stream = frame.header().stream;
        let merged: Vec<(Document, Merged)> = parts
            .iter()
            .map(|(document, packed)| (*document, self.merge(graph, stream, *document, packed)))
            .collect();
        self.in_flight = None;
        if merged.iter().any(|(_, it)| !it.set_aside.is_empty()) {
            self.charge(device);
            self.is_unread = true;
            return (merged, Vec::new());
        }
        let chunks = parts.iter().map(|(document, packed)| {
            let bytes = match planted(Fault::FrameWithoutChange) {
                true => Vec::new(),
                false => packed.to_vec(),
            };
            Chunk::new(history::store_document(*document), bytes)
        });
        let chunks = chunks.collect();
        (merged, chunks)
    }

    /// A frame that a device made could not be applied.
    pub(super) fn charge(&mut self, device: DeviceId) {
        *self.faults.entry(device).or_default() += 1;
    }

    pub(super) fn taken(
        &mut self,
        frame: Option<Frame>,
        base: Option<Base>,
        merged: Vec<(Document, Merged)>,
        mut chunks: Vec<Chunk>,
    ) -> TakenIn {
        let mut write = self.write(frame.as_slice());
        if self.is_unread {
            write.meta.push((UNREAD.to_owned(), Some(vec![1])));
        }
        if let Some(base) = &base {
            based_on(&mut write, base);
        }
        let last = match chunks.pop() {
            Some(chunk) => chunk.in_room(write),
            None => snapshot::bare(write),
        };
        chunks.push(last);
        TakenIn {
            frame,
            base,
            merged,
            chunks,
        }
    }

    fn merge(
        &mut self,
        graph: &mut Graph,
        stream: StreamId,
        document: Document,
        packed: &[u8],
    ) -> Merged {
        let (merged, newest) = graph.merge_packed(document, packed);
        let members = self.exchange.membership();
        // What others leave goes into an own frame, too (R13).
        if document == Document::Project || !self.edits.leave(stream, self.stream, members) {
            self.framed.add(document, graph, newest);
        }
        merged
    }

    /// What a frame changes in which document; none if this version cannot apply it.
    fn parts<'a>(
        &self,
        frame: &Frame,
        payload: &'a [u8],
        is_needed: bool,
    ) -> Option<Vec<(Document, &'a [u8])>> {
        let header = frame.header();
        match (header.kind, header.document) {
            (Kind::Changes, sync::Document::Project) => Some(vec![(Document::Project, payload)]),
            (Kind::Changes, sync::Document::Comments) => Some(vec![(Document::Comments, payload)]),
            (Kind::Snapshot, _) => {
                let counted = frame.snapshot()?.vector;
                // Who holds what it counts knows what is in it, unless some of that could not be opened.
                let knows_all = self.unopened.is_empty();
                if !is_needed && knows_all && self.exchange.held().covers(&counted) {
                    return Some(Vec::new());
                }
                Some(contents(payload)?.to_vec())
            }
            (Kind::Countersignature, _) => Some(Vec::new()),
            _ => None,
        }
    }
}
