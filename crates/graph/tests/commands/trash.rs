//! Trash, restore and purge.

use expect_test::expect;
use graph::StoredHistory;
use graph::time::Timestamp;

use crate::peer::{ann, ann_and_ben, check, signature, sync};
use crate::say::*;

const TREE: &str = r#"
phase "Design" #p
  task "Sketch" #t1
    step "Ink" #s1
  task "Draw" #t2
#t1 blocks #t2
"#;

#[test]
fn trash_takes_the_subtree_and_hides_links() {
    check(
        TREE,
        trash("t1"),
        expect![[r#"
        phase "Design" #p
          task "Draw" #t2
        trash:
          task "Sketch" #t1
          step "Ink" #s1
    "#]],
    );
}

#[test]
fn trash_of_a_node_and_its_parent_is_one_subtree() {
    check(
        TREE,
        trash("s1 t1"),
        expect![[r#"
        phase "Design" #p
          task "Draw" #t2
        trash:
          task "Sketch" #t1
          step "Ink" #s1
    "#]],
    );
}

#[test]
fn restore_brings_back_what_was_trashed_along() {
    let mut ann = ann(TREE);
    let before = ann.show();
    ann.does(trash("t1"));
    ann.does(restore("t1"));
    assert_eq!(ann.show(), before);
}

#[test]
fn restore_leaves_what_was_trashed_earlier() {
    let mut ann = ann(TREE);
    ann.does(trash("s1"));
    ann.does(trash("p"));
    ann.check(
        restore("p"),
        expect![[r#"
        phase "Design" #p
          task "Sketch" #t1
          task "Draw" #t2
        #t1 blocks #t2
        trash:
          step "Ink" #s1
    "#]],
    );
}

#[test]
fn restore_below_a_trashed_parent_lifts_the_node() {
    let mut ann = ann(TREE);
    ann.does(trash("t1"));
    ann.does(trash("p"));
    ann.check(restore("t1"), expect![[r#"
        task "Sketch" #t1
          step "Ink" #s1
        trash:
          phase "Design" #p
          task "Draw" #t2
        ! ParentDeleted #t1: “Sketch” stood below “Design”, which was deleted. It was lifted to the nearest item that is left.
            Restore the parent
            Keep it here
            Dismiss
    "#]]);
}

#[test]
fn purge_is_for_ever() {
    let mut ann = ann(TREE);
    ann.does(set("t2", "status=done"));
    ann.does(set("t1", "status=done"));
    ann.does(set("s1", "status=done"));
    ann.does(trash("t1"));
    ann.does(purge("t1"));
    expect![[r#"
        phase "Design" #p
          task "Draw" #t2 status=done
    "#]]
    .assert_eq(&ann.show());
    assert_eq!(ann.steps(), (Some("Set Status of “Draw”"), None));
    ann.undo();
    expect![[r#"
        phase "Design" #p
          task "Draw" #t2
    "#]]
    .assert_eq(&ann.show());
    assert_eq!(ann.steps(), (None, Some("Set Status of “Draw”")));
    ann.check_refused(restore("t1"), expect!["NODE_NOT_FOUND: there is no node 74310000-0000-0000-0000-000000000000; it may have been deleted"]);
}

/// A program with a token edits the same open project; Ben has his own copy.
#[test]
fn purge_clears_the_histories_of_all_who_work_here_and_undo_elsewhere_leaves_it() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    let token = signature(b't').author;
    ann.project
        .sign_on(signature(b't'), &StoredHistory::default());
    let applied = ann.project.apply(token, &set("t1", "size=1"), Timestamp(2));
    applied.expect("the program may edit");
    sync(&mut ann, &mut ben);
    ben.does(set("t1", "size=2"));
    sync(&mut ann, &mut ben);
    ann.does(trash("t1"));
    ann.does(purge("t1"));
    assert_eq!(ann.project.history_labels(token), (None, None));
    sync(&mut ann, &mut ben);
    let before = ben.show();
    let undone = ben.project.undo(signature(b'b').author, Timestamp(9));
    assert!(undone.is_err(), "what was purged comes back: {undone:?}");
    assert_eq!(ben.show(), before);
    assert_eq!(ann.steps(), (None, None));
    ann.reopen();
    assert_eq!(ann.steps(), (None, None));
}

#[test]
fn purge_does_not_hide_what_somebody_revived() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(trash("t1"));
    sync(&mut ann, &mut ben);
    ann.does(purge("t1"));
    ben.does(restore("t1"));
    sync(&mut ann, &mut ben);
    expect![[r#"
        phase "Design" #p
          task "Sketch" #t1
            step "Ink" #s1
          task "Draw" #t2
        #t1 blocks #t2
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ben.show());
}
