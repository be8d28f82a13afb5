//! What goes over a link, and when.

use bytes::Bytes;
use sync::{
    Advert, Content, Document, Draft, Frame, LinkError, Message, Outgoing, Phase, StreamId, Vector,
};
use trust::{Genesis, MembershipError};

use crate::room::{Node, World, device, frame, membership, room, setup, stream};

#[test]
fn l2_each_side_gets_what_it_lacks_in_one_round() {
    let mut world = World::of(&[1, 2]);
    for _ in 0..50 {
        world.node(1).write();
        world.node(2).write();
    }
    world.join(1, 2);
    world.settle();
    for name in [1, 2] {
        assert_eq!(world.node(name).numbers(1), 50);
        assert_eq!(world.node(name).numbers(2), 50);
    }
    // Members and vector from both, and what each lacks in one message.
    assert_eq!(world.messages, 6);
}

#[test]
fn l5_a_new_frame_goes_to_every_link_once() {
    let mut world = World::of(&[1, 2, 3, 4]);
    for other in [2, 3, 4] {
        world.join(other, 1);
    }
    world.settle();
    let before = world.messages;
    world.node(2).write();
    world.settle();
    assert_eq!(world.messages - before, 3);
    for name in [1, 3, 4] {
        assert_eq!(world.node(name).numbers(2), 1);
    }
}

#[test]
fn l5_a_chain_passes_on_what_its_ends_write() {
    let mut world = World::of(&[1, 2, 3, 4]);
    for (from, to) in [(1, 2), (2, 3), (3, 4)] {
        world.join(from, to);
    }
    world.node(1).write();
    world.node(4).write();
    world.settle();
    for name in [1, 2, 3, 4] {
        assert_eq!(world.node(name).numbers(1), 1);
        assert_eq!(world.node(name).numbers(4), 1);
        assert!(
            world
                .node(name)
                .exchange
                .peers()
                .all(|peer| peer.phase == Phase::Live)
        );
    }
}

#[test]
fn l3_a_frame_is_handed_over_once_however_many_bring_it() {
    let mut world = World::of(&[1, 2, 3]);
    for (from, to) in [(1, 2), (2, 3), (3, 1)] {
        world.join(from, to);
    }
    world.settle();
    for _ in 0..10 {
        world.node(1).write();
        world.settle();
    }
    let received = world.nodes[&3].received.iter();
    let frames: Vec<u64> = received
        .flat_map(|received| received.frames.iter().map(|frame| frame.header().number))
        .collect();
    assert_eq!(frames, (1..=10).collect::<Vec<_>>());
}

#[test]
fn l4_only_what_is_written_is_announced() {
    let mut world = World::of(&[1, 2]);
    world.join(1, 2);
    world.settle();
    assert_eq!(world.node(1).exchange.held().get(&stream(1)), 0);
    world.node(1).write();
    assert_eq!(world.node(1).exchange.held().get(&stream(1)), 1);
    assert_eq!(world.node(2).exchange.held().get(&stream(1)), 0);
    world.settle();
    assert_eq!(world.node(2).exchange.held().get(&stream(1)), 1);
}

#[test]
fn l1_members_come_first_then_the_vector() {
    let mut world = World::of(&[1]);
    world.open();
    let messages = world.messages_of(1);
    assert!(matches!(
        messages[..],
        [Message::Members(_), Message::Vector(_)]
    ));

    let link = world.open();
    let early = Message::Vector(Advert::default());
    assert!(matches!(
        world.say(link, &early),
        Err(LinkError::Unexpected(_))
    ));

    let link = world.open();
    let records = membership().records().to_vec();
    let members = Message::Members(records.into_iter().map(Bytes::from).collect());
    assert!(world.say(link, &members).is_ok());
    let early = Message::Frame(frame(99, 1));
    assert!(matches!(
        world.say(link, &early),
        Err(LinkError::Unexpected(_))
    ));
}

#[test]
fn l5_a_frame_does_not_go_back_to_who_brought_it() {
    let mut world = World::of(&[1]);
    let (one, two) = (world.open_live(), world.open_live());
    let received = world
        .say(one, &Message::Frame(frame(99, 1)))
        .expect("an honest frame");
    world.node(1).take(received);
    let sent: Vec<_> = world.poll(1).iter().map(Outgoing::link).collect();
    assert_eq!(sent, [two]);
}

#[test]
fn l6_after_a_gap_the_vector_is_sent_again_at_most_once_a_second() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    for number in [2, 3, 4] {
        let received = world.say(link, &Message::Frame(frame(99, number)));
        assert_eq!(received.expect("no offence").frames, []);
    }
    let again = Message::Vector(Advert::default());
    assert_eq!(world.messages_of(1), std::slice::from_ref(&again));
    let received = world.say(link, &Message::Frame(frame(99, 5)));
    assert_eq!(received.expect("no offence").frames, []);
    assert_eq!(world.messages_of(1), []);
    world.now = world.now.plus_ms(1000);
    assert_eq!(world.messages_of(1), [again]);
}

#[test]
fn l6_a_vector_that_comes_again_is_believed() {
    let mut world = World::of(&[1]);
    world.node(1).write();
    let link = world.open();
    let records = membership().records().to_vec();
    let members = Message::Members(records.into_iter().map(Bytes::from).collect());
    world.say(link, &members).expect("the members");
    let holds = Message::Vector(Advert {
        held: [(stream(1), 1)].into_iter().collect(),
        base: None,
    });
    world.say(link, &holds).expect("a vector");
    let is_replay = |outgoing: &Outgoing| matches!(outgoing, Outgoing::Replay(..));
    assert!(!world.poll(1).iter().any(is_replay));
    let holds = Message::Vector(Advert::default());
    world.say(link, &holds).expect("a vector");
    assert!(world.poll(1).iter().any(is_replay));
}

#[test]
fn l7_a_frame_that_is_there_is_ignored() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    let message = Message::Frame(frame(99, 1));
    let first = world.say(link, &message).expect("a frame");
    assert_eq!(first.frames.len(), 1);
    // Not written yet, and handed over all the same.
    let second = world.say(link, &message).expect("a frame");
    assert_eq!(second.frames, []);
}

#[test]
fn l8_a_stream_does_not_wait_for_another() {
    let mut world = World::of(&[1]);
    let (one, two) = (world.open_live(), world.open_live());
    for (link, frame) in [
        (one, frame(5, 1)),
        (two, frame(6, 1)),
        (two, frame(5, 2)),
        (one, frame(6, 2)),
    ] {
        let received = world.say(link, &Message::Frame(frame.clone()));
        assert_eq!(received.expect("a frame").frames, [frame]);
    }
}

#[test]
fn l9_a_link_ends_for_what_its_sender_could_have_known() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    let draft = Draft {
        room: Genesis::new([8; 32], [8; 32]).room(),
        document: Document::Project,
        epoch: 0,
        stream: stream(99),
        number: 1,
        deps: &[],
        content: Content::Changes,
        payload: b"",
    };
    let foreign = Frame::mint(&draft).expect("a frame");
    assert_eq!(
        world.say(link, &Message::Frame(foreign)),
        Err(LinkError::OtherRoom)
    );
    assert_eq!(world.nodes[&1].exchange.peers().count(), 0);
    // Whatever comes after that is ignored.
    let late = world.say(link, &Message::Frame(frame(99, 1)));
    assert_eq!(late.expect("ignored").frames, []);

    let link = world.open_live();
    let now = world.now;
    let garbage = Bytes::from_static(&[5, 1, 2, 3]);
    let exchange = &mut world.node(1).exchange;
    assert!(matches!(
        exchange.receive(link, garbage, now),
        Err(LinkError::Undecodable(_))
    ));

    let link = world.open();
    let foreign = Genesis::new([8; 32], [8; 32]).encode();
    let members = Message::Members(vec![foreign.into()]);
    assert_eq!(
        world.say(link, &members),
        Err(LinkError::Membership(MembershipError::OtherRoom))
    );
}

#[test]
fn l9_what_came_before_an_offence_in_the_same_message_counts() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    let draft = Draft {
        room: Genesis::new([8; 32], [8; 32]).room(),
        document: Document::Project,
        epoch: 0,
        stream: stream(99),
        number: 2,
        deps: &[],
        content: Content::Changes,
        payload: b"",
    };
    let foreign = Frame::mint(&draft).expect("a frame");
    let batch = Message::Frames(vec![frame(98, 1), foreign, frame(97, 1)]);
    let received = world.say(link, &batch).expect("what is good of it");
    assert_eq!(received.frames, [frame(98, 1)]);
    world.node(1).take(received);
    assert_eq!(world.poll(1), [Outgoing::Drop(link, LinkError::OtherRoom)]);
    // The log goes on where it is.
    let link = world.open_live();
    for number in [1, 2] {
        let received = world.say(link, &Message::Frame(frame(98, number)));
        world.node(1).take(received.expect("a frame"));
    }
    assert_eq!(
        (world.node(1).numbers(98), world.node(1).numbers(97)),
        (2, 0)
    );
}

#[test]
fn l9_streams_without_end_end_the_link_that_brings_them() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    let announced: Vector = (0..5000)
        .map(|nonce| {
            let device = device(98);
            (StreamId { device, nonce }, 7)
        })
        .collect();
    // What is only announced is forgotten beyond a limit, and costs nothing but a frame sent in vain.
    let vector = Message::Vector(Advert {
        held: announced,
        base: None,
    });
    world.say(link, &vector).expect("a vector of many streams");
    let view = world.nodes[&1].exchange.peers().next().expect("a peer");
    assert_eq!(view.holds.len(), sync::limits::MAX_ANNOUNCED_STREAMS);

    let mut refused = None;
    for nonce in 0..=sync::limits::MAX_STREAMS as u64 + 1024 {
        let draft = Draft {
            room: room(),
            document: Document::Project,
            epoch: 0,
            stream: StreamId {
                device: device(99),
                nonce,
            },
            number: 1,
            deps: &[],
            content: Content::Changes,
            payload: b"",
        };
        let frame = Frame::mint(&draft).expect("a frame");
        if let Err(error) = world.say(link, &Message::Frame(frame)) {
            refused = Some(error);
            break;
        }
    }
    assert_eq!(refused, Some(LinkError::TooManyStreams));
}

#[test]
fn l10_who_holds_more_of_our_own_stream_shows_that_we_were_set_back() {
    let mut world = World::of(&[1, 2]);
    world.join(1, 2);
    for _ in 0..3 {
        world.node(1).write();
    }
    world.settle();
    // The machine is restored from a copy in which it had written once.
    let mut restored = setup(1);
    restored.held.raise(stream(1), 1);
    let first = world.nodes[&1].log[&(stream(1), 1)].clone();
    let mut node = Node::with(1, restored);
    node.log.insert((stream(1), 1), first);
    world.nodes.insert(1, node);
    world.node(2).exchange.disconnect(sync::LinkId(1));
    world.join(1, 2);
    world.settle();
    let node = world.node(1);
    assert!(
        node.received
            .iter()
            .any(|received| received.own_stream_taken)
    );
    // What was written before is received like anybody's.
    assert_eq!(node.numbers(1), 3);
}

#[test]
fn l11_what_the_disk_refuses_is_asked_for_again() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    let message = Message::Frame(frame(99, 1));
    assert_eq!(world.say(link, &message).expect("a frame").frames.len(), 1);
    world.node(1).exchange.refused();
    assert_eq!(world.messages_of(1), [Message::Vector(Advert::default())]);
    assert_eq!(world.say(link, &message).expect("a frame").frames.len(), 1);
}
