//! Putting own changes into frames.

use graph::Project as Graph;
use graph::document::Document;
use store::RoomWrite;
use sync::{Content, Frame, StreamId, Time, Vector};
use trust::Right;

use super::Room;

/// An own frame that is on its way to others.
pub(super) struct Minted {
    stream: StreamId,
    number: u64,
    changes: usize,
}

impl Minted {
    /// A frame without changes.
    pub(super) fn of_room(stream: StreamId, number: u64) -> Self {
        Self {
            stream,
            number,
            changes: 0,
        }
    }
}

impl Room {
    /// Puts what waits into frames, one for each document, if somebody is there and no own frame is on its
    /// way to the disk. The frames are to be stored, then [handed over](Room::hand_over). What does not fit
    /// into these follows once they are written.
    pub(crate) fn mint(
        &mut self,
        graph: &Graph,
        now: Time,
        unix_ms: u64,
    ) -> Option<(RoomWrite, Vec<Frame>)> {
        let is_wanted = self.is_packing || self.has_company();
        if !is_wanted || self.is_writing() || self.is_stream_taken {
            return None;
        }
        let documents = [Document::Project, Document::Comments].into_iter();
        let frames: Vec<Frame> = documents
            .filter_map(|document| self.mint_one(graph, document, unix_ms))
            .collect();
        if frames.is_empty() {
            return None;
        }
        self.epochs.note_framed_anew();
        self.changed_at = now;
        self.look_again(now);
        Some((self.write(&frames), frames))
    }

    /// Own changes that no other machine is known to hold for certain.
    pub(crate) fn waiting(&self, graph: &Graph) -> usize {
        let sent: usize = self
            .unacknowledged
            .iter()
            .map(|minted| minted.changes)
            .sum();
        sent + self.framed.lacking(graph)
    }

    /// How many of these cannot be sent, because one of them does not fit into a frame.
    pub(crate) fn stuck(&self, graph: &Graph) -> usize {
        let documents = [Document::Project, Document::Comments].into_iter();
        documents
            .map(|it| graph.count_stuck(it, &self.framed.heads(it), &self.too_large))
            .sum()
    }

    /// Forgets what others have acknowledged, in whichever stream it was said.
    pub(super) fn note_acknowledgements(&mut self) {
        let peers = self.exchange.peers().map(|peer| peer.acknowledged);
        let acknowledged: Vec<Vector> = peers.collect();
        self.unacknowledged.retain(|minted| {
            let mut through = acknowledged.iter().map(|it| it.get(&minted.stream));
            through.all(|number| number < minted.number)
        });
    }

    fn is_writing(&self) -> bool {
        let mut frames = self.unwritten.values().flat_map(|(frames, _)| frames);
        frames.any(|frame| frame.header().stream == self.stream)
    }

    fn mint_one(&mut self, graph: &Graph, document: Document, unix_ms: u64) -> Option<Frame> {
        let (about, right) = match document {
            Document::Project => (sync::Document::Project, Right::Edit),
            Document::Comments => (sync::Document::Comments, Right::Comment),
        };
        // What this device may not write stays here; it is counted as waiting.
        if !self.may(right) {
            return None;
        }
        let since = self.framed.heads(document);
        let most_bytes = self.payload_bytes;
        let packed = graph.pack_within(document, &since, most_bytes, &mut self.too_large)?;
        let frame = self.make(about, Content::Changes, &packed.bytes)?;
        self.weigh(&frame, &packed.bytes, unix_ms);
        self.framed.all(document, packed.heads);
        self.unacknowledged.push_back(Minted {
            stream: self.stream,
            number: self.minted,
            changes: packed.changes,
        });
        Some(frame)
    }
}
