//! What programs with a copy of their own may write.

use automerge::ObjType;
use automerge::transaction::{Transactable, Transaction};
use expect_test::{Expect, expect};
use graph::id::PersonId;

use crate::dsl::{node, uuid};
use crate::guests::{Program, TREE, bucket, position, record, tombstone};
use crate::peer::{DOCUMENTS, Peer, ann};

/// It is taken, and looks so.
fn taken(write: impl FnOnce(&mut Transaction<'_>), after: Expect) -> Peer {
    let mut ann = ann(TREE);
    let mut program = Program::with("board", 0xb0, &mut ann);
    let reader = ann.copy(b'r');
    program.changes(write);
    program
        .talk(&mut ann)
        .unwrap_or_else(|why| panic!("refused: {why}"));
    program.agrees(&ann);
    after.assert_eq(&ann.show());
    is_sent(&mut ann, reader);
    ann
}

/// What is to be stored and sent has everything.
fn is_sent(ann: &mut Peer, mut reader: Peer) {
    for written in ann.project.take_written() {
        for (document, bytes) in written.changes {
            let merged = reader.project.merge(document, [bytes]);
            assert_eq!((merged.set_aside.len(), merged.waiting_for), (0, 0));
        }
    }
    let everything = |peer: &Peer| DOCUMENTS.map(|it| peer.project.heads(it));
    assert_eq!(everything(ann), everything(&reader));
    assert_eq!(ann.show(), reader.show());
}

#[test]
fn values_are_changed_and_cleared() {
    let ann = taken(
        |tx| {
            let a = record(tx, "a");
            tx.put(&a, "title", "Anchor").expect("a map");
            tx.put(&a, "urgent", true).expect("a map");
            tx.put(&a, "start", "2026-03-12").expect("a map");
            tx.put(&a, "status", "done").expect("a map");
            tx.put(&a, "cost", "12.50").expect("a map");
            let a1 = record(tx, "a1");
            tx.delete(&a1, "size").expect("a map");
        },
        expect![[r#"
            task "Anchor" #a cost=12.50 start=2026-03-12 status=done urgent=yes
              task "A1" #a1
            task "B" #b status=todo
            + profile "board" #112233
        "#]],
    );
    let people = &ann.project.view().frame().people;
    assert_eq!(people[&PersonId(uuid("board"))].name, "board");
}

#[test]
fn a_number_may_be_one() {
    taken(
        |tx| {
            let a1 = record(tx, "a1");
            tx.put(&a1, "size", 8).expect("a map");
        },
        expect![[r#"
            task "A" #a
              task "A1" #a1 size=8
            task "B" #b status=todo
            + profile "board" #112233
        "#]],
    );
}

#[test]
fn a_node_is_moved() {
    taken(
        |tx| {
            let b = record(tx, "b");
            let before = position(tx, "b");
            let at = format!("{}/a5xyz|{before}", uuid("a"));
            tx.put(&b, "@pos", at).expect("a map");
        },
        expect![[r#"
            task "A" #a
              task "A1" #a1 size=1
              task "B" #b status=todo
            + profile "board" #112233
        "#]],
    );
}

#[test]
fn a_node_is_made_with_all_its_registers() {
    taken(
        |tx| {
            let bucket = bucket(tx, "nodes", "n");
            let node = tx.put_object(&bucket, uuid("n").to_string(), ObjType::Map);
            let node = node.expect("a map");
            tx.put(&node, "title", "New").expect("a map");
            tx.put(&node, "@type", "task").expect("a map");
            tx.put(&node, "@pos", format!("{}/a9", uuid("a")))
                .expect("a map");
            let notes = tx.put_object(&node, "notes", ObjType::Text).expect("a map");
            tx.splice_text(&notes, 0, 0, "Wörter").expect("a text");
        },
        expect![[r#"
            task "A" #a
              task "A1" #a1 size=1
              task "New" #n notes="Wörter"
            task "B" #b status=todo
            + profile "board" #112233
        "#]],
    );
}

#[test]
fn a_branch_is_trashed_and_restored() {
    let mut ann = taken(
        |tx| {
            for name in ["a", "a1"] {
                let (node, stone) = (record(tx, name), tombstone(tx, name, "a"));
                tx.put(&node, "@del", stone).expect("a map");
            }
        },
        expect![[r#"
            task "B" #b status=todo
            trash:
              task "A" #a
              task "A1" #a1 size=1
            + profile "board" #112233
        "#]],
    );
    let mut program = Program::with("broom", 0xb1, &mut ann);
    program.changes(|tx| {
        for name in ["a", "a1"] {
            let node = record(tx, name);
            tx.delete(&node, "@del").expect("a map");
        }
    });
    program.talk(&mut ann).expect("it is legal");
    assert!(ann.project.view().node(node("a1")).is_some());
}

#[test]
fn nodes_are_linked() {
    taken(
        |tx| {
            let bucket = bucket(tx, "links", "l");
            let link = tx.put_object(&bucket, uuid("l").to_string(), ObjType::Map);
            let link = link.expect("a map");
            tx.put(&link, "from", uuid("a").to_string()).expect("a map");
            tx.put(&link, "to", uuid("b").to_string()).expect("a map");
            tx.put(&link, "relation", "finishToStart").expect("a map");
            tx.put(&link, "lag", 2).expect("a map");
        },
        expect![[r#"
            task "A" #a
              task "A1" #a1 size=1
            task "B" #b status=todo
            #a blocks #b +2d
            + profile "board" #112233
        "#]],
    );
}
