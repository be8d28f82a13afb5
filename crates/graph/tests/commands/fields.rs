//! Values of fields.

use std::collections::BTreeSet;

use expect_test::expect;
use graph::value::Value;

use crate::peer::{ann, check};
use crate::say::*;

const TWO: &str = r##"
person "Ana" #ana
person "Bob" #bob
tool "Saw" #saw
task "Sketch" #t1 labels=red notes="One two three"
task "Draw" #t2 status=todo
"##;

#[test]
fn set_field_of_every_kind() {
    for (assignment, expected) in [
        (
            r#"title="Neu""#,
            expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Neu" #t1 labels=red notes="One two three"
            task "Draw" #t2 status=todo
        "#]],
        ),
        (
            "status=done",
            expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 labels=red notes="One two three" status=done
            task "Draw" #t2 status=todo
        "#]],
        ),
        (
            "labels=green",
            expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 labels=green notes="One two three"
            task "Draw" #t2 status=todo
        "#]],
        ),
        (
            "size=-12.50",
            expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 labels=red notes="One two three" size=-12.50
            task "Draw" #t2 status=todo
        "#]],
        ),
        (
            "cost=0.10",
            expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 cost=0.10 labels=red notes="One two three"
            task "Draw" #t2 status=todo
        "#]],
        ),
        (
            "urgent=yes",
            expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 labels=red notes="One two three" urgent=yes
            task "Draw" #t2 status=todo
        "#]],
        ),
        (
            "start=2026-02-28",
            expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 labels=red notes="One two three" start=2026-02-28
            task "Draw" #t2 status=todo
        "#]],
        ),
        (
            "assignees=#ana,#bob",
            expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 assignees=#ana,#bob labels=red notes="One two three"
            task "Draw" #t2 status=todo
        "#]],
        ),
        (
            "uses=#saw",
            expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 labels=red notes="One two three" uses=#saw
            task "Draw" #t2 status=todo
        "#]],
        ),
        (
            "hours=#ana@2026-03-02:4,#ana@2026-03-03:0.25",
            expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 hours=#ana@2026-03-02:4,#ana@2026-03-03:0.25 labels=red notes="One two three"
            task "Draw" #t2 status=todo
        "#]],
        ),
        (
            r#"site="https://example.org/a?b=c""#,
            expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 labels=red notes="One two three" site="https://example.org/a?b=c"
            task "Draw" #t2 status=todo
        "#]],
        ),
        (
            r##"notes="# Plan\n\n- one\n- two""##,
            expect![[r##"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 labels=red notes="# Plan\n\n- one\n- two"
            task "Draw" #t2 status=todo
        "##]],
        ),
    ] {
        check(TWO, set("t1", assignment), expected);
    }
}

#[test]
fn set_field_of_several_nodes() {
    check(
        TWO,
        set("t1 t2", "status=done"),
        expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        tool "Saw" #saw
        task "Sketch" #t1 labels=red notes="One two three" status=done
        task "Draw" #t2 status=done
    "#]],
    );
}

#[test]
fn set_field_without_a_value_clears() {
    check(
        TWO,
        clear("t2", "status"),
        expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        tool "Saw" #saw
        task "Sketch" #t1 labels=red notes="One two three"
        task "Draw" #t2
    "#]],
    );
    check(
        TWO,
        clear("t1", "labels"),
        expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        tool "Saw" #saw
        task "Sketch" #t1 notes="One two three"
        task "Draw" #t2 status=todo
    "#]],
    );
    check(
        TWO,
        clear("t1", "notes"),
        expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        tool "Saw" #saw
        task "Sketch" #t1 labels=red
        task "Draw" #t2 status=todo
    "#]],
    );
}

#[test]
fn an_empty_set_is_no_value() {
    check(
        TWO,
        set_value("t1", "labels", Value::Options(BTreeSet::new())),
        expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 notes="One two three"
            task "Draw" #t2 status=todo
        "#]],
    );
}

#[test]
fn clearing_the_title_is_a_problem_not_a_refusal() {
    check(
        TWO,
        clear("t1", "title"),
        expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        tool "Saw" #saw
        task "Untitled task" #t1 labels=red notes="One two three"
        task "Draw" #t2 status=todo
        ! RequiredMissing #t1: “Untitled task” has no Title.
    "#]],
    );
}

#[test]
fn setting_what_is_there_writes_nothing() {
    let mut ann = ann(TWO);
    let heads = ann.project.heads(graph::document::Document::Project);
    for assignment in ["status=todo", r#"title="Draw""#] {
        ann.does(set("t2", assignment));
    }
    ann.does(set("t1", r#"notes="One two three""#));
    ann.does(members("t1", "labels=red", "labels=green"));
    assert_eq!(ann.project.heads(graph::document::Document::Project), heads);
    assert_eq!(ann.steps(), (None, None));
}
