//! An attachment in hands that do nothing else.

use bytes::Bytes;
use sync::{BlobMessage, BlobName, BlobPiece, Message};

use super::Raw;

/// An attachment of one piece.
pub struct Attachment(BlobPiece);

impl Attachment {
    pub fn new(content: &'static [u8]) -> Self {
        Self(BlobPiece {
            name: BlobName(*blake3::hash(content).as_bytes()),
            offset: 0,
            total: content.len() as u64,
            bytes: Bytes::from_static(content),
        })
    }

    /// Offers it, gives it once it is wished for, and waits until it is kept there.
    pub async fn lend(&self, to: &mut Raw) {
        say(to, self.present()).await;
        hears(to, self.want()).await;
        say(to, BlobMessage::Piece(self.0.clone())).await;
        self.fetch(to).await;
    }

    /// Offers it and then the other one, and waits until only that is wished for.
    pub async fn is_passed_over_for(&self, other: &Self, by: &mut Raw) {
        say(by, self.present()).await;
        say(by, other.present()).await;
        let is_wish = |it: &Message| matches!(it, Message::Blob(BlobMessage::Want { .. }));
        assert_eq!(by.until(is_wish).await, Message::Blob(other.want()));
    }

    /// Wishes for it until it gets it; where it is denied, once more when it is there.
    pub async fn fetch(&self, from: &mut Raw) {
        let piece = Message::Blob(BlobMessage::Piece(self.0.clone()));
        let name = self.0.name;
        let absent = Message::Blob(BlobMessage::Absent { name });
        loop {
            say(from, self.want()).await;
            let is_answer = |message: &Message| *message == piece || *message == absent;
            if from.until(is_answer).await == piece {
                return;
            }
            hears(from, self.present()).await;
        }
    }

    fn want(&self) -> BlobMessage {
        BlobMessage::Want {
            name: self.0.name,
            offset: 0,
        }
    }

    fn present(&self) -> BlobMessage {
        BlobMessage::Present {
            name: self.0.name,
            total: self.0.total,
        }
    }
}

async fn say(raw: &mut Raw, message: BlobMessage) {
    raw.send(&Message::Blob(message).encode()).await;
}

async fn hears(raw: &mut Raw, expected: BlobMessage) {
    let expected = Message::Blob(expected);
    raw.until(|message| *message == expected).await;
}
