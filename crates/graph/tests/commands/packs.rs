//! Changes as they travel: few, many, a whole document.

use graph::document::Document;
use graph::time::Timestamp;
use graph::{Packed, Project, StoredDocument};

use crate::peer::{DOCUMENTS, Peer, ann, ann_and_ben, signature};
use crate::print;
use crate::say::*;

fn pack(peer: &Peer, since: &[automerge::ChangeHash]) -> Packed {
    let packed = peer.project.pack(Document::Project, since);
    packed.expect("something was changed")
}

fn edited(edits: usize) -> (Peer, Peer, Packed) {
    let (mut ann, ben) = ann_and_ben("task \"A\" #a");
    for size in 0..edits {
        let command = set("a", &format!("size={size}"));
        let applied = ann
            .project
            .apply(signature(b'a').author, &command, Timestamp(1));
        applied.expect("a size is a number");
    }
    let packed = pack(&ann, &ben.project.heads(Document::Project));
    (ann, ben, packed)
}

#[test]
fn few_and_many_changes_arrive() {
    for edits in [1, 7, 8, 200] {
        let (ann, mut ben, packed) = edited(edits);
        let (merged, tips) = ben.project.merge_packed(Document::Project, &packed.bytes);
        assert!(merged.set_aside.is_empty(), "{:?}", merged.set_aside);
        assert_eq!(merged.waiting_for, 0);
        assert_eq!(tips, packed.heads);
        assert_eq!(packed.changes, edits);
        assert_eq!(ben.show(), ann.show(), "{edits} edits");
        let (again, _) = ben.project.merge_packed(Document::Project, &packed.bytes);
        assert!(again.delta.is_empty(), "changes count once");
    }
}

#[test]
fn many_changes_are_a_tenth_of_their_size() {
    let (ann, ben, packed) = edited(1000);
    let heads = ben.project.heads(Document::Project);
    let raw = ann.project.changes_since(Document::Project, &heads);
    let raw_bytes: usize = raw.iter().map(Vec::len).sum();
    assert!(
        packed.bytes.len() * 10 < raw_bytes,
        "{} of {raw_bytes} bytes",
        packed.bytes.len()
    );
}

#[test]
fn nothing_is_packed_when_nothing_changed() {
    let ann = ann("task \"A\" #a");
    let heads = ann.project.heads(Document::Project);
    assert_eq!(ann.project.pack(Document::Project, &heads), None);
    assert_eq!(ann.project.pack(Document::Comments, &[]), None);
    assert_eq!(ann.project.count_since(Document::Project, &heads), 0);
    assert_eq!(ann.project.count_since(Document::Comments, &[]), 0);
}

#[test]
fn a_copy_that_holds_nothing_becomes_the_same_project() {
    let mut ann = ann("task \"A\" #a\n  task \"B\" #b");
    ann.does(comment("k", "a", "Look here"));
    let mut joined = Project::empty();
    joined.sign_on(signature(b'b'), &Default::default());
    for document in DOCUMENTS {
        let packed = ann.project.pack(document, &[]).expect("there is content");
        let (merged, _) = joined.merge_packed(document, &packed.bytes);
        assert!(merged.set_aside.is_empty());
        assert!(
            merged.delta.nodes.len() == 2
                && merged.delta.comments.is_empty() == (document == Document::Project)
        );
    }
    assert_eq!(print::show(joined.view()), print::show(ann.project.view()));
}

/// Somebody who wrote before the project arrived keeps that.
#[test]
fn a_whole_document_joins_one_that_has_content() {
    let (mut ann, mut ben) = ann_and_ben("task \"A\" #a");
    ben.does(create(r#"task "Mine" #m"#, last("a")));
    ann.does(set("a", "size=3"));
    let whole = pack(&ann, &[]);
    ben.project.merge_packed(Document::Project, &whole.bytes);
    ann.receive(&ben);
    assert_eq!(ben.show(), ann.show());
}

#[test]
fn what_cannot_be_read_is_set_aside() {
    for edits in [2, 50] {
        let (_, mut ben, packed) = edited(edits);
        let before = ben.show();
        for length in [0, 1, 3, 9, packed.bytes.len() / 2, packed.bytes.len() - 1] {
            let (merged, tips) = ben
                .project
                .merge_packed(Document::Project, &packed.bytes[..length]);
            let is_empty_list = length == 1 && packed.bytes[0] == 0;
            assert_eq!(merged.set_aside.is_empty(), is_empty_list, "{length} bytes");
            assert!(tips.is_empty());
        }
        let (merged, _) = ben.project.merge_packed(Document::Project, b"\x09new");
        assert_eq!(merged.set_aside.len(), 1);
        assert_eq!(ben.show(), before);
    }
}

#[test]
fn packed_changes_can_be_stored_as_they_came() {
    let (ann, ben, packed) = edited(20);
    let snapshot = |document| ben.project.fork(document).save();
    let project = StoredDocument {
        snapshot: Some(snapshot(Document::Project)),
        changes: vec![packed.bytes],
    };
    let (loaded, notices) =
        Project::load(project, StoredDocument::default()).expect("all is sound");
    assert!(notices.is_empty(), "{notices:?}");
    assert_eq!(print::show(loaded.view()), ann.show());
    let joined = StoredDocument {
        snapshot: None,
        changes: vec![pack(&ann, &[]).bytes],
    };
    let (loaded, notices) = Project::load(joined, StoredDocument::default()).expect("all is sound");
    assert!(notices.is_empty(), "{notices:?}");
    assert_eq!(print::show(loaded.view()), ann.show());
}
