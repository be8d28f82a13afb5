//! Documents that are newer, damaged, foreign, or arrive in pieces.

use automerge::transaction::Transactable;
use automerge::{Automerge, ROOT, ReadDoc};
use expect_test::expect;
use graph::document::Document;
use graph::{LoadError, Project, StoredDocument};

use crate::peer::{DOCUMENTS, Peer, ann, ann_and_ben};
use crate::print;
use crate::say::*;

fn stored(snapshot: Vec<u8>) -> StoredDocument {
    StoredDocument {
        snapshot: Some(snapshot),
        changes: vec![],
    }
}

fn load(project: Vec<u8>, comments: Vec<u8>) -> Result<(Project, Vec<String>), LoadError> {
    Project::load(stored(project), stored(comments))
}

fn saved(peer: &Peer) -> [Vec<u8>; 2] {
    DOCUMENTS.map(|document| peer.project.fork(document).save())
}

fn error(outcome: Result<(Project, Vec<String>), LoadError>) -> String {
    let error = outcome.err().expect("it does not load");
    format!("{}: {error}", error.code())
}

/// A change that says that a newer version has written the project.
fn of_newer_schema(project: &[u8]) -> Vec<u8> {
    let mut newer = Automerge::load(project).expect("it was saved just now");
    let before = newer.get_heads();
    let mut edit = newer.transaction();
    let meta = edit
        .get(ROOT, "meta")
        .expect("a map")
        .expect("genesis makes it")
        .1;
    edit.put(&meta, "schema", 99_u64)
        .expect("a map takes values");
    edit.commit();
    newer.get_changes(&before)[0].raw_bytes().to_vec()
}

#[test]
fn s1_a_newer_schema_is_shown_and_known() {
    let mut ann = ann("task \"A\" #a");
    let shown = ann.show();
    assert!(ann.project.require_known_schema().is_ok());
    let [project, comments] = saved(&ann);
    let change = of_newer_schema(&project);
    // It comes from somebody else.
    let merged = ann.project.merge(Document::Project, [change.clone()]);
    assert!(merged.set_aside.is_empty() && merged.delta.frame);
    // It was stored.
    let mut stored = stored(project);
    stored.changes.push(change);
    let (loaded, notices) =
        Project::load(stored, self::stored(comments)).expect("what was merged loads");
    assert_eq!(notices, [""; 0]);
    // It is all there was when somebody joined.
    let whole = ann.project.pack(Document::Project, &[]).expect("content");
    let mut joined = Project::empty();
    let (merged, _) = joined.merge_packed(Document::Project, &whole.bytes);
    assert!(merged.set_aside.is_empty());
    for project in [&ann.project, &loaded, &joined] {
        assert_eq!(print::show(project.view()), shown);
        let error = project.require_known_schema().expect_err("it is newer");
        expect![
            "NEWER_SCHEMA: the project was written by a newer version (schema 99, this version knows 1)"
        ]
        .assert_eq(&format!("{}: {error}", error.code()));
    }
}

#[test]
fn damaged_bytes_are_refused() {
    let [project, comments] = saved(&ann("task \"A\" #a"));
    let mut flipped = project.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    let cut = project[..project.len() - 9].to_vec();
    for damaged in [flipped, cut, b"not a document".to_vec()] {
        let outcome = load(damaged, comments.clone());
        assert_eq!(outcome.err().map(|it| it.code()), Some("PROJECT_DAMAGED"));
    }
}

#[test]
fn every_cut_of_a_snapshot_is_refused_without_a_panic() {
    let [project, comments] = saved(&ann(""));
    for length in (0..project.len()).step_by(97) {
        let outcome = load(project[..length].to_vec(), comments.clone());
        assert!(outcome.is_err(), "{length} bytes of {} load", project.len());
    }
}

#[test]
fn documents_of_something_else_are_refused() {
    let [project, comments] = saved(&ann("task \"A\" #a"));
    let other = Automerge::new().save();
    let not_a_project =
        "NOT_A_PROJECT: this is not a project: the document does not begin like a project";
    let not_its_comments = "NOT_A_PROJECT: this is not a project: the document does not begin like the comments of a project";
    assert_eq!(error(load(other.clone(), comments.clone())), not_a_project);
    assert_eq!(error(load(project.clone(), other)), not_its_comments);
    assert_eq!(error(load(comments, project)), not_a_project);
}

#[test]
fn changes_that_cannot_be_read_are_set_aside_and_the_others_count() {
    let (mut ann, ben) = ann_and_ben("task \"A\" #a");
    let heads = ben.project.heads(Document::Project);
    ann.does(set("a", "size=1"));
    ann.does(set("a", "status=done"));
    let mut changes = ann.project.changes_since(Document::Project, &heads);
    let mut damaged = changes[0].clone();
    damaged[9] ^= 0xff;
    changes.extend([b"garbage".to_vec(), vec![], damaged]);
    let mut reader = ben.copy(b'r');
    let merged = reader.project.merge(Document::Project, changes.clone());
    assert_eq!((merged.set_aside.len(), merged.waiting_for), (3, 0));
    assert_eq!(reader.show(), ann.show());
    let [snapshot, comments] = saved(&ben);
    let project = StoredDocument {
        snapshot: Some(snapshot),
        changes,
    };
    let (loaded, notices) = Project::load(project, stored(comments)).expect("the rest is sound");
    assert_eq!(notices.len(), 3);
    assert_eq!(loaded.view().picture(), ann.project.view().picture());
}

#[test]
fn changes_out_of_order_wait_and_then_count() {
    let (mut ann, mut ben) = ann_and_ben("task \"A\" #a");
    let heads = ben.project.heads(Document::Project);
    for size in 1..=4 {
        ann.does(set("a", &format!("size={size}")));
    }
    ann.does(create(r#"task "New" #n"#, last("a")));
    let before = ben.show();
    let mut changes = ann.project.changes_since(Document::Project, &heads);
    let first = changes.remove(0);
    for change in changes.into_iter().rev() {
        let merged = ben.project.merge(Document::Project, [change]);
        assert!(merged.delta.is_empty());
        assert!(
            merged.waiting_for > 0,
            "others still have to send something"
        );
        assert_eq!(ben.show(), before);
    }
    let merged = ben.project.merge(Document::Project, [first.clone()]);
    assert_eq!((merged.set_aside.len(), merged.waiting_for), (0, 0));
    assert_eq!(ben.show(), ann.show());
    let again = ben.project.merge(Document::Project, [first]);
    assert!(again.delta.is_empty(), "a change counts once");
}

/// What waits for earlier changes is not lost when the project is closed.
#[test]
fn waiting_changes_count_after_loading_in_any_order() {
    let (mut ann, ben) = ann_and_ben("task \"A\" #a");
    let heads = ben.project.heads(Document::Project);
    for size in 1..=3 {
        ann.does(set("a", &format!("size={size}")));
    }
    let mut changes = ann.project.changes_since(Document::Project, &heads);
    changes.reverse();
    let [snapshot, comments] = saved(&ben);
    let project = StoredDocument {
        snapshot: Some(snapshot),
        changes,
    };
    let (loaded, notices) = Project::load(project, stored(comments)).expect("all is sound");
    assert!(notices.is_empty());
    assert_eq!(loaded.view().picture(), ann.project.view().picture());
}

/// An edit while changes wait must not be refused or lost.
#[test]
fn edits_go_on_while_changes_wait() {
    let (mut ann, mut ben) = ann_and_ben("task \"A\" #a");
    let heads = ben.project.heads(Document::Project);
    ann.does(set("a", "size=1"));
    ann.does(set("a", "size=2"));
    let changes = ann.project.changes_since(Document::Project, &heads);
    ben.project.merge(Document::Project, [changes[1].clone()]);
    ben.does(set("a", "status=done"));
    ben.project.merge(Document::Project, [changes[0].clone()]);
    ann.receive(&ben);
    assert_eq!(ann.show(), ben.show());
    expect![[r#"
        task "A" #a size=2 status=done
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn an_empty_store_is_an_empty_project() {
    let (project, notices) =
        Project::load(Default::default(), Default::default()).expect("genesis is a project");
    assert!(notices.is_empty());
    assert_eq!(project.view().node_count(), 0);
}

/// A program that is not Talus Tally writes what it likes; nothing of it is lost or breaks the view.
#[test]
fn registers_that_other_programs_wrote_are_unmapped() {
    let [project, comments] = saved(&ann("task \"A\" #a size=1"));
    let mut other = Automerge::load(&project).expect("it was saved just now");
    let mut edit = other.transaction();
    let nodes = edit
        .get(ROOT, "nodes")
        .expect("a map")
        .expect("genesis makes it")
        .1;
    let bucket = edit
        .get(&nodes, "00")
        .expect("a map")
        .expect("genesis makes it")
        .1;
    let key = edit.keys(&bucket).next().expect("one node");
    let record = edit.get(&bucket, key).expect("a map").expect("a node").1;
    edit.put(&record, "size", "many")
        .expect("a map takes values");
    edit.put(&record, "status", 7_i64)
        .expect("a map takes values");
    edit.put(&record, "urgent", "yes")
        .expect("a map takes values");
    edit.put(&record, "start", "2026-02-30")
        .expect("a map takes values");
    edit.put(&record, "labels/red", 1_i64)
        .expect("a map takes values");
    edit.put(&record, "notes", "plain")
        .expect("a map takes values");
    edit.put(&record, "elsewhere", 1.5)
        .expect("a map takes values");
    edit.put(&record, "@pos", "nonsense")
        .expect("a map takes values");
    edit.commit();
    let (loaded, _) = load(other.save(), comments).expect("it is still a project");
    expect![[r#"
        task "A" #a labels=red notes="plain" elsewhere?="1.5" size?="many" start?="2026-02-30" status?="7" urgent?="yes"
        ! Unmapped #a: “A” has a value for elsewhere that has no place in the template. It is kept.
            Remove the value
        ! Unmapped #a: “A” has a value for Size that has no place in the template. It is kept.
            Remove the value
        ! Unmapped #a: “A” has a value for Start that has no place in the template. It is kept.
            Remove the value
        ! Unmapped #a: “A” has a value for Status that has no place in the template. It is kept.
            Remove the value
        ! Unmapped #a: “A” has a value for Urgent that has no place in the template. It is kept.
            Remove the value
    "#]].assert_eq(&crate::print::show(loaded.view()));
}
