//! Make, move, indent, outdent and convert nodes.

use expect_test::expect;
use graph::command::Command;
use graph::template::Field;
use graph::value::Value;

use crate::dsl::node;
use crate::peer::{ann, check};
use crate::say::*;
use crate::template::known_field;

const TREE: &str = r#"
person "Ana" #ana
phase "Design" #p
  task "Sketch" #t1
  task "Draw" #t2
    step "Ink" #s1
  task "Show" #t3
"#;

#[test]
fn create_node() {
    check(
        TREE,
        create(
            r#"task "Scan" #new status=todo size=2.50"#,
            after("p", "t1"),
        ),
        expect![[r#"
            person "Ana" #ana
            phase "Design" #p
              task "Sketch" #t1
              task "Scan" #new size=2.50 status=todo
              task "Draw" #t2
                step "Ink" #s1
              task "Show" #t3
        "#]],
    );
}

#[test]
fn create_node_takes_defaults_that_were_not_given() {
    let mut ann = ann(TREE);
    ann.does(put_field(Field {
        default: Some(Value::Option("doing".into())),
        ..known_field("status")
    }));
    ann.does(create(r#"task "Given" #x status=done"#, last("p")));
    ann.check(create(r#"task "Default" #y"#, last("p")), expect![[r#"
        person "Ana" #ana
        phase "Design" #p
          task "Sketch" #t1
          task "Draw" #t2
            step "Ink" #s1
          task "Show" #t3
          task "Given" #x status=done
          task "Default" #y status=doing
        - field status "Status" select role="status" options=todo,doing,done
        + field status "Status" select role="status" default={"option":"doing"} options=todo,doing,done
    "#]]);
}

#[test]
fn move_nodes_keeps_their_order_whatever_order_they_are_named_in() {
    check(
        TREE,
        mv("t3 t1", last("")),
        expect![[r#"
        person "Ana" #ana
        phase "Design" #p
          task "Draw" #t2
            step "Ink" #s1
        task "Sketch" #t1
        task "Show" #t3
    "#]],
    );
    check(
        TREE,
        mv("t3", first("p")),
        expect![[r#"
        person "Ana" #ana
        phase "Design" #p
          task "Show" #t3
          task "Sketch" #t1
          task "Draw" #t2
            step "Ink" #s1
    "#]],
    );
    check(
        TREE,
        mv("t1", before("p", "t3")),
        expect![[r#"
        person "Ana" #ana
        phase "Design" #p
          task "Draw" #t2
            step "Ink" #s1
          task "Sketch" #t1
          task "Show" #t3
    "#]],
    );
}

#[test]
fn moving_to_where_they_stand_is_no_step() {
    let mut ann = ann(TREE);
    let before = ann.show();
    ann.does(mv("t1", after("p", "t1")));
    ann.does(mv("t2 t3", last("p")));
    assert_eq!((ann.show(), ann.steps()), (before, (None, None)));
}

#[test]
fn move_nodes_moves_a_chosen_subtree_once() {
    check(
        TREE,
        mv("s1 t2", first("p")),
        expect![[r#"
        person "Ana" #ana
        phase "Design" #p
          task "Draw" #t2
            step "Ink" #s1
          task "Sketch" #t1
          task "Show" #t3
    "#]],
    );
}

#[test]
fn indent_goes_below_the_sibling_above() {
    check(
        TREE,
        indent("t2 t3"),
        expect![[r#"
        person "Ana" #ana
        phase "Design" #p
          task "Sketch" #t1
            task "Draw" #t2
              step "Ink" #s1
            task "Show" #t3
    "#]],
    );
}

#[test]
fn indent_skips_chosen_siblings_and_works_on_several_parents() {
    let text = r#"
task "A" #a
  task "B" #b
  task "C" #c
task "D" #d
  task "E" #e
  task "F" #f
"#;
    check(
        text,
        indent("c f"),
        expect![[r#"
        task "A" #a
          task "B" #b
            task "C" #c
        task "D" #d
          task "E" #e
            task "F" #f
    "#]],
    );
}

#[test]
fn outdent_goes_behind_the_parent_in_order() {
    let text = r#"
task "A" #a
  task "B" #b
  task "C" #c
  task "D" #d
task "E" #e
"#;
    check(
        text,
        outdent("c b"),
        expect![[r#"
        task "A" #a
          task "D" #d
        task "B" #b
        task "C" #c
        task "E" #e
    "#]],
    );
}

#[test]
fn indent_then_outdent_leads_back() {
    let mut ann = ann(TREE);
    let before = ann.show();
    ann.does(indent("t3"));
    ann.does(outdent("t3"));
    assert_eq!(ann.show(), before);
}

#[test]
fn convert_type_keeps_values_that_the_new_type_lacks() {
    let text = r#"
task "Parent" #p
  task "Sketch" #t status=done size=3
"#;
    check(
        text,
        convert("t", "step"),
        expect![[r#"
        task "Parent" #p
          step "Sketch" #t status=done size?="3"
        ! Unmapped #t: “Sketch” has a value for Size that has no place in the template. It is kept.
            Remove the value
    "#]],
    );
    let mut ann = ann(text);
    let before = ann.show();
    ann.does(convert("t", "step"));
    ann.does(convert("t", "task"));
    assert_eq!(ann.show(), before, "values come back with the type");
}

#[test]
fn convert_type_of_parent_and_child_together() {
    let text = r#"
task "A" #a
  task "B" #b
"#;
    check(
        text,
        convert("a b", "phase"),
        expect![[r#"
        phase "A" #a
          phase "B" #b
    "#]],
    );
}

#[test]
fn labels_say_what_was_done() {
    let mut ann = ann(TREE);
    let labels = [
        ann.does(create(r#"task "N" #n"#, last("p"))),
        ann.does(mv("t1 t2 t3", last("p"))),
        ann.does(mv("ana t1", last(""))),
        ann.does(set("t1", r#"title="Renamed""#)),
        ann.does(set("t1 t2", "status=done")),
        ann.does(clear("t1", "status")),
        ann.does(trash("t1")),
        ann.does(restore("t1")),
        ann.does(convert("t3", "task")),
        ann.does(Command::SetBlockers {
            node: node("t2"),
            blockers: vec![],
            seed: uuid::Uuid::nil(),
        }),
    ];
    expect![[r#"
        Add task “N”
        Move 3 tasks
        Move 2 items
        Rename “Sketch”
        Set Status of 2 tasks
        Clear Status of “Renamed”
        Move “Renamed” to trash
        Restore “Renamed”
        Convert “Show” to Task
        Set blockers of “Draw”"#]]
    .assert_eq(&labels.join("\n"));
}
