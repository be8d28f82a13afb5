//! Order among siblings.

use graph::command::{Place, Position};
use graph::rejection::Rejection;

use crate::peer::{ann, ann_and_ben, sync};
use crate::say::*;

fn titles(peer: &crate::peer::Peer) -> Vec<String> {
    peer.project
        .view()
        .roots()
        .map(|node| node.title())
        .collect()
}

/// Keys grow by a digit now and then; above 64 bytes the siblings are numbered afresh.
#[test]
fn many_inserts_at_one_place_keep_their_order() {
    let mut ann = ann(r#"
task "first" #a
task "last" #z
"#);
    let mut expected = vec!["first".to_owned(), "last".to_owned()];
    let mut longest = 0;
    for tens in 0..40 {
        let numbers = tens * 10..tens * 10 + 10;
        let insert = |i| create(&format!("task \"{i}\" #n{i}"), after("", "a"));
        ann.does(batch(numbers.clone().map(insert)));
        numbers.for_each(|i: usize| expected.insert(1, i.to_string()));
        let keys = ann.project.view().roots().map(|node| node.order().len());
        longest = longest.max(keys.max().unwrap_or(0));
    }
    assert_eq!(titles(&ann), expected);
    assert!((50..=64).contains(&longest), "longest key: {longest} bytes");
}

#[test]
fn alternating_inserts_in_the_middle_keep_their_order() {
    let mut ann = ann(r#"
task "first" #a
task "last" #z
"#);
    let mut expected = vec!["first".to_owned(), "last".to_owned()];
    let (mut at, mut high) = (1, "z".to_owned());
    let mut commands = vec![];
    for i in 0..300 {
        commands.push(create(&format!("task \"{i}\" #n{i}"), before("", &high)));
        expected.insert(at, i.to_string());
        if i % 2 == 0 {
            at += 1;
        } else {
            high = format!("n{i}");
        }
    }
    ann.does(batch(commands));
    assert_eq!(titles(&ann), expected);
}

/// Numbering afresh while somebody else inserts there neither loses nor doubles a node.
#[test]
fn numbering_afresh_merges_with_an_insert() {
    let (mut ann, mut ben) = ann_and_ben("task \"first\" #a\ntask \"last\" #z");
    let insert = |i| create(&format!("task \"{i}\" #n{i}"), after("", "a"));
    ann.does(batch((0..120).map(insert)));
    ben.does(create(r#"task "Ben's" #ben"#, before("", "z")));
    sync(&mut ann, &mut ben);
    let titles = titles(&ben);
    assert_eq!(titles.len(), 123);
    assert!(titles.contains(&"Ben's".to_owned()));
    let anns: Vec<&String> = titles
        .iter()
        .filter(|title| title.parse::<u8>().is_ok())
        .collect();
    let expected: Vec<String> = (0..120).rev().map(|i| i.to_string()).collect();
    assert_eq!(anns, expected.iter().collect::<Vec<_>>());
}

#[test]
fn two_runs_at_one_place_are_not_interleaved() {
    let (mut ann, mut ben) = ann_and_ben(
        "task \"A\" #a\n  task \"1\" #a1\n  task \"2\" #a2\n  task \"3\" #a3\ntask \"B\" #b\n  task \"4\" #b1\n  task \"5\" #b2\n  task \"6\" #b3\nphase \"P\" #p",
    );
    ann.does(mv("a1 a2 a3", last("p")));
    ben.does(mv("b1 b2 b3", last("p")));
    sync(&mut ann, &mut ben);
    let view = ann.project.view();
    let phase = view.node(crate::dsl::node("p")).expect("it is live");
    let order: String = phase.children().map(|child| child.title()).collect();
    assert!(order == "123456" || order == "456123", "{order}");
}

#[test]
fn a_place_beside_somebody_elses_child_is_refused() {
    let mut ann = ann("task \"A\" #a\n  task \"B\" #b\ntask \"C\" #c");
    let outcome = ann.try_to(&mv("c", after("", "b")));
    assert_eq!(outcome, Err(Rejection::NoSuchPlace));
}

#[test]
fn a_place_by_its_number_does_not_count_what_moves_there() {
    let mut ann = ann("task \"A\" #a\ntask \"B\" #b\ntask \"C\" #c\ntask \"D\" #d");
    let at = |index| Place {
        parent: None,
        at: Position::Index(index),
    };
    ann.does(mv("a b", at(1)));
    assert_eq!(titles(&ann), ["C", "A", "B", "D"]);
    ann.does(mv("c", at(9)));
    assert_eq!(titles(&ann), ["A", "B", "D", "C"]);
    ann.does(batch([mv("c", at(0)), mv("d", at(0))]));
    assert_eq!(titles(&ann), ["D", "C", "A", "B"]);
}
