//! What programs with a copy of their own must not write, and whatever else they may think of.

use automerge::transaction::{Transactable, Transaction};
use automerge::{ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use expect_test::{Expect, expect};
use graph::document::Document;
use graph::generate::Random;
use graph::problem::ProblemKind;
use proptest::prelude::*;

use crate::dsl::uuid;
use crate::guests::{Program, TREE, bucket, child, program, record, tombstone, writes};
use crate::peer::{DOCUMENTS, Peer, ann};
use crate::say::edit_notes;

/// It is refused with this reason, and leaves no trace.
fn refused(write: impl FnOnce(&mut Transaction<'_>), why: Expect) {
    why.assert_eq(&refusal_of(write));
}

fn refusal_of(write: impl FnOnce(&mut Transaction<'_>)) -> String {
    let mut ann = ann(TREE);
    let mut program = Program::with("board", 0xb0, &mut ann);
    let state = |ann: &Peer| {
        let heads = DOCUMENTS.map(|it| ann.project.heads(it));
        (heads, ann.project.view().picture())
    };
    let before = state(&ann);
    program.changes(write);
    let refusal = program.talk(&mut ann).expect_err("it is refused");
    assert_eq!(before, state(&ann));
    assert!(ann.project.take_written().is_empty());
    format!("{}: {refusal}", refusal.code())
}

#[test]
fn containers_stay_where_they_are() {
    let writes: [fn(&mut Transaction<'_>); 5] = [
        |tx| tx.delete(ROOT, "nodes").expect("a map"),
        |tx| tx.put(ROOT, "nodes", "nothing").expect("a map"),
        |tx| tx.put(ROOT, "mine", 1).expect("a map"),
        |tx| {
            let nodes = child(tx, &ROOT, "nodes");
            tx.put_object(&nodes, "00", ObjType::Map).expect("a map");
        },
        |tx| {
            let nodes = child(tx, &ROOT, "nodes");
            tx.delete(&nodes, "00").expect("a map");
        },
    ];
    for write in writes {
        let told = refusal_of(write);
        assert!(told.starts_with("SHAPE_REFUSED: the containers"), "{told}");
    }
}

#[test]
fn records_are_not_deleted_as_maps() {
    let writes: [fn(&mut Transaction<'_>); 2] = [
        |tx| {
            let bucket = bucket(tx, "nodes", "a");
            tx.delete(&bucket, uuid("a").to_string()).expect("a map");
        },
        |tx| {
            let bucket = bucket(tx, "nodes", "a");
            let key = uuid("a").to_string();
            tx.put_object(&bucket, key, ObjType::Map).expect("a map");
        },
    ];
    for write in writes {
        let told = refusal_of(write);
        assert!(
            told.starts_with("SHAPE_REFUSED: an item or a link"),
            "{told}"
        );
    }
}

#[test]
fn values_are_those_of_commands() {
    refused(
        writes("start", "tomorrow"),
        expect!["BAD_VALUE: “Start”: is not a date"],
    );
    refused(
        writes("start", "20260312"),
        expect!["BAD_VALUE: “Start”: is not a date as it is written here"],
    );
    refused(
        writes("status", "later"),
        expect!["BAD_VALUE: “Status”: the option is not in the template any more"],
    );
    refused(
        writes("urgent", "yes"),
        expect!["BAD_VALUE: “Urgent”: is not yes or no"],
    );
    refused(
        writes("title", "two\nlines"),
        expect![
            "BAD_VALUE: “Title”: line breaks and control characters cannot be kept in one line"
        ],
    );
    refused(
        writes("title", ScalarValue::Null),
        expect!["SHAPE_REFUSED: null is no value of “Title”; delete the key"],
    );
    refused(
        writes("title", ScalarValue::counter(1)),
        expect!["BAD_VALUE: “Title”: is not one line of text"],
    );
    refused(
        writes("nonsense", "x"),
        expect!["FIELD_NOT_FOUND: there is no field nonsense in this project's template"],
    );
    refused(
        writes("notes", "a scalar"),
        expect!["SHAPE_REFUSED: “Notes” is a text object"],
    );
    refused(
        writes("labels", "red"),
        expect!["BAD_VALUE: “Labels”: is not some of the field's options"],
    );
    refused(
        writes("labels/red", false),
        expect!["BAD_VALUE: “Labels”: is not some of the field's options as it is written here"],
    );
    refused(
        writes("assignees/nobody", true),
        expect!["BAD_VALUE: “Assignees”: is not people"],
    );
    refused(
        writes("@type", "step"),
        expect!["SHAPE_REFUSED: `@type` of an item is not written like this"],
    );
    refused(
        writes("@purge", "1@00"),
        expect!["SHAPE_REFUSED: `@purge` of an item is not written like this"],
    );
    refused(
        writes("@del", "gone"),
        expect![
            "SHAPE_REFUSED: `@del` names the operation of `@pos`, and the topmost item that goes with it"
        ],
    );
    refused(
        writes("@pos", "/"),
        expect!["SHAPE_REFUSED: `@pos` is `<parent>/<order>`, or that, `|` and where it was"],
    );
}

#[test]
fn a_line_is_no_text_object() {
    let write = |tx: &mut Transaction<'_>| {
        let a = record(tx, "a");
        let title = tx.put_object(&a, "title", ObjType::Text).expect("a map");
        tx.splice_text(&title, 0, 0, "Anchor").expect("a text");
    };
    refused(
        write,
        expect![
            "SHAPE_REFUSED: “Title” takes one line of text as a scalar: in JavaScript, new ImmutableString(…)"
        ],
    );
}

#[test]
fn a_node_does_not_go_beneath_itself() {
    let write = |tx: &mut Transaction<'_>| {
        let a = record(tx, "a");
        tx.put(&a, "@pos", format!("{}/a0", uuid("a1")))
            .expect("a map");
    };
    refused(
        write,
        expect!["MOVE_INTO_SELF: “A” cannot be moved into its own subtree"],
    );
}

#[test]
fn what_is_beneath_goes_along_into_the_trash() {
    let write = |tx: &mut Transaction<'_>| {
        let (a, stone) = (record(tx, "a"), tombstone(tx, "a", "a"));
        tx.put(&a, "@del", stone).expect("a map");
    };
    refused(
        write,
        expect![
            "SHAPE_REFUSED: what is under an item goes into the trash with it: write `@del` of all of it"
        ],
    );
}

#[test]
fn who_writes_is_for_the_host_to_say() {
    let write = |tx: &mut Transaction<'_>| {
        let authors = child(tx, &ROOT, "authors");
        tx.put(&authors, "00", "somebody").expect("a map");
    };
    refused(
        write,
        expect![
            "SHAPE_REFUSED: the door writes down who a program is; leave `authors` and `people` alone"
        ],
    );
    let template = |tx: &mut Transaction<'_>| {
        let fields = child(tx, &ROOT, "fields");
        let title = child(tx, &fields, "title");
        tx.put(&title, "label", "Name").expect("a map");
    };
    refused(
        template,
        expect!["SHAPE_REFUSED: `fields` is changed by commands only"],
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a program writes: it is refused and nothing has happened, or the project is as sound as before.
    #[test]
    fn no_program_breaks_a_project(seed in any::<u64>()) {
        let mut random = Random(seed);
        let mut ann = ann(TREE);
        ann.does(edit_notes("a", 0, 0, "One two"));
        let mut board = Program::with("board", 0xb0, &mut ann);
        let before = ann.project.heads(Document::Project);
        board.changes(|tx| {
            let places = places(tx);
            for _ in 0..=random.below(2) {
                scribble(tx, &places, &mut random);
            }
        });
        match board.talk(&mut ann) {
            Ok(()) => board.agrees(&ann),
            Err(_) => assert_eq!(ann.project.heads(Document::Project), before),
        }
        let broken = [ProblemKind::RecordRemoved, ProblemKind::Unmapped, ProblemKind::TypeNotAllowed];
        let problems = ann.project.view().problems();
        prop_assert!(problems.iter().all(|it| !broken.contains(&it.kind)), "{:?}", problems);
    }

    /// No bytes make a host panic, and none change anything.
    #[test]
    fn no_bytes_break_a_host(bytes in proptest::collection::vec(any::<u8>(), 0..200), kind in 0x42_u8..0x44) {
        let mut ann = ann("");
        let mut board = program("board", 0xb0);
        let before = ann.project.heads(Document::Project);
        let mut said = vec![kind];
        said.extend(bytes);
        board.is_heard(&mut ann, &said).ok();
        ann.project.tell(&mut board.guest).ok();
        prop_assert_eq!(ann.project.heads(Document::Project), before);
    }
}

/// Where something may be written.
fn places(tx: &Transaction<'_>) -> [ObjId; 9] {
    let a = record(tx, "a");
    [
        ROOT,
        child(tx, &ROOT, "nodes"),
        child(tx, &ROOT, "meta"),
        child(tx, &ROOT, "settled"),
        bucket(tx, "nodes", "a"),
        bucket(tx, "links", "l"),
        child(tx, &a, "notes"),
        a,
        record(tx, "b"),
    ]
}

/// Writes something somewhere.
fn scribble(tx: &mut Transaction<'_>, places: &[ObjId], random: &mut Random) {
    let object = &places[random.below(places.len())];
    if tx.object_type(object).is_ok_and(|it| it == ObjType::Text) {
        let at = random.below(4);
        tx.splice_text(object, at, 1, "x").expect("a text");
        return;
    }
    let names = [uuid("a").to_string(), uuid("n").to_string()];
    let keys = [
        "title",
        "@pos",
        "@type",
        "@del",
        "status",
        "notes",
        "labels/red",
        "nodes",
        "schema",
        "00",
        &names[0],
        &names[1],
    ];
    let key = keys[random.below(keys.len())];
    match random.below(5) {
        0 => tx.delete(object, key).unwrap_or(()),
        1 => drop(tx.put_object(object, key, ObjType::Map).expect("a map")),
        2 => drop(tx.put_object(object, key, ObjType::List).expect("a map")),
        3 => tx.put(object, key, true).expect("a map"),
        _ => tx.put(object, key, "done").expect("a map"),
    }
}
