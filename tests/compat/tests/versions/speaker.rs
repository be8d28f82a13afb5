//! One end of a link as the code of today has it: an exchange, with a log and attachments in memory.

use std::collections::BTreeMap;

use bytes::Bytes;
use sync::{
    Base, BlobEvent, BlobName, BlobPiece, Exchange, Frame, Limits, LinkError, LinkId, LogRange,
    Outgoing, Peer, Received, Setup, Side, Signal, StreamId, Time, Vector,
};
use trust::{DeviceId, Membership};

const LINK: LinkId = LinkId(1);

pub struct Speaker {
    pub exchange: Exchange,
    pub log: BTreeMap<(StreamId, u64), Frame>,
    pub attachments: BTreeMap<BlobName, Bytes>,
    pub now: Time,
    /// What it heard.
    pub frames: Vec<Frame>,
    pub signals: Vec<Signal>,
    pub pieces: Vec<BlobPiece>,
}

impl Speaker {
    pub fn new(device: DeviceId, membership: Membership, held: Vector, base: Option<Base>) -> Self {
        Self {
            exchange: Exchange::new(Setup {
                device,
                membership,
                held,
                base,
                own: None,
                limits: Limits::default(),
            }),
            log: BTreeMap::new(),
            attachments: BTreeMap::new(),
            now: Time(1_000),
            frames: Vec::new(),
            signals: Vec::new(),
            pieces: Vec::new(),
        }
    }

    pub fn connect(&mut self, device: DeviceId, side: Side, protocol: u32) {
        let peer = Peer {
            device,
            side,
            protocol,
        };
        self.exchange.connect(LINK, peer, self.now);
    }

    /// Writes a frame: it is on the disk at once, for good.
    pub fn keep(&mut self, frame: &Frame) {
        let header = frame.header();
        let (stream, number) = (header.stream, header.number);
        self.log.insert((stream, number), frame.clone());
        self.exchange.publish(frame);
        self.exchange.durable(stream, number, self.now);
    }

    pub fn hear(&mut self, message: Bytes) -> Result<(), LinkError> {
        let received = self.exchange.receive(LINK, message, self.now)?;
        self.take(received);
        Ok(())
    }

    fn take(&mut self, received: Received) {
        if let Some(base) = &received.base {
            self.exchange.rebase(base.clone());
        }
        for frame in &received.frames {
            self.keep(frame);
        }
        for event in received.blobs {
            self.answer(event);
        }
        self.frames.extend(received.frames);
        self.signals.extend(received.signals);
    }

    fn answer(&mut self, event: BlobEvent) {
        match event {
            BlobEvent::Asked { link, name, offset } => match self.attachments.get(&name) {
                Some(whole) => {
                    let piece = BlobPiece {
                        name,
                        offset,
                        total: whole.len() as u64,
                        bytes: whole.slice(offset as usize..),
                    };
                    self.exchange.give_blob(link, piece);
                }
                None => self.exchange.deny_blob(link, name),
            },
            BlobEvent::Came(piece) => {
                self.attachments.insert(piece.name, piece.bytes.clone());
                self.exchange.have_blob(piece.name, piece.total, self.now);
                self.pieces.push(piece);
            }
            BlobEvent::Offered { .. } => {}
        }
    }

    /// What it has to say now.
    pub fn say(&mut self) -> Vec<Bytes> {
        let mut said = Vec::new();
        loop {
            let outgoing = self.exchange.poll(self.now);
            if outgoing.is_empty() {
                return said;
            }
            for outgoing in outgoing {
                match outgoing {
                    Outgoing::Send(link, message) => {
                        self.exchange.sent(link, message.len());
                        said.push(message);
                    }
                    Outgoing::Replay(link, ranges, _) => {
                        let frames = self.read(&ranges);
                        self.exchange.replayed(link, frames);
                    }
                    Outgoing::Drop(_, error) => panic!("it ends the link: {error}"),
                }
            }
        }
    }

    fn read(&self, ranges: &[LogRange]) -> Vec<Frame> {
        let places = ranges.iter().flat_map(|range| {
            let numbers = range.from..=range.through;
            numbers.map(|number| (range.stream, number))
        });
        places
            .filter_map(|place| self.log.get(&place).cloned())
            .collect()
    }
}
