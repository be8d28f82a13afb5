//! Members of sets, ranges of texts, files.

use expect_test::expect;

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
fn edit_members_leaves_the_others() {
    check(
        TWO,
        members("t1 t2", "labels=green", ""),
        expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        tool "Saw" #saw
        task "Sketch" #t1 labels=green,red notes="One two three"
        task "Draw" #t2 labels=green status=todo
    "#]],
    );
    check(
        TWO,
        members("t1", "labels=green", "labels=red"),
        expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 labels=green notes="One two three"
            task "Draw" #t2 status=todo
        "#]],
    );
    check(
        TWO,
        members("t2", "assignees=#ana", ""),
        expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        tool "Saw" #saw
        task "Sketch" #t1 labels=red notes="One two three"
        task "Draw" #t2 assignees=#ana status=todo
    "#]],
    );
}

#[test]
fn edit_text_replaces_ranges() {
    check(
        TWO,
        edit_notes("t1", 4, 3, "2"),
        expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        tool "Saw" #saw
        task "Sketch" #t1 labels=red notes="One 2 three"
        task "Draw" #t2 status=todo
    "#]],
    );
    check(
        TWO,
        edit_notes("t2", 0, 0, "First words"),
        expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        tool "Saw" #saw
        task "Sketch" #t1 labels=red notes="One two three"
        task "Draw" #t2 notes="First words" status=todo
    "#]],
    );
    check(
        TWO,
        edit_notes_since("t1", None, &[(0, 3, "1"), (4, 3, "2"), (8, 5, "3")]),
        expect![[r#"
            person "Ana" #ana
            person "Bob" #bob
            tool "Saw" #saw
            task "Sketch" #t1 labels=red notes="1 2 3"
            task "Draw" #t2 status=todo
        "#]],
    );
}

#[test]
fn edit_text_counts_in_utf16_and_never_splits_a_character() {
    let text = r#"task "T" #t1 notes="a😀b""#;
    check(
        text,
        edit_notes("t1", 3, 1, "c"),
        expect![[r#"
        task "T" #t1 notes="a😀c"
    "#]],
    );
    check(
        text,
        edit_notes("t1", 2, 1, ""),
        expect![[r#"
        task "T" #t1 notes="ab"
    "#]],
    );
    check(
        text,
        edit_notes("t1", 1, 2, "👩‍👩‍👧"),
        expect![[r#"
        task "T" #t1 notes="a👩‍👩‍👧b"
    "#]],
    );
}

#[test]
fn attach_and_detach() {
    let mut ann = ann(TWO);
    ann.check(
        attach("t1", 'a', "plan.png"),
        expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        tool "Saw" #saw
        task "Sketch" #t1 files=plan.png labels=red notes="One two three"
        task "Draw" #t2 status=todo
    "#]],
    );
    ann.check(
        attach("t1", 'b', "photo.png"),
        expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        tool "Saw" #saw
        task "Sketch" #t1 files=plan.png,photo.png labels=red notes="One two three"
        task "Draw" #t2 status=todo
    "#]],
    );
    ann.check(
        detach("t1", 'a'),
        expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        tool "Saw" #saw
        task "Sketch" #t1 files=photo.png labels=red notes="One two three"
        task "Draw" #t2 status=todo
    "#]],
    );
}
