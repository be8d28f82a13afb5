//! Two or more exchanges in one process, joined by links that deliver at once.

use std::collections::BTreeMap;

use bytes::Bytes;
use sync::{
    Advert, Content, Document, Draft, Exchange, Frame, FrameId, Heads, Limits, LinkError, LinkId,
    LogRange, Message, Outgoing, Peer, Received, Setup, Side, SnapshotBody, Snapshots, StreamId,
    Time, Vector,
};
use trust::{DeviceId, Genesis, Membership, RoomId};

pub fn membership() -> Membership {
    Membership::begin(&Genesis::new([1; 32], [2; 32]))
}

pub fn room() -> RoomId {
    membership().room()
}

pub fn device(name: u8) -> DeviceId {
    DeviceId([name; 32])
}

pub fn stream(name: u8) -> StreamId {
    StreamId {
        device: device(name),
        nonce: u64::from(name),
    }
}

/// A frame of changes in the stream of that name.
pub fn frame(name: u8, number: u64) -> Frame {
    frame_of(name, number, b"a change")
}

pub fn frame_of(name: u8, number: u64, payload: &[u8]) -> Frame {
    frame_with(name, number, payload, Content::Changes, &[])
}

pub fn frame_with(
    name: u8,
    number: u64,
    payload: &[u8],
    content: Content<'_>,
    deps: &[FrameId],
) -> Frame {
    let document = match content {
        Content::Changes => Document::Project,
        _ => Document::Room,
    };
    mint(name, number, document, payload, content, deps)
}

/// One with changes of a document.
pub fn in_document(name: u8, number: u64, document: Document, deps: &[FrameId]) -> Frame {
    mint(name, number, document, b"", Content::Changes, deps)
}

fn mint(
    name: u8,
    number: u64,
    document: Document,
    payload: &[u8],
    content: Content<'_>,
    deps: &[FrameId],
) -> Frame {
    let draft = Draft {
        room: room(),
        document,
        epoch: 0,
        stream: stream(name),
        number,
        deps,
        content,
        payload,
    };
    Frame::mint(&draft).expect("a small frame")
}

pub fn setup(name: u8) -> Setup {
    Setup {
        device: device(name),
        membership: membership(),
        held: Vector::new(),
        base: None,
        own: Some(stream(name)),
        limits: Limits::default(),
    }
}

/// An exchange with a log in memory.
pub struct Node {
    pub name: u8,
    pub exchange: Exchange,
    pub log: BTreeMap<(StreamId, u64), Frame>,
    pub received: Vec<Received>,
}

impl Node {
    pub fn new(name: u8) -> Self {
        Self::with(name, setup(name))
    }

    pub fn with(name: u8, setup: Setup) -> Self {
        Self {
            name,
            exchange: Exchange::new(setup),
            log: BTreeMap::new(),
            received: Vec::new(),
        }
    }

    /// Writes a frame and gives it away.
    pub fn keep(&mut self, frame: &Frame) {
        let header = frame.header();
        self.log
            .insert((header.stream, header.number), frame.clone());
        self.exchange.publish(frame);
    }

    /// Writes what a message brought.
    pub fn take(&mut self, received: Received) {
        if let Some(base) = &received.base {
            self.exchange.rebase(base.clone());
        }
        for frame in &received.frames {
            self.keep(frame);
        }
        self.received.push(received);
    }

    /// What the ranges ask for, as far as it is in the log.
    pub fn read(&self, ranges: &[LogRange], max_bytes: usize) -> Vec<Frame> {
        let mut frames: Vec<Frame> = Vec::new();
        let mut bytes = 0;
        for range in ranges {
            for number in range.from..=range.through {
                let Some(frame) = self.log.get(&(range.stream, number)) else {
                    break;
                };
                bytes += frame.bytes().len();
                if bytes > max_bytes && !frames.is_empty() {
                    return frames;
                }
                frames.push(frame.clone());
            }
        }
        frames
    }

    /// Writes a snapshot of all that is held.
    pub fn write_snapshot(&mut self) -> Frame {
        let vector = self.exchange.held();
        let number = vector.get(&stream(self.name)) + 1;
        let body = SnapshotBody {
            heads: Heads(vector.digest()),
            vector,
        };
        let content = Content::Snapshot(&body);
        let frame = frame_with(self.name, number, b"everything", content, &[]);
        self.keep(&frame);
        frame
    }

    /// Drops what a snapshot counts.
    pub fn drop_below(&mut self, snapshot: &Frame) {
        let mut snapshots = Snapshots::new();
        snapshots.see(snapshot, 0);
        let known = snapshots.iter().next().expect("a snapshot").clone();
        let base = self.exchange.base_below(&known);
        self.log.retain(|(stream, number), _| {
            *number > base.vector().get(stream) || base.stands(*stream, *number)
        });
        self.exchange.rebase(base);
    }

    /// All frames that were ever handed over.
    pub fn handed(&self) -> Vec<Frame> {
        let received = self.received.iter();
        received
            .flat_map(|received| received.frames.clone())
            .collect()
    }

    /// Writes the next frame of the node's own stream.
    pub fn write(&mut self) -> Frame {
        let number = self.exchange.held().get(&stream(self.name)) + 1;
        let frame = frame(self.name, number);
        self.keep(&frame);
        frame
    }

    pub fn numbers(&self, name: u8) -> u64 {
        self.exchange.held().get(&stream(name))
    }
}

/// Nodes and the links between them; a link has one number at both ends.
#[derive(Default)]
pub struct World {
    pub nodes: BTreeMap<u8, Node>,
    links: BTreeMap<LinkId, (u8, u8)>,
    pub now: Time,
    /// Messages that were delivered.
    pub messages: usize,
    pub bytes: usize,
}

impl World {
    pub fn of(names: &[u8]) -> Self {
        let nodes = names.iter().map(|&name| (name, Node::new(name)));
        Self {
            nodes: nodes.collect(),
            ..Self::default()
        }
    }

    pub fn node(&mut self, name: u8) -> &mut Node {
        self.nodes.get_mut(&name).expect("a node of that name")
    }

    /// `from` dials `to`.
    pub fn join(&mut self, from: u8, to: u8) -> LinkId {
        let link = LinkId(1 + self.links.keys().last().map_or(0, |link| link.0));
        self.links.insert(link, (from, to));
        for (at, other, side) in [(from, to, Side::Dialled), (to, from, Side::Accepted)] {
            let peer = Peer {
                device: device(other),
                side,
                protocol: 1,
            };
            let now = self.now;
            self.node(at).exchange.connect(link, peer, now);
        }
        link
    }

    pub fn cut(&mut self, link: LinkId) {
        if let Some((from, to)) = self.links.remove(&link) {
            self.node(from).exchange.disconnect(link);
            self.node(to).exchange.disconnect(link);
        }
    }

    /// A link of node 1 whose other end is the test: what is received here, the peer could have sent.
    pub fn open(&mut self) -> LinkId {
        let link = LinkId(1 + self.links.keys().last().map_or(0, |link| link.0));
        self.links.insert(link, (1, 0));
        let now = self.now;
        let exchange = &mut self.node(1).exchange;
        let peer = Peer {
            device: device(99),
            side: Side::Accepted,
            protocol: 1,
        };
        exchange.connect(link, peer, now);
        link
    }

    /// As [`open`](Self::open), past members and vector.
    pub fn open_live(&mut self) -> LinkId {
        let link = self.open();
        let records = membership().records().to_vec();
        let members = Message::Members(records.into_iter().map(Bytes::from).collect());
        let vector = Message::Vector(Advert::default());
        for message in [members, vector] {
            self.say(link, &message).expect("an honest beginning");
        }
        for outgoing in self.poll(1) {
            if let Outgoing::Send(link, message) = outgoing {
                self.node(1).exchange.sent(link, message.len());
            }
        }
        link
    }

    /// Node 1 receives a message.
    pub fn say(&mut self, link: LinkId, message: &Message) -> Result<Received, LinkError> {
        let now = self.now;
        let exchange = &mut self.node(1).exchange;
        exchange.receive(link, message.encode(), now)
    }

    /// What a node wants, without carrying it out.
    pub fn poll(&mut self, name: u8) -> Vec<Outgoing> {
        let now = self.now;
        self.node(name).exchange.poll(now)
    }

    /// The messages that a node wants to send.
    pub fn messages_of(&mut self, name: u8) -> Vec<Message> {
        let outgoing = self.poll(name).into_iter();
        let messages = outgoing.filter_map(|outgoing| match outgoing {
            Outgoing::Send(_, message) => Some(Message::decode(message).expect("a message")),
            _ => None,
        });
        messages.collect()
    }

    /// Delivers until nobody has anything to say.
    pub fn settle(&mut self) {
        while self.step() {}
    }

    /// Lets time pass, and delivers.
    pub fn pass_ms(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
        self.settle();
    }

    fn step(&mut self) -> bool {
        let now = self.now;
        let names: Vec<u8> = self.nodes.keys().copied().collect();
        let mut is_busy = false;
        for name in names {
            for outgoing in self.node(name).exchange.poll(now) {
                is_busy = true;
                self.carry_out(name, outgoing);
            }
        }
        is_busy
    }

    fn carry_out(&mut self, name: u8, outgoing: Outgoing) {
        match outgoing {
            Outgoing::Send(link, message) => {
                self.node(name).exchange.sent(link, message.len());
                let Some(&(from, to)) = self.links.get(&link) else {
                    return;
                };
                self.messages += 1;
                self.bytes += message.len();
                let (now, other) = (self.now, if name == from { to } else { from });
                let node = self.node(other);
                let received = node.exchange.receive(link, message, now).expect("honest");
                node.take(received);
            }
            Outgoing::Replay(link, ranges, max_bytes) => {
                let node = self.node(name);
                let frames = node.read(&ranges, max_bytes);
                node.exchange.replayed(link, frames);
            }
            Outgoing::Drop(link, _) => self.cut(link),
        }
    }
}
