//! The pieces of blobs that a peer waits for, in the order in which it asked.

use bytes::Bytes;

use crate::BlobName;

/// What one peer has asked for on one link and has not been answered.
///
/// A host reads several pieces at once and answers in any order. Answers leave in the order of the wishes, since whoever
/// asked keeps pieces one after the other and has no use for one that comes before its turn.
#[derive(Default)]
pub struct Owed(Vec<Wish>);

struct Wish {
    name: BlobName,
    offset: u64,
    answer: Option<Bytes>,
}

impl Owed {
    /// How many wishes have not been answered.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// One more wish.
    pub fn push(&mut self, name: BlobName, offset: u64) {
        self.0.push(Wish {
            name,
            offset,
            answer: None,
        });
    }

    /// This message answers the wish for a piece, if anybody waits for that.
    pub fn give(&mut self, name: BlobName, offset: u64, message: Bytes) {
        let mut waiting = self.waiting(name);
        if let Some(wish) = waiting.find(|wish| wish.offset == offset) {
            wish.answer = Some(message);
        }
    }

    /// This message answers each wish for a piece of a blob.
    pub fn deny(&mut self, name: BlobName, message: &Bytes) {
        for wish in self.waiting(name) {
            wish.answer = Some(message.clone());
        }
    }

    /// The answers that may leave: those before the first wish that has none.
    pub fn take_ready(&mut self) -> Vec<Bytes> {
        let waits = self.0.iter().position(|wish| wish.answer.is_none());
        let ready = self.0.drain(..waits.unwrap_or(self.0.len()));
        ready.filter_map(|wish| wish.answer).collect()
    }

    fn waiting(&mut self, name: BlobName) -> impl Iterator<Item = &mut Wish> {
        let wishes = self.0.iter_mut();
        wishes.filter(move |wish| wish.name == name && wish.answer.is_none())
    }
}
