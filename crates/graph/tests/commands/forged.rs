//! Somebody who may write sends changes that no program would make of what it sees: Automerge takes them, and could not
//! give them to anybody afterwards.

use automerge::legacy::{Key, Op, OpId};
use automerge::transaction::{Transactable, Transaction};
use automerge::{ActorId, Automerge, Change, ExpandedChange, ObjId, ROOT, ReadDoc};
use graph::document::Document;

use crate::dsl::uuid;
use crate::peer::{Peer, ann, sync};
use crate::say::*;

const TREE: &str = r#"
task "A" #a
task "B" #b
"#;

/// A copy of the project document, as another program has it.
fn copy(peer: &Peer) -> Automerge {
    let saved = peer.project.fork(Document::Project).save();
    let mut doc = Automerge::load(&saved).expect("what was saved loads");
    doc.set_actor(ActorId::from([0xee_u8; 16]));
    doc
}

fn child(doc: &Automerge, parent: &ObjId, key: &str) -> ObjId {
    doc.get(parent, key).expect("a map").expect("it is there").1
}

fn record(doc: &Automerge, name: &str) -> ObjId {
    let id = uuid(name);
    let bucket = format!("{:02x}", id.as_bytes()[15]);
    let bucket = child(doc, &child(doc, &ROOT, "nodes"), &bucket);
    child(doc, &bucket, &id.to_string())
}

/// The operation that wrote what stands there.
fn writer(doc: &Automerge, object: &ObjId, key: &str) -> OpId {
    match child(doc, object, key) {
        ObjId::Id(counter, actor, _) => OpId::new(counter, &actor),
        ObjId::Root => unreachable!("the root is written by nobody"),
    }
}

fn write(doc: &mut Automerge, write: impl FnOnce(&mut Transaction<'_>)) -> Change {
    let before = doc.get_heads();
    let mut edit = doc.transaction();
    write(&mut edit);
    edit.commit();
    doc.get_changes(&before)
        .pop()
        .expect("something is written")
}

/// A change of the title of A, forged.
fn forged(doc: &mut Automerge, forge: impl FnOnce(&mut Op)) -> Change {
    let a = record(doc, "a");
    let mut change: ExpandedChange = write(doc, |tx| {
        tx.put(&a, "title", "Forged").expect("a map");
    })
    .decode();
    forge(&mut change.operations[0]);
    change.hash = None;
    change.into()
}

fn takes_in(peer: &mut Peer, changes: &[&Change]) -> (usize, usize) {
    let bytes = changes.iter().map(|change| change.raw_bytes().to_vec());
    let merged = peer.project.merge(Document::Project, bytes);
    let rebuilt = peer.project.rebuilt_view().picture();
    assert_eq!(peer.project.view().picture(), rebuilt);
    (merged.set_aside.len(), merged.waiting_for)
}

/// It is refused, and everything goes on: here, after a restart, and for others.
fn is_refused(forge: impl FnOnce(&Automerge, &mut Op)) {
    let mut ann = ann(TREE);
    let before = (ann.show(), ann.project.heads(Document::Project));
    let mut doc = copy(&ann);
    let as_it_was = doc.clone();
    let change = forged(&mut doc, |op| forge(&as_it_was, op));
    assert_eq!(takes_in(&mut ann, &[&change]), (1, 0));
    assert_eq!((ann.show(), ann.project.heads(Document::Project)), before);
    ann.does(set("b", "size=2"));
    ann.reopen();
    ann.undo();
    let mut ben = ann.copy(b'b');
    ben.does(set("a", "size=3"));
    sync(&mut ann, &mut ben);
}

#[test]
fn what_overwrites_another_register_is_refused() {
    is_refused(|_, op| op.key = Key::Map("t".into()));
    is_refused(|_, op| op.key = Key::Map("zzz".into()));
}

#[test]
fn what_overwrites_a_register_of_another_record_is_refused() {
    is_refused(|doc, op| {
        let title = writer(doc, &record(doc, "b"), "title");
        op.pred = [title].into_iter().collect();
    });
}

#[test]
fn what_overwrites_something_that_never_was_is_refused() {
    is_refused(|doc, op| {
        let title = writer(doc, &record(doc, "a"), "title");
        let never = OpId::new(9_999, title.actor());
        op.pred = [never].into_iter().collect();
    });
}

#[test]
fn one_that_waits_takes_no_other_with_it() {
    for is_stored_between in [false, true] {
        let mut ann = ann(TREE);
        let mut doc = copy(&ann);
        let (a, b) = (record(&doc, "a"), record(&doc, "b"));
        let first = write(&mut doc, |tx| tx.put(&b, "title", "First").expect("a map"));
        let mut other = doc.clone();
        other.set_actor(ActorId::from([0xef_u8; 16]));
        let good = write(&mut other, |tx| tx.put(&a, "title", "Good").expect("a map"));
        let bad = forged(&mut doc, |op| op.key = Key::Map("zzz".into()));

        assert_eq!(takes_in(&mut ann, &[&bad, &good]), (0, 1));
        if is_stored_between {
            let saved = ann.project.fork(Document::Project);
            assert!(saved.save().len() > good.raw_bytes().len() + bad.raw_bytes().len());
            ann.reopen();
            assert_eq!(ann.project.missing(Document::Project), [first.hash()]);
        }
        // Whoever brings the first has no part in what waited for it.
        assert_eq!(takes_in(&mut ann, &[&first]), (0, 0));
        assert!(ann.show().contains("First") && ann.show().contains("Good"));
        assert!(!ann.project.holds(Document::Project, &bad.hash()));
        ann.reopen();
        let mut ben = ann.copy(b'b');
        sync(&mut ann, &mut ben);
    }
}

#[test]
fn one_that_waits_under_a_number_that_is_taken_does_not_keep_the_project_closed() {
    let mut ann = ann(TREE);
    let mut doc = copy(&ann);
    let (a, b) = (record(&doc, "a"), record(&doc, "b"));
    let mut other = doc.clone();
    other.set_actor(ActorId::from([0xef_u8; 16]));
    let first = write(&mut other, |tx| {
        tx.put(&b, "title", "First").expect("a map")
    });
    other.set_actor(doc.get_actor().clone());
    let late = write(&mut other, |tx| tx.put(&a, "title", "Late").expect("a map"));
    let good = write(&mut doc, |tx| tx.put(&a, "title", "Good").expect("a map"));
    assert_eq!((late.actor_id(), late.seq()), (good.actor_id(), good.seq()));

    assert_eq!(takes_in(&mut ann, &[&late]), (0, 1));
    assert_eq!(takes_in(&mut ann, &[&good]), (0, 1));
    ann.reopen();
    assert_eq!(takes_in(&mut ann, &[&first]), (0, 0));
    assert!(ann.show().contains("First") && ann.show().contains("Good"));
    ann.reopen();
    assert!(!ann.project.holds(Document::Project, &late.hash()));
}
