//! A relay of today, and on its sockets who speaks an earlier version, word for word as it was recorded.

use std::collections::BTreeSet;

use bytes::Bytes;
use relay::Limits;
use sync::{BlobMessage, BlobName, FrameId, Header, Message, Side, Vector};
use testkit::links::{Piece, Raw, Site};

use crate::grammar::assert_is_version_1;
use crate::recordings;
use crate::transcript::{Transcript, decoded, frames};

/// Somebody of an earlier version at the relay.
struct Visitor {
    link: Raw,
    heard: Vec<Bytes>,
}

impl Visitor {
    async fn come(site: &Site, hello: &[u8]) -> Self {
        let mut link = Raw::upgraded(site.socket_address()).await;
        link.send(hello).await;
        let mut visitor = Self {
            link,
            heard: Vec::new(),
        };
        let welcome = visitor.hear().await;
        assert!(matches!(welcome, Message::Welcome(_)), "{welcome:?}");
        visitor
    }

    /// The next message, which version 1 can read.
    async fn hear(&mut self) -> Message {
        loop {
            match self.link.piece().await {
                Some(Piece::Binary(message)) => {
                    assert_is_version_1(&message);
                    self.heard.push(message.clone());
                    match decoded(&message) {
                        Message::Bye(bye) => panic!("sent away: {bye:?}"),
                        other => return other,
                    }
                }
                Some(Piece::Ping | Piece::Pong) => {}
                Some(Piece::Close) | None => panic!("the relay has hung up"),
            }
        }
    }

    /// Says what was said after the greeting. A piece is for who has asked for it, and one asks again for what is there.
    async fn say(&mut self, lines: &[Bytes]) {
        let mut asked = BTreeSet::new();
        for line in lines {
            match decoded(line) {
                Message::Blob(BlobMessage::Piece(piece)) => {
                    self.until(|it| is_want(it, piece.name)).await;
                }
                Message::Blob(BlobMessage::Want { name, .. }) if !asked.insert(name) => {
                    self.until(|it| is_there(it, name)).await;
                }
                _ => {}
            }
            self.link.send(line).await;
        }
    }

    /// Listens until something like this has come, which may be so already.
    async fn until(&mut self, wanted: impl Fn(&Message) -> bool) {
        if self.heard.iter().any(|it| wanted(&decoded(it))) {
            return;
        }
        while !wanted(&self.hear().await) {}
    }
}

/// What is said behind the greeting and before the goodbye. What it held and acknowledged in between, this relay has not
/// given it yet.
fn words(transcript: &Transcript, side: Side) -> Vec<Bytes> {
    let said = transcript.said_by(side).into_iter().skip(1);
    let mut has_vector = false;
    said.filter(|bytes| match decoded(bytes) {
        Message::Bye(_) | Message::Ack(_) => false,
        Message::Vector(_) => !std::mem::replace(&mut has_vector, true),
        _ => true,
    })
    .collect()
}

fn is_want(message: &Message, wanted: BlobName) -> bool {
    matches!(message, Message::Blob(BlobMessage::Want { name, .. }) if *name == wanted)
}

/// Whether it says that it has an attachment, or gives it.
fn is_there(message: &Message, wanted: BlobName) -> bool {
    match message {
        Message::Blob(BlobMessage::Present { name, .. }) => *name == wanted,
        Message::Blob(BlobMessage::Piece(piece)) => piece.name == wanted,
        _ => false,
    }
}

fn covers(acknowledged: &Vector, last: &Header) -> bool {
    acknowledged.get(&last.stream) >= last.number
}

fn ids(messages: &[Bytes]) -> BTreeSet<FrameId> {
    frames(messages).iter().map(sync::Frame::id).collect()
}

/// The hello of who accepted, had he dialled: what differs is the device.
fn hello_of(transcript: &Transcript, device: &[u8; 32]) -> Vec<u8> {
    let mut hello = transcript.lines[0].bytes.to_vec();
    let own = transcript.hello().device.0;
    let place = hello.windows(32).position(|it| it == own).unwrap();
    hello[place..place + 32].copy_from_slice(device);
    hello
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_serves_who_speaks_an_earlier_version() {
    for (version, transcript) in recordings::conversations() {
        println!("the conversation of {version}");
        let site = Site::start(Limits::default()).await;
        let dialler = words(&transcript, Side::Dialled);
        let acceptor = words(&transcript, Side::Accepted);

        let mut ana = Visitor::come(&site, &transcript.lines[0].bytes).await;
        ana.say(&dialler).await;
        let last = *frames(&dialler).pop().unwrap().header();
        ana.until(|message| matches!(message, Message::Ack(to) if covers(to, &last)))
            .await;

        let Message::Welcome(ben) = decoded(&transcript.said_by(Side::Accepted)[0]) else {
            panic!("nobody was welcomed")
        };
        let mut ben = Visitor::come(&site, &hello_of(&transcript, &ben.device.0)).await;
        ben.say(&acceptor).await;
        let last = *frames(&acceptor).pop().unwrap().header();
        ben.until(|message| matches!(message, Message::Ack(to) if covers(to, &last)))
            .await;
        ben.until(|message| matches!(message, Message::Blob(BlobMessage::Piece(_))))
            .await;
        // What one gave, the other gets, and nothing of it was changed.
        while ids(&ben.heard) != ids(&dialler) {
            ben.hear().await;
        }
        while ids(&ana.heard) != ids(&acceptor) {
            ana.hear().await;
        }
        let given = dialler.iter().find(|bytes| bytes[0] == 10);
        assert!(ben.heard.contains(given.unwrap()), "{version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_a_later_version_too_is_answered_in_ours() {
    let (_, transcript) = recordings::conversations().remove(0);
    let site = Site::start(Limits::default()).await;
    // One more version, and something more behind what is known.
    let mut hello = transcript.lines[0].bytes.to_vec();
    assert_eq!(hello[1], 0x85, "an array of five");
    (hello[1], hello[3]) = (0x86, hello[3] + 1);
    hello.extend(b"\x65later");
    let mut later = Visitor::come(&site, &hello).await;
    later.say(&words(&transcript, Side::Dialled)[..2]).await;
    later
        .until(|message| matches!(message, Message::Vector(_)))
        .await;
}
