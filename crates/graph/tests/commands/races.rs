//! Two people change the same field at the same time.

use expect_test::expect;

use crate::dsl::node;
use crate::peer::{Peer, ann_and_ben, sync};
use crate::print;
use crate::say::*;

const ONE: &str = "person \"Ana\" #ana\nperson \"Bob\" #bob\ntask \"A\" #a status=todo\n";

fn raced(anns: &str, bens: &str) -> (Peer, Peer) {
    let (mut ann, mut ben) = ann_and_ben(ONE);
    ann.does(set("a", anns));
    ben.does(set("a", bens));
    sync(&mut ann, &mut ben);
    (ann, ben)
}

/// Who lost, as the details of the node tell.
fn losers(peer: &Peer) -> String {
    let details = peer.project.details(node("a")).expect("it is live");
    let view = peer.project.view();
    let others = details.fields.into_iter().flat_map(|field| {
        let name = field.field;
        field
            .others
            .into_iter()
            .map(move |other| (name.clone(), other))
    });
    let lines = others.map(|(field, other)| {
        let by = print::person(view, other.by);
        format!("{field}: {:?} by {by}", other.text)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_race_shows_the_winner_and_names_the_loser() {
    let (ann, ben) = raced("status=doing", "status=done");
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a status=done
        + profile "Ben" #aabbcc
        ! FieldRace #a: Status of “A” was set to “Done” and “In progress” at the same time. The first of them is shown.
            Keep “Done”
            Take “In progress”
            Dismiss
    "#]].assert_eq(&ann.show());
    expect![[r#"status: "In progress" by Ann"#]].assert_eq(&losers(&ann));
    assert_eq!(losers(&ann), losers(&ben));
}

#[test]
fn setting_the_shown_value_keeps_it() {
    let (mut ann, mut ben) = raced("status=doing", "status=done");
    ann.does(set("a", "status=done"));
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a status=done
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
    sync(&mut ann, &mut ben);
    assert!(losers(&ben).is_empty());
}

/// Keeping is a step of its own, and taking it back brings the race back, for everybody.
#[test]
fn undoing_a_decision_for_the_shown_value_brings_the_race_back() {
    for (anns, bens, field) in [
        ("status=doing", "status=done", "Status"),
        (
            "hours=#ana@2026-03-02:4",
            "hours=#ana@2026-03-02:6",
            "Hours",
        ),
        (r#"notes="One""#, r#"notes="Two""#, "Notes"),
    ] {
        let (mut ann, mut ben) = raced(anns, bens);
        let shown = ann.show();
        let keep = ann.project.view().problems()[0].fixes[0].command.clone();
        let label = ann.does(keep);
        assert!(ann.problems().is_empty(), "{}", ann.show());
        assert_eq!(ann.steps(), (Some(label.as_str()), None), "{field}");
        let kept = ann.show();
        sync(&mut ann, &mut ben);
        ann.reopen();
        let report = ann.undo();
        assert_eq!((report.label, report.skipped), (label, vec![]));
        assert_eq!(ann.show(), shown);
        sync(&mut ann, &mut ben);
        assert_eq!(ben.show(), shown);
        ann.redo();
        sync(&mut ann, &mut ben);
        assert_eq!(ben.show(), kept);
    }
}

/// A decision is about the values that it saw.
#[test]
fn a_third_value_races_on_after_a_decision() {
    let (mut ann, mut ben) = raced("size=1", "size=2");
    let mut cid = ann.copy(b'c');
    ann.does(set("a", "size=2"));
    cid.does(set("a", "size=3"));
    sync(&mut ann, &mut cid);
    sync(&mut ann, &mut ben);
    assert!(ann.problems().is_empty(), "{}", ann.show());
    let (mut ann, mut ben) = ann_and_ben(ONE);
    let mut cid = ann.copy(b'c');
    ann.does(set("a", "size=1"));
    ben.does(set("a", "size=2"));
    cid.does(set("a", "size=3"));
    sync(&mut ann, &mut ben);
    ann.does(set("a", "size=2"));
    sync(&mut ann, &mut cid);
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a size=3 status=todo
        + profile "Ben" #aabbcc
        + profile "Person c" #aabbcc
        ! FieldRace #a: Size of “A” was set to “3” and “2” at the same time. The first of them is shown.
            Keep “3”
            Take “2”
            Dismiss
    "#]].assert_eq(&ann.show());
}

/// The decision stands although somebody who had not seen it takes the kept value away.
#[test]
fn clearing_the_kept_value_does_not_bring_the_other_back() {
    let (mut ann, mut ben) = ann_and_ben(ONE);
    let mut cid = ann.copy(b'c');
    ann.does(set("a", "size=1"));
    ben.does(set("a", "size=2"));
    cid.receive(&ben);
    sync(&mut ann, &mut ben);
    ann.does(set("a", "size=2"));
    cid.does(clear("a", "size"));
    ben.receive(&cid);
    sync(&mut ann, &mut ben);
    assert!(!ann.show().contains("size"), "{}", ann.show());
    ann.undo();
    sync(&mut ann, &mut ben);
    assert!(ben.show().contains("size=1"), "{}", ben.show());
}

#[test]
fn setting_the_other_value_swaps() {
    let (mut ann, mut ben) = raced("status=doing", "status=done");
    ben.does(set("a", "status=doing"));
    sync(&mut ann, &mut ben);
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a status=doing
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
    ben.undo();
    sync(&mut ann, &mut ben);
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a status=done
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn setting_a_third_value_or_none_settles_too() {
    let (mut ann, _) = raced("status=doing", "status=done");
    ann.does(set("a", "status=todo"));
    assert_eq!((ann.problems().len(), losers(&ann).len()), (0, 0));
    let (mut ann, _) = raced("status=doing", "status=done");
    ann.does(clear("a", "status"));
    assert_eq!((ann.problems().len(), losers(&ann).len()), (0, 0));
}

/// Ann keeps her value, Ben what is shown: hers is a new value, his only takes the other away.
#[test]
fn both_settle_it_differently() {
    let (mut ann, mut ben) = raced("status=doing", "status=done");
    ann.does(set("a", "status=doing"));
    ben.does(set("a", "status=done"));
    sync(&mut ann, &mut ben);
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a status=doing
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn the_same_value_twice_is_no_race() {
    let (ann, _) = raced("status=done", "status=done");
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a status=done
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn different_fields_and_different_members_merge() {
    let (ann, _) = raced("size=1", "start=2026-03-01");
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a size=1 start=2026-03-01 status=todo
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
    let (mut ann, mut ben) = ann_and_ben(ONE);
    ann.does(members("a", "labels=red", ""));
    ben.does(members("a", "labels=green", ""));
    ann.does(members("a", "assignees=#ana", ""));
    ben.does(set("a", "assignees=#bob"));
    sync(&mut ann, &mut ben);
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a assignees=#ana,#bob labels=green,red status=todo
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn hours_of_one_day_race_as_a_member() {
    let (mut ann, mut ben) = raced(
        "hours=#ana@2026-03-02:4,#ana@2026-03-03:1",
        "hours=#ana@2026-03-02:6,#bob@2026-03-02:2",
    );
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a hours=#ana@2026-03-02:6,#ana@2026-03-03:1,#bob@2026-03-02:2 status=todo
        + profile "Ben" #aabbcc
        ! FieldRace #a: Hours of “A” was set to “6” and “4” at the same time. The first of them is shown.
            Keep “6”
            Take “4”
            Dismiss
    "#]].assert_eq(&ann.show());
    expect![[r#"hours: "4" by Ann"#]].assert_eq(&losers(&ann));
    ann.does(set("a", "hours=#ana@2026-03-02:6"));
    sync(&mut ann, &mut ben);
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a hours=#ana@2026-03-02:6 status=todo
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ben.show());
}

#[test]
fn a_member_removed_while_another_is_added() {
    let (mut ann, mut ben) = ann_and_ben("task \"A\" #a labels=red\n");
    ann.does(members("a", "", "labels=red"));
    ben.does(members("a", "labels=green", ""));
    sync(&mut ann, &mut ben);
    expect![[r#"
        task "A" #a labels=green
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn a_value_cleared_while_it_is_set_stays() {
    let (mut ann, mut ben) = ann_and_ben(ONE);
    ann.does(clear("a", "status"));
    ben.does(set("a", "status=done"));
    sync(&mut ann, &mut ben);
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a status=done
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn a_title_that_lost_is_told_with_both_titles() {
    let (ann, _) = raced(r#"title="Ann's""#, r#"title="Ben's""#);
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "Ben's" #a status=todo
        + profile "Ben" #aabbcc
        ! FieldRace #a: Title of “Ben's” was set to “Ben's” and “Ann's” at the same time. The first of them is shown.
            Keep “Ben's”
            Take “Ann's”
            Dismiss
    "#]].assert_eq(&ann.show());
}

#[test]
fn undoing_one_side_of_a_race_shows_the_other() {
    let (mut ann, mut ben) = raced("status=doing", "status=done");
    let report = ben.undo();
    assert!(ben.left_alone(&report).is_empty());
    sync(&mut ann, &mut ben);
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a status=doing
        + profile "Ben" #aabbcc
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn three_people_race() {
    let (mut ann, mut ben) = ann_and_ben(ONE);
    let mut cid = ann.copy(b'c');
    ann.does(set("a", "size=1"));
    ben.does(set("a", "size=2"));
    cid.does(set("a", "size=3"));
    sync(&mut ann, &mut ben);
    sync(&mut ben, &mut cid);
    sync(&mut ann, &mut cid);
    expect![[r#"
        person "Ana" #ana
        person "Bob" #bob
        task "A" #a size=3 status=todo
        + profile "Ben" #aabbcc
        + profile "Person c" #aabbcc
        ! FieldRace #a: Size of “A” was set to “3” and “2” and “1” at the same time. The first of them is shown.
            Keep “3”
            Take “2”
            Take “1”
            Dismiss
    "#]].assert_eq(&ann.show());
    expect![[r#"
        size: "2" by Ben
        size: "1" by Ann"#]]
    .assert_eq(&losers(&ann));
}
