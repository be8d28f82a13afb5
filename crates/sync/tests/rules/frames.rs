//! Frames and messages keep what is put in.

use bytes::Bytes;
use sync::{
    Advert, Content, CountersignatureBody, Frame, FrameId, Heads, Kind, Message, SnapshotBody,
};

use crate::room::{frame, frame_of, frame_with, room, stream};

#[test]
fn a_frame_is_read_back_from_its_bytes() {
    let deps = [FrameId([3; 32]), FrameId([4; 32])];
    let body = SnapshotBody {
        vector: [(stream(1), 6), (stream(2), 2)].into_iter().collect(),
        heads: Heads([5; 32]),
    };
    let frame = frame_with(1, 7, b"everything", Content::Snapshot(&body), &deps);
    let again = Frame::from_bytes(frame.bytes()).expect("a frame");
    assert_eq!(again, frame);
    assert_eq!(again.id(), frame.id());
    assert_eq!(again.header().kind, Kind::Snapshot);
    assert_eq!(again.header().room, room());
    assert_eq!(
        (again.header().stream, again.header().number),
        (stream(1), 7)
    );
    assert_eq!(again.deps().collect::<Vec<_>>(), deps);
    assert_eq!(again.snapshot(), Some(body));
    assert_eq!(again.payload(), b"everything");

    let body = CountersignatureBody {
        snapshot: frame.id(),
        heads: Heads([5; 32]),
    };
    let frame = frame_with(2, 3, b"", Content::Countersignature(body), &[]);
    assert_eq!(frame.countersignature(), Some(body));
    assert_eq!(frame.snapshot(), None);
}

#[test]
fn several_frames_travel_in_one_message() {
    let frames: Vec<Frame> = (1..=3).map(|number| frame(1, number)).collect();
    let message = Message::Frames(frames.clone());
    assert_eq!(Message::decode(message.encode()), Ok(message));
}

#[test]
fn forwarding_a_frame_shares_its_buffer() {
    let frame = frame_of(1, 1, &[7; 1000]);
    let message = Message::Frame(frame.clone()).encode();
    assert_eq!(message.as_ptr(), frame.message().as_ptr());
    let Ok(Message::Frame(read)) = Message::decode(message.clone()) else {
        panic!("not a frame");
    };
    assert_eq!(read.message().as_ptr(), message.as_ptr());
}

#[test]
fn a_vector_message_is_read_back() {
    let message = Message::Vector(Advert {
        held: [(stream(1), 2)].into_iter().collect(),
        base: None,
    });
    assert_eq!(Message::decode(message.encode()), Ok(message));
    assert!(Message::decode(Bytes::from_static(&[99])).is_err());
    assert!(Message::decode(Bytes::new()).is_err());
}
