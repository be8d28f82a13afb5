//! Taking in what others send.

use bytes::Bytes;
use graph::document::Document;
use graph::{Merged, Project as Graph};
use store::Chunk;
use sync::{Bundle, Frame, Kind, LinkError, LinkId, Received, Time};
use trust::DeviceId;

use super::{Framed, Room};
use crate::history;

/// A frame of somebody else: what it changed here, and what is to be stored of it.
pub(crate) struct TakenIn {
    pub(crate) frame: Frame,
    /// What it is about, as far as this version can tell.
    pub(crate) document: Document,
    pub(crate) merged: Merged,
    pub(crate) chunk: Chunk,
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
    ) -> Result<Vec<TakenIn>, LinkError> {
        let received = self.exchange.receive(link, message, now)?;
        Ok(self.absorb(graph, received))
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
    ) -> Result<(Vec<TakenIn>, usize), LinkError> {
        let (received, left) = self.exchange.import(bundle)?;
        Ok((self.absorb(graph, received), left))
    }

    fn absorb(&mut self, graph: &mut Graph, received: Received) -> Vec<TakenIn> {
        let Received {
            frames,
            acked,
            own_stream_taken,
            diverged,
            ..
        } = received;
        self.is_stream_taken |= own_stream_taken;
        for device in diverged {
            self.mend(device);
        }
        if acked {
            self.note_acknowledgements();
        }
        let taken_in = frames.into_iter();
        taken_in.map(|frame| self.take_in(graph, frame)).collect()
    }

    /// Somebody holds the same frames and shows something else: one number was used for two frames, by a machine that
    /// was set back without noticing. Everything that is here is framed anew, once, so that both have both.
    fn mend(&mut self, device: DeviceId) {
        if self.mended.insert(device) {
            self.framed = Framed::default();
        }
    }

    fn take_in(&mut self, graph: &mut Graph, frame: Frame) -> TakenIn {
        self.see(&frame);
        let (document, merged) = match document_of(&frame) {
            Some(document) => (document, self.merge(graph, document, &frame)),
            None => (Document::Project, Merged::default()),
        };
        // What nobody here can read is kept as a frame alone, so that it is passed on and never read again.
        let bytes = match document_of(&frame) {
            Some(_) if merged.set_aside.is_empty() => frame.payload().to_vec(),
            _ => Vec::new(),
        };
        let chunk = Chunk::new(history::store_document(document), bytes);
        let chunk = chunk.in_room(self.write(std::slice::from_ref(&frame)));
        TakenIn {
            frame,
            document,
            merged,
            chunk,
        }
    }

    fn merge(&mut self, graph: &mut Graph, document: Document, frame: &Frame) -> Merged {
        let (merged, newest) = graph.merge_packed(document, frame.payload());
        self.framed.add(document, graph, newest);
        if !merged.set_aside.is_empty() {
            let device = frame.header().stream.device;
            *self.faults.entry(device).or_default() += 1;
        }
        merged
    }
}

/// The document that a frame changes, if it is one that this version can apply.
fn document_of(frame: &Frame) -> Option<Document> {
    let header = frame.header();
    match (header.kind, header.document) {
        _ if !header.is_known() => None,
        (Kind::Changes, sync::Document::Project) => Some(Document::Project),
        (Kind::Changes, sync::Document::Comments) => Some(Document::Comments),
        _ => None,
    }
}
