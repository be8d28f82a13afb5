//! Every way out that a problem offers removes that problem.

use graph::problem::{Problem, ProblemKind};
use graph::template::Field;

use crate::peer::{Peer, ann, ann_and_ben, sync};
use crate::say::*;
use crate::template::known_field;

const TREE: &str = r#"
person "Ana" #ana
tool "Saw" #saw
task "A" #a
  task "A1" #a1
task "B" #b
task "C" #c
"#;

fn named(problem: &Problem) -> (ProblemKind, String) {
    (problem.kind, problem.message.clone())
}

/// Applies each way out to a copy of the project: the problem must be gone, for others too.
fn check_fixes(peer: &Peer, kind: ProblemKind, expected: usize) {
    let problems = peer.project.problems();
    let of_kind: Vec<&Problem> = problems.iter().filter(|it| it.kind == kind).collect();
    assert!(!of_kind.is_empty(), "no {kind:?} among {problems:?}");
    for problem in of_kind {
        assert_eq!(problem.fixes.len(), expected, "{problem:?}");
        for fix in &problem.fixes {
            let mut copy = peer.copy(b'f');
            copy.does(fix.command.clone());
            let left = copy.project.problems();
            let gone = left.iter().all(|it| named(it) != named(problem));
            assert!(gone, "“{}” leaves {}", fix.label, copy.show());
            assert!(
                left.len() < problems.len(),
                "“{}” makes {left:?}",
                fix.label
            );
            let mut reader = peer.copy(b'r');
            reader.receive(&copy);
            assert_eq!(reader.show(), copy.show());
        }
    }
}

#[test]
fn field_races_of_every_kind() {
    for (anns, bens) in [
        (r#"title="One""#, r#"title="Two""#),
        ("status=doing", "status=done"),
        ("size=1", "size=2"),
        ("cost=1.5", "cost=2.5"),
        ("urgent=yes", "urgent=no"),
        ("start=2026-03-01", "start=2026-03-02"),
        (r#"site="https://one""#, r#"site="https://two""#),
        (r#"notes="One""#, r#"notes="Two""#),
    ] {
        let (mut ann, mut ben) = ann_and_ben(TREE);
        ann.does(set("a", anns));
        ben.does(set("a", bens));
        sync(&mut ann, &mut ben);
        check_fixes(&ann, ProblemKind::FieldRace, 3);
    }
}

#[test]
fn a_race_for_hours_of_one_day() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(set("a", "hours=#ana@2026-03-02:4,#ana@2026-03-03:1"));
    ben.does(set("a", "hours=#ana@2026-03-02:6"));
    sync(&mut ann, &mut ben);
    check_fixes(&ann, ProblemKind::FieldRace, 3);
}

#[test]
fn a_race_for_a_file() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(attach("a", 'a', "one.png"));
    ben.does(attach("a", 'a', "two.png"));
    sync(&mut ann, &mut ben);
    check_fixes(&ann, ProblemKind::FieldRace, 3);
}

#[test]
fn a_race_of_which_one_side_is_unmapped_by_now() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(set("a", "status=doing"));
    ben.does(set("a", "status=done"));
    sync(&mut ann, &mut ben);
    ann.does(graph::command::Command::RemoveOption {
        field: "status".into(),
        option: "doing".into(),
    });
    check_fixes(&ann, ProblemKind::FieldRace, 2);
}

#[test]
fn a_race_for_a_field_that_was_removed() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(set("a", "size=1"));
    ben.does(set("a", "size=2"));
    sync(&mut ann, &mut ben);
    ann.does(remove_field("size"));
    check_fixes(&ann, ProblemKind::Unmapped, 1);
}

#[test]
fn move_race_and_move_cycle() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(mv("c", last("a")));
    ben.does(mv("c", last("b")));
    sync(&mut ann, &mut ben);
    check_fixes(&ann, ProblemKind::MoveRace, 3);
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(mv("a", last("b")));
    ben.does(mv("b", last("a")));
    sync(&mut ann, &mut ben);
    check_fixes(&ann, ProblemKind::MoveCycle, 3);
}

#[test]
fn parent_deleted() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(trash("a"));
    ben.does(mv("c", last("a1")));
    sync(&mut ann, &mut ben);
    check_fixes(&ann, ProblemKind::ParentDeleted, 3);
    ann.does(purge("a"));
    check_fixes(&ann, ProblemKind::ParentDeleted, 2);
}

/// The step was lifted to where steps may not stand; keeping it there is still a way out.
#[test]
fn parent_deleted_where_the_lifted_node_is_not_allowed() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(trash("b"));
    ben.does(create(r#"step "S" #s"#, last("b")));
    sync(&mut ann, &mut ben);
    let problem = &ann.project.problems()[0];
    assert_eq!(problem.kind, ProblemKind::ParentDeleted);
    let mut copy = ann.copy(b'f');
    copy.does(problem.fixes[0].command.clone());
    assert!(copy.problems().is_empty(), "{}", copy.show());
    for fix in &problem.fixes {
        let mut copy = ann.copy(b'f');
        copy.does(fix.command.clone());
        let left = copy.project.problems();
        assert!(left.iter().all(|it| it.kind != ProblemKind::ParentDeleted));
    }
}

#[test]
fn edited_after_delete() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(trash("a1"));
    ben.does(set("b", "size=1"));
    ben.does(set("a1", "size=1"));
    sync(&mut ann, &mut ben);
    check_fixes(&ann, ProblemKind::EditedAfterDelete, 2);
}

/// Undoing the creation of a node that somebody edited leaves it in the trash.
#[test]
fn edited_after_its_creation_was_undone() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(create(r#"task "New" #n"#, last("a")));
    sync(&mut ann, &mut ben);
    ann.undo();
    ben.does(set("b", "size=1"));
    ben.does(set("n", "size=1"));
    sync(&mut ann, &mut ben);
    check_fixes(&ann, ProblemKind::EditedAfterDelete, 2);
}

#[test]
fn blocking_cycles() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(block("a", "b"));
    ben.does(block("b", "a"));
    sync(&mut ann, &mut ben);
    check_fixes(&ann, ProblemKind::BlockingCycle, 1);
}

#[test]
fn two_blocking_cycles_that_share_a_link() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(block("a", "b"));
    ben.does(block("b", "a"));
    ben.does(block("b", "c"));
    ben.does(block("c", "a"));
    sync(&mut ann, &mut ben);
    let mut problems = ann.project.problems();
    for _ in 0..3 {
        let Some(problem) = problems.first() else {
            break;
        };
        ann.does(problem.fixes[0].command.clone());
        problems = ann.project.problems();
    }
    assert!(problems.is_empty(), "{}", ann.show());
}

#[test]
fn dead_references_of_every_kind() {
    for assignment in ["assignees=#ana", "uses=#saw", "hours=#ana@2026-03-02:4"] {
        let mut ann = ann(TREE);
        ann.does(set("a", assignment));
        ann.does(trash("ana saw"));
        check_fixes(&ann, ProblemKind::DeadReference, 1);
    }
}

#[test]
fn a_reference_to_a_node_that_changed_its_type() {
    let mut ann = ann(TREE);
    ann.does(set("a", "uses=#saw"));
    ann.does(convert("saw", "phase"));
    check_fixes(&ann, ProblemKind::DeadReference, 1);
}

#[test]
fn unmapped_values_of_every_kind() {
    for (assignment, field) in [
        ("status=done", "status"),
        ("labels=red", "labels"),
        ("size=1", "size"),
        (r#"notes="Words""#, "notes"),
        ("hours=#ana@2026-03-02:4", "hours"),
        ("urgent=yes", "urgent"),
    ] {
        let mut ann = ann(TREE);
        ann.does(set("a", assignment));
        ann.does(remove_field(field));
        check_fixes(&ann, ProblemKind::Unmapped, 1);
    }
}

#[test]
fn values_that_do_not_fit_their_field_any_more() {
    for (assignment, field) in [
        ("status=done", "status"),
        ("labels=red", "labels"),
        ("size=1", "size"),
        (r#"notes="Words""#, "notes"),
    ] {
        let mut ann = ann(TREE);
        ann.does(set("a", assignment));
        ann.does(put_field(Field {
            kind: graph::template::FieldKind::Checkbox,
            ..known_field(field)
        }));
        check_fixes(&ann, ProblemKind::Unmapped, 1);
    }
}

/// The title is needed and nothing can be proposed; the others leave it to people too.
#[test]
fn problems_without_a_way_out_say_what_to_do() {
    let mut ann = ann(TREE);
    ann.does(clear("a", "title"));
    check_fixes(&ann, ProblemKind::RequiredMissing, 0);
    ann.does(graph::command::Command::RemoveType {
        node_type: "tool".into(),
    });
    check_fixes(&ann, ProblemKind::TypeNotAllowed, 0);
}
