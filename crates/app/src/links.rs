//! The links of one open project's room, as its task holds them: messages go out here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use relay::{LinkDoor, LinkInput, now_ms};
use store::{RoomKey, Store, StreamKey};
use sync::{Bye, ByeCode, Frame, LinkError, LinkId, LogRange, Message, Time};
use trust::DeviceId;

use crate::failure::sentence;
use crate::network::Book;
use crate::project::LinkEvent;

/// The ways out. Dropping them ends the links.
#[derive(Default)]
pub(crate) struct Links {
    doors: BTreeMap<LinkId, LinkDoor>,
    /// Taken by sockets at once, not told to the project yet.
    sent: BTreeMap<LinkId, usize>,
    /// Where it is written down which links there are; none while the project is in no room.
    book: Option<Arc<Book>>,
}

impl Links {
    /// No link yet.
    pub(crate) fn new(book: Arc<Book>) -> Self {
        Self {
            book: Some(book),
            ..Self::default()
        }
    }

    /// Notes what a link needs kept, and says what the project is to hear.
    pub(crate) fn take(&mut self, input: LinkInput) -> LinkEvent {
        match input {
            LinkInput::Up(link, peer, door) => {
                if let Some(book) = &self.book {
                    book.up(link, peer, door.remote());
                }
                self.doors.insert(link, door);
                LinkEvent::Up(link, peer)
            }
            LinkInput::Message(link, message) => LinkEvent::Message(link, message),
            LinkInput::Sent(link, bytes) => LinkEvent::Sent(link, bytes),
            LinkInput::Down(link, cause) => {
                if let Some(book) = &self.book {
                    book.down(link, &cause);
                }
                self.doors.remove(&link);
                LinkEvent::Down(link)
            }
        }
    }

    /// The machines that were found where somebody has chosen.
    pub(crate) fn chosen(&self) -> BTreeSet<DeviceId> {
        let book = self.book.as_ref();
        book.map(|book| book.chosen_devices()).unwrap_or_default()
    }

    /// Waits until there are others.
    pub(crate) async fn choice(book: Option<Arc<Book>>) {
        match book {
            Some(book) => book.chosen.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Where it is written down which links there are.
    pub(crate) fn book(&self) -> Option<Arc<Book>> {
        self.book.clone()
    }

    /// Sends a message; to a link that is gone, nothing.
    pub(crate) fn send(&mut self, link: LinkId, message: Bytes) {
        if let Some(door) = self.doors.get(&link) {
            let bytes = door.send([message]);
            *self.sent.entry(link).or_default() += bytes;
        }
    }

    /// Closes a link and tells its other end why.
    pub(crate) fn end(&mut self, link: LinkId, error: &LinkError) {
        if let Some(book) = &self.book {
            book.refuse(link, error);
        }
        let Some(door) = self.doors.remove(&link) else {
            return;
        };
        let last = (!matches!(error, LinkError::Bye(_))).then(|| {
            let bye = Message::Bye(Bye {
                code: ByeCode::Misbehaved,
                reason: sentence(&error.to_string()),
            });
            bye.encode()
        });
        door.end(last);
    }

    /// Bytes that left at once, for the project to hear.
    pub(crate) fn take_sent(&mut self) -> impl Iterator<Item = LinkEvent> + use<> {
        let sent = std::mem::take(&mut self.sent).into_iter();
        let sent = sent.filter(|(_, bytes)| *bytes > 0);
        sent.map(|(link, bytes)| LinkEvent::Sent(link, bytes))
    }
}

/// The time of the protocol.
pub(crate) fn time() -> Time {
    Time(now_ms())
}

/// Reads frames from the log: the ranges in their order, as many as fit into so many bytes, at least one.
/// What the log cannot give is left out.
pub(crate) fn read_log(
    store: &dyn Store,
    room: RoomKey,
    ranges: &[LogRange],
    max_bytes: usize,
) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut left = max_bytes;
    for range in ranges {
        let stream = StreamKey {
            device: range.stream.device.0,
            stream: range.stream.nonce,
        };
        let mut after = range.from.saturating_sub(1);
        while after < range.through && left > 0 {
            let piece = store.rooms().frames(room, stream, after, left);
            let piece = piece.unwrap_or_default();
            let Some(last) = piece.last() else {
                break;
            };
            after = last.number;
            for frame in piece.iter().filter(|it| it.number <= range.through) {
                left = left.saturating_sub(frame.bytes.len());
                frames.extend(Frame::from_bytes(&frame.bytes));
            }
        }
    }
    frames
}
