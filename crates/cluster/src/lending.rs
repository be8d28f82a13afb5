//! Attachments that one relay has and another is asked for.

use std::collections::VecDeque;

use sync::{BlobMessage, BlobName, limits::MAX_OWED_PIECES};

use crate::names::Node;

/// How long others are waited for: longer than a piece takes to be read and to come through Redis. None of them says that it
/// does not have something.
const PATIENCE_MS: u64 = 1_000;

/// Wishes of others that may wait. More are not heard; they wish again.
const WISHES: usize = 256;

/// Who has wished for which pieces. Pure: what the room says and what is heard of others comes in, what is to be said goes out.
///
/// A room's link has no more than [`MAX_OWED_PIECES`] wishes at once, so those of several relays wait here for their turn. The
/// first piece that comes is passed on, and no other.
#[derive(Debug, Default)]
pub struct Lending {
    /// What the room wishes for, the oldest first, with when nobody has it.
    own: VecDeque<(Place, u64)>,
    /// What others wish for, and the room was not asked for yet.
    waiting: VecDeque<(Node, Place)>,
    /// What the room was asked for.
    asked: Vec<(Node, Place)>,
}

type Place = (BlobName, u64);

/// What is to be said to whom.
#[derive(Debug, PartialEq)]
pub enum Word {
    /// To the room.
    Room(BlobMessage),
    /// To all other relays.
    All(BlobMessage),
    /// To one of them.
    One(Node, BlobMessage),
}

impl Lending {
    /// The room says something on its link.
    pub fn said(&mut self, message: BlobMessage, now_ms: u64) -> Vec<Word> {
        match message {
            BlobMessage::Want { name, offset } => {
                self.own.push_back(((name, offset), now_ms + PATIENCE_MS));
                vec![Word::All(message)]
            }
            BlobMessage::Present { .. } => vec![Word::All(message)],
            BlobMessage::Piece(piece) => {
                let place = (piece.name, piece.offset);
                let node = self.answered(|asked| *asked == place);
                let mut words = self.ask();
                words.extend(node.map(|node| Word::One(node, BlobMessage::Piece(piece))));
                words
            }
            BlobMessage::Absent { name } => {
                self.answered(|asked| asked.0 == name);
                self.ask()
            }
        }
    }

    /// Another relay says something.
    pub fn heard(&mut self, from: Node, message: BlobMessage) -> Vec<Word> {
        match message {
            BlobMessage::Want { name, offset } => {
                if self.waiting.len() < WISHES {
                    self.waiting.push_back((from, (name, offset)));
                }
                self.ask()
            }
            BlobMessage::Piece(piece) => {
                let place = (piece.name, piece.offset);
                let at = self.own.iter().position(|(own, _)| *own == place);
                let is_own = at.and_then(|at| self.own.remove(at)).is_some();
                let word = Word::Room(BlobMessage::Piece(piece));
                is_own.then_some(word).into_iter().collect()
            }
            // Whoever says so now was asked before in vain: those wishes are over, and the room may wish again.
            BlobMessage::Present { name, .. } => {
                let before = self.own.len();
                self.own.retain(|((own, _), _)| *own != name);
                let absent = (self.own.len()..before).map(|_| BlobMessage::Absent { name });
                absent.chain([message]).map(Word::Room).collect()
            }
            BlobMessage::Absent { .. } => vec![],
        }
    }

    /// Time passes: nobody has what was waited for too long.
    pub fn pass(&mut self, now_ms: u64) -> Vec<Word> {
        let mut words = Vec::new();
        while self.wake_ms().is_some_and(|at_ms| at_ms <= now_ms) {
            let over = self.own.pop_front();
            words.extend(over.map(|((name, _), _)| Word::Room(BlobMessage::Absent { name })));
        }
        words
    }

    /// When to say so.
    pub fn wake_ms(&self) -> Option<u64> {
        self.own.front().map(|(_, at_ms)| *at_ms)
    }

    fn answered(&mut self, is_it: impl Fn(&Place) -> bool) -> Option<Node> {
        let at = self.asked.iter().position(|(_, place)| is_it(place))?;
        Some(self.asked.remove(at).0)
    }

    /// Asks the room for as much as it may be asked for.
    fn ask(&mut self) -> Vec<Word> {
        let free = MAX_OWED_PIECES - self.asked.len();
        let next = self.waiting.drain(..free.min(self.waiting.len()));
        let next: Vec<_> = next.collect();
        let wishes = next.iter().map(|(_, (name, offset))| {
            let (name, offset) = (*name, *offset);
            Word::Room(BlobMessage::Want { name, offset })
        });
        let wishes = wishes.collect();
        self.asked.extend(next);
        wishes
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use sync::BlobPiece;

    use super::*;

    const ONE: Node = [1; 8];
    const OTHER: Node = [2; 8];

    fn name(number: u8) -> BlobName {
        BlobName([number; 32])
    }

    fn want(number: u8) -> BlobMessage {
        BlobMessage::Want {
            name: name(number),
            offset: 0,
        }
    }

    fn piece(number: u8) -> BlobMessage {
        BlobMessage::Piece(BlobPiece {
            name: name(number),
            offset: 0,
            total: 1,
            bytes: Bytes::from_static(b"x"),
        })
    }

    #[test]
    fn what_the_room_wishes_for_all_are_asked_for_and_the_first_piece_is_passed_on() {
        let mut lending = Lending::default();
        assert_eq!(lending.said(want(1), 0), [Word::All(want(1))]);
        assert_eq!(lending.heard(ONE, piece(1)), [Word::Room(piece(1))]);
        assert_eq!(lending.heard(OTHER, piece(1)), [], "one is enough");
        assert_eq!(lending.pass(u64::MAX), []);
    }

    #[test]
    fn what_nobody_has_is_denied_after_a_while() {
        let mut lending = Lending::default();
        lending.said(want(1), 0);
        assert_eq!(lending.pass(PATIENCE_MS - 1), []);
        let absent = BlobMessage::Absent { name: name(1) };
        assert_eq!(lending.pass(PATIENCE_MS), [Word::Room(absent)]);
        assert_eq!(lending.heard(ONE, piece(1)), [], "too late");
    }

    #[test]
    fn who_wishes_for_a_piece_gets_it() {
        let mut lending = Lending::default();
        assert_eq!(lending.heard(ONE, want(1)), [Word::Room(want(1))]);
        assert_eq!(lending.said(piece(1), 0), [Word::One(ONE, piece(1))]);
        assert_eq!(lending.said(piece(1), 0), [], "once");
    }

    #[test]
    fn the_room_is_asked_for_no_more_at_once_than_it_takes() {
        let mut lending = Lending::default();
        let all = 1..=MAX_OWED_PIECES as u8 + 1;
        let asked: usize = all.map(|it| lending.heard(ONE, want(it)).len()).sum();
        assert_eq!(asked, MAX_OWED_PIECES);
        let absent = BlobMessage::Absent { name: name(1) };
        let next = want(MAX_OWED_PIECES as u8 + 1);
        assert_eq!(lending.said(absent, 0), [Word::Room(next)]);
    }

    #[test]
    fn that_something_is_there_is_told_both_ways() {
        let mut lending = Lending::default();
        let present = || BlobMessage::Present {
            name: name(1),
            total: 1,
        };
        assert_eq!(lending.said(present(), 0), [Word::All(present())]);
        assert_eq!(lending.heard(ONE, present()), [Word::Room(present())]);
        lending.said(want(1), 0);
        let absent = BlobMessage::Absent { name: name(1) };
        let words = [Word::Room(absent), Word::Room(present())];
        assert_eq!(lending.heard(ONE, present()), words, "it may wish again");
        assert_eq!(lending.wake_ms(), None);
    }
}
