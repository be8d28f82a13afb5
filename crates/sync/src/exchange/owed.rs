//! What a peer is to hear of blobs, in the order in which it asked.

use bytes::Bytes;

use crate::BlobName;

/// What one peer has asked for on one link and has not been answered.
///
/// A host reads several pieces at once and answers in any order. Answers leave in the order of the wishes, since whoever
/// asked keeps pieces one after the other and has no use for one that comes before its turn. What takes an answer back
/// leaves behind it.
#[derive(Default)]
pub struct Owed(Vec<Item>);

enum Item {
    Wish(Wish),
    /// It leaves after what stands before it.
    Word(Bytes),
}

struct Wish {
    name: BlobName,
    offset: u64,
    answer: Option<Bytes>,
}

impl Owed {
    /// How many wishes have not been answered.
    pub fn len(&self) -> usize {
        let is_wish = |item: &&Item| matches!(item, Item::Wish(_));
        self.0.iter().filter(is_wish).count()
    }

    /// One more wish.
    pub fn push(&mut self, name: BlobName, offset: u64) {
        self.0.push(Item::Wish(Wish {
            name,
            offset,
            answer: None,
        }));
    }

    /// This message leaves after the answers to all wishes so far.
    pub fn say(&mut self, message: Bytes) {
        self.0.push(Item::Word(message));
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

    /// What may leave: all before the first wish that has no answer.
    pub fn take_ready(&mut self) -> Vec<Bytes> {
        let waits = |item: &Item| matches!(item, Item::Wish(wish) if wish.answer.is_none());
        let first = self.0.iter().position(waits);
        let ready = self.0.drain(..first.unwrap_or(self.0.len()));
        let messages = ready.filter_map(|item| match item {
            Item::Wish(wish) => wish.answer,
            Item::Word(message) => Some(message),
        });
        messages.collect()
    }

    fn waiting(&mut self, name: BlobName) -> impl Iterator<Item = &mut Wish> {
        let wishes = self.0.iter_mut().filter_map(|item| match item {
            Item::Wish(wish) => Some(wish),
            Item::Word(_) => None,
        });
        wishes.filter(move |wish| wish.name == name && wish.answer.is_none())
    }
}
