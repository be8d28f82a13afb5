//! Good bytes to begin from.

use bytes::Bytes;
use trust::hosting::HostingToken;
use trust::key::DeviceKey;
use trust::{DeviceId, Genesis, Membership};

use crate::{
    Advert, Base, BlobMessage, BlobName, BlobPiece, Bundle, Bye, ByeCode, Content,
    CountersignatureBody, Document, Draft, Frame, FrameId, Heads, Hello, Message, Signal,
    SignalKind, SnapshotBody, Snapshots, State, StreamId, Vector, Welcome,
};

/// A message of each kind.
pub fn messages() -> Vec<Message> {
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
            signature: None,
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
        Message::Hello(Hello {
            hosting: Some(HostingToken::from_bytes(&[5; 32])),
            ..Hello::new(room, device(2), [4; 32])
        }),
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

/// The frames of a bundle: changes, snapshots, a countersignature.
pub(super) fn frame_bytes() -> Vec<Vec<u8>> {
    let frames = frames().into_iter();
    frames.map(|frame| frame.bytes().to_vec()).collect()
}

pub(super) fn message_bytes() -> Vec<Vec<u8>> {
    let messages = messages().into_iter();
    messages.map(|message| message.encode().to_vec()).collect()
}

/// What stands behind the kind in the messages of this kind.
pub(super) fn contents(kinds: &[u8]) -> Vec<Vec<u8>> {
    let messages = message_bytes().into_iter();
    let wanted = messages.filter(|message| kinds.contains(&message[0]));
    wanted.map(|message| message[1..].to_vec()).collect()
}

pub(super) fn state() -> Vec<Vec<u8>> {
    let states = [None, Some(Heads([7; 32]))].map(|heads| State::of(&vector(), heads));
    states.map(|state| state.encode().to_vec()).into()
}

pub(super) fn snapshots() -> Vec<Vec<u8>> {
    let mut snapshots = Snapshots::new();
    for frame in frames() {
        snapshots.see(&frame, 1);
    }
    vec![snapshots.encode()]
}

pub(super) fn base() -> Vec<Vec<u8>> {
    vec![Base::default().with(stream(5), 1, vector()).encode()]
}

/// A room in a file.
pub fn bundle() -> Bundle {
    Bundle {
        membership: Membership::begin(&Genesis::new([1; 32], [2; 32])),
        advert: Advert::default(),
        frames: frames(),
    }
}

/// The file without what stands before and behind its content.
pub(super) fn forged_bundle() -> Vec<Vec<u8>> {
    let file = bundle().encode();
    vec![file[super::BUNDLE_MAGIC.len()..file.len() - super::BUNDLE_HASH_BYTES].to_vec()]
}

/// All messages but the handshake and the farewell, each behind its length; and what the founder of a closed room says.
pub(super) fn conversation() -> Vec<Vec<u8>> {
    let spoken = messages().into_iter().filter(|message| {
        !matches!(
            message,
            Message::Hello(_) | Message::Welcome(_) | Message::Bye(_)
        )
    });
    [spoken.collect(), signed_messages()]
        .iter()
        .map(|messages| in_a_row(messages))
        .collect()
}

fn in_a_row(messages: &[Message]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in messages {
        let message = message.encode();
        bytes.extend_from_slice(&(message.len() as u16).to_be_bytes());
        bytes.extend_from_slice(&message);
    }
    bytes
}

/// Who owns the closed room of the samples.
pub(super) fn founder() -> DeviceKey {
    DeviceKey::from_seed(&[7; 32])
}

/// What travels in a closed room.
pub fn signed_messages() -> Vec<Message> {
    let key = founder();
    let genesis = Genesis::closed(&key.public(), [2; 32]);
    let draft = Draft {
        room: genesis.room(),
        document: Document::Comments,
        epoch: 3,
        stream: StreamId {
            device: key.device(),
            nonce: 1,
        },
        number: 1,
        deps: &[FrameId([5; 32])],
        content: Content::Changes,
        payload: b"sealed",
    };
    let signal = Signal {
        device: key.device(),
        session: 1,
        counter: 1,
        kind: SignalKind::Presence,
        payload: Bytes::from_static(b"sealed"),
        signature: None,
    };
    vec![
        Message::Members(vec![genesis.encode().into()]),
        Message::Vector(Advert::default()),
        Message::Frame(Frame::sign(&draft, &key).expect("a small frame")),
        Message::Signal(signal.signed(&genesis.room(), &key)),
    ]
}

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
