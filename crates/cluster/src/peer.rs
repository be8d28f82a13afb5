//! What Redis is to one room: a peer at the other end of a link.

#[cfg(test)]
mod tests;

use bytes::Bytes;
use sync::{Advert, Base, Frame, Header, Message, Vector};

use crate::{
    lending::{Lending, Word},
    names::Node,
};

/// The stream of a room as a peer that speaks the protocol. Pure: entries that were read and messages of the room come in; messages
/// for the room, entries to append and signals to publish go out.
///
/// Entries are messages of the protocol: the members, the base before its snapshots, frames. What the stream holds is what one
/// holds who has read it in its order, so a frame behind a gap counts for nothing. It is appended only behind what comes before
/// it, unless two relays have not read each other's entries yet; then it is there twice.
#[derive(Debug, Default)]
pub struct Peer {
    /// What is in the stream, with what is on its way to it.
    held: Vector,
    /// Where the stream begins.
    base: Base,
    members: Option<Bytes>,
    /// Where the room's log begins.
    room_base: Option<Base>,
    /// What the room said to hold last.
    room_held: Vector,
    is_greeted: bool,
    /// The room has begun to speak on this link: what it wished for on the one before it does not wait for.
    has_begun: bool,
    tell: Vec<Tell>,
    append: Vec<Bytes>,
    publish: Vec<Publish>,
    lending: Lending,
    /// What is to be told once what is to be appended is there.
    coming: Vector,
    /// Bytes that were taken from the room and are not told to have arrived.
    taken_bytes: usize,
    /// Bytes of entries.
    stream_bytes: u64,
    /// A whole room is gathered to put it in place of its stream.
    whole: Option<Whole>,
}

/// What is to be published, as it travels.
#[derive(Debug)]
pub enum Publish {
    Signal(Bytes),
    /// About an attachment, to this relay or to all.
    Lend(Option<Node>, Bytes),
}

/// What is to be told to the room.
#[derive(Debug)]
enum Tell {
    Message(Bytes),
    /// What the stream holds, and where it begins as far as this.
    Vector(Option<Base>),
}

/// A room on its way into a new beginning of its stream.
#[derive(Debug, Default)]
pub struct Whole {
    held: Vector,
    /// Entries, in their order.
    pub messages: Vec<Bytes>,
}

/// What is to be appended.
#[derive(Debug, Default, PartialEq)]
pub struct Batch {
    /// Entries, in their order.
    pub messages: Vec<Bytes>,
    /// The frames among them, by the last of each stream.
    pub frames: Vector,
    /// Bytes of the room's messages that have arrived with it.
    pub taken_bytes: usize,
}

impl Peer {
    /// An entry of the stream was read. What makes no sense is passed over: somebody else has put it there.
    pub fn read(&mut self, entry: Bytes) {
        self.stream_bytes += entry.len() as u64;
        self.whole = None;
        match Message::decode(entry.clone()) {
            Ok(Message::Members(_)) => {
                self.members = Some(entry.clone());
                if self.is_greeted {
                    self.tell.push(Tell::Message(entry));
                }
            }
            Ok(Message::Vector(Advert {
                base: Some(base), ..
            })) => {
                self.begin_with(&base);
                self.tell.push(Tell::Vector(Some(base)));
            }
            Ok(Message::Frame(frame)) if count(&mut self.held, &frame, &self.base) => {
                self.tell.push(Tell::Message(entry));
            }
            _ => {}
        }
    }

    fn begin_with(&mut self, base: &Base) {
        for snapshot in base.snapshots() {
            let (stream, number) = snapshot.place();
            let known = std::mem::take(&mut self.base);
            self.base = known.with(stream, number, snapshot.counted.clone());
        }
    }

    /// The link to the room is up: says who is a member and what the stream holds, or waits for the room to say who is.
    pub fn up(&mut self) {
        (self.is_greeted, self.has_begun) = (false, false);
        self.whole = None;
        self.lending = Lending::default();
        self.greet();
    }

    /// The link to the room is up anew for the stream to be shortened: asks the room for all of it, as who has nothing.
    pub fn up_to_shorten(&mut self) {
        self.up();
        self.whole = Some(Whole::default());
    }

    fn greet(&mut self) {
        if let (false, Some(members)) = (self.is_greeted, &self.members) {
            self.is_greeted = true;
            let greeting = [Tell::Message(members.clone()), Tell::Vector(None)];
            self.tell.splice(0..0, greeting);
        }
    }

    /// A message of the room, at a time in ms.
    pub fn take(&mut self, message: Bytes, now_ms: u64) {
        self.taken_bytes += message.len();
        match Message::decode(message.clone()) {
            Ok(Message::Members(_)) => {
                self.has_begun = true;
                if self.members.as_ref() != Some(&message) {
                    self.members = Some(message.clone());
                    self.append.push(message);
                }
                self.greet();
            }
            Ok(Message::Vector(advert)) => {
                self.room_held = advert.held;
                self.room_base = advert.base;
                if !self.room_held.covers(&self.held) {
                    self.whole = None;
                }
            }
            Ok(Message::Frame(frame)) => self.take_frame(&frame),
            Ok(Message::Frames(frames)) => frames.iter().for_each(|it| self.take_frame(it)),
            Ok(Message::Signal(_)) => self.publish.push(Publish::Signal(message)),
            Ok(Message::Blob(blob)) if self.has_begun => {
                let words = self.lending.said(blob, now_ms);
                self.lend(words);
            }
            _ => {}
        }
    }

    /// Another relay says something of an attachment.
    pub fn hear(&mut self, from: Node, message: Bytes) {
        if let Ok(Message::Blob(blob)) = Message::decode(message) {
            let words = self.lending.heard(from, blob);
            self.lend(words);
        }
    }

    /// Time passes, in ms.
    pub fn pass(&mut self, now_ms: u64) {
        let words = self.lending.pass(now_ms);
        self.lend(words);
    }

    /// When to tell it so although nothing has happened.
    pub fn wake_ms(&self) -> Option<u64> {
        self.lending.wake_ms()
    }

    fn lend(&mut self, words: Vec<Word>) {
        for word in words {
            let (to, blob) = match word {
                Word::Room(blob) => {
                    self.tell.push(Tell::Message(Message::Blob(blob).encode()));
                    continue;
                }
                Word::All(blob) => (None, blob),
                Word::One(node, blob) => (Some(node), blob),
            };
            let message = Message::Blob(blob).encode();
            self.publish.push(Publish::Lend(to, message));
        }
    }

    fn take_frame(&mut self, frame: &Frame) {
        let Header { stream, number, .. } = *frame.header();
        let room_base = self.room_base.clone().unwrap_or_default();
        if let Some(whole) = &mut self.whole {
            whole.take(frame, &room_base);
            return;
        }
        let stands = in_place_of(frame, &room_base);
        if stands.is_some_and(|counted| !self.held.covers(&counted))
            && !self.base.stands(stream, number)
        {
            self.begin_with(&room_base);
            self.append.push(beginning(&room_base));
        }
        if count(&mut self.held, frame, &room_base) {
            self.append.push(frame.message().clone());
            self.coming.raise(stream, number);
        }
    }

    /// What is to be told to the room, in its order.
    pub fn told(&mut self) -> Vec<Bytes> {
        if !self.is_greeted {
            return Vec::new();
        }
        let held = match self.whole {
            Some(_) => Vector::new(),
            None => self.held.clone(),
        };
        let tell = std::mem::take(&mut self.tell).into_iter();
        let messages = tell.map(|tell| match tell {
            Tell::Message(message) => message,
            Tell::Vector(base) => vector(held.clone(), base),
        });
        messages.collect()
    }

    /// What is to be published.
    pub fn published(&mut self) -> Vec<Publish> {
        std::mem::take(&mut self.publish)
    }

    /// What is to be appended now, up to about so many bytes; nothing if there is nothing to do.
    pub fn offer(&mut self, max_bytes: usize) -> Option<Batch> {
        if self.append.is_empty() && self.taken_bytes == 0 {
            return None;
        }
        let mut bytes = 0;
        let fits = self.append.iter().take_while(|it| {
            let is_first = bytes == 0;
            bytes += it.len();
            is_first || bytes <= max_bytes
        });
        let fits = fits.count();
        let messages: Vec<Bytes> = self.append.drain(..fits).collect();
        self.stream_bytes += messages.iter().map(|it| it.len() as u64).sum::<u64>();
        let is_all = self.append.is_empty();
        Some(Batch {
            messages,
            // With what comes last all of it is there.
            frames: match is_all {
                true => std::mem::take(&mut self.coming),
                false => Vector::new(),
            },
            taken_bytes: match is_all {
                true => std::mem::take(&mut self.taken_bytes),
                false => 0,
            },
        })
    }

    /// What the stream holds.
    pub fn held(&self) -> &Vector {
        &self.held
    }

    /// Bytes of all entries.
    pub fn stream_bytes(&self) -> u64 {
        self.stream_bytes
    }

    /// Whether a whole room is being gathered. Who lacks something of its stream, and who hears of more, has none to give.
    pub fn is_gathering(&self) -> bool {
        self.whole.is_some()
    }

    /// The whole room once it is gathered, for its stream to begin with: its members, its base, and all frames above that.
    pub fn gathered(&mut self) -> Option<Whole> {
        let whole = self.whole.as_ref()?;
        let is_all = self.room_held.covers(&self.held) && whole.held.covers(&self.room_held);
        if !is_all || !self.append.is_empty() {
            return None;
        }
        let mut whole = self.whole.take()?;
        let beginning = self.room_base.as_ref().map(beginning);
        let before = self.members.iter().cloned().chain(beginning);
        whole.messages.splice(0..0, before);
        Some(whole)
    }

    /// The stream consists of this now.
    pub fn shortened(&mut self, whole: Whole) {
        self.stream_bytes = whole.messages.iter().map(|it| it.len() as u64).sum();
        self.base = self.room_base.clone().unwrap_or_default();
        self.held = whole.held;
    }
}

impl Whole {
    fn take(&mut self, frame: &Frame, base: &Base) {
        if count(&mut self.held, frame, base) {
            self.messages.push(frame.message().clone());
        }
    }
}

/// Whether a frame adds something to what is held, as the next of its stream or in place of what it counts: then it counts.
fn count(held: &mut Vector, frame: &Frame, base: &Base) -> bool {
    let Header { stream, number, .. } = *frame.header();
    if let Some(counted) = in_place_of(frame, base).filter(|it| !held.covers(it)) {
        held.merge(&counted);
        held.raise(stream, number);
        return true;
    }
    let is_next = number == held.get(&stream) + 1;
    if is_next {
        held.raise(stream, number);
    }
    is_next
}

/// What a snapshot counts with which a log begins.
fn in_place_of(frame: &Frame, base: &Base) -> Option<Vector> {
    let Header { stream, number, .. } = *frame.header();
    let stands = base.stands(stream, number);
    let body = stands.then(|| frame.snapshot()).flatten();
    body.map(|body| body.vector)
}

/// The entry before the snapshots with which a log begins.
fn beginning(base: &Base) -> Bytes {
    vector(Vector::new(), Some(base.clone()))
}

fn vector(held: Vector, base: Option<Base>) -> Bytes {
    Message::Vector(Advert { held, base }).encode()
}
