//! Fields of the template.

use expect_test::expect;
use graph::template::{Field, FieldKind, Role};
use graph::value::Value;

use crate::peer::{ann, ann_and_ben, check, sync};
use crate::say::*;
use crate::template::*;

const TWO: &str = r#"
task "A" #a status=done labels=red size=3 notes="Words"
task "B" #b status=todo
"#;

#[test]
fn put_field_adds_a_field_with_options() {
    let risk = Field {
        options: vec![option("low", "Low"), option("high", "High")],
        default: Some(Value::Option("low".into())),
        help: "How bad it may get.".into(),
        ..field("risk", "Risk", FieldKind::Select)
    };
    check(
        TWO,
        put_field(risk),
        expect![[r#"
        task "A" #a labels=red notes="Words" size=3 status=done
        task "B" #b status=todo
        - fields title status labels size cost urgent start assignees uses hours site files notes
        + fields title status labels size cost urgent start assignees uses hours site files notes risk
        + field risk "Risk" select default={"option":"low"} help="How bad it may get." options=low,high
        + option risk/low "Low" [{"icon":"","colour":"","style":"normal"},null,null]
        + option risk/high "High" [{"icon":"","colour":"","style":"normal"},null,null]
    "#]],
    );
}

#[test]
fn put_field_edits_what_differs_and_leaves_options() {
    let edited = Field {
        label: "State".into(),
        required: true,
        options: vec![],
        ..known_field("status")
    };
    check(
        TWO,
        put_field(edited),
        expect![[r#"
        task "A" #a labels=red notes="Words" size=3 status=done
        task "B" #b status=todo
        - field status "Status" select role="status" options=todo,doing,done
        + field status "State" select role="status" required options=todo,doing,done
    "#]],
    );
}

#[test]
fn another_kind_keeps_values_that_fit_and_shows_others_as_unmapped() {
    let as_text = |id: &str, kind| Field {
        kind,
        ..known_field(id)
    };
    check(
        TWO,
        put_field(as_text("size", FieldKind::Text)),
        expect![[r#"
            task "A" #a labels=red notes="Words" size="3" status=done
            task "B" #b status=todo
            - field size "Size" number
            + field size "Size" text
        "#]],
    );
    check(
        TWO,
        put_field(as_text("status", FieldKind::Date)),
        expect![[r#"
            task "A" #a labels=red notes="Words" size=3 status?="done"
            task "B" #b status?="todo"
            - field status "Status" select role="status" options=todo,doing,done
            + field status "Status" date role="status" options=todo,doing,done
            ! Unmapped #a: “A” has a value for Status that has no place in the template. It is kept.
                Remove the value
            ! Unmapped #b: “B” has a value for Status that has no place in the template. It is kept.
                Remove the value
        "#]],
    );
    check(
        TWO,
        put_field(as_text("notes", FieldKind::Text)),
        expect![[r#"
            task "A" #a labels=red size=3 status=done notes?="Words"
            task "B" #b status=todo
            - field notes "Notes" prose
            + field notes "Notes" text
            ! Unmapped #a: “A” has a value for Notes that has no place in the template. It is kept.
                Remove the value
        "#]],
    );
}

#[test]
fn values_of_a_removed_field_are_kept_and_return_with_it() {
    let mut ann = ann(TWO);
    let before = ann.show();
    ann.check(
        remove_field("status"),
        expect![[r#"
        task "A" #a labels=red notes="Words" size=3 status?="done"
        task "B" #b status?="todo"
        - fields title status labels size cost urgent start assignees uses hours site files notes
        - field status "Status" select role="status" options=todo,doing,done
        - option status/todo "To do" [{"icon":"","colour":"","style":"normal"},null,null]
        - option status/doing "In progress" [{"icon":"","colour":"","style":"normal"},null,null]
        - option status/done "Done" [{"icon":"","colour":"","style":"normal"},null,null]
        + fields title labels size cost urgent start assignees uses hours site files notes
        ! Unmapped #a: “A” has a value for status that has no place in the template. It is kept.
            Remove the value
        ! Unmapped #b: “B” has a value for status that has no place in the template. It is kept.
            Remove the value
    "#]],
    );
    ann.does(put_field(known_field("status")));
    ann.does(reorder_field("status", 1));
    assert_eq!(ann.show(), before);
}

#[test]
fn reorder_field_counts_without_the_field_itself() {
    check(
        TWO,
        reorder_field("notes", 0),
        expect![[r#"
        task "A" #a labels=red notes="Words" size=3 status=done
        task "B" #b status=todo
        - fields title status labels size cost urgent start assignees uses hours site files notes
        + fields notes title status labels size cost urgent start assignees uses hours site files
    "#]],
    );
    check(
        TWO,
        reorder_field("title", 99),
        expect![[r#"
        task "A" #a labels=red notes="Words" size=3 status=done
        task "B" #b status=todo
        - fields title status labels size cost urgent start assignees uses hours site files notes
        + fields status labels size cost urgent start assignees uses hours site files notes title
    "#]],
    );
}

#[test]
fn concurrent_edits_of_different_properties_merge() {
    let (mut ann, mut ben) = ann_and_ben(TWO);
    let size = || known_field("size");
    ann.does(put_field(Field {
        label: "Weight".into(),
        ..size()
    }));
    ben.does(put_field(Field {
        unit: Some("kg".into()),
        ..size()
    }));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a labels=red notes="Words" size=3 status=done
        task "B" #b status=todo
        - field size "Size" number
        + profile "Ben" #aabbcc
        + field size "Weight" number unit=kg
    "#]]
    .assert_eq(&ann.show());
}

/// Ben edits a field while Ann removes it: it stays removed until somebody brings it back.
#[test]
fn a_field_edited_while_it_is_removed() {
    let (mut ann, mut ben) = ann_and_ben(TWO);
    ann.does(remove_field("size"));
    ben.does(put_field(Field {
        label: "Weight".into(),
        ..known_field("size")
    }));
    ben.does(set("b", "size=4"));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a labels=red notes="Words" status=done size?="3"
        task "B" #b status=todo size?="4"
        - fields title status labels size cost urgent start assignees uses hours site files notes
        - field size "Size" number
        + profile "Ben" #aabbcc
        + fields title status labels cost urgent start assignees uses hours site files notes
        ! Unmapped #a: “A” has a value for size that has no place in the template. It is kept.
            Remove the value
        ! Unmapped #b: “B” has a value for size that has no place in the template. It is kept.
            Remove the value
    "#]]
    .assert_eq(&ann.show());
    ann.undo();
    expect![[r#"
        task "A" #a labels=red notes="Words" size=3 status=done
        task "B" #b size=4 status=todo
        - field size "Size" number
        + profile "Ben" #aabbcc
        + field size "Weight" number
    "#]]
    .assert_eq(&ann.show());
}

/// A title may be another field of text.
#[test]
fn another_field_becomes_the_title() {
    let mut ann = ann(TWO);
    ann.does(put_field(Field {
        role: Some(Role::Title),
        ..field("name", "Name", FieldKind::Text)
    }));
    let mut step = known_type("step");
    step.fields = placed("name status");
    ann.check(put_type(step), expect![[r#"
        task "A" #a labels=red notes="Words" size=3 status=done
        task "B" #b status=todo
        - fields title status labels size cost urgent start assignees uses hours site files notes
        - step.fields title status
        + fields title status labels size cost urgent start assignees uses hours site files notes name
        + field name "Name" text role="title"
        + step.fields name status
    "#]]);
}
