//! Options of select fields.

use expect_test::expect;

use crate::peer::{ann, check};
use crate::say::*;
use crate::template::{option, put_option, remove_option};

const TWO: &str = r#"
task "A" #a status=done labels=red size=3 notes="Words"
task "B" #b status=todo
"#;

#[test]
fn put_option_adds_edits_and_places_options() {
    check(
        TWO,
        put_option("status", option("late", "Late"), Some(0)),
        expect![[r#"
            task "A" #a labels=red notes="Words" size=3 status=done
            task "B" #b status=todo
            - field status "Status" select role="status" options=todo,doing,done
            + field status "Status" select role="status" options=late,todo,doing,done
            + option status/late "Late" [{"icon":"","colour":"","style":"normal"},null,null]
        "#]],
    );
    check(
        TWO,
        put_option("status", option("late", "Late"), None),
        expect![[r#"
            task "A" #a labels=red notes="Words" size=3 status=done
            task "B" #b status=todo
            - field status "Status" select role="status" options=todo,doing,done
            + field status "Status" select role="status" options=todo,doing,done,late
            + option status/late "Late" [{"icon":"","colour":"","style":"normal"},null,null]
        "#]],
    );
    check(
        TWO,
        put_option("status", option("todo", "Open"), None),
        expect![[r#"
            task "A" #a labels=red notes="Words" size=3 status=done
            task "B" #b status=todo
            - option status/todo "To do" [{"icon":"","colour":"","style":"normal"},null,null]
            + option status/todo "Open" [{"icon":"","colour":"","style":"normal"},null,null]
        "#]],
    );
    check(
        TWO,
        put_option("status", option("todo", "To do"), Some(9)),
        expect![[r#"
            task "A" #a labels=red notes="Words" size=3 status=done
            task "B" #b status=todo
            - field status "Status" select role="status" options=todo,doing,done
            + field status "Status" select role="status" options=doing,done,todo
        "#]],
    );
}

#[test]
fn values_with_a_removed_option_are_kept_and_return_with_it() {
    let mut ann = ann(TWO);
    let before = ann.show();
    ann.check(
        remove_option("status", "done"),
        expect![[r#"
        task "A" #a labels=red notes="Words" size=3 status?="done"
        task "B" #b status=todo
        - field status "Status" select role="status" options=todo,doing,done
        - option status/done "Done" [{"icon":"","colour":"","style":"normal"},null,null]
        + field status "Status" select role="status" options=todo,doing
        ! Unmapped #a: “A” has a value for Status that has no place in the template. It is kept.
            Remove the value
    "#]],
    );
    ann.check(
        remove_option("labels", "red"),
        expect![[r#"
        task "A" #a notes="Words" size=3 labels?="red" status?="done"
        task "B" #b status=todo
        - field status "Status" select role="status" options=todo,doing,done
        - option status/done "Done" [{"icon":"","colour":"","style":"normal"},null,null]
        - field labels "Labels" multiSelect options=red,green
        - option labels/red "Red" [{"icon":"","colour":"","style":"normal"},null,null]
        + field status "Status" select role="status" options=todo,doing
        + field labels "Labels" multiSelect options=green
        ! Unmapped #a: “A” has a value for Labels that has no place in the template. It is kept.
            Remove the value
        ! Unmapped #a: “A” has a value for Status that has no place in the template. It is kept.
            Remove the value
    "#]],
    );
    ann.does(put_option("labels", option("red", "Red"), Some(0)));
    ann.does(put_option("status", option("done", "Done"), Some(2)));
    assert_eq!(ann.show(), before);
}

#[test]
fn an_option_of_an_unmapped_value_can_be_replaced() {
    let mut ann = ann(TWO);
    ann.does(remove_option("status", "done"));
    ann.check(
        set("a", "status=doing"),
        expect![[r#"
        task "A" #a labels=red notes="Words" size=3 status=doing
        task "B" #b status=todo
        - field status "Status" select role="status" options=todo,doing,done
        - option status/done "Done" [{"icon":"","colour":"","style":"normal"},null,null]
        + field status "Status" select role="status" options=todo,doing
    "#]],
    );
}
