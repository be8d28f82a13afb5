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
