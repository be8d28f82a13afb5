//! Undo and redo among others.

use expect_test::expect;

use crate::peer::{Peer, ann, ann_and_ben, sync};
use crate::say::*;

const TREE: &str = r#"
task "A" #a status=todo
task "B" #b
"#;

#[test]
fn undo_skips_what_somebody_else_changed_and_names_them() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(batch([set("a", "status=doing"), set("b", "size=1")]));
    sync(&mut ann, &mut ben);
    ben.does(set("a", "status=done"));
    sync(&mut ann, &mut ben);
    let report = ann.undo();
    expect!["Status of A, changed by Ben"].assert_eq(&ann.left_alone(&report).join("\n"));
    expect![[r#"
        task "A" #a status=done
        task "B" #b
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
    let report = ann.redo();
    assert!(report.skipped.is_empty());
    expect![[r#"
        task "A" #a status=done
        task "B" #b size=1
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn a_step_that_is_overwritten_entirely_is_passed_over() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(set("b", "size=1"));
    ann.does(set("a", "status=doing"));
    sync(&mut ann, &mut ben);
    ben.does(set("a", "status=done"));
    sync(&mut ann, &mut ben);
    let report = ann.undo();
    assert_eq!(report.label, "Set Size of “B”");
    expect!["Status of A, changed by Ben"].assert_eq(&ann.left_alone(&report).join("\n"));
    assert_eq!(ann.steps(), (None, Some("Set Size of “B”")));
}

#[test]
fn undo_skips_a_move_that_somebody_else_moved_on() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(batch([mv("b", last("a")), set("b", "size=1")]));
    sync(&mut ann, &mut ben);
    ben.does(mv("b", first("")));
    sync(&mut ann, &mut ben);
    let report = ann.undo();
    expect!["Position of B, changed by Ben"].assert_eq(&ann.left_alone(&report).join("\n"));
    expect![[r#"
        task "B" #b
        task "A" #a status=todo
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn undo_of_a_create_with_somebodys_child_under_it() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(create(r#"task "New" #n"#, last("a")));
    sync(&mut ann, &mut ben);
    ben.does(create(r#"task "Ben's" #c"#, last("n")));
    sync(&mut ann, &mut ben);
    ann.undo();
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a status=todo
          task "Ben's" #c
        task "B" #b
        + profile "Ben" #aabbcc
        ! ParentDeleted #c: “Ben's” stood below “New”, which was deleted. It was lifted to the nearest item that is left.
            Restore the parent
            Keep it here
            Dismiss
    "#]].assert_eq(&ann.show());
    ann.redo();
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a status=todo
          task "New" #n
            task "Ben's" #c
        task "B" #b
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

/// An undo takes nothing of anybody else's out of sight.
#[test]
fn undo_of_a_create_that_somebody_edited() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(set("b", "size=3"));
    ann.does(create(r#"task "New" #n"#, last("a")));
    sync(&mut ann, &mut ben);
    ben.does(set("n", "size=1"));
    sync(&mut ann, &mut ben);
    let report = ann.undo();
    assert_eq!(report.label, "Set Size of “B”");
    assert_eq!(ann.left_alone(&report), ["Size of New, changed by Ben"]);
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a status=todo
          task "New" #n size=1
        task "B" #b
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn undo_of_a_paste_leaves_the_row_that_somebody_edited() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    let clipping = ann.project.clip(&crate::dsl::nodes("a b"));
    ann.does(paste(clipping, last("")));
    sync(&mut ann, &mut ben);
    let pasted: Vec<_> = ann.project.view().roots().map(|node| node.id()).collect();
    let rename = graph::command::Command::SetField {
        nodes: vec![pasted[3]],
        field: "title".into(),
        value: Some(graph::value::Value::Text("Ben's".into())),
    };
    ben.does(rename);
    sync(&mut ann, &mut ben);
    let report = ann.undo();
    assert_eq!(ann.left_alone(&report), ["Title of Ben's, changed by Ben"]);
    expect![[r#"
        task "A" #a status=todo
        task "B" #b
        task "Ben's" #new1
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
    ann.redo();
    assert_eq!(ann.project.view().roots().count(), 4);
}

#[test]
fn undo_of_a_field_that_somebody_edited() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    let field = |label: &str| graph::template::Field {
        id: "extra".into(),
        label: label.into(),
        ..crate::template::known_field("size")
    };
    ann.does(put_field(field("Extra")));
    sync(&mut ann, &mut ben);
    ben.does(put_field(field("Ben's")));
    sync(&mut ann, &mut ben);
    assert_eq!(ann.undoes_nothing(), ["label of Template, changed by Ben"]);
}

#[test]
fn redo_of_a_deletion_that_somebody_edited_since() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(trash("b"));
    ann.undo();
    sync(&mut ann, &mut ben);
    ben.does(set("b", "size=1"));
    sync(&mut ann, &mut ben);
    let redone = ann.project.redo(
        crate::peer::signature(b'a').author,
        graph::time::Timestamp(9),
    );
    let left = redone.expect_err("nothing is redone").skipped;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].aspect, "Size");
}

#[test]
fn undo_of_trash_after_somebody_restored_it() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(trash("a"));
    sync(&mut ann, &mut ben);
    ben.does(restore("a"));
    sync(&mut ann, &mut ben);
    let before = ann.show();
    let undone = ann.project.undo(
        crate::peer::signature(b'a').author,
        graph::time::Timestamp(9),
    );
    assert!(undone.is_err(), "{undone:?}");
    assert_eq!(ann.show(), before);
}

#[test]
fn undo_of_restore_after_somebody_moved_it() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(trash("b"));
    ann.does(restore("b"));
    sync(&mut ann, &mut ben);
    ben.does(mv("b", last("a")));
    sync(&mut ann, &mut ben);
    let left = ann.undoes_nothing();
    expect![[r#"
        ["Position of B, changed by Ben", "Deletion of B, changed by nobody"]
        task "A" #a status=todo
          task "B" #b
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&format!("{left:?}\n{}", ann.show()));
}

/// Of a subtree that was restored, what somebody has worked on since stays.
#[test]
fn undo_of_restore_after_somebody_edited_below_it() {
    let (mut ann, mut ben) = ann_and_ben("task \"A\" #a\n  task \"A1\" #a1\n  task \"A2\" #a2\n");
    ann.does(set("a2", "size=1"));
    ann.does(trash("a"));
    ann.does(restore("a"));
    sync(&mut ann, &mut ben);
    ben.does(edit_notes("a1", 0, 0, "Words"));
    sync(&mut ann, &mut ben);
    let report = ann.undo();
    assert_eq!(ann.left_alone(&report), ["Notes of A1, changed by Ben"]);
    expect![[r#"
        task "A1" #a1 notes="Words"
        trash:
          task "A" #a
          task "A2" #a2 size=1
        + profile "Ben" #aabbcc
        ! ParentDeleted #a1: “A1” stood below “A”, which was deleted. It was lifted to the nearest item that is left.
            Restore the parent
            Keep it here
            Dismiss
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn redo_after_a_foreign_change() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(batch([set("a", "status=doing"), set("b", "size=1")]));
    ann.undo();
    sync(&mut ann, &mut ben);
    ben.does(set("a", "status=done"));
    sync(&mut ann, &mut ben);
    let report = ann.redo();
    expect!["Status of A, changed by Ben"].assert_eq(&ann.left_alone(&report).join("\n"));
    expect![[r#"
        task "A" #a status=done
        task "B" #b size=1
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn a_new_step_ends_what_could_be_redone() {
    let mut ann = ann(TREE);
    ann.does(set("a", "size=1"));
    ann.undo();
    ann.does(set("b", "size=2"));
    assert_eq!(ann.steps(), (Some("Set Size of “B”"), None));
}

#[test]
fn a_foreign_change_does_not_end_what_can_be_redone() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(set("a", "size=1"));
    ann.undo();
    ben.does(set("b", "size=2"));
    ann.receive(&ben);
    ann.redo();
    expect![[r#"
        task "A" #a size=1 status=todo
        task "B" #b size=2
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

/// Back and forth through every step, with the project closed in between.
#[test]
fn histories_survive_save_and_load() {
    let mut ann = ann(TREE);
    let steps = [
        set("a", "status=done"),
        edit_notes("a", 0, 0, "Words"),
        create(r#"task "N" #n"#, last("a")),
        edit_notes("a", 2, 1, "ll"),
        mv("n", last("b")),
        trash("b"),
    ];
    let mut shown = vec![ann.show()];
    for command in steps {
        ann.does(command);
        shown.push(ann.show());
    }
    for _ in 0..2 {
        for expected in shown.iter().rev().skip(1) {
            ann.reopen();
            ann.undo();
            assert_eq!(ann.show(), *expected);
        }
        for expected in &shown[1..] {
            ann.reopen();
            ann.redo();
            assert_eq!(ann.show(), *expected);
        }
    }
}

#[test]
fn a_damaged_history_is_dropped() {
    let mut ann = ann(TREE);
    ann.does(set("a", "size=1"));
    let history = graph::StoredHistory {
        undo: vec![b"{not json".to_vec()],
        redo: vec![b"neither".to_vec()],
    };
    ann.project.sign_on(crate::peer::signature(b'a'), &history);
    assert_eq!(ann.steps(), (None, None));
}

#[test]
fn a_hundred_steps_are_kept() {
    let mut ann = ann(TREE);
    for size in 0..130 {
        ann.does(set("a", &format!("size={size}")));
    }
    let count = |peer: &mut Peer| {
        let mut count = 0;
        while peer.steps().0.is_some() {
            peer.undo();
            count += 1;
        }
        count
    };
    ann.reopen();
    assert_eq!(count(&mut ann), 100);
    expect![[r#"
        task "A" #a size=29 status=todo
        task "B" #b
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn each_author_undoes_their_own_steps() {
    let (mut ann, mut ben) = ann_and_ben(TREE);
    ann.does(set("a", "size=1"));
    sync(&mut ann, &mut ben);
    ben.does(set("b", "size=2"));
    sync(&mut ann, &mut ben);
    ann.undo();
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a status=todo
        task "B" #b size=2
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ben.show());
}
