//! A program that is not Talus Tally deletes or replaces what it must not touch.

use automerge::transaction::{Transactable, Transaction};
use automerge::{ObjId, ObjType, ROOT, ReadDoc};
use expect_test::expect;
use graph::document::Document;
use graph::problem::ProblemKind;

use crate::dsl::uuid;
use crate::peer::{Peer, ann, ann_and_ben, sync};
use crate::say::*;

const TREE: &str = r#"
task "A" #a
  task "A1" #a1 size=1
task "B" #b
"#;

fn child(tx: &Transaction<'_>, parent: &ObjId, key: &str) -> ObjId {
    tx.get(parent, key).expect("a map").expect("it is there").1
}

/// The bucket of a node, and its key there.
fn bucket(tx: &Transaction<'_>, name: &str) -> (ObjId, String) {
    let id = uuid(name);
    let buckets = child(tx, &ROOT, "nodes");
    let bucket = child(tx, &buckets, &format!("{:02x}", id.as_bytes()[15]));
    (bucket, id.to_string())
}

fn remove(tx: &mut Transaction<'_>, name: &str) {
    let (bucket, key) = bucket(tx, name);
    tx.delete(&bucket, key).expect("a map");
}

/// Everything goes on working: here, after a restart, and for others.
fn goes_on(ann: &mut Peer) {
    let mut ben = ann.copy(b'b');
    ann.does(create(r#"task "New" #n"#, last("a")));
    ben.does(set("a1", "size=2"));
    ben.does(comment("c", "a", "Words"));
    sync(ann, &mut ben);
    ann.does(block("n", "b"));
    ann.undo();
    ann.undo();
    ann.redo();
    ann.reopen();
    sync(ann, &mut ben);
    let view = ben.project.view();
    assert_eq!(view.node_count(), 4, "{}", ben.show());
    assert_eq!(view.comments_on(crate::dsl::node("a")).len(), 1);
}

fn is_told(ann: &mut Peer, message: expect_test::Expect) {
    let problems = ann.project.view().problems();
    let told = |kind| move |it: &&graph::problem::Problem| it.kind == kind;
    let removed = problems.iter().find(told(ProblemKind::RecordRemoved));
    let removed = removed.expect("the removal is told");
    message.assert_eq(&removed.message);
    let before = ann.show();
    ann.does(removed.fixes[0].command.clone());
    let left = ann.project.view().problems();
    assert_eq!(left.len() + 1, problems.len(), "{left:?}");
    ann.reopen();
    ann.undo();
    assert_eq!(ann.show(), before);
    ann.redo();
}

#[test]
fn every_container_may_be_deleted() {
    let mut ann = ann(TREE);
    ann.takes_in(Document::Project, |tx| {
        for key in tx.keys(ROOT).collect::<Vec<_>>() {
            tx.delete(ROOT, key).expect("the root is a map");
        }
    });
    ann.takes_in(Document::Comments, |tx| {
        for key in tx.keys(ROOT).collect::<Vec<_>>() {
            tx.delete(ROOT, key).expect("the root is a map");
        }
    });
    goes_on(&mut ann);
    is_told(
        &mut ann,
        expect![
            "Another program removed parts of the project from where they belong: “comments/authors”, “comments/comments” and others. Nothing is lost here, but programs that look there find nothing. A duplicate of the project is sound."
        ],
    );
}

#[test]
fn a_container_may_be_replaced_by_a_value() {
    let mut ann = ann(TREE);
    ann.takes_in(Document::Project, |tx| {
        tx.put(ROOT, "nodes", "nothing").expect("the root is a map");
    });
    goes_on(&mut ann);
    is_told(
        &mut ann,
        expect![
            "Another program removed parts of the project from where they belong: “project/nodes”. Nothing is lost here, but programs that look there find nothing. A duplicate of the project is sound."
        ],
    );
}

#[test]
fn buckets_and_sections_may_be_replaced_by_other_maps() {
    let mut ann = ann(TREE);
    ann.takes_in(Document::Project, |tx| {
        let nodes = child(tx, &ROOT, "nodes");
        tx.put_object(&nodes, "00", ObjType::Map).expect("a map");
        let fields = tx.put_object(ROOT, "fields", ObjType::Map).expect("a map");
        tx.put_object(&fields, "title", ObjType::List)
            .expect("a map");
    });
    goes_on(&mut ann);
    is_told(
        &mut ann,
        expect![
            "Another program removed parts of the project from where they belong: “project/fields” and “project/nodes/00”. Nothing is lost here, but programs that look there find nothing. A duplicate of the project is sound."
        ],
    );
}

/// Somebody puts two unrelated documents together; which of the maps wins does not matter.
#[test]
fn a_container_made_elsewhere_at_the_same_time_changes_nothing() {
    let mut ann = ann(TREE);
    let mut other = automerge::Automerge::new().with_actor([0xff_u8; 16].into());
    let mut tx = other.transaction();
    for _ in 0..700 {
        tx.put(ROOT, "count", 1).expect("the root is a map");
        tx.put(ROOT, "count", 2).expect("the root is a map");
    }
    tx.put_object(ROOT, "nodes", ObjType::Map)
        .expect("the root is a map");
    tx.put_object(ROOT, "meta", ObjType::Text)
        .expect("the root is a map");
    tx.commit();
    let changes = other.get_changes(&[]);
    let bytes = changes.iter().map(|change| change.raw_bytes().to_vec());
    ann.project.merge(Document::Project, bytes);
    goes_on(&mut ann);
    is_told(
        &mut ann,
        expect![
            "Another program removed parts of the project from where they belong: “project/meta” and “project/nodes”. Nothing is lost here, but programs that look there find nothing. A duplicate of the project is sound."
        ],
    );
}

#[test]
fn a_removed_record_is_kept_and_told() {
    let mut ann = ann(TREE);
    ann.does(set("a", "status=todo"));
    ann.takes_in(Document::Project, |tx| remove(tx, "a"));
    let shown = expect![[r#"
        task "A" #a status=todo
          task "A1" #a1 size=1
        task "B" #b
        ! RecordRemoved #a: “A” was removed by another program. It is kept here.
            Keep it
            Move it to the trash
    "#]];
    shown.assert_eq(&ann.show());
    ann.reopen();
    shown.assert_eq(&ann.show());
    shown.assert_eq(&ann.copy(b'c').show());
    ann.undo();
    goes_on(&mut ann);
    is_told(
        &mut ann,
        expect!["“A” was removed by another program. It is kept here."],
    );
    ann.takes_in(Document::Project, |tx| remove(tx, "b"));
    let fixes = ann.project.view().problems()[0].fixes.clone();
    ann.does(fixes[1].command.clone());
    assert!(ann.problems().is_empty(), "{}", ann.show());
    ann.does(restore("b"));
    assert_eq!(ann.problems().len(), 1);
}

#[test]
fn a_record_removed_while_somebody_edits_it() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.takes_in(Document::Project, |tx| remove(tx, "a1"));
    ben.does(set("a1", "size=7"));
    ben.does(edit_notes("a1", 0, 0, "Words"));
    sync(&mut ann, &mut ben);
    assert!(
        ann.show().contains(r#"task "A1" #a1 notes="Words" size=7"#),
        "{}",
        ann.show()
    );
}

/// A record made and removed between two meetings is one that was removed.
#[test]
fn a_record_that_nobody_here_ever_saw() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ben.does(create(r#"task "New" #n"#, last("a")));
    ben.takes_in(Document::Project, |tx| remove(tx, "n"));
    sync(&mut ann, &mut ben);
    assert_eq!(
        ann.problems(),
        ["“New” was removed by another program. It is kept here."]
    );
}

#[test]
fn the_map_that_stands_under_the_key_is_the_record() {
    let mut ann = ann(TREE);
    let replace = |tx: &mut Transaction<'_>, title: &str| {
        let (bucket, key) = bucket(tx, "b");
        let record = tx.put_object(&bucket, key, ObjType::Map).expect("a map");
        tx.put(&record, "title", title).expect("a map");
        tx.put(&record, "@type", "task").expect("a map");
    };
    ann.takes_in(Document::Project, |tx| replace(tx, "Other"));
    assert!(ann.show().contains(r#"task "Other" #b"#), "{}", ann.show());
    ann.takes_in(Document::Project, |tx| replace(tx, "Third"));
    ann.takes_in(Document::Project, |tx| {
        let (bucket, key) = bucket(tx, "b");
        tx.put(&bucket, key, 7).expect("a map");
    });
    assert!(ann.show().contains(r#"task "Third" #b"#), "{}", ann.show());
    ann.reopen();
    assert!(ann.show().contains(r#"task "Third" #b"#), "{}", ann.show());
}

/// Ids have one spelling and one bucket; what is elsewhere is nothing.
#[test]
fn a_record_elsewhere_or_misspelled_is_none() {
    let mut ann = ann("task \"A\" #a\n");
    ann.takes_in(Document::Project, |tx| {
        let id = "019A2B3C-4D5E-7F60-8A9B-0C1D2E3F4A3F";
        let buckets = child(tx, &ROOT, "nodes");
        for (bucket, key) in [
            ("3f", id.to_owned()),
            ("00", id.to_lowercase()),
            ("3f", id.replace('-', "")),
        ] {
            let bucket = child(tx, &buckets, bucket);
            let record = tx.put_object(&bucket, key, ObjType::Map).expect("a map");
            tx.put(&record, "title", "Nothing").expect("a map");
        }
    });
    assert_eq!(ann.project.view().node_count(), 1, "{}", ann.show());
}

/// What another program makes of links and comments is read as it stands, whatever it was before.
#[test]
fn links_and_comments_may_change_in_every_way() {
    let mut ann = ann(&format!("{TREE}#a1 blocks #b\n"));
    ann.does(comment("c", "a", "Words"));
    let link = crate::dsl::link("a1>b").0;
    let links = move |tx: &Transaction<'_>| {
        let buckets = child(tx, &ROOT, "links");
        let bucket = child(tx, &buckets, &format!("{:02x}", link.as_bytes()[15]));
        child(tx, &bucket, &link.to_string())
    };
    let ids = ["a", "b", "a1"].map(|name| uuid(name).to_string());
    for to in [
        ids[2].as_str(),
        "nobody",
        &ids[0],
        "00000000-0000-0000-0000-000000000009",
    ] {
        ann.takes_in(Document::Project, |tx| {
            let object = links(tx);
            tx.put(&object, "to", to).expect("a map");
        });
    }
    let comments = |tx: &Transaction<'_>| {
        let buckets = child(tx, &ROOT, "comments");
        let id = uuid("c");
        let bucket = child(tx, &buckets, &format!("{:02x}", id.as_bytes()[15]));
        child(tx, &bucket, &id.to_string())
    };
    for node in [ids[1].as_str(), "nobody", &ids[0]] {
        ann.takes_in(Document::Comments, |tx| {
            let object = comments(tx);
            tx.put(&object, "node", node).expect("a map");
        });
    }
    assert_eq!(
        ann.project.view().comments_on(crate::dsl::node("a")).len(),
        1
    );
    assert!(
        ann.project
            .view()
            .comments_on(crate::dsl::node("b"))
            .is_empty()
    );
}

/// A link may come before the node that it names.
#[test]
fn a_node_that_a_link_named_before_it_was_there() {
    let mut ann = ann("task \"A\" #a\n");
    let (from, to) = (uuid("late").to_string(), uuid("a").to_string());
    ann.takes_in(Document::Project, |tx| {
        let buckets = child(tx, &ROOT, "links");
        let bucket = child(tx, &buckets, "00");
        let key = uuid("late>a").to_string();
        let link = tx.put_object(&bucket, key, ObjType::Map).expect("a map");
        tx.put(&link, "from", from).expect("a map");
        tx.put(&link, "to", to).expect("a map");
        tx.put(&link, "relation", "finishToStart").expect("a map");
    });
    ann.does(create(r#"task "Late" #late"#, last("")));
    assert!(ann.show().contains("#late blocks #a"), "{}", ann.show());
}

/// Values of kinds that nobody writes here are neither overwritten nor lost by an undo.
#[test]
fn undo_leaves_a_value_that_it_cannot_write_back() {
    let mut ann = ann(TREE);
    ann.does(clear("a1", "size"));
    ann.takes_in(Document::Project, |tx| {
        let (bucket, key) = bucket(tx, "a1");
        let record = child(tx, &bucket, &key);
        tx.put_object(&record, "size", ObjType::List)
            .expect("a map");
    });
    assert_eq!(ann.undoes_nothing(), ["Size of A1, changed by nobody"]);
}

#[test]
fn definitions_that_are_no_maps_are_none() {
    let mut ann = ann(TREE);
    let ann_id = uuid::Uuid::from_bytes([b'a'; 16]).to_string();
    ann.takes_in(Document::Project, |tx| {
        let people = child(tx, &ROOT, "people");
        tx.put(&people, ann_id.as_str(), "a name").expect("a map");
        let fields = child(tx, &ROOT, "fields");
        tx.put_object(&fields, "size", ObjType::Text)
            .expect("a map");
        let types = child(tx, &ROOT, "types");
        tx.put_object(&types, "tool", ObjType::List).expect("a map");
    });
    ann.does(graph::command::Command::PutPerson {
        id: graph::id::PersonId(uuid::Uuid::from_bytes([b'a'; 16])),
        person: graph::person::Person {
            name: "Ann".into(),
            colour: "#000000".into(),
        },
    });
    ann.does(put_field(crate::template::known_field("size")));
    assert!(ann.show().contains("size=1"), "{}", ann.show());
}

/// A node whose notes say "The fox" with a word between that a program has put into one place.
fn with_a_piece() -> Peer {
    let mut ann = ann(r#"task "A" #a notes="The fox""#);
    ann.takes_in(Document::Project, |tx| {
        let (bucket, key) = bucket(tx, "a");
        let node = child(tx, &bucket, &key);
        let text = child(tx, &node, "notes");
        tx.insert(&text, 4, "three").expect("a text");
    });
    ann
}

#[test]
fn what_a_program_wrote_as_one_is_not_cut() {
    let notes = |ann: &Peer| {
        let text = ann.project.text(crate::dsl::node("a"), &"notes".into());
        text.expect("it is there").text
    };
    for (at, delete, insert, after) in [
        (6, 0, "s, ", "The threes, fox"),
        (5, 2, "", "The fox"),
        (2, 3, "", "Thfox"),
        (8, 3, "d", "The dx"),
    ] {
        let mut ann = with_a_piece();
        assert_eq!(notes(&ann), "The threefox");
        ann.does(edit_notes("a", at, delete, insert));
        assert_eq!(notes(&ann), after);
        ann.undo();
        assert_eq!(notes(&ann), "The threefox");
        ann.redo();
        assert_eq!(notes(&ann), after);
    }
}
