//! Frames and messages keep what is put in.

use bytes::Bytes;
use minicbor::Encoder;
use sync::limits::{MAX_DEPS, MAX_FRAME_BYTES};
use sync::{
    Advert, Content, CountersignatureBody, Document, Frame, FrameError, FrameId, Frontier, Heads,
    Kind, Message, SnapshotBody,
};

use trust::Right;

use crate::room::{World, frame, frame_of, frame_with, in_document, room, stream};

#[test]
fn f1_a_frame_is_read_back_from_its_bytes() {
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
fn c4_several_frames_travel_in_one_message() {
    let frames: Vec<Frame> = (1..=3).map(|number| frame(1, number)).collect();
    let message = Message::Frames(frames.clone());
    assert_eq!(Message::decode(message.encode()), Ok(message));
}

#[test]
fn f1_forwarding_a_frame_shares_its_buffer() {
    let frame = frame_of(1, 1, &[7; 1000]);
    let message = Message::Frame(frame.clone()).encode();
    assert_eq!(message.as_ptr(), frame.message().as_ptr());
    let Ok(Message::Frame(read)) = Message::decode(message.clone()) else {
        panic!("not a frame");
    };
    assert_eq!(read.message().as_ptr(), message.as_ptr());
}

#[test]
fn l1_a_vector_message_is_read_back() {
    let message = Message::Vector(Advert {
        held: [(stream(1), 2)].into_iter().collect(),
        base: None,
    });
    assert_eq!(Message::decode(message.encode()), Ok(message));
    assert!(Message::decode(Bytes::from_static(&[99])).is_err());
    assert!(Message::decode(Bytes::new()).is_err());
}

#[test]
fn f1_a_frames_id_is_the_hash_of_its_bytes() {
    let frame = frame(1, 1);
    let hash = blake3::hash(frame.bytes());
    assert_eq!(frame.id(), FrameId(*hash.as_bytes()));
    assert_eq!(frame.id().to_string(), hash.to_hex().as_str());
}

#[test]
fn f2_a_frame_has_a_largest_size() {
    let frame = frame_of(1, 1, &vec![0; MAX_FRAME_BYTES - 1024]);
    let message = frame.message().clone();
    assert!(Message::decode(message).is_ok());
    let mut bytes = frame.bytes().to_vec();
    bytes.resize(MAX_FRAME_BYTES + 1, 0);
    assert_eq!(
        Frame::from_bytes(&bytes),
        Err(FrameError::TooLarge(MAX_FRAME_BYTES + 1))
    );
}

/// A frame of some version and kind, with more parts behind the known ones.
fn frame_of_version(version: u32, kind: u8, document: u8, more: u64) -> Vec<u8> {
    let mut writer = Encoder::new(Vec::new());
    let mut write = || -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
        writer.array(12 + more)?.u32(version)?.u8(kind)?;
        writer.bytes(&room().0)?.u8(document)?.u64(0)?;
        writer.bytes(&stream(99).device.0)?.u64(stream(99).nonce)?;
        writer.u64(1)?.array(0)?;
        writer.bytes(b"")?.bytes(b"payload")?.bytes(b"")?;
        for _ in 0..more {
            writer.str("something new")?;
        }
        Ok(())
    };
    write().expect("a frame");
    writer.into_writer()
}

#[test]
fn f3_a_frame_of_a_later_version_is_held_and_forwarded() {
    let bytes = frame_of_version(2, 77, 9, 2);
    let frame = Frame::from_bytes(&bytes).expect("a frame that is not known");
    assert_eq!(frame.header().kind, Kind::Later(77));
    assert!(!frame.header().is_known());
    assert_eq!(frame.payload(), b"payload");
    let mut world = World::of(&[1]);
    let (one, _two) = (world.open_live(), world.open_live());
    let received = world.say(one, &Message::Frame(frame.clone()));
    world.node(1).take(received.expect("no offence"));
    assert_eq!(world.messages_of(1), [Message::Frame(frame)]);
}

#[test]
fn f4_a_frame_of_a_known_version_has_exactly_its_shape() {
    assert!(Frame::from_bytes(&frame_of_version(1, 0, 0, 0)).is_ok());
    for (what, bytes) in [
        ("more parts", frame_of_version(1, 0, 0, 1)),
        ("an unknown kind", frame_of_version(1, 3, 0, 0)),
        ("an unknown document", frame_of_version(1, 0, 3, 0)),
        ("a snapshot without a body", frame_of_version(1, 1, 2, 0)),
        ("version 0", frame_of_version(0, 0, 0, 0)),
        ("nothing", Vec::new()),
    ] {
        assert!(Frame::from_bytes(&bytes).is_err(), "{what}");
    }
    let mut longer = frame(1, 1).bytes().to_vec();
    longer.push(0);
    assert!(Frame::from_bytes(&longer).is_err());
}

#[test]
fn f6_deps_are_the_latest_of_each_stream_that_nobody_lists() {
    let mut frontier = Frontier::new();
    let (first, second, other) = (frame(1, 1), frame(1, 2), frame(2, 1));
    for frame in [&first, &other, &second] {
        frontier.see(frame);
    }
    assert_eq!(
        frontier.clone().take(Right::Edit),
        [other.id(), second.id()]
    );
    let lists = frame_with(3, 1, b"", Content::Changes, &[second.id()]);
    frontier.see(&lists);
    assert_eq!(frontier.take(Right::Edit), [other.id(), lists.id()]);
    assert_eq!(frontier.take(Right::Edit), []);
    for name in 1..=100 {
        frontier.see(&frame(name, 1));
    }
    let deps = frontier.take(Right::Edit);
    assert_eq!(deps.len(), MAX_DEPS);
    assert_eq!(deps.last(), Some(&frame(100, 1).id()));
}

#[test]
fn f6_a_frame_of_comments_lists_the_comment_before_a_change_too() {
    let mut frontier = Frontier::new();
    let comments = |number| in_document(1, number, Document::Comments, &[]);
    let (comment, change) = (comments(1), frame(1, 2));
    frontier.see(&comment);
    frontier.see(&change);
    assert_eq!(frontier.clone().take(Right::Edit), [change.id()]);
    let both = [comment.id(), change.id()];
    assert_eq!(frontier.clone().take(Right::Comment), both);
    let later = comments(3);
    let mut longer = frontier.clone();
    longer.see(&later);
    assert_eq!(longer.clone().take(Right::Edit), [later.id()]);
    assert_eq!(longer.take(Right::Comment), [change.id(), later.id()]);
    // A comment that lists the change stands for neither where that was left.
    let says = in_document(3, 1, Document::Comments, &[change.id()]);
    frontier.see(&says);
    let all = [comment.id(), change.id(), says.id()];
    assert_eq!(frontier.take(Right::Comment), all);
}

/// Whoever lists it by a change of the project stands for it while she may edit, and no more then.
#[test]
fn f6_a_frame_of_comments_lists_what_only_changes_list() {
    let mut frontier = Frontier::new();
    let comment = in_document(1, 1, Document::Comments, &[]);
    frontier.see(&comment);
    let mut writes = frontier.clone();
    assert_eq!(writes.take(Right::Edit), [comment.id()]);
    assert_eq!(writes.take(Right::Edit), []);
    assert_eq!(writes.take(Right::Comment), [comment.id()]);
    assert_eq!(writes.take(Right::Comment), []);
    let edits = frame_with(3, 1, b"", Content::Changes, &[comment.id()]);
    frontier.see(&edits);
    assert_eq!(frontier.clone().take(Right::Edit), [edits.id()]);
    let both = [comment.id(), edits.id()];
    assert_eq!(frontier.clone().take(Right::Comment), both);
    let says = in_document(4, 1, Document::Comments, &[comment.id()]);
    frontier.see(&says);
    assert_eq!(frontier.take(Right::Comment), [edits.id(), says.id()]);
}
