//! Programs with a copy of the document of their own, and the conversations with them.

use automerge::sync::{self, SyncDoc};
use automerge::transaction::{Transactable, Transaction};
use automerge::{ActorId, Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use expect_test::expect;
use graph::document::Document;
use graph::id::PersonId;
use graph::person::Person;
use graph::time::Timestamp;
use graph::{Guest, Refusal, Said};

use crate::dsl::uuid;
use crate::peer::{Peer, ann, signature};
use crate::say::*;

pub const TREE: &str = r#"
task "A" #a
  task "A1" #a1 size=1
task "B" #b status=todo
"#;

/// A program that knows Automerge and nothing of us.
pub struct Program {
    pub doc: Automerge,
    pub state: sync::State,
    pub guest: Guest,
    pub may_write: bool,
}

pub fn program(name: &str, actor: u8) -> Program {
    let profile = Person {
        name: name.to_owned(),
        colour: "#112233".to_owned(),
    };
    Program {
        doc: Automerge::new().with_actor(ActorId::from([actor; 16])),
        state: sync::State::new(),
        guest: Guest::new(PersonId(uuid(name)), profile),
        may_write: true,
    }
}

impl Program {
    /// One that has the whole project.
    pub fn with(name: &str, actor: u8, at: &mut Peer) -> Program {
        let mut program = program(name, actor);
        program.talk(at).expect("it only reads");
        program.agrees(at);
        program
    }

    /// Talks until both have nothing more to say.
    pub fn talk(&mut self, at: &mut Peer) -> Result<(), Refusal> {
        loop {
            let said = self.doc.generate_sync_message(&mut self.state);
            if let Some(said) = said.clone() {
                self.is_heard(at, &said.encode())?;
            }
            let told = at.project.tell(&mut self.guest)?;
            if let Some(told) = &told {
                let told = sync::Message::decode(told).expect("a message");
                let taken = self.doc.receive_sync_message(&mut self.state, told);
                taken.expect("our own messages are sound");
            }
            if said.is_none() && told.is_none() {
                return Ok(());
            }
        }
    }

    pub fn is_heard(&mut self, at: &mut Peer, said: &[u8]) -> Result<(), Refusal> {
        let host = (signature(b'a').author, self.may_write);
        let said = Said::read(said)?;
        let heard = at
            .project
            .hear(&mut self.guest, said, host, Timestamp(5_000));
        let picture = at.project.view().picture();
        assert_eq!(picture, at.project.rebuilt_view().picture());
        heard.map(|_| ())
    }

    pub fn changes(&mut self, write: impl FnOnce(&mut Transaction<'_>)) {
        let mut edit = self.doc.transaction();
        write(&mut edit);
        edit.commit();
    }

    pub fn agrees(&self, at: &Peer) {
        assert_eq!(self.doc.get_heads(), at.project.heads(Document::Project));
    }
}

pub fn child(tx: &impl ReadDoc, parent: &ObjId, key: &str) -> ObjId {
    tx.get(parent, key).expect("a map").expect("it is there").1
}

pub fn bucket(tx: &impl ReadDoc, section: &str, name: &str) -> ObjId {
    let buckets = child(tx, &ROOT, section);
    let last = uuid(name).as_bytes()[15];
    child(tx, &buckets, &format!("{last:02x}"))
}

pub fn record(tx: &impl ReadDoc, name: &str) -> ObjId {
    let bucket = bucket(tx, "nodes", name);
    child(tx, &bucket, &uuid(name).to_string())
}

pub fn position(tx: &impl ReadDoc, name: &str) -> String {
    let found = tx.get(record(tx, name), "@pos").expect("a map");
    found
        .expect("it stands somewhere")
        .0
        .as_str()
        .expect("text")
        .to_owned()
}

pub fn tombstone(tx: &impl ReadDoc, name: &str, root: &str) -> String {
    let found = tx.get(record(tx, name), "@pos").expect("a map");
    let ObjId::Id(counter, actor, _) = found.expect("it stands somewhere").1 else {
        panic!("a register is no root")
    };
    format!("{counter}@{}|{}", actor.to_hex_string(), uuid(root))
}

#[test]
fn a_program_sees_what_is_there() {
    let mut ann = ann(TREE);
    let program = Program::with("board", 0xb0, &mut ann);
    let title = program.doc.get(record(&program.doc, "a1"), "title");
    let title = title.expect("a map").expect("it has one").0;
    assert_eq!(title.as_str(), Some("A1"));
    assert!(ann.project.take_written().is_empty());
}

pub fn writes(
    key: &'static str,
    value: impl Into<ScalarValue>,
) -> impl FnOnce(&mut Transaction<'_>) {
    let value = value.into();
    move |tx| {
        let a = record(tx, "a");
        tx.put(&a, key, value).expect("a map");
    }
}

#[test]
fn a_long_text_is_spliced_and_not_replaced() {
    let mut ann = ann(TREE);
    ann.does(edit_notes("a", 0, 0, "One two"));
    let mut program = Program::with("board", 0xb0, &mut ann);
    program.changes(|tx| {
        let notes = child(tx, &record(tx, "a"), "notes");
        tx.splice_text(&notes, 4, 3, "three").expect("a text");
    });
    program.talk(&mut ann).expect("it is legal");
    assert!(ann.show().contains("One three"), "{}", ann.show());
    for replaces in [true, false] {
        let mut program = Program::with("board", 0xb7 + u8::from(replaces), &mut ann);
        program.changes(|tx| {
            let a = record(tx, "a");
            match replaces {
                true => drop(tx.put_object(&a, "notes", ObjType::Text)),
                false => tx.delete(&a, "notes").expect("a map"),
            }
        });
        let refusal = program.talk(&mut ann).expect_err("it is refused");
        assert_eq!(refusal.code(), "SHAPE_REFUSED", "{refusal}");
    }
}

#[test]
fn both_hear_of_each_other() {
    let mut ann = ann(TREE);
    let mut board = Program::with("board", 0xb0, &mut ann);
    let mut broom = Program::with("broom", 0xb1, &mut ann);
    board.changes(writes("title", "Anchor"));
    ann.does(set("b", "title=Bow"));
    board.talk(&mut ann).expect("it is legal");
    broom.talk(&mut ann).expect("it says nothing");
    board.agrees(&ann);
    broom.agrees(&ann);
    let title = broom
        .doc
        .get(record(&broom.doc, "a"), "title")
        .expect("a map");
    assert_eq!(title.expect("it has one").0.as_str(), Some("Anchor"));
}

#[test]
fn undo_leaves_alone_what_a_program_wrote() {
    let mut ann = ann(TREE);
    ann.does(set("a", "title=Anchor"));
    let mut board = Program::with("board", 0xb0, &mut ann);
    board.changes(writes("title", "Awning"));
    board.talk(&mut ann).expect("it is legal");
    let left = ann.undoes_nothing();
    expect!["Title of Awning, changed by board"].assert_eq(&left.join("\n"));
}

#[test]
fn nobody_writes_with_the_numbers_of_others() {
    let mut ann = ann(TREE);
    let mut thief = Program::with("thief", b'a', &mut ann);
    thief.changes(writes("title", "Stolen"));
    let refusal = thief.talk(&mut ann).expect_err("it is Ann's actor");
    assert_eq!(refusal.code(), "ACTOR_TAKEN");

    let mut board = Program::with("board", 0xb0, &mut ann);
    board.changes(writes("title", "Anchor"));
    board.talk(&mut ann).expect("it is its own");
    let mut thief = Program::with("thief", 0xb0, &mut ann);
    thief.changes(writes("title", "Stolen"));
    let refusal = thief.talk(&mut ann).expect_err("it is the other's");
    assert_eq!(refusal.code(), "ACTOR_TAKEN");
}

#[test]
fn a_program_comes_back_with_what_it_did_meanwhile() {
    let mut ann = ann(TREE);
    let mut board = Program::with("board", 0xb0, &mut ann);
    board.changes(writes("title", "Anchor"));
    board.talk(&mut ann).expect("it is legal");
    for title in ["Awning", "Axle", "Arch", "Apse"] {
        board.changes(writes("title", title));
    }
    ann.does(set("b", "title=Bow"));
    ann.reopen();
    let mut again = program("board", 0xb2);
    again.doc = board.doc.fork().with_actor(ActorId::from([0xb2; 16]));
    again.changes(writes("urgent", true));
    again.talk(&mut ann).expect("both actors are its own");
    again.agrees(&ann);
    assert!(ann.show().contains("Apse"), "{}", ann.show());
}

#[test]
fn who_may_only_read_reads() {
    let mut ann = ann(TREE);
    let mut board = program("board", 0xb0);
    board.may_write = false;
    board.talk(&mut ann).expect("it only reads");
    ann.does(set("b", "title=Bow"));
    board.talk(&mut ann).expect("it only reads");
    board.agrees(&ann);
    board.changes(writes("title", "Anchor"));
    assert_eq!(board.talk(&mut ann), Err(Refusal::ReadOnly));
    assert!(!ann.show().contains("Anchor"));
}

/// A message with these changes and nothing else to say.
fn bare(doc: &Automerge, changes: Vec<Vec<u8>>) -> Vec<u8> {
    let message = sync::Message {
        heads: doc.get_heads(),
        need: Vec::new(),
        have: Vec::new(),
        changes: changes.into(),
        flags: None,
        version: sync::MessageVersion::V1,
    };
    message.encode()
}

#[test]
fn changes_wait_for_those_before_them() {
    let mut ann = ann(TREE);
    let mut board = Program::with("board", 0xb0, &mut ann);
    let before = board.doc.get_heads();
    board.changes(writes("title", "Anchor"));
    board.changes(writes("title", "Awning"));
    let changes = board.doc.get_changes(&before);
    let mut bytes = changes.iter().map(|it| it.raw_bytes().to_vec());
    let (first, second) = (bytes.next().unwrap(), bytes.next().unwrap());
    let said = bare(&board.doc, vec![second]);
    board.is_heard(&mut ann, &said).expect("it may still come");
    assert!(ann.show().contains("\"A\""), "{}", ann.show());
    let asked = ann.project.tell(&mut board.guest).expect("it is asked");
    let asked = sync::Message::decode(&asked.expect("for the first")).unwrap();
    assert_eq!(asked.need, [changes[0].hash()]);
    let said = bare(&board.doc, vec![first]);
    board.is_heard(&mut ann, &said).expect("now both are there");
    assert!(ann.show().contains("Awning"), "{}", ann.show());
}

#[test]
fn a_document_from_elsewhere_is_none_of_ours() {
    let mut ann = ann(TREE);
    let mut stranger = program("stranger", 0xc0);
    stranger.changes(|tx| tx.put(ROOT, "nodes", 1).expect("a map"));
    let refusal = stranger
        .talk(&mut ann)
        .expect_err("it writes into the root");
    assert_eq!(refusal.code(), "SHAPE_REFUSED");
}
