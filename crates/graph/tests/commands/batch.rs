//! Several commands as one step.

use expect_test::expect;
use graph::command::Command;
use graph::rejection::Rejection;

use crate::peer::{ann, check, check_refused};
use crate::say::*;
use crate::template::field;

const TWO: &str = "task \"A\" #a\ntask \"B\" #b\n";

#[test]
fn later_commands_see_what_earlier_ones_did() {
    check(
        TWO,
        batch([
            create(r#"task "New" #n"#, last("a")),
            create(r#"step "Part" #s"#, last("n")),
            set("n", r#"notes="Words""#),
            edit_notes("n", 5, 0, " and more"),
            block("n", "b"),
            mv("n", last("b")),
            convert("n", "task"),
            indent("b"),
            trash("s"),
            restore("s"),
        ]),
        expect![[r#"
            task "A" #a
              task "B" #b
                task "New" #n notes="Words and more"
                  step "Part" #s
            #n blocks #b
        "#]],
    );
}

#[test]
fn template_first_values_then() {
    let mut task = crate::template::known_type("task");
    task.fields.extend(crate::template::placed("depth"));
    let depth = graph::value::Value::Number(7.into());
    check(
        TWO,
        batch([
            put_field(field("depth", "Depth", graph::template::FieldKind::Number)),
            put_type(task),
            set_value("a", "depth", depth),
        ]),
        expect![[r#"
            task "A" #a depth=7
            task "B" #b
            - fields title status labels size cost urgent start assignees uses hours site files notes
            - task.fields title status labels size cost urgent start assignees uses hours site files notes
            + fields title status labels size cost urgent start assignees uses hours site files notes depth
            + field depth "Depth" number
            + task.fields title status labels size cost urgent start assignees uses hours site files notes depth
        "#]],
    );
}

#[test]
fn all_or_none() {
    check_refused(
        TWO,
        batch([
            set("a", "status=done"),
            edit_notes("a", 0, 0, "Words"),
            create(r#"task "New" #n"#, last("a")),
            comment("c", "n", "Why?"),
            block("a", "b"),
            block("b", "a"),
        ]),
        expect!["BLOCKING_CYCLE: this would block in a circle: “A” → “B” → “A”"],
    );
}

#[test]
fn a_batch_of_nothing_is_refused() {
    check_refused(
        TWO,
        batch([]),
        expect!["NOTHING_CHOSEN: nothing was chosen"],
    );
    check_refused(
        TWO,
        batch([batch([])]),
        expect!["NOTHING_CHOSEN: nothing was chosen"],
    );
}

#[test]
fn the_one_of_several_that_was_refused_has_its_number() {
    let mut ann = ann(TWO);
    let bad = batch([set("b", "status=done"), mv("a", last("a"))]);
    let refused = ann.try_to(&batch([set("a", "status=done"), bad]));
    let Err(Rejection::OfCommand { number, why }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((number, why.code()), (2, "MOVE_INTO_SELF"));
}

#[test]
fn batches_nest_and_have_a_label_of_their_own() {
    let mut ann = ann(TWO);
    let inner = Command::Batch {
        label: Some("Inner".into()),
        commands: vec![set("a", "status=done"), set("b", "status=done")],
    };
    assert_eq!(ann.does(batch([inner.clone(), trash("b")])), "Inner");
    let outer = Command::Batch {
        label: Some("Outer".into()),
        commands: vec![inner, set("a", "status=todo")],
    };
    ann.undo();
    assert_eq!(ann.does(outer), "Outer");
    assert_eq!(ann.steps(), (Some("Outer"), None));
}

#[test]
fn what_ends_as_it_began_is_one_step_at_most() {
    let mut ann = ann(TWO);
    let before = ann.show();
    ann.does(batch([set("a", "status=done"), clear("a", "status")]));
    assert_eq!(ann.show(), before);
    ann.does(batch([create(r#"task "N" #n"#, last("a")), trash("n")]));
    ann.undo();
    assert_eq!(ann.show(), before);
    ann.redo();
    expect![[r#"
        task "A" #a
        task "B" #b
        trash:
          task "N" #n
    "#]]
    .assert_eq(&ann.show());
}

/// The value that stands again is another operation's, which the steps before know from then on.
#[test]
fn what_ends_as_it_began_hides_no_step_before_it() {
    let mut ann = ann(TWO);
    let start = ann.show();
    ann.does(set("a", "size=2"));
    let there_and_back = || [set("a", "size=3"), set("a", "size=2")];
    ann.does(batch([trash("b")].into_iter().chain(there_and_back())));
    ann.does(batch(there_and_back()));
    let end = ann.show();
    let labels = [(); 2].map(|()| {
        let report = ann.undo();
        assert_eq!(report.skipped, []);
        report.label
    });
    assert_eq!(labels, ["Move “B” to trash", "Set Size of “A”"]);
    assert_eq!((ann.show(), ann.steps().0), (start, None));
    ann.redo();
    assert_eq!(ann.redo().skipped, []);
    assert_eq!((ann.show(), ann.steps().1), (end, None));
}

/// Characters that come back are new ones, also to the edits that the same step takes back after them.
#[test]
fn edits_of_what_the_same_batch_edited() {
    let edits = [
        vec![(0, 3, "shot 7"), (3, 0, "brake")],
        vec![(0, 0, "shot 7"), (1, 3, ""), (2, 1, "axle")],
    ];
    for edits in edits {
        let mut ann = ann("task \"A\" #a notes=\"a b\"\n");
        let start = ann.show();
        let edits = edits.into_iter();
        ann.does(batch(
            edits.map(|(at, delete, insert)| edit_notes("a", at, delete, insert)),
        ));
        let end = ann.show();
        for _ in 0..2 {
            assert_eq!(ann.undo().skipped, []);
            assert_eq!(ann.show(), start);
            assert_eq!(ann.redo().skipped, []);
            assert_eq!(ann.show(), end);
        }
    }
}

#[test]
fn deeply_nested_batches_do_not_overflow() {
    let mut command = set("a", "status=done");
    for _ in 0..100 {
        command = batch([command]);
    }
    check(
        TWO,
        command,
        expect![[r#"
        task "A" #a status=done
        task "B" #b
    "#]],
    );
}

/// What was rolled back was never there: its ids are free.
#[test]
fn a_refused_batch_can_be_repeated() {
    let mut ann = ann(TWO);
    let new = || create(r#"task "New" #n"#, last(""));
    assert!(
        ann.try_to(&batch([new(), set("nobody", "size=1")]))
            .is_err()
    );
    ann.does(set("a", "size=1"));
    ann.does(new());
    ann.undo();
    ann.redo();
    assert!(ann.show().contains("task \"New\" #n"), "{}", ann.show());
}
