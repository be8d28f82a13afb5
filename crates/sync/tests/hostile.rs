//! No bytes bring a decoder or an exchange to panic, and what was read can be written and read again.

use bytes::Bytes;
use proptest::prelude::*;
use sync::{
    Advert, Base, BlobMessage, BlobName, BlobPiece, Bundle, Bye, ByeCode, Content,
    CountersignatureBody, Document, Draft, Frame, FrameId, Heads, Hello, Message, Signal,
    SignalKind, SnapshotBody, Snapshots, State, StreamId, Vector, Welcome, testing,
};
use trust::{DeviceId, Genesis, Membership};

fn device(name: u8) -> DeviceId {
    DeviceId([name; 32])
}

fn stream(name: u8) -> StreamId {
    StreamId {
        device: device(name),
        nonce: 1 << 40,
    }
}

fn frame(name: u8, number: u64, content: Content<'_>) -> Frame {
    let draft = Draft {
        room: Genesis::new([1; 32], [2; 32]).room(),
        document: Document::Project,
        epoch: 3,
        stream: stream(name),
        number,
        deps: &[FrameId([5; 32]), FrameId([6; 32])],
        content,
        payload: b"some changes",
    };
    Frame::mint(&draft).expect("a small frame")
}

fn vector() -> Vector {
    [(stream(2), 1), (stream(3), 300), (stream(4), 70_000)]
        .into_iter()
        .collect()
}

fn frames() -> Vec<Frame> {
    let body = SnapshotBody {
        vector: vector(),
        heads: Heads([7; 32]),
    };
    let signed = CountersignatureBody {
        snapshot: FrameId([8; 32]),
        heads: Heads([7; 32]),
    };
    vec![
        frame(2, 1, Content::Changes),
        frame(2, 2, Content::Snapshot(&body)),
        frame(5, 1, Content::Snapshot(&body)),
        frame(3, 1, Content::Countersignature(signed)),
    ]
}

fn messages() -> Vec<Message> {
    let advert = Advert {
        held: vector(),
        base: Some(Base::default().with(stream(5), 1, vector())),
    };
    let room = Genesis::new([1; 32], [2; 32]).room();
    let name = BlobName([3; 32]);
    let members = Membership::begin(&Genesis::new([1; 32], [2; 32]));
    let records = members.records().iter().cloned().map(Bytes::from).collect();
    let mut messages = vec![
        Message::Members(records),
        Message::Vector(advert),
        Message::Frames(frames()),
        Message::Ack(vector()),
        Message::Signal(Signal {
            device: device(2),
            session: 1,
            counter: 2,
            kind: SignalKind::State,
            payload: State::of(&vector(), Some(Heads([7; 32]))).encode(),
        }),
        Message::Blob(BlobMessage::Want { name, offset: 9 }),
        Message::Blob(BlobMessage::Piece(BlobPiece {
            name,
            offset: 1,
            total: 9,
            bytes: Bytes::from_static(b"piece"),
        })),
        Message::Blob(BlobMessage::Absent { name }),
        Message::Blob(BlobMessage::Present { name, total: 9 }),
        Message::Hello(Hello::new(room, device(2), [4; 32])),
        Message::Welcome(Welcome {
            protocol: 1,
            device: device(2),
            nonce: [4; 32],
        }),
        Message::Bye(Bye {
            code: ByeCode::Busy,
            reason: "too much to do".to_owned(),
        }),
    ];
    messages.extend(frames().into_iter().map(Message::Frame));
    messages
}

/// Good bytes for each body, to begin from.
fn samples(body: &str) -> Vec<Vec<u8>> {
    match body {
        "frame" => frames()
            .iter()
            .map(|frame| frame.bytes().to_vec())
            .collect(),
        "message" => messages().iter().map(|m| m.encode().to_vec()).collect(),
        "state" => vec![State::of(&vector(), None).encode().to_vec()],
        "snapshots" => {
            let mut snapshots = Snapshots::new();
            frames().iter().for_each(|frame| {
                snapshots.see(frame, 1);
            });
            vec![snapshots.encode()]
        }
        "base" => vec![Base::default().with(stream(5), 1, vector()).encode()],
        "bundle" => vec![bundle().encode()],
        "exchange" => vec![conversation()],
        other => panic!("there are no samples for {other}"),
    }
}

fn bundle() -> Bundle {
    Bundle {
        membership: Membership::begin(&Genesis::new([1; 32], [2; 32])),
        advert: Advert::default(),
        frames: frames(),
    }
}

/// All messages but the handshake and the farewell, each behind its length.
fn conversation() -> Vec<u8> {
    let spoken = messages().into_iter().filter(|message| {
        !matches!(
            message,
            Message::Hello(_) | Message::Welcome(_) | Message::Bye(_)
        )
    });
    let mut bytes = Vec::new();
    for message in spoken {
        let message = message.encode();
        bytes.extend_from_slice(&(message.len() as u16).to_be_bytes());
        bytes.extend_from_slice(&message);
    }
    bytes
}

fn all_bodies(bytes: &[u8]) {
    testing::BODIES.iter().for_each(|(_, body)| body(bytes));
}

#[test]
fn every_message_is_read_back() {
    for message in messages() {
        assert_eq!(Message::decode(message.encode()), Ok(message));
    }
}

#[test]
fn good_bytes_are_taken_and_every_beginning_of_them_is_survived() {
    for (name, body) in testing::BODIES {
        for sample in samples(name) {
            (0..=sample.len()).for_each(|end| body(&sample[..end]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_bytes_bring_anything_to_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        all_bodies(&bytes);
        for kind in 0..16 {
            let mut message = vec![kind];
            message.extend_from_slice(&bytes);
            testing::message(&message);
        }
    }

    #[test]
    fn changed_bytes_bring_nothing_to_panic(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<usize>()),
    ) {
        for (name, body) in testing::BODIES {
            for mut sample in samples(name) {
                for (at, byte) in &changes {
                    let at = at % sample.len();
                    sample[at] = *byte;
                }
                if let Some(cut) = cut {
                    sample.truncate(cut % sample.len());
                }
                body(&sample);
            }
        }
    }

    #[test]
    fn any_order_of_messages_is_survived(order in proptest::collection::vec(0..16_usize, 0..40)) {
        let all = messages();
        let mut bytes = Vec::new();
        for message in [0, 1].iter().chain(&order).map(|at| all[at % all.len()].encode()) {
            bytes.extend_from_slice(&(message.len() as u16).to_be_bytes());
            bytes.extend_from_slice(&message);
        }
        testing::exchange(&bytes);
    }

    /// A file whose hash fits, whatever is in it: the reader behind the hash gets it.
    #[test]
    fn a_forged_bundle_is_survived(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
    ) {
        let mut file = bundle().encode();
        file.truncate(file.len() - 32);
        for (at, byte) in changes {
            let at = 9 + at % (file.len() - 9);
            file[at] = byte;
        }
        let hash = blake3::hash(&file);
        file.extend_from_slice(hash.as_bytes());
        testing::bundle(&file);
    }
}
