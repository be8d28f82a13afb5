//! One person deletes what another works on.

use expect_test::expect;

use crate::peer::{ann_and_ben, sync};
use crate::say::*;

const TREE: &str = r#"
task "A" #a
  task "A1" #a1
task "B" #b
task "C" #c
"#;

#[test]
fn a_child_of_a_parent_that_was_deleted_elsewhere_is_lifted() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(trash("a"));
    ben.does(create(r#"task "New" #n"#, last("a1")));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "New" #n
        task "B" #b
        task "C" #c
        trash:
          task "A" #a
          task "A1" #a1
        + profile "Ben" #aabbcc
        ! ParentDeleted #n: “New” stood below “A1”, which was deleted. It was lifted to the nearest item that is left.
            Restore the parent
            Keep it here
            Dismiss
    "#]].assert_eq(&ann.show());
}

#[test]
fn restoring_the_parent_puts_the_lifted_child_back() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(trash("a"));
    ben.does(mv("c", last("a1")));
    sync(&mut ann, &mut ben);
    ben.check(
        restore("a"),
        expect![[r#"
        task "A" #a
          task "A1" #a1
            task "C" #c
        task "B" #b
        + profile "Ben" #aabbcc
    "#]],
    );
    sync(&mut ann, &mut ben);
}

#[test]
fn a_node_moved_away_while_its_parent_was_deleted_stays() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(trash("a"));
    ben.does(mv("a1", last("b")));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "B" #b
          task "A1" #a1
        task "C" #c
        trash:
          task "A" #a
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn a_node_edited_while_it_was_deleted_is_told() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(trash("a"));
    ben.does(set("a1", "status=done"));
    ben.does(set("a1", "size=1"));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "B" #b
        task "C" #c
        trash:
          task "A" #a
          task "A1" #a1 size=1 status=done
        + profile "Ben" #aabbcc
        ! EditedAfterDelete #a1: “A1” is in the trash, but somebody edited it while it was being deleted.
            Restore
            Dismiss
    "#]].assert_eq(&ann.show());
    ann.does(restore("a"));
    expect![[r#"
        task "A" #a
          task "A1" #a1 size=1 status=done
        task "B" #b
        task "C" #c
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn both_trash_overlapping_subtrees() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(trash("a"));
    ben.does(trash("a1"));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "B" #b
        task "C" #c
        trash:
          task "A" #a
          task "A1" #a1
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
    ann.does(restore("a"));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a
          task "A1" #a1
        task "B" #b
        task "C" #c
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ben.show());
}

#[test]
fn a_person_deleted_while_work_was_assigned_to_them() {
    let (mut ann, mut ben) = ann_and_ben("person \"Ana\" #ana\ntask \"A\" #a\n");
    ann.does(trash("ana"));
    ben.does(batch([
        set("a", "assignees=#ana"),
        set("a", "hours=#ana@2026-03-02:4"),
    ]));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a assignees=#ana hours=#ana@2026-03-02:4
        trash:
          person "Ana" #ana
        + profile "Ben" #aabbcc
        ! DeadReference #a: Assignees of “A” refers to something that is not there any more.
            Remove the reference
        ! DeadReference #a: Hours of “A” refers to something that is not there any more.
            Remove the reference
    "#]]
    .assert_eq(&ann.show());
}

/// Whether the tombstone's author had seen the write counts, not whose counter is greater.
#[test]
fn an_edit_with_a_lower_counter_than_the_deletion_is_told() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ben.does(set("a1", "size=1"));
    for size in 1..5 {
        ann.does(set("b", &format!("size={size}")));
    }
    ann.does(trash("a"));
    sync(&mut ann, &mut ben);
    assert_eq!(ann.problems(), EDITED_A1);
    ann.reopen();
    assert_eq!(ann.problems(), EDITED_A1);
}

const EDITED_A1: [&str; 1] =
    ["“A1” is in the trash, but somebody edited it while it was being deleted."];

#[test]
fn a_value_that_was_seen_when_it_was_deleted_is_not_told() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ben.does(set("a1", "size=1"));
    ben.does(edit_notes("a1", 0, 0, "Words"));
    sync(&mut ann, &mut ben);
    ann.does(trash("a"));
    ben.does(set("b", "size=2"));
    sync(&mut ann, &mut ben);
    assert!(ann.problems().is_empty(), "{}", ann.show());
}

#[test]
fn typing_clearing_converting_and_losing_a_race_meanwhile_are_told() {
    for (bens, anns) in [
        (edit_notes("a1", 0, 0, "More "), set("b", "size=4")),
        (clear("a1", "size"), set("b", "size=4")),
        (convert("a1", "step"), set("b", "size=4")),
        (set("a1", "size=2"), set("a1", "size=4")),
    ] {
        let (mut ann, mut ben) = ann_and_ben(TREE);
        ann.does(set("a1", "size=1"));
        ann.does(edit_notes("a1", 0, 0, "Words"));
        sync(&mut ann, &mut ben);
        ben.does(bens);
        ann.does(set("b", "size=3"));
        ann.does(set("b", "size=5"));
        ann.does(anns);
        ann.does(trash("a1"));
        sync(&mut ann, &mut ben);
        assert_eq!(ann.problems(), EDITED_A1, "{}", ann.show());
    }
}

/// What one of two who deleted it had seen was deleted knowingly.
#[test]
fn an_edit_by_one_of_two_who_delete_the_same() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ben.does(set("a1", "size=1"));
    ben.does(trash("a1"));
    ann.does(set("b", "size=1"));
    ann.does(set("b", "size=2"));
    ann.does(trash("a1"));
    sync(&mut ann, &mut ben);
    assert!(ann.problems().is_empty(), "{}", ann.show());
    let mut cid = ann.copy(b'c');
    cid.does(restore("a1"));
    assert!(cid.problems().is_empty());
}

#[test]
fn an_edit_of_what_was_never_made_is_told_whatever_its_counter() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(create(r#"task "New" #n"#, last("a")));
    sync(&mut ann, &mut ben);
    ben.does(set("n", "size=1"));
    for size in 1..5 {
        ann.does(set("b", &format!("size={size}")));
    }
    for _ in 0..5 {
        ann.undo();
    }
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a
          task "A1" #a1
        task "B" #b
        task "C" #c
        trash:
          task "New" #n size=1
        + profile "Ben" #aabbcc
        ! EditedAfterDelete #n: “New” is in the trash, but somebody edited it while it was being deleted.
            Restore
            Dismiss
    "#]].assert_eq(&ann.show());
}

/// A fresh actor of the same installation is nobody else.
#[test]
fn what_the_same_person_wrote_as_another_actor_is_not_told() {
    let mut ann = ann_and_ben(TREE).0;
    ann.does(create(r#"task "New" #n"#, last("a")));
    ann.reopen_as(b'z');
    let before = ann.show();
    ann.does(set("n", "size=1"));
    ann.undo();
    assert_eq!(ann.show(), before);
    let report = ann.undo();
    assert_eq!(ann.left_alone(&report), Vec::<String>::new());
    expect![[r#"
        task "A" #a
          task "A1" #a1
        task "B" #b
        task "C" #c
    "#]]
    .assert_eq(&ann.show());
}
