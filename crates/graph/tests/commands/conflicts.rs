//! Conflicts: who did what when, and what becomes of them.

use expect_test::{Expect, expect};
use graph::command::Command;
use graph::problem::{Problem, ProblemKind};

use crate::dsl::node;
use crate::peer::{Peer, ann_and_ben, sync};
use crate::print;
use crate::say::*;

const TREE: &str = r#"
task "A" #a
  task "A1" #a1
task "B" #b
task "C" #c
"#;

/// Both do something apart and meet.
fn met(anns: Command, bens: Command) -> (Peer, Peer) {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(anns);
    ben.does(bens);
    sync(&mut ann, &mut ben);
    (ann, ben)
}

/// The one problem there is.
fn only(peer: &Peer) -> Problem {
    let mut problems = peer.project.problems();
    assert_eq!(problems.len(), 1, "{}", peer.show());
    problems.remove(0)
}

fn check_sides(peer: &Peer, expected: Expect) {
    let view = peer.project.view();
    let sides = only(peer).sides.into_iter().map(|side| {
        let by = print::person(view, side.by);
        let at = side.at.map_or("?".into(), |at| (at.0 / 1000).to_string());
        let mark = if side.is_shown { "*" } else { " " };
        format!("{mark} {} ({by}, {at} s)\n", side.text)
    });
    expected.assert_eq(&sides.collect::<String>());
}

fn all_kinds() -> Vec<(ProblemKind, Command, Command)> {
    vec![
        (
            ProblemKind::FieldRace,
            set("c", "size=1"),
            set("c", "size=2"),
        ),
        (
            ProblemKind::MoveRace,
            mv("c", last("a")),
            mv("c", last("b")),
        ),
        (
            ProblemKind::MoveCycle,
            mv("a", last("b")),
            mv("b", last("a")),
        ),
        (ProblemKind::ParentDeleted, trash("a"), mv("c", last("a1"))),
        (
            ProblemKind::EditedAfterDelete,
            trash("a"),
            set("a1", "size=1"),
        ),
    ]
}

#[test]
fn both_sides_are_told_with_who_and_when() {
    let expected = [
        expect![[r#"
            * “2” (Ben, 2 s)
              “1” (Ann, 2 s)
        "#]],
        expect![[r#"
            * Moved below “B” (Ben, 2 s)
              Moved below “A” (Ann, 2 s)
        "#]],
        expect![[r#"
            * “B” below “A” (Ben, 2 s)
              “A” below “B” (Ann, 2 s)
        "#]],
        expect![[r#"
            * “A1” moved to the trash (Ann, 2 s)
              “C” put below “A1” (Ben, 2 s)
        "#]],
        expect![[r#"
            * Moved to the trash (Ann, 2 s)
              Size edited (Ben, 2 s)
        "#]],
    ];
    for ((kind, anns, bens), expected) in all_kinds().into_iter().zip(expected) {
        let (ann, ben) = met(anns, bens);
        assert_eq!(only(&ann).kind, kind);
        check_sides(&ann, expected);
        assert_eq!(only(&ann), only(&ben));
    }
}

/// Dismissing is for everybody, one step, survives a restart, and can be taken back.
#[test]
fn a_conflict_is_dismissed_for_everybody_and_undo_brings_it_back() {
    for (kind, anns, bens) in all_kinds() {
        let (mut ann, mut ben) = met(anns, bens);
        let (problem, shown) = (only(&ann), ann.show());
        let dismiss = problem.fixes.last().expect("it can be dismissed");
        assert_eq!(dismiss.label, "Dismiss");
        let label = ann.does(dismiss.command.clone());
        assert!(ann.problems().is_empty(), "{kind:?}: {}", ann.show());
        assert_eq!(ann.steps().0, Some(label.as_str()));
        sync(&mut ann, &mut ben);
        ann.reopen();
        let report = ann.undo();
        assert_eq!((report.label, report.skipped), (label, vec![]));
        assert_eq!(ann.show(), shown, "{kind:?}");
        sync(&mut ann, &mut ben);
        ann.redo();
        sync(&mut ann, &mut ben);
        assert!(ben.problems().is_empty(), "{kind:?}: {}", ben.show());
    }
}

#[test]
fn nothing_changes_but_the_list() {
    for (kind, anns, bens) in all_kinds() {
        let (mut ann, _) = met(anns, bens);
        let before = ann.show();
        let dismiss = only(&ann).fixes.pop().expect("it can be dismissed");
        ann.does(dismiss.command);
        let without = before.split("! ").next().expect("there is a list");
        assert_eq!(ann.show(), without, "{kind:?}");
    }
}

/// What one person dismissed, another may decide at the same time.
#[test]
fn a_dismissal_and_a_decision_merge() {
    for (kind, anns, bens) in all_kinds() {
        let (mut ann, mut ben) = met(anns, bens);
        let mut problem = only(&ann);
        let dismiss = problem.fixes.pop().expect("it can be dismissed");
        for fix in problem.fixes {
            let (mut ann, mut ben) = (ann.copy(b'x'), ben.copy(b'y'));
            ann.does(dismiss.command.clone());
            ben.does(fix.command);
            sync(&mut ann, &mut ben);
            assert!(
                ann.problems().is_empty(),
                "{kind:?}, {}: {}",
                fix.label,
                ann.show()
            );
        }
        ben.does(dismiss.command.clone());
        ann.does(dismiss.command);
        sync(&mut ann, &mut ben);
        assert!(ann.problems().is_empty());
    }
}

#[test]
fn a_moved_item_goes_to_the_other_place() {
    let (mut ann, mut ben) = met(mv("c", last("a")), mv("c", last("b")));
    let swap = only(&ann).fixes[1].clone();
    assert_eq!(swap.label, "Move it below “A”");
    ann.does(swap.command);
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a
          task "A1" #a1
          task "C" #c
        task "B" #b
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ben.show());
}

#[test]
fn a_cycle_goes_the_other_way_round() {
    let (mut ann, mut ben) = met(mv("a", last("b")), mv("b", last("a")));
    let swap = only(&ann).fixes[1].clone();
    assert_eq!(swap.label, "Move it below “B” instead");
    ann.does(swap.command);
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "B" #b
          task "A" #a
            task "A1" #a1
        task "C" #c
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ben.show());
    let label = ann.undo().label;
    assert_eq!(label, "Move it below “B” instead: “A”");
}

/// The oldest edge is cut, which is that of the item between the two; it can have its place back too.
#[test]
fn an_item_between_gets_its_place_back() {
    let (mut ann, mut ben) = met(mv("a", last("b")), mv("b", last("a1")));
    let problem = only(&ann);
    assert_eq!(problem.node, Some(node("a1")));
    ann.does(problem.fixes[1].command.clone());
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "B" #b
          task "A" #a
            task "A1" #a1
        task "C" #c
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ben.show());
}

/// A decision is about what it saw.
#[test]
fn what_comes_later_is_listed_again() {
    let (mut ann, mut ben) = met(trash("a"), set("a1", "size=1"));
    let mut cid = ann_and_ben(TREE).0.copy(b'c');
    cid.does(set("a1", "cost=2"));
    ben.does(dismissal("a1", ProblemKind::EditedAfterDelete));
    sync(&mut ann, &mut ben);
    assert!(ann.problems().is_empty());
    sync(&mut ann, &mut cid);
    assert_eq!(only(&ann).kind, ProblemKind::EditedAfterDelete);

    let (mut ann, mut ben) = met(mv("c", last("a")), mv("c", last("b")));
    let mut cid = ann_and_ben(TREE).0.copy(b'c');
    cid.does(mv("c", last("a1")));
    ben.does(dismissal("c", ProblemKind::MoveRace));
    sync(&mut ann, &mut ben);
    assert!(ann.problems().is_empty());
    sync(&mut ann, &mut cid);
    assert_eq!(only(&ann).kind, ProblemKind::MoveRace);

    // The parent is restored and deleted anew: that is another deletion.
    let (mut ann, mut ben) = met(trash("a"), mv("c", last("a1")));
    ann.does(dismissal("c", ProblemKind::ParentDeleted));
    ann.does(restore("a"));
    sync(&mut ann, &mut ben);
    ann.does(trash("a1"));
    ann.does(restore("c"));
    sync(&mut ann, &mut ben);
    assert_eq!(ann.problems().len(), 1, "{}", ann.show());
}

/// Redone, the deletion has another operation; the dismissal is of that one.
#[test]
fn a_redone_dismissal_is_about_what_came_back() {
    let (mut ann, _) = ann_and_ben(TREE);
    ann.does(trash("a"));
    ann.does(restore("a1"));
    ann.does(dismissal("a1", ProblemKind::ParentDeleted));
    for _ in 0..3 {
        for _ in 0..3 {
            ann.undo();
        }
        for _ in 0..3 {
            ann.redo();
        }
        assert!(ann.problems().is_empty(), "{}", ann.show());
    }
    ann.undo();
    assert_eq!(only(&ann).kind, ProblemKind::ParentDeleted);
}

fn dismissal(name: &str, conflict: ProblemKind) -> Command {
    Command::SettleConflict {
        node: node(name),
        conflict,
        field: None,
    }
}

#[test]
fn only_what_is_listed_can_be_dismissed() {
    let (mut ann, _) = ann_and_ben(TREE);
    for (kind, _, _) in all_kinds() {
        ann.check_refused(
            dismissal("c", kind),
            expect!["NOTHING_CHOSEN: nothing was chosen"],
        );
    }
    ann.check_refused(
        dismissal("c", ProblemKind::RequiredMissing),
        expect!["NOTHING_CHOSEN: nothing was chosen"],
    );
    let gone = ann.try_to(&dismissal("nobody", ProblemKind::MoveRace));
    assert_eq!(gone.expect_err("it is not there").code(), "NODE_NOT_FOUND");
}
