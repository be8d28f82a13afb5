use sync::{BlobMessage, Content, Document, Draft, Heads, LinkError, SnapshotBody, StreamId};
use trust::{DeviceId, Genesis, Membership};

use super::*;

fn room() -> Membership {
    Membership::begin(&Genesis::new([1; 32], [2; 32]))
}

fn members() -> Bytes {
    let room = room();
    let records = room.records().iter();
    let records = records.map(|record| Bytes::copy_from_slice(record));
    Message::Members(records.collect()).encode()
}

fn stream(device: u8) -> StreamId {
    StreamId {
        device: DeviceId([device; 32]),
        nonce: 7,
    }
}

fn mint(device: u8, number: u64, content: Content<'_>) -> Frame {
    let draft = Draft {
        room: room().room(),
        document: match content {
            Content::Changes => Document::Project,
            _ => Document::Room,
        },
        epoch: 0,
        stream: stream(device),
        number,
        deps: &[],
        content,
        payload: b"x",
    };
    Frame::mint(&draft).expect("it is a frame")
}

fn frame(device: u8, number: u64) -> Frame {
    mint(device, number, Content::Changes)
}

fn held(counts: &[(u8, u64)]) -> Vector {
    counts
        .iter()
        .map(|(device, number)| (stream(*device), *number))
        .collect()
}

/// A snapshot by a device of its own, of what these are, and a log that begins with it.
fn snapshot(counts: &[(u8, u64)]) -> (Frame, Base) {
    let counted = held(counts);
    let body = SnapshotBody {
        vector: counted.clone(),
        heads: Heads([0; 32]),
    };
    let frame = mint(9, 1, Content::Snapshot(&body));
    (frame, Base::default().with(stream(9), 1, counted))
}

fn shown(messages: Vec<Bytes>) -> Vec<Message> {
    let decoded: Result<_, LinkError> = messages.into_iter().map(Message::decode).collect();
    decoded.expect("they are messages")
}

/// What a room says first on a link.
fn say(peer: &mut Peer, counts: &[(u8, u64)], base: Option<Base>) {
    peer.take(members(), 0);
    peer.take(vector(held(counts), base), 0);
}

fn offered(peer: &mut Peer) -> Vec<Message> {
    shown(peer.offer(usize::MAX).unwrap_or_default().messages)
}

#[test]
fn a_room_that_is_new_puts_its_members_before_its_frames() {
    let mut peer = Peer::default();
    peer.up();
    assert!(peer.told().is_empty(), "nobody has said who is a member");
    say(&mut peer, &[], None);
    let told = shown(peer.told());
    assert!(matches!(
        &told[..],
        [Message::Members(_), Message::Vector(advert)] if advert.held.is_empty()
    ));
    peer.take(frame(1, 1).message().clone(), 0);
    let batch = peer.offer(usize::MAX).expect("there is something");
    assert_eq!(batch.frames, held(&[(1, 1)]));
    let messages = shown(batch.messages);
    assert!(matches!(
        &messages[..],
        [Message::Members(_), Message::Frame(_)]
    ));
}

#[test]
fn who_has_read_the_stream_says_what_it_holds_and_brings_it() {
    let mut peer = Peer::default();
    peer.read(members());
    peer.read(frame(1, 1).message().clone());
    peer.read(frame(1, 2).message().clone());
    peer.up();
    let told = shown(peer.told());
    assert!(matches!(
        &told[..],
        [Message::Members(_), Message::Vector(advert), Message::Frame(_), Message::Frame(_)]
            if advert.held == held(&[(1, 2)])
    ));
}

#[test]
fn what_is_in_the_stream_is_not_appended_and_its_echo_not_told() {
    let mut peer = Peer::default();
    peer.read(members());
    peer.read(frame(1, 1).message().clone());
    peer.up();
    say(&mut peer, &[(1, 1)], None);
    peer.told();
    peer.take(frame(1, 1).message().clone(), 0);
    assert!(offered(&mut peer).is_empty());
    peer.take(frame(1, 2).message().clone(), 0);
    assert_eq!(offered(&mut peer).len(), 1);
    peer.read(frame(1, 2).message().clone());
    assert!(peer.told().is_empty());
}

#[test]
fn a_frame_behind_a_gap_counts_for_nothing() {
    let mut peer = Peer::default();
    peer.read(members());
    peer.read(frame(1, 2).message().clone());
    peer.up();
    assert_eq!(peer.held(), &Vector::new());
    peer.take(frame(1, 3).message().clone(), 0);
    assert!(offered(&mut peer).is_empty());
}

#[test]
fn a_log_that_begins_with_a_snapshot_says_so_before_it() {
    let (snapshot, base) = snapshot(&[(1, 5)]);
    let mut writer = Peer::default();
    writer.up();
    say(&mut writer, &[(1, 6), (9, 1)], Some(base.clone()));
    writer.take(snapshot.message().clone(), 0);
    writer.take(frame(1, 6).message().clone(), 0);
    let entries = writer.offer(usize::MAX).expect("all of it").messages;
    let mut reader = Peer::default();
    entries.into_iter().for_each(|entry| reader.read(entry));
    reader.up();
    assert_eq!(reader.held(), &held(&[(1, 6), (9, 1)]));
    let told = shown(reader.told());
    assert!(matches!(
        &told[2..],
        [Message::Vector(advert), Message::Frame(_), Message::Frame(_)]
            if advert.base.as_ref() == Some(&base) && advert.held == *reader.held()
    ));
}

#[test]
fn a_stream_is_shortened_once_the_whole_room_is_gathered() {
    let (snapshot, base) = snapshot(&[(1, 5)]);
    let mut peer = Peer::default();
    peer.read(members());
    (1..=5).for_each(|number| peer.read(frame(1, number).message().clone()));
    peer.read(snapshot.message().clone());
    peer.up();
    peer.told();
    let before = peer.stream_bytes();
    peer.up_to_shorten();
    say(&mut peer, &[(1, 5), (9, 1)], Some(base));
    let told = shown(peer.told());
    let is_nothing =
        |it: &Message| !matches!(it, Message::Vector(advert) if !advert.held.is_empty());
    assert!(told.iter().all(is_nothing), "it asks for everything");
    assert!(peer.gathered().is_none());
    peer.take(snapshot.message().clone(), 0);
    let whole = peer.gathered().expect("that was all");
    let mut reader = Peer::default();
    whole.messages.iter().for_each(|it| reader.read(it.clone()));
    assert_eq!(reader.held(), peer.held());
    peer.shortened(whole);
    assert!(peer.stream_bytes() < before);
    assert_eq!(peer.held(), &held(&[(1, 5), (9, 1)]));
}

#[test]
fn a_stream_is_not_shortened_by_who_lacks_something_of_it() {
    let mut peer = Peer::default();
    peer.read(members());
    peer.read(frame(1, 1).message().clone());
    peer.read(frame(2, 1).message().clone());
    peer.up_to_shorten();
    say(&mut peer, &[(1, 1)], None);
    peer.take(frame(1, 1).message().clone(), 0);
    assert!(peer.gathered().is_none());
}

#[test]
fn a_frame_that_came_too_early_does_not_stand_for_those_before_it() {
    let mut peer = Peer::default();
    peer.read(members());
    (1..=2).for_each(|number| peer.read(frame(1, number).message().clone()));
    peer.up_to_shorten();
    say(&mut peer, &[(1, 2)], None);
    peer.take(frame(1, 2).message().clone(), 0);
    assert!(peer.gathered().is_none());
    (1..=2).for_each(|number| peer.take(frame(1, number).message().clone(), 0));
    assert_eq!(peer.gathered().expect("that was all").messages.len(), 3);
}

#[test]
fn what_others_put_there_meanwhile_ends_the_gathering() {
    let mut peer = Peer::default();
    peer.read(members());
    peer.up_to_shorten();
    assert!(peer.is_gathering());
    peer.read(frame(2, 1).message().clone());
    assert!(!peer.is_gathering());
}

#[test]
fn what_is_no_entry_is_passed_over() {
    let mut peer = Peer::default();
    peer.read(Bytes::from_static(b"garbage"));
    peer.read(members());
    peer.up();
    assert_eq!(peer.told().len(), 2);
}

#[test]
fn an_attachment_is_wished_for_at_all_relays_and_told_to_the_room() {
    let mut peer = Peer::default();
    peer.read(members());
    peer.up();
    peer.told();
    let name = sync::BlobName([3; 32]);
    let want = Message::Blob(BlobMessage::Want { name, offset: 0 });
    peer.take(want.encode(), 0);
    assert!(peer.published().is_empty(), "that was on an earlier link");
    say(&mut peer, &[], None);
    peer.take(want.encode(), 0);
    let published = peer.published();
    assert!(matches!(&published[..], [Publish::Lend(None, message)] if *message == want.encode()));
    peer.pass(peer.wake_ms().expect("nobody may have it"));
    let told = shown(peer.told());
    assert_eq!(told, [Message::Blob(BlobMessage::Absent { name })]);
}

#[test]
fn no_more_is_offered_at_once_than_fits_and_arrival_is_told_with_the_last() {
    let mut peer = Peer::default();
    peer.up();
    say(&mut peer, &[], None);
    peer.take(frame(1, 1).message().clone(), 0);
    let first = peer.offer(1).expect("one at least");
    assert_eq!((first.messages.len(), first.taken_bytes), (1, 0));
    assert!(first.frames.is_empty());
    let last = peer.offer(1).expect("the other");
    assert_eq!(last.frames, held(&[(1, 1)]));
    assert!(last.taken_bytes > 0);
    assert_eq!(peer.offer(1), None);
}
