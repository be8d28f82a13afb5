//! Blobs.

use std::collections::BTreeMap;

use bytes::Bytes;
use sync::limits::{BLOB_PIECE_BYTES, MAX_OWED_PIECES};
use sync::{BlobEvent, BlobMessage, BlobName, BlobPiece, LinkError, Message, Outgoing};
use trust::DeviceId;

use crate::room::{World, device};

const PIECE: usize = BLOB_PIECE_BYTES;

/// What each node has of one blob, whole or in part.
#[derive(Default)]
struct Shelf {
    kept: BTreeMap<u8, Vec<u8>>,
    whole: Vec<u8>,
    /// A node that passes on what it is asked for.
    passes_on: Option<u8>,
    /// Who brought what it was not.
    charged: Vec<DeviceId>,
    /// What is asked for at once is read in the opposite order.
    reads_backwards: bool,
}

fn content() -> Vec<u8> {
    (0..3 * PIECE + 17).map(|at| (at / 7 % 251) as u8).collect()
}

fn name() -> BlobName {
    BlobName(*blake3::hash(&content()).as_bytes())
}

impl Shelf {
    fn has(names: &[u8]) -> Self {
        Self {
            kept: names.iter().map(|&name| (name, content())).collect(),
            whole: names.to_vec(),
            ..Self::default()
        }
    }

    /// Does what hosts do, until nothing happens any more; at most so many pieces are kept.
    fn settle(&mut self, world: &mut World, mut pieces: usize) {
        loop {
            world.settle();
            let mut is_quiet = true;
            let names: Vec<u8> = world.nodes.keys().copied().collect();
            for at in names {
                let received = std::mem::take(&mut world.node(at).received);
                let events = received.into_iter().flat_map(|received| received.blobs);
                let mut events: Vec<_> = events.collect();
                if self.reads_backwards && self.whole.contains(&at) {
                    events.reverse();
                }
                for event in events {
                    is_quiet = false;
                    self.answer(world, at, event, &mut pieces);
                }
            }
            if is_quiet {
                return;
            }
        }
    }

    fn gives(&self, at: u8, offset: u64) -> bool {
        self.whole.contains(&at) && offset < self.kept[&at].len() as u64
    }

    fn answer(&mut self, world: &mut World, at: u8, event: BlobEvent, pieces: &mut usize) {
        let now = world.now;
        let exchange = &mut world.node(at).exchange;
        match event {
            BlobEvent::Asked { link, name, offset } if self.gives(at, offset) => {
                let whole = &self.kept[&at];
                let offset = offset as usize;
                let end = whole.len().min(offset + PIECE);
                let piece = BlobPiece {
                    name,
                    offset: offset as u64,
                    total: whole.len() as u64,
                    bytes: Bytes::copy_from_slice(&whole[offset..end]),
                };
                exchange.give_blob(link, piece);
            }
            BlobEvent::Asked { link, name, .. } => {
                exchange.deny_blob(link, name);
                if self.passes_on == Some(at) {
                    exchange.want_blob(name, 0, now);
                }
            }
            BlobEvent::Came(piece) if *pieces > 0 => {
                *pieces -= 1;
                let kept = self.kept.entry(at).or_default();
                assert!(piece.offset == 0 || kept.len() as u64 == piece.offset);
                kept.truncate(piece.offset as usize);
                kept.extend_from_slice(&piece.bytes);
                if kept.len() as u64 != piece.total {
                    exchange.want_blob(piece.name, kept.len() as u64, now);
                } else if BlobName(*blake3::hash(kept).as_bytes()) == piece.name {
                    self.whole.push(at);
                    exchange.have_blob(piece.name, piece.total, now);
                } else {
                    kept.clear();
                    self.charged.extend(exchange.spoiled_blob(piece.name, now));
                }
            }
            BlobEvent::Offered { name, .. } => {
                if self.passes_on == Some(at) && !self.whole.contains(&at) {
                    exchange.want_blob(name, 0, now);
                }
            }
            BlobEvent::Came(_) => {}
        }
    }
}

fn want(world: &mut World, at: u8, kept: usize) {
    let now = world.now;
    world.node(at).exchange.want_blob(name(), kept as u64, now);
}

#[test]
fn b1_a_blob_comes_in_pieces_from_who_has_it() {
    let mut world = World::of(&[1, 2, 3]);
    world.join(1, 2);
    world.join(1, 3);
    world.settle();
    let mut shelf = Shelf::has(&[3]);
    want(&mut world, 1, 0);
    shelf.settle(&mut world, usize::MAX);
    assert_eq!(shelf.kept[&1], content());
    assert_eq!(world.node(1).exchange.blobs().count(), 0);
}

#[test]
fn b2_after_an_interruption_it_goes_on_where_it_was() {
    let mut world = World::of(&[1, 2, 3]);
    let link = world.join(1, 2);
    world.settle();
    let mut shelf = Shelf::has(&[2, 3]);
    want(&mut world, 1, 0);
    shelf.settle(&mut world, 2);
    assert_eq!(shelf.kept[&1].len(), 2 * PIECE);
    let before = world.bytes;
    world.cut(link);
    world.join(3, 1);
    world.settle();
    let view: Vec<_> = world.node(1).exchange.blobs().collect();
    assert_eq!(view[0].kept_bytes, 2 * PIECE as u64);
    assert_eq!(view[0].source, Some(device(3)));
    shelf.settle(&mut world, usize::MAX);
    assert_eq!(shelf.kept[&1], content());
    assert!(world.bytes - before < 2 * PIECE);
}

/// A machine that lied may have sent it and be gone; or all of it is here, and the power went before that was seen.
#[test]
fn b2_a_part_that_is_too_long_is_fetched_anew() {
    for part in [vec![7; 5 * PIECE], content()] {
        let mut world = World::of(&[1, 2]);
        world.join(1, 2);
        world.settle();
        let mut shelf = Shelf::has(&[2]);
        want(&mut world, 1, part.len());
        shelf.kept.insert(1, part);
        shelf.settle(&mut world, usize::MAX);
        assert!(shelf.whole.contains(&1));
        assert_eq!(shelf.kept[&1], content());
    }
}

#[test]
fn b2_who_does_not_have_it_costs_nothing_of_a_part() {
    let mut world = World::of(&[1, 2, 3]);
    world.join(1, 2);
    world.settle();
    let mut shelf = Shelf::has(&[3]);
    want(&mut world, 1, 2 * PIECE);
    shelf.kept.insert(1, content()[..2 * PIECE].to_vec());
    shelf.settle(&mut world, usize::MAX);
    let view: Vec<_> = world.node(1).exchange.blobs().collect();
    assert_eq!(view[0].absent, [device(2)]);
    assert_eq!(view[0].kept_bytes, 2 * PIECE as u64);
    let before = world.bytes;
    world.join(1, 3);
    shelf.settle(&mut world, usize::MAX);
    assert_eq!(shelf.kept[&1], content());
    assert!(world.bytes - before < 2 * PIECE);
}

#[test]
fn b3_who_does_not_have_it_says_so_and_says_when_that_changes() {
    let mut world = World::of(&[1, 2]);
    world.join(1, 2);
    world.settle();
    let mut shelf = Shelf::has(&[]);
    want(&mut world, 1, 0);
    shelf.settle(&mut world, usize::MAX);
    let view: Vec<_> = world.node(1).exchange.blobs().collect();
    assert_eq!(
        (view[0].source, &view[0].absent[..]),
        (None, &[device(2)][..])
    );
    shelf.kept.insert(2, content());
    shelf.whole.push(2);
    let (now, total) = (world.now, content().len() as u64);
    world.node(2).exchange.have_blob(name(), total, now);
    shelf.settle(&mut world, usize::MAX);
    assert_eq!(shelf.kept[&1], content());
}

/// What it was told first waits for a piece that is still being read.
#[test]
fn b3_that_it_is_here_is_heard_after_that_it_was_not() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    let read_slowly = BlobName([8; 32]);
    for name in [read_slowly, name()] {
        let wish = Message::Blob(BlobMessage::Want { name, offset: 0 });
        world.say(link, &wish).expect("it may ask");
    }
    let now = world.now;
    let exchange = &mut world.node(1).exchange;
    exchange.deny_blob(link, name());
    exchange.have_blob(name(), 3, now);
    exchange.give_blob(
        link,
        BlobPiece {
            name: read_slowly,
            offset: 0,
            total: 3,
            bytes: Bytes::from_static(b"abc"),
        },
    );
    let said = world.poll(1).into_iter().filter_map(|it| match it {
        Outgoing::Send(_, message) => Message::decode(message).ok(),
        _ => None,
    });
    let blobs: Vec<_> = said
        .filter_map(|it| match it {
            Message::Blob(blob) => Some(blob),
            _ => None,
        })
        .collect();
    assert!(
        matches!(
            &blobs[..],
            [
                BlobMessage::Piece(_),
                BlobMessage::Absent { .. },
                BlobMessage::Present { .. }
            ]
        ),
        "{blobs:?}"
    );
}

#[test]
fn b3_a_machine_in_between_passes_it_on() {
    let mut world = World::of(&[1, 2, 3]);
    world.join(1, 2);
    world.join(2, 3);
    world.settle();
    let mut shelf = Shelf::has(&[3]);
    shelf.passes_on = Some(2);
    want(&mut world, 1, 0);
    shelf.settle(&mut world, usize::MAX);
    assert_eq!(shelf.kept[&1], content());
}

#[test]
fn b4_a_peer_asks_for_no_more_than_a_few_pieces() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    let wish = |offset: usize| {
        Message::Blob(BlobMessage::Want {
            name: name(),
            offset: (offset * PIECE) as u64,
        })
    };
    for offset in 0..MAX_OWED_PIECES {
        assert!(world.say(link, &wish(offset)).is_ok());
    }
    assert!(matches!(
        world.say(link, &wish(9)),
        Err(LinkError::Unexpected(_))
    ));
}

#[test]
fn b4_a_piece_that_nobody_asked_for_ends_the_link() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    let piece = Message::Blob(BlobMessage::Piece(BlobPiece {
        name: name(),
        offset: 0,
        total: 3,
        bytes: Bytes::from_static(b"abc"),
    }));
    assert!(matches!(
        world.say(link, &piece),
        Err(LinkError::Unexpected(_))
    ));
}

#[test]
fn b4_wishes_are_answered_in_their_order_however_they_are_read() {
    let mut world = World::of(&[1, 2]);
    world.join(1, 2);
    world.settle();
    let mut shelf = Shelf::has(&[2]);
    shelf.reads_backwards = true;
    want(&mut world, 1, 0);
    shelf.settle(&mut world, usize::MAX);
    assert_eq!(shelf.kept[&1], content());
}

#[test]
fn b5_a_silent_source_is_left_for_another() {
    let mut world = World::of(&[1]);
    let (silent, other) = (world.open_live(), world.open_live());
    want(&mut world, 1, 0);
    let asked: Vec<_> = world
        .poll(1)
        .iter()
        .map(|outgoing| outgoing.link())
        .collect();
    assert_eq!(asked, [silent]);
    assert_eq!(
        world.node(1).exchange.wake(),
        Some(world.now.plus_ms(10_000))
    );
    world.now = world.now.plus_ms(10_000);
    let asked: Vec<_> = world
        .poll(1)
        .iter()
        .map(|outgoing| outgoing.link())
        .collect();
    assert_eq!(asked, [other]);
}

/// It is slow and not gone: what it was asked for before counts.
#[test]
fn b5_a_piece_that_came_late_is_not_asked_for_again() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    let say = |world: &mut World, number: usize| {
        let piece = BlobPiece {
            name: name(),
            offset: (number * PIECE) as u64,
            total: 9 * PIECE as u64,
            bytes: vec![0; PIECE].into(),
        };
        let came = world.say(link, &Message::Blob(BlobMessage::Piece(piece)));
        assert_eq!(came.expect("it was asked for").blobs.len(), 1);
    };
    want(&mut world, 1, 0);
    say(&mut world, 0);
    want(&mut world, 1, PIECE);
    world.poll(1);
    world.now = world.now.plus_ms(10_000);
    world.poll(1);
    say(&mut world, 1);
    want(&mut world, 1, 2 * PIECE);
    let asked: Vec<u64> = (world.poll(1).into_iter())
        .filter_map(|outgoing| match outgoing {
            Outgoing::Send(_, message) => Message::decode(message).ok(),
            _ => None,
        })
        .filter_map(|message| match message {
            Message::Blob(BlobMessage::Want { offset, .. }) => Some(offset),
            _ => None,
        })
        .collect();
    assert!(
        !asked.is_empty() && asked.iter().all(|offset| *offset >= 2 * PIECE as u64),
        "{asked:?}"
    );
}

#[test]
fn b6_bytes_that_do_not_have_the_name_are_fetched_from_another() {
    let mut world = World::of(&[1, 2, 3]);
    world.join(1, 2);
    world.join(1, 3);
    world.settle();
    let mut shelf = Shelf::has(&[2, 3]);
    shelf.kept.insert(2, vec![0; 2 * PIECE]);
    want(&mut world, 1, 0);
    shelf.settle(&mut world, usize::MAX);
    assert_eq!(shelf.kept[&1], content());
    assert_eq!(shelf.charged, [device(2)]);
}

#[test]
fn b6_who_brought_a_part_is_not_blamed_for_the_rest() {
    let mut world = World::of(&[1, 2, 3]);
    let link = world.join(1, 2);
    world.join(2, 3);
    world.settle();
    let mut shelf = Shelf::has(&[2, 3]);
    shelf.kept.insert(2, vec![0; content().len()]);
    want(&mut world, 1, 0);
    shelf.settle(&mut world, 2);
    world.cut(link);
    world.join(1, 3);
    shelf.settle(&mut world, usize::MAX);
    assert_eq!(shelf.kept[&1], content());
    assert_eq!(shelf.charged, []);
}

#[test]
fn b6_who_says_that_it_is_too_long_is_not_asked_again() {
    let mut world = World::of(&[1]);
    let link = world.open_live();
    want(&mut world, 1, 0);
    world.poll(1);
    let piece = Message::Blob(BlobMessage::Piece(BlobPiece {
        name: name(),
        offset: 0,
        total: u64::MAX,
        bytes: vec![0; PIECE].into(),
    }));
    assert!(world.say(link, &piece).is_ok());
    world.poll(1);
    let now = world.now;
    let guilty = world.node(1).exchange.overlong_blob(name(), now);
    assert!(guilty.is_some());
    let view: Vec<_> = world.node(1).exchange.blobs().collect();
    assert_eq!((view[0].source, view[0].total_bytes), (None, None));
    assert_eq!(world.poll(1), []);
}

#[test]
fn b7_what_is_offered_is_known_to_everybody_on_every_link() {
    let mut world = World::of(&[1, 2, 3]);
    world.join(1, 2);
    world.settle();
    let mut shelf = Shelf::has(&[1]);
    let (now, total) = (world.now, content().len() as u64);
    world.node(1).exchange.offer_blob(name(), total, now);
    shelf.passes_on = Some(2);
    shelf.settle(&mut world, usize::MAX);
    assert_eq!(shelf.kept[&2], content(), "it was fetched unasked");

    world.join(1, 3);
    world.settle();
    want(&mut world, 3, 0);
    let link = world.join(2, 3);
    world.settle();
    world.cut(link);
    let view: Vec<_> = world.node(3).exchange.blobs().collect();
    assert!(!view[0].holders.contains(&device(2)), "it does not say so");
}

#[test]
fn b7_who_has_it_is_remembered_when_the_link_is_gone() {
    let mut world = World::of(&[1, 2]);
    let link = world.join(1, 2);
    world.settle();
    want(&mut world, 2, 0);
    let (now, total) = (world.now, content().len() as u64);
    world.node(1).exchange.offer_blob(name(), total, now);
    world.settle();
    world.cut(link);
    let view: Vec<_> = world.node(2).exchange.blobs().collect();
    assert_eq!(view[0].holders, [device(1)]);
    assert_eq!(view[0].source, None);
}
