//! Node types of the template.

use expect_test::expect;
use graph::template::{FieldPlacement, NodeType};

use crate::peer::{ann, ann_and_ben, check, sync};
use crate::say::*;
use crate::template::*;

const TREE: &str = r#"
phase "P" #p
  task "A" #a status=done
    step "S" #s
"#;

#[test]
fn put_type_adds_a_type() {
    let bug = NodeType {
        score: graph::value::parse_decimal("1.5"),
        ..node_type("bug", "Bug", "Bugs", "bug step", "status title")
    };
    check(
        TREE,
        put_type(bug),
        expect![[r#"
        phase "P" #p
          task "A" #a status=done
            step "S" #s
        - types phase task step person tool
        + types phase task step person tool bug
        + type bug "Bug" "Bugs" top circle #808080
        + bug.children ["bug","step"]
        + bug.traits []
        + bug.fields status title
    "#]],
    );
}

#[test]
fn put_type_edits_labels_children_and_fields() {
    let edited = NodeType {
        label: "Job".into(),
        plural: "Jobs".into(),
        top_level: false,
        children: ["step".into()].into(),
        fields: placed("status title notes"),
        ..known_type("task")
    };
    check(
        TREE,
        put_type(edited),
        expect![[r#"
        phase "P" #p
          task "A" #a status=done
            step "S" #s
        - type task "Task" "Tasks" top circle #808080
        - task.children ["step","task"]
        - task.fields title status labels size cost urgent start assignees uses hours site files notes
        + type task "Job" "Jobs" circle #808080
        + task.children ["step"]
        + task.fields status title notes
    "#]],
    );
}

#[test]
fn put_type_keeps_groups() {
    let mut task = known_type("task");
    task.fields = vec![
        FieldPlacement {
            field: "title".into(),
            group: String::new(),
        },
        FieldPlacement {
            field: "cost".into(),
            group: "Money | more".into(),
        },
    ];
    check(
        "",
        put_type(task),
        expect![[r#"
        - task.fields title status labels size cost urgent start assignees uses hours site files notes
        + task.fields title cost(Money | more)
    "#]],
    );
}

#[test]
fn types_that_are_not_allowed_any_more_are_a_problem() {
    let closed = NodeType {
        children: Default::default(),
        ..known_type("task")
    };
    check(
        TREE,
        put_type(closed),
        expect![[r#"
        phase "P" #p
          task "A" #a status=done
            step "S" #s
        - task.children ["step","task"]
        + task.children []
        ! TypeNotAllowed #s: “S” is a Step, which the template does not allow below Task.
    "#]],
    );
}

#[test]
fn remove_type_keeps_its_nodes_and_returns_with_them() {
    let mut ann = ann(TREE);
    let before = ann.show();
    ann.check(remove_type("task"), expect![[r#"
        phase "P" #p
          task "A" #a status?="done" title?="A"
            step "S" #s
        - types phase task step person tool
        - type task "Task" "Tasks" top circle #808080
        - task.children ["step","task"]
        - task.traits []
        - task.fields title status labels size cost urgent start assignees uses hours site files notes
        + types phase step person tool
        ! TypeNotAllowed #a: The type of “A” is not in the template any more. Convert it to another type, or bring the type back.
        ! TypeNotAllowed #s: “S” is a Step, which the template does not allow below Unknown type.
    "#]]);
    ann.check_refused(
        convert("a", "person"),
        expect!["TYPE_NOT_ALLOWED: People cannot be placed under “Phase”; possible there: Phases"],
    );
    ann.does(put_type(known_type("task")));
    let shown = ann.show();
    assert!(shown.starts_with(&before), "{shown}");
}

#[test]
fn reorder_type_moves_it() {
    check(
        "",
        reorder_type("tool", 0),
        expect![[r#"
        - types phase task step person tool
        + types tool phase task step person
    "#]],
    );
    check(
        "",
        reorder_type("phase", 2),
        expect![[r#"
        - types phase task step person tool
        + types task step phase person tool
    "#]],
    );
}

#[test]
fn two_people_place_fields_at_once() {
    let (mut ann, mut ben) = ann_and_ben("");
    let mut type_of_ann = known_type("step");
    type_of_ann.fields = placed("title status size");
    let mut type_of_ben = known_type("step");
    type_of_ben.fields = placed("title cost status");
    ann.does(put_type(type_of_ann));
    ben.does(put_type(type_of_ben));
    sync(&mut ann, &mut ben);
    expect![[r#"
        - step.fields title status
        + profile "Ben" #aabbcc
        + step.fields title cost status size
    "#]]
    .assert_eq(&ann.show());
}
