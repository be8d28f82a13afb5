//! Behaviour of node types.

use expect_test::expect;
use graph::template::{FieldKind, Trait};

use crate::peer::{ann, check};
use crate::say::*;
use crate::template::field;

const TREE: &str = r#"
phase "P" #p
  task "A" #a status=done
    step "S" #s
"#;

#[test]
fn set_trait_adds_fields_by_role_and_takes_them_away() {
    let mut ann = ann(TREE);
    let before = ann.show();
    ann.check(set_trait("step", Trait::Scheduling, true), expect![[r#"
        phase "P" #p
          task "A" #a status=done
            step "S" #s
        - fields title status labels size cost urgent start assignees uses hours site files notes
        - step.traits []
        - step.fields title status
        + fields title status labels size cost urgent start assignees uses hours site files notes end estimated-hours actual-hours allocations
        + field end "End" date role="end"
        + field estimated-hours "Estimated hours" number role="estimatedHours" unit=h
        + field actual-hours "Actual hours" number role="actualHours" unit=h
        + field allocations "Allocations" hours role="allocations"
        + step.traits ["scheduling"]
        + step.fields title status start(Schedule) end(Schedule) assignees(Schedule) estimated-hours(Schedule) actual-hours(Schedule) allocations(Schedule)
    "#]]);
    ann.check(set_trait("step", Trait::Milestone, true), expect![[r#"
        phase "P" #p
          task "A" #a status=done
            step "S" #s
        - fields title status labels size cost urgent start assignees uses hours site files notes
        - step.traits []
        - step.fields title status
        + fields title status labels size cost urgent start assignees uses hours site files notes end estimated-hours actual-hours allocations
        + field end "End" date role="end"
        + field estimated-hours "Estimated hours" number role="estimatedHours" unit=h
        + field actual-hours "Actual hours" number role="actualHours" unit=h
        + field allocations "Allocations" hours role="allocations"
        + step.traits ["scheduling","milestone"]
        + step.fields title status start(Schedule) end(Schedule) assignees(Schedule) estimated-hours(Schedule) actual-hours(Schedule) allocations(Schedule)
    "#]]);
    ann.check(set_trait("step", Trait::Scheduling, false), expect![[r#"
        phase "P" #p
          task "A" #a status=done
            step "S" #s
        - fields title status labels size cost urgent start assignees uses hours site files notes
        - step.traits []
        - step.fields title status
        + fields title status labels size cost urgent start assignees uses hours site files notes end estimated-hours actual-hours allocations
        + field end "End" date role="end"
        + field estimated-hours "Estimated hours" number role="estimatedHours" unit=h
        + field actual-hours "Actual hours" number role="actualHours" unit=h
        + field allocations "Allocations" hours role="allocations"
        + step.traits ["milestone"]
        + step.fields title status end(Schedule)
    "#]]);
    for _ in 0..3 {
        ann.undo();
    }
    assert_eq!(ann.show(), before);
}

#[test]
fn set_trait_of_every_behaviour() {
    check(
        "",
        set_trait("tool", Trait::Inventory, true),
        expect![[r#"
            - fields title status labels size cost urgent start assignees uses hours site files notes
            - tool.traits []
            - tool.fields title site
            + fields title status labels size cost urgent start assignees uses hours site files notes quantity unit-cost
            + field quantity "Quantity" number role="quantity"
            + field unit-cost "Unit cost" currency role="unitCost"
            + tool.traits ["inventory"]
            + tool.fields title site quantity(Stock) unit-cost(Stock)
        "#]],
    );
    check(
        "",
        set_trait("tool", Trait::Budgeting, true),
        expect![[r#"
            - fields title status labels size cost urgent start assignees uses hours site files notes
            - tool.traits []
            - tool.fields title site
            + fields title status labels size cost urgent start assignees uses hours site files notes budget estimated-cost committed-cost actual-cost
            + field budget "Budget" currency role="budget"
            + field estimated-cost "Estimated cost" currency role="estimatedCost"
            + field committed-cost "Committed cost" currency role="committedCost"
            + field actual-cost "Actual cost" currency role="actualCost"
            + tool.traits ["budgeting"]
            + tool.fields title site budget(Money) estimated-cost(Money) committed-cost(Money) actual-cost(Money)
        "#]],
    );
    check(
        "",
        set_trait("tool", Trait::Person, true),
        expect![[r#"
            - fields title status labels size cost urgent start assignees uses hours site files notes
            - tool.traits []
            - tool.fields title site
            + fields title status labels size cost urgent start assignees uses hours site files notes capacity hourly-rate
            + field capacity "Capacity" number role="capacity" unit=h
            + field hourly-rate "Hourly rate" currency role="hourlyRate"
            + tool.traits ["person"]
            + tool.fields title site capacity(Capacity) hourly-rate(Capacity)
        "#]],
    );
    check(
        "",
        set_trait("tool", Trait::Container, true),
        expect![[r#"
        - tool.traits []
        + tool.traits ["container"]
    "#]],
    );
    check(
        "",
        set_trait("person", Trait::Person, false),
        expect![[r#"
        - person.traits ["person"]
        + person.traits []
    "#]],
    );
}

/// A field of another kind has the id already.
#[test]
fn set_trait_does_not_take_over_a_field_of_another_kind() {
    let mut ann = ann("");
    ann.does(put_field(field("budget", "Budget words", FieldKind::Text)));
    ann.check(set_trait("tool", Trait::Budgeting, true), expect![[r#"
        - fields title status labels size cost urgent start assignees uses hours site files notes
        - tool.traits []
        - tool.fields title site
        + fields title status labels size cost urgent start assignees uses hours site files notes budget budget-2 estimated-cost committed-cost actual-cost
        + field budget "Budget words" text
        + field budget-2 "Budget" currency role="budget"
        + field estimated-cost "Estimated cost" currency role="estimatedCost"
        + field committed-cost "Committed cost" currency role="committedCost"
        + field actual-cost "Actual cost" currency role="actualCost"
        + tool.traits ["budgeting"]
        + tool.fields title site budget-2(Money) estimated-cost(Money) committed-cost(Money) actual-cost(Money)
    "#]]);
}

/// Both ids that the behaviour would use are taken by fields of the project.
#[test]
fn set_trait_finds_a_free_id() {
    let mut ann = ann("");
    ann.does(put_field(field("end", "Ending", FieldKind::Text)));
    ann.does(put_field(field("end-2", "Second ending", FieldKind::Text)));
    ann.check(set_trait("tool", Trait::Milestone, true), expect![[r#"
        - fields title status labels size cost urgent start assignees uses hours site files notes
        - tool.traits []
        - tool.fields title site
        + fields title status labels size cost urgent start assignees uses hours site files notes end end-2
        + field end "Ending" text
        + field end-2 "End" date role="end"
        + tool.traits ["milestone"]
        + tool.fields title site end-2(Schedule)
    "#]]);
}

/// A removed field that had the role comes back with its values.
#[test]
fn set_trait_after_its_field_was_removed() {
    let mut ann = ann("task \"A\" #a start=2026-03-01");
    ann.does(remove_field("start"));
    ann.check(set_trait("task", Trait::Scheduling, true), expect![[r#"
        task "A" #a start=2026-03-01
        - fields title status labels size cost urgent start assignees uses hours site files notes
        - task.traits []
        - task.fields title status labels size cost urgent start assignees uses hours site files notes
        + fields title status labels size cost urgent assignees uses hours site files notes start end estimated-hours actual-hours allocations
        + field end "End" date role="end"
        + field estimated-hours "Estimated hours" number role="estimatedHours" unit=h
        + field actual-hours "Actual hours" number role="actualHours" unit=h
        + field allocations "Allocations" hours role="allocations"
        + task.traits ["scheduling"]
        + task.fields title status labels size cost urgent start assignees uses hours site files notes end(Schedule) estimated-hours(Schedule) actual-hours(Schedule) allocations(Schedule)
    "#]]);
}
