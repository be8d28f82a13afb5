//! What was done, newest first.

use graph::document::Document;
use graph::{PastChange, Project};

use crate::peer::{ann_and_ben, sync};
use crate::say::*;

const TREE: &str = "task \"A\" #a\ntask \"B\" #b\n";

fn newest(project: &Project, count: usize) -> Vec<PastChange> {
    project.past(&[], 0, count).0
}

fn labels(changes: &[PastChange]) -> Vec<(Option<&str>, bool)> {
    changes
        .iter()
        .map(|it| (it.label.as_deref(), it.is_undo))
        .collect()
}

#[test]
fn each_change_says_who_when_and_what_it_is_called() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    let (_, before) = ann.project.past(&[], 0, 0);
    ann.does(set("a", "size=1"));
    ann.does(comment("c", "a", "Words"));
    sync(&mut ann, &mut ben);
    ben.does(set("b", "size=2"));
    sync(&mut ann, &mut ben);

    let (changes, total) = ann.project.past(&[], 0, 3);
    assert_eq!(total, before + 3);
    let of = |document| {
        let of_it = changes.iter().filter(move |it| it.document == document);
        of_it.cloned().collect::<Vec<_>>()
    };
    let by = |changes: &[PastChange]| {
        let by = changes.iter().map(|it| it.person);
        by.map(|it| it.map(|it| it.0.into_bytes()[0]))
            .collect::<Vec<_>>()
    };
    let (project, comments) = (of(Document::Project), of(Document::Comments));
    assert_eq!(by(&project), [Some(b'b'), Some(b'a')]);
    assert_eq!(by(&comments), [Some(b'a')]);
    assert!(project[1].at <= comments[0].at);
    // A history is one's own: what Ben's step is called is known where he works.
    assert_eq!(
        labels(&project),
        [(None, false), (Some("Set Size of “A”"), false)]
    );
    assert_eq!(labels(&comments), [(Some("Comment on “A”"), false)]);
    let at_ben = ben.project.past(&[], 0, usize::MAX).0;
    let is_his = |it: &&PastChange| it.hash == project[0].hash;
    let his = at_ben.iter().find(is_his).and_then(|it| it.label.clone());
    assert_eq!(his.as_deref(), Some("Set Size of “B”"));
    // Who is introduced by a change has that in it.
    assert!(changes.iter().all(|it| it.operations >= 1));
}

#[test]
fn what_was_taken_back_is_there_twice() {
    let (mut ann, _) = ann_and_ben(TREE);
    ann.does(set("a", "size=1"));
    ann.undo();
    let changes = newest(&ann.project, 2);
    assert_eq!(
        labels(&changes),
        [(Some("Set Size of “A”"), true), (None, false)]
    );
    ann.redo();
    assert_eq!(
        labels(&newest(&ann.project, 1)),
        [(Some("Set Size of “A”"), false)]
    );
}

#[test]
fn parts_are_the_whole() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    for size in 1..4 {
        ann.does(set("a", &format!("size={size}")));
        ben.does(comment(&size.to_string(), "b", "Words"));
        sync(&mut ann, &mut ben);
    }
    let (whole, total) = ann.project.past(&[], 0, usize::MAX);
    assert_eq!(whole.len(), total);
    let parts = (0..=total).flat_map(|at| ann.project.past(&[], at, 1).0);
    assert_eq!(parts.collect::<Vec<_>>(), whole);
    for (document, heads) in [Document::Project, Document::Comments]
        .map(|document| (document, ann.project.headers_since(document, &[])))
    {
        let mut of_it: Vec<_> = whole.iter().filter(|it| it.document == document).collect();
        of_it.reverse();
        let places = |hash| of_it.iter().position(|it| it.hash == hash);
        for header in heads {
            let own = places(header.hash);
            assert!(
                header
                    .dependencies
                    .iter()
                    .all(|it| places(*it).is_none_or(|it| Some(it) < own))
            );
        }
    }
}
