mod shared;

use bytes::Bytes;
use store::{MemoryStore, RoomKey, Store};
use sync::{
    Advert, BlobMessage, BlobName, BlobPiece, Content, CountersignatureBody, Document, Draft,
    Frame, FrameId, Heads, LinkError, LinkId, Message, Peer, Side, SnapshotBody, StreamId, Time,
    Vector,
};
use trust::invitation::InvitationSecret;
use trust::record::Role;
use trust::testing::Actor;
use trust::{DeviceId, Genesis, Membership};

use super::{Batch, Effect, Fate, Input, Knowledge, Room, Shelf};
use crate::log;
use crate::pieces::Kept;

const ANA: LinkId = LinkId(1);
const BEN: LinkId = LinkId(2);
const NOW: Time = Time(1_000);

fn members() -> Membership {
    Membership::begin(&Genesis::new([1; 32], [2; 32]))
}

fn greet(room: &mut Room, link: LinkId) {
    let device = DeviceId([link.0 as u8; 32]);
    let peer = Peer {
        device,
        side: Side::Accepted,
        protocol: 1,
    };
    room.handle(NOW, Input::Up(link, peer));
}

fn show(room: &mut Room, link: LinkId, membership: &Membership) {
    let records = membership.records().iter();
    let records = records
        .map(|record| Bytes::copy_from_slice(record))
        .collect();
    for message in [
        Message::Members(records),
        Message::Vector(Advert::default()),
    ] {
        room.handle(NOW, Input::Message(link, message.encode()));
    }
}

fn frame(number: u64) -> Frame {
    frame_with(number, b"x")
}

fn frame_with(number: u64, payload: &[u8]) -> Frame {
    let stream = StreamId {
        device: DeviceId([1; 32]),
        nonce: 7,
    };
    let draft = Draft {
        room: members().room(),
        document: Document::Project,
        epoch: 0,
        stream,
        number,
        deps: &[],
        content: Content::Changes,
        payload,
    };
    Frame::mint(&draft).expect("a small frame")
}

fn send(room: &mut Room, number: u64) {
    room.handle(NOW, Input::Message(ANA, frame(number).message().clone()));
}

/// Ana and Ben in a room that is not on disk.
fn fresh() -> Room {
    let mut room = Room::unknown(members().room(), DeviceId([200; 32]));
    for link in [ANA, BEN] {
        greet(&mut room, link);
        show(&mut room, link, &members());
    }
    room
}

fn stored(effects: &[Effect]) -> Vec<u64> {
    let batches = effects.iter().filter_map(|effect| match effect {
        Effect::Store(batch) => Some(batch.frames.iter().map(|frame| frame.header().number)),
        _ => None,
    });
    batches.flatten().collect()
}

fn forwarded(effects: &[Effect], to: LinkId) -> usize {
    let frame_kind = frame(1).message()[0];
    let sent = effects.iter().filter(|effect| {
        matches!(effect, Effect::Send(link, message) if *link == to && message[0] == frame_kind)
    });
    sent.count()
}

#[test]
fn nothing_is_on_disk_before_the_first_frame() {
    let mut room = fresh();
    let effects = room.poll(NOW);
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::Create(_) | Effect::Store(_)))
    );
    send(&mut room, 1);
    let effects = room.poll(NOW);
    let create = Effect::Create(members().records().to_vec());
    assert_eq!(effects[0], create, "first the room");
    assert_eq!(stored(&effects), [1]);
    send(&mut room, 2);
    assert!(!room.poll(NOW).contains(&create), "once");
}

#[test]
fn a_frame_is_forwarded_once_it_is_written() {
    let mut room = fresh();
    send(&mut room, 1);
    assert_eq!(forwarded(&room.poll(NOW), BEN), 0);
    room.handle(NOW, Input::Stored(Fate::Written));
    let effects = room.poll(NOW);
    assert_eq!((forwarded(&effects, BEN), forwarded(&effects, ANA)), (1, 0));
    assert_eq!(room.poll(NOW), []);
}

#[test]
fn a_frame_is_acknowledged_once_it_is_durable() {
    let acks = |effects: &[Effect]| {
        let messages = effects.iter().filter_map(|effect| match effect {
            Effect::Send(ANA, message) => Message::decode(message.clone()).ok(),
            _ => None,
        });
        messages
            .filter(|message| matches!(message, Message::Ack(_)))
            .count()
    };
    let mut room = fresh();
    send(&mut room, 1);
    room.poll(NOW);
    room.handle(NOW, Input::Stored(Fate::Written));
    assert_eq!(acks(&room.poll(Time(9_000))), 0);
    room.handle(Time(9_000), Input::Stored(Fate::Durable));
    assert_eq!(acks(&room.poll(Time(9_000))), 1);
}

#[test]
fn a_disk_that_fails_loses_nothing_and_changes_no_order() {
    let mut room = fresh();
    for number in 1..=3 {
        send(&mut room, number);
        assert_eq!(stored(&room.poll(NOW)), [number]);
    }
    room.handle(NOW, Input::Stored(Fate::Written));
    room.handle(NOW, Input::Stored(Fate::Failed));
    assert!(!room.is_stuck(), "the third offer is still on its way");
    send(&mut room, 4);
    let effects = room.poll(NOW);
    assert_eq!((forwarded(&effects, BEN), stored(&effects)), (1, vec![]));
    room.handle(NOW, Input::Stored(Fate::Failed));
    assert!(room.is_stuck() && !room.is_idle());

    room.handle(NOW, Input::Mended);
    assert!(!room.is_stuck());
    let effects = room.poll(NOW);
    assert_eq!(stored(&effects), [2, 3, 4]);
    room.handle(NOW, Input::Stored(Fate::Written));
    assert_eq!(forwarded(&room.poll(NOW), BEN), 3);
}

#[test]
fn a_room_takes_no_messages_while_the_disk_is_behind() {
    let mut room = fresh();
    let mut number = 0;
    while !room.is_full() {
        number += 1;
        let frame = frame_with(number, &[b'x'; 100_000]);
        room.handle(NOW, Input::Message(ANA, frame.message().clone()));
    }
    assert!(number < 200, "well before memory is short");
    room.poll(NOW);
    room.handle(NOW, Input::Stored(Fate::Written));
    assert!(!room.is_full());
}

#[test]
fn who_does_not_show_the_log_of_the_room_is_dropped() {
    let mut room = Room::unknown(members().room(), DeviceId([200; 32]));
    greet(&mut room, ANA);
    greet(&mut room, BEN);
    let other = Membership::begin(&Genesis::new([9; 32], [9; 32]));
    show(&mut room, ANA, &other);
    assert_eq!(room.poll(NOW)[0], Effect::Drop(ANA, LinkError::OtherRoom));
    show(&mut room, BEN, &members());
    send(&mut room, 1);
    let effects = room.poll(NOW);
    assert!(
        effects
            .iter()
            .all(|effect| !matches!(effect, Effect::Drop(BEN, _)))
    );
}

#[test]
fn a_room_is_idle_once_all_have_gone_and_all_is_durable() {
    let mut room = fresh();
    send(&mut room, 1);
    room.poll(NOW);
    room.handle(NOW, Input::Down(ANA));
    room.handle(NOW, Input::Down(BEN));
    assert!(!room.is_idle());
    room.handle(NOW, Input::Stored(Fate::Written));
    assert!(!room.is_idle());
    room.handle(NOW, Input::Stored(Fate::Durable));
    assert!(room.is_idle());
}

/// A frame about all of the room, of the device of a link.
fn about_room(link: LinkId, number: u64, content: Content<'_>) -> Frame {
    let draft = Draft {
        room: members().room(),
        document: Document::Room,
        epoch: 0,
        stream: StreamId {
            device: DeviceId([link.0 as u8; 32]),
            nonce: 7,
        },
        number,
        deps: &[],
        content,
        payload: b"all",
    };
    Frame::mint(&draft).expect("a small frame")
}

#[test]
fn s2_frames_go_once_a_second_writer_has_vouched_for_a_snapshot() {
    let mut room = fresh();
    (1..=3).for_each(|number| send(&mut room, number));
    let heads = Heads([5; 32]);
    let body = SnapshotBody {
        vector: [(frame(1).header().stream, 3)].into_iter().collect(),
        heads,
    };
    let snapshot = about_room(ANA, 4, Content::Snapshot(&body));
    room.handle(NOW, Input::Message(ANA, snapshot.message().clone()));
    room.poll(NOW);
    room.handle(NOW, Input::Stored(Fate::Written));
    let based = |effects: &[Effect]| {
        let batches = effects.iter().filter_map(|effect| match effect {
            Effect::Store(batch) => batch.base.clone(),
            _ => None,
        });
        batches.last()
    };
    assert_eq!(based(&room.poll(NOW)), None, "nobody else has seen it");

    let body = CountersignatureBody {
        snapshot: snapshot.id(),
        heads,
    };
    let vouched = about_room(BEN, 1, Content::Countersignature(body));
    room.handle(NOW, Input::Message(BEN, vouched.message().clone()));
    room.poll(NOW);
    room.handle(NOW, Input::Stored(Fate::Written));
    let base = based(&room.poll(NOW)).expect("the log begins later");
    assert_eq!(base.vector().frames(), 3);
    room.handle(NOW, Input::Stored(Fate::Written));
    let effects = room.poll(NOW);
    assert!(effects.contains(&Effect::DropFrames(base)), "{effects:?}");
    assert!(room.poll(NOW).is_empty(), "once");
}

/// Ana and Ben in a room that is on disk and keeps so many bytes of attachments.
fn with_attachments(quota_bytes: u64) -> Room {
    let mut room = fresh().with_shelf(Shelf::default(), quota_bytes);
    send(&mut room, 1);
    room.poll(NOW);
    room.handle(NOW, Input::Stored(Fate::Written));
    room.poll(NOW);
    room
}

fn say(room: &mut Room, link: LinkId, message: BlobMessage) -> Vec<Effect> {
    room.handle(NOW, Input::Message(link, Message::Blob(message).encode()));
    room.poll(NOW)
}

fn found(effects: &[Effect]) -> Vec<BlobName> {
    let found = effects.iter().filter_map(|effect| match effect {
        Effect::FindBlob(name) => Some(*name),
        _ => None,
    });
    found.collect()
}

#[test]
fn b8_what_is_offered_is_fetched_while_there_is_space_and_what_is_asked_for_in_any_case() {
    let mut room = with_attachments(100);
    let name = |byte| BlobName([byte; 32]);
    let offered = |name, total| BlobMessage::Present { name, total };
    assert_eq!(found(&say(&mut room, ANA, offered(name(1), 101))), []);
    assert_eq!(found(&say(&mut room, ANA, offered(name(2), 60))), [name(2)]);
    fetch(&mut room, name(2), 60);
    assert_eq!(found(&say(&mut room, ANA, offered(name(3), 60))), []);
    let asked = BlobMessage::Want {
        name: name(3),
        offset: 0,
    };
    assert_eq!(found(&say(&mut room, BEN, asked)), [name(3)]);
    let effects = fetch(&mut room, name(3), 60);
    assert!(effects.contains(&Effect::DropBlobs(vec![name(2)])));
    let asked = BlobMessage::Want {
        name: name(3),
        offset: 0,
    };
    let read = Effect::ReadBlob(BEN, name(3), 0);
    assert!(say(&mut room, BEN, asked).contains(&read));
}

/// Ana gives a blob of one piece to the room; what the room did with it.
fn fetch(room: &mut Room, name: BlobName, total: u64) -> Vec<Effect> {
    room.handle(NOW, Input::BlobFound(name, 0));
    room.poll(NOW);
    let piece = BlobPiece {
        name,
        offset: 0,
        total,
        bytes: vec![0; total as usize].into(),
    };
    let effects = say(room, ANA, BlobMessage::Piece(piece.clone()));
    assert!(effects.contains(&Effect::KeepBlob(piece)), "{effects:?}");
    room.handle(NOW, Input::BlobKept(name, Kept::Whole(total)));
    room.poll(NOW);
    effects
}

#[test]
fn b8_an_attachment_is_given_only_in_the_room_in_which_it_came() {
    let mut room = with_attachments(1_000);
    let asked = BlobMessage::Want {
        name: BlobName([9; 32]),
        offset: 0,
    };
    let effects = say(&mut room, BEN, asked);
    let is_read = |effect: &Effect| matches!(effect, Effect::ReadBlob(..));
    assert!(!effects.iter().any(is_read), "whatever the store has");
}

#[test]
fn b8_who_asks_for_what_is_behind_the_end_makes_it_forget_nothing() {
    let mut room = with_attachments(1_000);
    let name = BlobName([2; 32]);
    say(&mut room, ANA, BlobMessage::Present { name, total: 60 });
    fetch(&mut room, name, 60);
    let asked = |offset| BlobMessage::Want { name, offset };
    let effects = say(&mut room, BEN, asked(60));
    let absent = Message::Blob(BlobMessage::Absent { name }).encode();
    assert!(effects.contains(&Effect::Send(BEN, absent)), "{effects:?}");
    assert_eq!(found(&effects), []);
    let read = Effect::ReadBlob(BEN, name, 0);
    assert!(say(&mut room, BEN, asked(0)).contains(&read));
}

fn guest_at_the_door(room: &mut Room, actor: &Actor) {
    let peer = Peer {
        device: actor.device(),
        side: Side::Accepted,
        protocol: 1,
    };
    room.handle(NOW, Input::Up(ANA, peer));
    show(room, ANA, &actor.log);
}

#[test]
fn r7_a_relay_judges_an_invitation_by_its_own_clock() {
    for (unix_ms, is_let_in) in [(0, false), (500, true), (1_000, false)] {
        let mut alice = Actor::founder(1);
        let secret = InvitationSecret::from_seed(&[3; 32]);
        let invited = alice.invite(&secret, Role::Editor, 1);
        invited.expect("she owns the room");
        let mut guest = alice.beside(2);
        guest.join(&secret).expect("she is invited");
        let mut room = Room::known(DeviceId([200; 32]), alice.log, Vector::new(), None);
        if unix_ms > 0 {
            room.pass(NOW, unix_ms);
        }
        guest_at_the_door(&mut room, &guest);
        let Knowledge::Known { exchange, .. } = &room.knowledge else {
            unreachable!("it was known");
        };
        let role = exchange.membership().role_of(&guest.device());
        assert_eq!(role, is_let_in.then_some(Role::Editor));
    }
}

#[test]
fn r6_a_relay_that_was_started_again_knows_for_what_its_log_vouches() {
    let mut alice = Actor::founder(1);
    let [bob, mut carol] = [2, 3].map(|number| alice.beside(number));
    for other in [&bob, &carol] {
        alice.add(other, Role::Editor).expect("she owns the room");
    }
    let removed = alice.change(bob.device(), None, &[]);
    removed.expect("she owns the room");
    carol.hear(&alice);
    let written = |by: &Actor, deps: &[FrameId]| {
        let draft = Draft {
            room: by.log.room(),
            document: Document::Project,
            epoch: 1,
            stream: StreamId {
                device: by.device(),
                nonce: 7,
            },
            number: 1,
            deps,
            content: Content::Changes,
            payload: b"sealed",
        };
        Frame::sign(&draft, &by.key).expect("a small frame")
    };
    let of_bob = written(&bob, &[]);
    let of_carol = written(&carol, &[of_bob.id()]);
    let (store, id) = (MemoryStore::new(), RoomKey(alice.log.room().0));
    let members = log::members_meta(alice.log.records());
    let created = store.rooms().create(id, vec![members]);
    created.expect("an empty store");
    for (is_there, taken) in [(false, vec![]), (true, vec![1])] {
        if is_there {
            let batch = Batch {
                frames: vec![of_carol.clone()],
                ..Batch::default()
            };
            let write = log::write(id, &batch);
            store.rooms().append(write, Box::new(|_| {}));
        }
        let room = log::open(&store, alice.log.room(), DeviceId([200; 32]), 1 << 20);
        let mut room = room.expect("it is there").room;
        guest_at_the_door(&mut room, &carol);
        room.handle(NOW, Input::Message(ANA, of_bob.message().clone()));
        assert_eq!(stored(&room.poll(NOW)), taken);
    }
}

/// No frame lies in a log before the record that allowed its device to write it: who reads that log would take its relay for
/// one that lies.
#[test]
fn l11_members_that_the_disk_refused_are_stored_with_what_comes_next() {
    let mut alice = Actor::founder(1);
    let device = DeviceId([200; 32]);
    let mut room = Room::known(device, alice.log.clone(), Vector::new(), None);
    guest_at_the_door(&mut room, &alice);
    room.poll(NOW);
    let bob = alice.beside(2);
    alice.add(&bob, Role::Editor).expect("she owns the room");
    show(&mut room, ANA, &alice.log);
    let members = |effects: &[Effect]| {
        let of_batch = |effect: &Effect| match effect {
            Effect::Store(batch) => batch.members.clone(),
            _ => None,
        };
        effects.iter().find_map(of_batch)
    };
    let all = Some(alice.log.records().to_vec());
    assert_eq!(members(&room.poll(NOW)), all);
    room.handle(NOW, Input::Stored(Fate::Failed));
    assert_eq!(members(&room.poll(NOW)), None);
    room.handle(NOW, Input::Mended);
    assert_eq!(members(&room.poll(NOW)), all);
    room.handle(NOW, Input::Stored(Fate::Written));
    assert_eq!(members(&room.poll(NOW)), None, "once");
}
