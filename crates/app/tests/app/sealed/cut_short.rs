//! Comments behind frames of the project that count no more.

use app::machine;
use graph::ChangeHash;
use graph::command::Command;
use graph::document::Document as Part;
use trust::record::Cut;

use super::late_keys::{copy, frames};
use super::rights::{comment, create_node};
use super::*;

/// Ben owns the room. Cleo, who may edit, has said something of the project and then, as another frame, a comment; Ana has both.
fn begin(role: Role, is_comment_first: bool) -> (Room, Vec<ChangeHash>) {
    let (mut room, cleos) = begin_before(role);
    let mut parts = [
        (Part::Project, Document::Project),
        (Part::Comments, Document::Comments),
    ];
    if is_comment_first {
        parts.reverse();
    }
    for (number, (part, document)) in (1..).zip(parts) {
        let packed = cleos.pack(part, &[]).unwrap();
        let came = room.message(by_cleo(&room, number, document, &packed.bytes));
        assert_eq!((came.frames, came.dropped), (1, None));
    }
    let heads = cleos.heads(Part::Comments);
    assert!(machine::graph(&room.ana).holds(Part::Comments, &heads[0]));
    (room, heads)
}

/// The same before Ana has anything of it; what Cleo has.
fn begin_before(role: Role) -> (Room, graph::Project) {
    let (mut room, _) = Room::greeted_in(2);
    room.apply(create_node());
    let (ben, cleo) = (keys(2), keys(3));
    let sealing = cleo.sealing.certify(&cleo.signing);
    let device = (cleo.signing.public(), sealing);
    let current = (room.epoch.0, &room.epoch.1);
    let log = &mut room.members;
    log.add(&ben.signing, device, Role::Editor, current, &mut OsRng)
        .unwrap();
    let held = room.ana.room().unwrap().exchange().held();
    let cut: Cut = held.iter().map(|(it, last)| (it.nonce, last)).collect();
    log.change(&ben.signing, keys(1).device(), Some(role), cut)
        .unwrap();
    room.message(room.log());

    let mut cleos = copy(&room, 3);
    let commands = [
        Command::SetProject {
            name: Some("By Cleo".to_owned()),
            currency: None,
        },
        comment(3, "What of this?"),
    ];
    for command in commands {
        let at = Timestamp(1);
        cleos.apply(signature(3).author, &command, at).unwrap();
    }
    (room, cleos)
}

fn by_cleo(room: &Room, number: u64, document: Document, packed: &[u8]) -> Bytes {
    let stream = StreamId {
        device: keys(3).device(),
        nonce: 7,
    };
    let draft = |payload| Draft {
        document,
        stream,
        ..room.draft(number, room.epoch.0.0, payload)
    };
    let header = draft(b"").associated_data();
    let sealed = room.epoch.1.seal(Use::Frame, &header, packed, &mut OsRng);
    let frame = Frame::sign(&draft(&sealed), &keys(3).signing).unwrap();
    frame.message().clone()
}

impl Room {
    /// Ben removes Cleo, of whose stream so many frames count, and Ana hears of it: what she sends.
    fn remove_cleo(&mut self, counted: u64) -> Vec<Frame> {
        self.change_cleo(None, counted)
    }

    fn change_cleo(&mut self, role: Option<Role>, counted: u64) -> Vec<Frame> {
        let cut = Cut::from([(7, counted)]);
        let (ben, cleo) = (keys(2), keys(3).device());
        let changed = self.members.change(&ben.signing, cleo, role, cut);
        changed.unwrap();
        frames(&self.message(self.log())).collect()
    }

    /// What is in frames of comments.
    fn read_comments(&self, said: &[Frame]) -> graph::Project {
        let mut read = graph::Project::empty();
        for frame in said {
            let header = frame.associated_data();
            let opened = self.epoch.1.open(Use::Frame, header, frame.payload());
            read.merge_packed(Part::Comments, &opened.unwrap());
        }
        read
    }
}

#[test]
fn r13_a_commenter_says_once_more_the_comments_behind_what_is_left() {
    let (mut room, by_cleo) = begin(Role::Commenter, false);
    room.apply(comment(1, "And of that?"));
    let said = room.remove_cleo(0);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].header().document, Document::Comments);
    let read = room.read_comments(&said);
    let own = machine::graph(&room.ana).heads(Part::Comments);
    for change in by_cleo.iter().chain(&own) {
        assert!(read.holds(Part::Comments, change));
    }
    // It is done once, whatever else is said of the members.
    let named = room.members.change(
        &keys(2).signing,
        keys(1).device(),
        Some(Role::Owner),
        Cut::new(),
    );
    named.unwrap();
    assert_eq!(frames(&room.message(room.log())).count(), 0);
}

/// Cleo is a commenter from then on, too, so that her comment counts by itself, but not what is before it.
#[test]
fn r13_a_comment_that_comes_later_behind_what_is_left_is_said_once_more() {
    let (mut room, cleos) = begin_before(Role::Commenter);
    let packed = cleos.pack(Part::Project, &[]).unwrap();
    room.message(by_cleo(&room, 1, Document::Project, &packed.bytes));
    assert!(room.change_cleo(Some(Role::Commenter), 0).is_empty());
    let packed = cleos.pack(Part::Comments, &[]).unwrap();
    let came = room.message(by_cleo(&room, 2, Document::Comments, &packed.bytes));
    assert_eq!(came.dropped, None);
    let said: Vec<Frame> = frames(&came).collect();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].header().stream.device, keys(1).device());
    let by_cleo = &cleos.heads(Part::Comments)[0];
    assert!(room.read_comments(&said).holds(Part::Comments, by_cleo));
}

#[test]
fn r13_what_the_word_of_a_commenter_is_enough_for_is_not_said_again() {
    // What is before the comment counts; nothing of the project is before it.
    for (is_comment_first, counted) in [(false, 1), (true, 0)] {
        let (mut room, _) = begin(Role::Commenter, is_comment_first);
        assert!(room.remove_cleo(counted).is_empty());
    }
    // Who may edit stands for all of it with the next frame.
    let (mut room, _) = begin(Role::Editor, false);
    assert!(room.remove_cleo(0).is_empty());
}
