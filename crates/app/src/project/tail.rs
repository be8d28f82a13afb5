//! How long the log behind a document's snapshot has grown.

use std::collections::BTreeMap;

use store::{Document, LoadedDocument, Seq};

use crate::fault::{Fault, planted};

/// A longer tail is compacted: so many changes take about a tenth of a second to apply at opening.
const MAX_CHUNKS: usize = 1_000;

/// A larger tail is compacted.
const MAX_BYTES: usize = 2 << 20;

/// The tails of a project's documents.
#[derive(Debug, Default)]
pub(super) struct Tails(BTreeMap<Document, Tail>);

/// The log behind one snapshot.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tail {
    /// Its newest chunk.
    pub through: Seq,
    /// Number of chunks.
    pub count: usize,
    /// Their size.
    pub bytes: usize,
    /// A snapshot that covers it is being written.
    compacting: bool,
}

impl Tail {
    /// The log as the store read it.
    pub fn of(loaded: &LoadedDocument) -> Self {
        Self {
            through: loaded
                .chunks
                .last()
                .map(|(seq, _)| *seq)
                .unwrap_or_default(),
            count: loaded.chunks.len(),
            bytes: loaded.chunks.iter().map(|(_, bytes)| bytes.len()).sum(),
            compacting: false,
        }
    }
}

impl Tails {
    pub(super) fn loaded(&mut self, document: Document, tail: Tail) {
        self.0.insert(document, tail);
    }

    pub(super) fn written(&mut self, document: Document, seq: Seq, bytes: usize) {
        let tail = self.0.entry(document).or_default();
        tail.through = tail.through.max(seq);
        tail.count += 1;
        tail.bytes += bytes;
    }

    /// The documents to compact now, each with the newest chunk that is written.
    pub(super) fn begin_compactions(&mut self) -> Vec<(Document, Seq)> {
        let long = self.0.iter_mut().filter(|(_, tail)| {
            !tail.compacting && (tail.count >= MAX_CHUNKS || tail.bytes >= MAX_BYTES)
        });
        long.map(|(document, tail)| {
            tail.compacting = true;
            (tail.count, tail.bytes) = (0, 0);
            let more = if planted(Fault::SnapshotClaimsMore) {
                3
            } else {
                0
            };
            (*document, Seq(tail.through.0 + more))
        })
        .collect()
    }

    /// One at a time: the next may begin. If this one failed, the next covers what it would have.
    pub(super) fn compacted(&mut self, document: Document) {
        self.0.entry(document).or_default().compacting = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_tail_is_compacted_once_at_a_time() {
        let mut tails = Tails::default();
        let loaded = Tail {
            through: Seq(5),
            count: MAX_CHUNKS - 1,
            ..Tail::default()
        };
        tails.loaded(Document::PROJECT, loaded);
        assert_eq!(tails.begin_compactions(), []);
        tails.written(Document::PROJECT, Seq(9), 10);
        assert_eq!(tails.begin_compactions(), [(Document::PROJECT, Seq(9))]);
        tails.written(Document::PROJECT, Seq(11), MAX_BYTES);
        assert_eq!(tails.begin_compactions(), []);
        tails.compacted(Document::PROJECT);
        assert_eq!(tails.begin_compactions(), [(Document::PROJECT, Seq(11))]);
    }
}
