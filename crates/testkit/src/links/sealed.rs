//! What passes in a closed room, in hands that do nothing else.

use bytes::Bytes;
use sync::{Content, Document, Draft, Frame, Message, StreamId};
use trust::Membership;

use super::{Raw, key, soon};

impl Raw {
    /// Sends a frame of a closed room as the device of this number.
    pub async fn write_sealed(&mut self, room: &Membership, by: u8, number: u64) {
        let draft = Draft {
            room: room.room(),
            document: Document::Project,
            epoch: 1,
            stream: stream(by),
            number,
            deps: &[],
            content: Content::Changes,
            payload: b"sealed",
        };
        let frame = Frame::sign(&draft, &key(by)).unwrap();
        self.send(frame.message()).await;
    }

    /// Sends the log of members.
    pub async fn show(&mut self, room: &Membership) {
        let records = room.records().iter();
        let records = records.map(|record| Bytes::copy_from_slice(record));
        self.send(&Message::Members(records.collect()).encode())
            .await;
    }

    /// Waits until a frame of this number comes, of the device of that number.
    pub async fn receives(&mut self, by: u8, number: u64) {
        let is_it = |frame: &Frame| {
            let header = frame.header();
            (header.stream, header.number) == (stream(by), number)
        };
        self.until(|message| match message {
            Message::Frame(frame) => is_it(frame),
            Message::Frames(frames) => frames.iter().any(is_it),
            _ => false,
        })
        .await;
    }

    /// Waits until the log of members comes with so many records.
    pub async fn is_shown(&mut self, count: usize) {
        self.until(
            |message| matches!(message, Message::Members(records) if records.len() == count),
        )
        .await;
    }

    /// Waits until such a message comes, and returns it.
    pub async fn until(&mut self, is_it: impl Fn(&Message) -> bool) -> Message {
        let found = async {
            loop {
                let message = self.message().await.expect("it is still connected");
                if is_it(&message) {
                    return message;
                }
            }
        };
        soon("a message comes", found).await
    }
}

fn stream(by: u8) -> StreamId {
    StreamId {
        device: key(by).device(),
        nonce: 7,
    }
}
