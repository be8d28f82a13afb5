//! Which changes of the documents are in frames.

use std::collections::BTreeSet;

use graph::document::Document;
use graph::{ChangeHash, Project as Graph};

use crate::fault::{Fault, planted};

/// More hashes than any document has.
const FORGOTTEN: u32 = u32::MAX;

/// For each document the newest changes that are in a frame; whatever these build on is in frames too.
///
/// It is kept with the frames. If it is older than they are, changes are framed a second time, which
/// costs room and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Framed {
    project: Newest,
    comments: Newest,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Newest {
    hashes: BTreeSet<ChangeHash>,
    /// All is to be framed once more. What comes meanwhile stands on something that is not known to be in frames.
    is_forgotten: bool,
}

impl Framed {
    /// The newest framed changes of a document.
    pub fn heads(&self, document: Document) -> Vec<ChangeHash> {
        self.of(document).hashes.iter().copied().collect()
    }

    /// The next frames hold everything once more.
    pub fn forget_all(&mut self) {
        self.forget(Document::Project);
        self.forget(Document::Comments);
    }

    /// The next frames hold everything of a document once more.
    pub fn forget(&mut self, document: Document) {
        *self.of_mut(document) = Newest {
            hashes: BTreeSet::new(),
            is_forgotten: true,
        };
    }

    /// Everything up to these is in frames now, and nothing else is known to be.
    pub fn all(&mut self, document: Document, heads: Vec<ChangeHash>) {
        *self.of_mut(document) = Newest {
            hashes: heads.into_iter().collect(),
            is_forgotten: false,
        };
    }

    /// A frame brought changes of which these are the newest.
    pub fn add(&mut self, document: Document, graph: &Graph, newest: Vec<ChangeHash>) {
        let of = self.of_mut(document);
        if of.is_forgotten {
            return;
        }
        let known = &mut of.hashes;
        known.extend(newest);
        let heads: BTreeSet<ChangeHash> = graph.heads(document).into_iter().collect();
        if planted(Fault::FramedTooMuch) {
            known.extend(&heads);
        }
        if heads.is_subset(known) {
            // What is not applied yet builds on what has not come yet.
            known.retain(|change| heads.contains(change) || !graph.holds(document, change));
        }
    }

    /// How many changes are in no frame yet.
    pub fn lacking(&self, graph: &Graph) -> usize {
        let documents = [Document::Project, Document::Comments].into_iter();
        documents
            .map(|document| graph.count_since(document, &self.heads(document)))
            .sum()
    }

    /// The hashes of each document, preceded by their number as 4 bytes, big-endian; [`FORGOTTEN`] in place of the number if
    /// all of it is to be framed once more.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for newest in [&self.project, &self.comments] {
            let count = u32::try_from(newest.hashes.len()).expect("a few hashes at most");
            let count = if newest.is_forgotten {
                FORGOTTEN
            } else {
                count
            };
            bytes.extend(count.to_be_bytes());
            newest.hashes.iter().for_each(|hash| bytes.extend(hash.0));
        }
        bytes
    }

    /// What [`Framed::encode`] gave; none if it is something else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (project, rest) = newest(bytes)?;
        let (comments, rest) = newest(rest)?;
        rest.is_empty().then_some(Self { project, comments })
    }

    fn of(&self, document: Document) -> &Newest {
        match document {
            Document::Project => &self.project,
            Document::Comments => &self.comments,
        }
    }

    fn of_mut(&mut self, document: Document) -> &mut Newest {
        match document {
            Document::Project => &mut self.project,
            Document::Comments => &mut self.comments,
        }
    }
}

fn newest(bytes: &[u8]) -> Option<(Newest, &[u8])> {
    let (count, rest) = bytes.split_first_chunk::<4>()?;
    let count = u32::from_be_bytes(*count);
    let is_forgotten = count == FORGOTTEN;
    let length = if is_forgotten { 0 } else { count as usize };
    let length = length.checked_mul(32)?;
    let (hashes, rest) = rest.split_at_checked(length)?;
    let hashes = hashes.chunks_exact(32).map(|hash| {
        let hash = hash.try_into().expect("chunks of 32 bytes");
        ChangeHash(hash)
    });
    let newest = Newest {
        hashes: hashes.collect(),
        is_forgotten,
    };
    Some((newest, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_back() {
        let hash = |byte| ChangeHash([byte; 32]);
        let mut framed = Framed::default();
        assert_eq!(Framed::decode(&framed.encode()), Some(framed.clone()));
        framed.all(Document::Project, vec![hash(2), hash(1)]);
        framed.all(Document::Comments, vec![hash(3)]);
        assert_eq!(Framed::decode(&framed.encode()), Some(framed.clone()));
        framed.forget(Document::Comments);
        let bytes = framed.encode();
        assert_eq!(Framed::decode(&bytes), Some(framed));
        for length in 0..bytes.len() {
            assert_eq!(Framed::decode(&bytes[..length]), None);
        }
    }
}
