//! Changes as they travel: few, many, a whole document.

use std::collections::BTreeSet;

use automerge::ChangeHash;
use graph::command::Command;
use graph::document::Document;
use graph::time::Timestamp;
use graph::value::Value;
use graph::{Packed, Project, StoredDocument};

use crate::peer::{DOCUMENTS, Peer, ann, ann_and_ben, signature};
use crate::print;
use crate::say::*;

fn pack(peer: &Peer, since: &[ChangeHash]) -> Packed {
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
    // What was framed by somebody builds on what has not come yet.
    let unknown = [ChangeHash([7; 32])];
    assert_eq!(ann.project.count_since(Document::Comments, &unknown), 0);
    assert!(ann.project.pack(Document::Comments, &unknown).is_none());
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

/// Characters that no packing makes fewer.
fn noise(seed: usize, length: usize) -> String {
    let mut state = seed as u64 + 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'!' + ((state >> 33) % 90) as u8)
    };
    (0..length).map(|_| next()).collect()
}

fn noisy(seed: usize) -> Command {
    set_value("a", "title", Value::Text(noise(seed, 4_000)))
}

const FITS: usize = 16_000;

/// All that leaves in pieces of this size, and the heads in the end.
fn pieces(
    peer: &Peer,
    mut since: Vec<ChangeHash>,
    too_large: &mut BTreeSet<ChangeHash>,
) -> (Vec<Packed>, Vec<ChangeHash>) {
    let mut pieces = vec![];
    let pack = |since: &[ChangeHash], too_large: &mut _| {
        let project = &peer.project;
        project.pack_within(Document::Project, since, FITS, too_large)
    };
    while let Some(piece) = pack(&since, too_large) {
        assert!(piece.bytes.len() <= FITS && piece.changes > 0);
        since.clone_from(&piece.heads);
        pieces.push(piece);
    }
    (pieces, since)
}

#[test]
fn what_does_not_fit_leaves_in_pieces() {
    let (mut ann, mut ben) = ann_and_ben("task \"A\" #a");
    let known = ben.project.heads(Document::Project);
    for seed in 0..30 {
        ann.does(noisy(seed));
    }
    let mut joined = Project::empty();
    joined.sign_on(signature(b'c'), &Default::default());
    for (project, since) in [(&mut ben.project, known), (&mut joined, vec![])] {
        let lacking = ann.project.count_since(Document::Project, &since);
        let (pieces, heads) = pieces(&ann, since, &mut BTreeSet::new());
        assert!((6..20).contains(&pieces.len()), "{}", pieces.len());
        assert_eq!(pieces.iter().map(|it| it.changes).sum::<usize>(), lacking);
        assert_eq!(heads, ann.project.heads(Document::Project));
        for piece in pieces {
            let (merged, _) = project.merge_packed(Document::Project, &piece.bytes);
            assert_eq!((merged.set_aside.len(), merged.waiting_for), (0, 0));
        }
        assert_eq!(print::show(project.view()), ann.show());
    }
}

/// One change is packed smaller if that makes it fit.
#[test]
fn a_change_that_fits_when_it_is_packed_leaves() {
    let mut ann = ann("task \"A\" #a");
    let known = ann.project.heads(Document::Project);
    let texts = (0..9).map(|_| set_value("a", "title", Value::Text("so ".repeat(1_500))));
    let others = (0..9).map(|at| {
        create(
            &format!("task \"{}\" #n{at}", "so ".repeat(1_500)),
            last("a"),
        )
    });
    ann.does(batch(texts.chain(others)));
    let mut too_large = BTreeSet::new();
    let (pieces, _) = pieces(&ann, known.clone(), &mut too_large);
    assert_eq!((pieces.len(), too_large.len()), (1, 0));
    let mut raw = ann.project.changes_since(Document::Project, &known);
    assert!(raw.pop().is_some_and(|it| it.len() > FITS));
}

#[test]
fn a_change_that_is_too_large_keeps_back_what_builds_on_it_and_nothing_else() {
    let (mut ann, mut ben) = ann_and_ben("task \"A\" #a\n  task \"B\" #b");
    let known = ann.project.heads(Document::Project);
    ann.does(noisy(1));
    let before = ann.show();
    let large = (0..6).map(|it| create(&format!("task \"n\" #n{it}"), last("a")));
    let noisy =
        (0..6).map(|it| set_value(&format!("n{it}"), "title", Value::Text(noise(it, 4_000))));
    ann.does(batch(large.chain(noisy)));
    ann.does(set("a", "size=3"));
    let mut too_large = BTreeSet::new();
    let (found, heads) = pieces(&ann, known.clone(), &mut too_large);
    assert_eq!((found.len(), found[0].changes, too_large.len()), (1, 1, 1));
    let stuck = |peer: &Peer, since: &[ChangeHash], too_large: &BTreeSet<_>| {
        let project = &peer.project;
        project.count_stuck(Document::Project, since, too_large)
    };
    assert_eq!(stuck(&ann, &heads, &too_large), 2);
    let mut carl = ben.copy(b'c');
    carl.project
        .merge_packed(Document::Project, &found[0].bytes);
    assert_eq!(carl.show(), before);
    // What others wrote beside it passes.
    ben.does(set("b", "size=5"));
    ann.receive(&ben);
    let (found, heads) = pieces(&ann, heads, &mut too_large);
    assert_eq!((found.len(), found[0].changes), (1, 1));
    assert_eq!(stuck(&ann, &heads, &too_large), 2);
    let (merged, _) = carl
        .project
        .merge_packed(Document::Project, &found[0].bytes);
    assert_eq!(merged.waiting_for, 0);
    // Nothing was known when it was said to be too large; now nothing is looked at again.
    let (found, _) = pieces(&ann, heads, &mut too_large);
    assert!(found.is_empty());
}
