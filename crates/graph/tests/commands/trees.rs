//! Two people change the tree at the same time.

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
fn a_move_race_counts_the_latest_and_says_so() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(mv("c", last("a")));
    ben.does(mv("c", last("b")));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a
          task "A1" #a1
        task "B" #b
          task "C" #c
        + profile "Ben" #aabbcc
        ! MoveRace #c: “C” was moved to different places at the same time. The latest move counts.
            Keep it here
            Move it below “A”
            Dismiss
    "#]]
    .assert_eq(&ann.show());
    ann.does(mv("c", last("a")));
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
fn moves_to_one_parent_are_no_race() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(mv("c", first("a")));
    ben.does(mv("c", last("a")));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a
          task "A1" #a1
          task "C" #c
        task "B" #b
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn a_move_cycle_is_broken_the_same_way_on_both() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(mv("a", last("b")));
    ben.does(mv("b", last("a")));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a
          task "A1" #a1
          task "B" #b
        task "C" #c
        + profile "Ben" #aabbcc
        ! MoveCycle #a: “A” was moved below an item that somebody moved below it at the same time. The older move was set aside.
            Keep it here
            Move it below “B” instead
            Dismiss
    "#]].assert_eq(&ann.show());
    assert!(ann.project.view().unreachable().is_empty());
}

#[test]
fn a_move_cycle_of_three() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    let mut cid = ann.copy(b'c');
    ann.does(mv("a", last("b")));
    ben.does(mv("b", last("c")));
    cid.does(mv("c", last("a1")));
    sync(&mut ann, &mut ben);
    sync(&mut ben, &mut cid);
    sync(&mut ann, &mut cid);
    expect![[r#"
        task "A1" #a1
          task "C" #c
            task "B" #b
              task "A" #a
        + profile "Ben" #aabbcc
        + profile "Person c" #aabbcc
        ! MoveCycle #a1: “A1” was moved below an item that somebody moved below it at the same time. The older move was set aside.
            Keep it here
            Move it below “A” instead
            Dismiss
    "#]].assert_eq(&ann.show());
}

#[test]
fn undoing_one_move_of_a_cycle_ends_it() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(mv("a", last("b")));
    ben.does(mv("b", last("a")));
    sync(&mut ann, &mut ben);
    ben.undo();
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "B" #b
          task "A" #a
            task "A1" #a1
        task "C" #c
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn two_create_the_same_thing() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(create(r#"task "Ann's" #n size=1"#, last("a")));
    ben.does(create(r#"task "Ben's" #n status=done"#, last("b")));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a
          task "A1" #a1
        task "B" #b
          task "Ben's" #n status=done
        task "C" #c
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn a_type_forbidden_while_a_node_was_made_is_a_problem() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    let mut task = crate::template::known_type("task");
    task.children = ["step".into()].into();
    ann.does(trash("a1"));
    ann.does(put_type(task));
    ben.does(create(r#"task "New" #n"#, last("b")));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a
        task "B" #b
          task "New" #n
        task "C" #c
        trash:
          task "A1" #a1
        - task.children ["step","task"]
        + profile "Ben" #aabbcc
        + task.children ["step"]
        ! TypeNotAllowed #n: “New” is a Task, which the template does not allow below Task.
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn blocking_links_that_close_a_circle_together() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(block("a", "b"));
    ann.does(block("b", "c"));
    ben.does(block("c", "a"));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a
          task "A1" #a1
        task "B" #b
        task "C" #c
        #a blocks #b
        #b blocks #c
        #c blocks #a
        + profile "Ben" #aabbcc
        ! BlockingCycle #b: These block each other in a circle: “B” → “C” → “A” → “B”.
            Remove the newest link
    "#]]
    .assert_eq(&ann.show());
    ann.check_refused(
        block("c", "b"),
        expect!["BLOCKING_CYCLE: this would block in a circle: “B” → “C” → “B”"],
    );
    ann.check(
        unlink("c>a"),
        expect![[r#"
        task "A" #a
          task "A1" #a1
        task "B" #b
        task "C" #c
        #a blocks #b
        #b blocks #c
        + profile "Ben" #aabbcc
    "#]],
    );
}

#[test]
fn the_same_link_made_by_both_stands_once_in_the_list_of_blockers() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(set_blockers("b", "a"));
    let mut other = set_blockers("b", "a");
    if let graph::command::Command::SetBlockers { seed, .. } = &mut other {
        *seed = crate::dsl::uuid("other");
    }
    ben.does(other);
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a
          task "A1" #a1
        task "B" #b
        task "C" #c
        #a blocks #b
        #a blocks #b
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
    ann.does(set_blockers("b", ""));
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
