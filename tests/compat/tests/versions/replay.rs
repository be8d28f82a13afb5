//! Each end of a recorded link speaks again, and the code of today has the other end.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use bytes::Bytes;
use sync::{
    BlobMessage, BlobName, ByeCode, Frame, FrameId, Hello, Message, OLDEST_PROTOCOL, PROTOCOL,
    Side, Signal, Vector, Welcome,
};
use trust::{DeviceId, Membership};

use crate::conversation;
use crate::grammar::assert_is_version_1;
use crate::recordings;
use crate::speaker::Speaker;
use crate::transcript::{Transcript, decoded, frames};

/// Longer than anything waits in an exchange.
const PATIENCE_MS: u64 = 5_000;

fn other(side: Side) -> Side {
    match side {
        Side::Dialled => Side::Accepted,
        Side::Accepted => Side::Dialled,
    }
}

/// The end of a link that today's code takes over, as it stood when the link began.
struct Replay<'a> {
    transcript: &'a Transcript,
    side: Side,
    today: Speaker,
    said: Vec<Bytes>,
    /// What it has of attachments once it has said so.
    attachments: BTreeMap<BlobName, Bytes>,
}

impl<'a> Replay<'a> {
    fn new(transcript: &'a Transcript, side: Side) -> Self {
        let own = transcript.said_by(side);
        let held = own.iter().find_map(|bytes| match decoded(bytes) {
            Message::Vector(advert) => Some(advert),
            _ => None,
        });
        let held = held.expect("it said what it held");
        let device = device(&own[0]);
        let mut today = Speaker::new(
            device,
            membership(&own).remove(0),
            held.held.clone(),
            held.base.clone(),
        );
        for frame in frames(&own) {
            let header = frame.header();
            if header.number <= held.held.get(&header.stream) {
                today.log.insert((header.stream, header.number), frame);
            }
        }
        let pieces = own.iter().filter_map(|bytes| match decoded(bytes) {
            Message::Blob(BlobMessage::Piece(piece)) => Some((piece.name, piece.bytes)),
            _ => None,
        });
        let attachments = pieces.collect();
        let hello = transcript.hello();
        let agreed = hello.negotiate().expect("it is spoken still");
        let theirs = transcript.said_by(other(side));
        today.connect(self::device(&theirs[0]), side, agreed);
        let mut replay = Self {
            transcript,
            side,
            today,
            said: Vec::new(),
            attachments,
        };
        replay.speak();
        replay
    }

    fn run(mut self) -> Self {
        let transcript = self.transcript;
        for line in &transcript.lines {
            match decoded(&line.bytes) {
                Message::Hello(_) | Message::Welcome(_) | Message::Bye(_) => {}
                message if line.by == self.side => self.intend(message),
                _ => self
                    .today
                    .hear(line.bytes.clone())
                    .unwrap_or_else(|error| panic!("{error}: {:02x?}", line.bytes)),
            }
            self.speak();
        }
        self.today.now = self.today.now.plus_ms(PATIENCE_MS);
        self.speak();
        self
    }

    /// Wants what the host wanted that had this message sent. What an exchange says by itself is left to it.
    fn intend(&mut self, message: Message) {
        let now = self.today.now;
        let exchange = &mut self.today.exchange;
        match message {
            Message::Frame(frame) => self.write(&[frame]),
            Message::Frames(frames) => self.write(&frames),
            Message::Signal(signal) => exchange.signal(signal, now),
            Message::Members(records) => {
                let log = Membership::open(&records).unwrap();
                exchange.merge_members(&log).unwrap();
            }
            Message::Blob(BlobMessage::Want { name, offset }) => {
                let is_known = exchange.blobs().any(|it| it.name == name);
                match is_known {
                    true => {}
                    false => exchange.want_blob(name, offset, now),
                }
            }
            Message::Blob(BlobMessage::Present { name, total }) => {
                exchange.offer_blob(name, total, now);
                let content = self.attachments[&name].clone();
                self.today.attachments.insert(name, content);
            }
            _ => {}
        }
    }

    fn write(&mut self, frames: &[Frame]) {
        for frame in frames {
            let header = frame.header();
            if header.number > self.today.exchange.held().get(&header.stream) {
                self.today.keep(frame);
            }
        }
    }

    fn speak(&mut self) {
        for message in self.today.say() {
            assert_is_version_1(&message);
            self.said.push(message);
        }
    }

    /// What came has arrived whole, and the other end has been told all that it was told then.
    fn assert_went_well(&self) {
        let theirs = self.transcript.said_by(other(self.side));
        let own = self.transcript.said_by(self.side);
        assert_eq!(ids(&self.today.frames), ids(&frames(&theirs)));
        assert_eq!(self.today.signals, signals(&theirs));
        assert_eq!(attachments(&self.said), attachments(&own));
        let pieces = self.today.pieces.iter().cloned();
        let pieces = pieces.map(BlobMessage::Piece).collect::<Vec<_>>();
        let came = attachments(&theirs).into_iter();
        let came = came.filter(|it| matches!(it, BlobMessage::Piece(_)));
        assert_eq!(pieces, came.collect::<Vec<_>>());

        assert!(ids(&frames(&self.said)).is_superset(&ids(&frames(&own))));
        assert_eq!(signals(&self.said), signals(&own));
        assert!(acknowledged(&self.said).covers(&acknowledged(&own)));
        let mut known = membership(&own).pop().unwrap();
        known
            .merge(membership(&theirs).pop().unwrap().records())
            .unwrap();
        let found = self.today.exchange.membership();
        assert_eq!(found.records(), known.records());
        assert_eq!(
            membership(&self.said).pop().unwrap().records(),
            membership(&own).pop().unwrap().records()
        );
    }
}

fn device(greeting: &Bytes) -> DeviceId {
    match decoded(greeting) {
        Message::Hello(hello) => hello.device,
        Message::Welcome(welcome) => welcome.device,
        other => panic!("{other:?}"),
    }
}

/// The logs of members that were sent.
fn membership(messages: &[Bytes]) -> Vec<Membership> {
    let logs = messages.iter().filter_map(|bytes| match decoded(bytes) {
        Message::Members(records) => Some(Membership::open(&records).unwrap()),
        _ => None,
    });
    logs.collect()
}

fn signals(messages: &[Bytes]) -> Vec<Signal> {
    let signals = messages.iter().filter_map(|bytes| match decoded(bytes) {
        Message::Signal(signal) => Some(signal),
        _ => None,
    });
    signals.collect()
}

fn attachments(messages: &[Bytes]) -> Vec<BlobMessage> {
    let attachments = messages.iter().filter_map(|bytes| match decoded(bytes) {
        Message::Blob(blob) => Some(blob),
        _ => None,
    });
    attachments.collect()
}

fn acknowledged(messages: &[Bytes]) -> Vector {
    let mut all = Vector::new();
    for bytes in messages {
        if let Message::Ack(vector) = decoded(bytes) {
            all.merge(&vector);
        }
    }
    all
}

fn ids(frames: &[Frame]) -> BTreeSet<FrameId> {
    frames.iter().map(Frame::id).collect()
}

#[test]
fn who_speaks_an_earlier_version_is_understood_and_answered_in_it() {
    for (version, transcript) in recordings::conversations() {
        println!("the conversation of {version}");
        for side in [Side::Dialled, Side::Accepted] {
            Replay::new(&transcript, side).run().assert_went_well();
        }
    }
}

#[test]
fn every_kind_of_message_occurs_in_a_conversation() {
    for (version, transcript) in recordings::conversations() {
        let kinds = transcript.lines.iter().map(|line| line.bytes[0]);
        let kinds: BTreeSet<u8> = kinds.collect();
        assert_eq!(kinds, (1..=13).collect(), "{version}");
    }
}

#[test]
fn a_greeting_of_an_earlier_version_is_answered_within_what_it_offers() {
    for (version, transcript) in recordings::conversations() {
        let hello: Hello = transcript.hello();
        let spoken = hello
            .negotiate()
            .expect("versions in a row understand each other");
        assert!((hello.oldest..=hello.newest).contains(&spoken), "{version}");
        let Message::Welcome(welcome) = decoded(&transcript.said_by(Side::Accepted)[0]) else {
            panic!("it was not welcomed")
        };
        assert!(welcome.is_acceptable(), "{version}");
        let answer = Welcome {
            protocol: spoken,
            ..welcome
        };
        assert_is_version_1(&Message::Welcome(answer).encode());
    }
}

#[test]
fn only_a_version_that_is_gone_or_not_there_yet_is_refused() {
    let (_, transcript) = recordings::conversations().remove(0);
    let offering = |oldest, newest| Hello {
        oldest,
        newest,
        ..transcript.hello()
    };
    let later = PROTOCOL + 1;
    assert_eq!(offering(PROTOCOL, later).negotiate(), Ok(PROTOCOL));
    assert_eq!(offering(later, later).negotiate(), Err(ByeCode::TooNew));
    let gone = OLDEST_PROTOCOL - 1;
    assert_eq!(offering(gone, gone).negotiate(), Err(ByeCode::TooOld));
}

#[test]
fn today_speaks_as_a_transcript_is_written() {
    let spoken = conversation::record();
    assert_eq!(Transcript::read(&spoken.write()), spoken);
    for line in &spoken.lines[1..] {
        assert_is_version_1(&line.bytes);
    }
    if let Some(folder) = recordings::kept_in() {
        fs::write(folder.join(recordings::CONVERSATION), spoken.write()).unwrap();
    }
}
