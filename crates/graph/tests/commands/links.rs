//! Links.

use expect_test::expect;
use graph::command::Command;
use graph::link::{Lag, LinkKind};

use crate::dsl::{RELATIONS, link, node};
use crate::peer::{ann, check, check_refused};
use crate::say::*;

const THREE: &str = r#"
task "A" #a
task "B" #b
task "C" #c
#a blocks #b +2d
"#;

fn edit_link(name: &str, relation: LinkKind, days: i32) -> Command {
    Command::EditLink {
        link: link(name),
        relation,
        lag: Lag(days),
    }
}

#[test]
fn link_of_every_kind() {
    let kinds = [
        expect![[r#"
            task "A" #a
            task "B" #b
            task "C" #c
            #a blocks #b +2d
            #b blocks #c
        "#]],
        expect![[r#"
            task "A" #a
            task "B" #b
            task "C" #c
            #a blocks #b +2d
            #b blocks:ss #c
        "#]],
        expect![[r#"
            task "A" #a
            task "B" #b
            task "C" #c
            #a blocks #b +2d
            #b blocks:ff #c
        "#]],
        expect![[r#"
            task "A" #a
            task "B" #b
            task "C" #c
            #a blocks #b +2d
            #b blocks:sf #c
        "#]],
        expect![[r#"
            task "A" #a
            task "B" #b
            task "C" #c
            #a blocks #b +2d
            #b relates #c
        "#]],
    ];
    for ((relation, _), expected) in RELATIONS.into_iter().zip(kinds) {
        check(THREE, relate("b", relation, "c"), expected);
    }
}

#[test]
fn two_kinds_between_the_same_nodes() {
    let second = Command::Link {
        link: link("second"),
        relation: LinkKind::FinishToFinish,
        from: node("a"),
        to: node("b"),
        lag: Lag(-3),
    };
    check(
        THREE,
        second,
        expect![[r#"
        task "A" #a
        task "B" #b
        task "C" #c
        #a blocks #b +2d
        #a blocks:ff #b -3d
    "#]],
    );
}

#[test]
fn edit_link_changes_kind_and_lag() {
    check(
        THREE,
        edit_link("a>b", LinkKind::StartToStart, -1),
        expect![[r#"
            task "A" #a
            task "B" #b
            task "C" #c
            #a blocks:ss #b -1d
        "#]],
    );
    check(
        THREE,
        edit_link("a>b", LinkKind::RelatesTo, 0),
        expect![[r#"
        task "A" #a
        task "B" #b
        task "C" #c
        #a relates #b
    "#]],
    );
}

#[test]
fn unlink_removes_links() {
    check(
        THREE,
        unlink("a>b"),
        expect![[r#"
        task "A" #a
        task "B" #b
        task "C" #c
    "#]],
    );
}

#[test]
fn set_blockers_keeps_links_that_stay() {
    check(
        THREE,
        set_blockers("b", "a c"),
        expect![[r#"
        task "A" #a
        task "B" #b
        task "C" #c
        #a blocks #b +2d
        #c blocks #b
    "#]],
    );
    check(
        THREE,
        set_blockers("b", "c"),
        expect![[r#"
        task "A" #a
        task "B" #b
        task "C" #c
        #c blocks #b
    "#]],
    );
    check(
        THREE,
        set_blockers("b", ""),
        expect![[r#"
        task "A" #a
        task "B" #b
        task "C" #c
    "#]],
    );
}

#[test]
fn refused_links() {
    let nobody = node("nobody");
    for (command, message) in [
        (
            block("a", "a"),
            expect!["SELF_LINK: an item cannot be linked to itself"],
        ),
        (
            block("a", "b"),
            expect!["LINK_EXISTS: these two items are linked like this already"],
        ),
        (
            block("b", "a"),
            expect!["BLOCKING_CYCLE: this would block in a circle: “A” → “B” → “A”"],
        ),
        (
            block("nobody", "a"),
            expect![
                "NODE_NOT_FOUND: there is no node 6e6f626f-6479-0000-0000-000000000000; it may have been deleted"
            ],
        ),
        (
            relate("b", LinkKind::StartToFinish, "a"),
            expect!["BLOCKING_CYCLE: this would block in a circle: “A” → “B” → “A”"],
        ),
        (
            unlink("x>y"),
            expect!["LINK_NOT_FOUND: there is no link 783e7900-0000-0000-0000-000000000000"],
        ),
        (unlink(""), expect!["NOTHING_CHOSEN: nothing was chosen"]),
        (
            edit_link("x>y", LinkKind::RelatesTo, 0),
            expect!["LINK_NOT_FOUND: there is no link 783e7900-0000-0000-0000-000000000000"],
        ),
        (
            set_blockers("a", "b"),
            expect!["BLOCKING_CYCLE: this would block in a circle: “A” → “B” → “A”"],
        ),
        (
            set_blockers("a", "a"),
            expect!["SELF_LINK: an item cannot be linked to itself"],
        ),
        (
            Command::SetBlockers {
                node: nobody,
                blockers: vec![],
                seed: nobody.0,
            },
            expect![
                "NODE_NOT_FOUND: there is no node 6e6f626f-6479-0000-0000-000000000000; it may have been deleted"
            ],
        ),
    ] {
        check_refused(THREE, command, message);
    }
}

#[test]
fn a_circle_is_named() {
    let text = format!("{THREE}#b blocks:ff #c\n");
    check_refused(
        &text,
        block("c", "a"),
        expect!["BLOCKING_CYCLE: this would block in a circle: “A” → “B” → “C” → “A”"],
    );
}

#[test]
fn a_relation_made_blocking_must_not_close_a_circle() {
    let text = format!("{THREE}#b relates #a\n");
    check_refused(
        &text,
        edit_link("b>a", LinkKind::FinishToStart, 0),
        expect!["BLOCKING_CYCLE: this would block in a circle: “A” → “B” → “A”"],
    );
}

#[test]
fn a_relation_is_the_same_in_both_directions() {
    let mut ann = ann(THREE);
    ann.does(relate("b", LinkKind::RelatesTo, "c"));
    ann.check_refused(
        relate("c", LinkKind::RelatesTo, "b"),
        expect!["LINK_EXISTS: these two items are linked like this already"],
    );
}

/// Editing must not make what linking refuses.
#[test]
fn editing_a_link_into_one_that_is_there_is_refused() {
    let text = format!("{THREE}#b relates #c\n");
    let mut ann = ann(&text);
    ann.does(Command::Link {
        link: link("second"),
        relation: LinkKind::FinishToStart,
        from: node("b"),
        to: node("c"),
        lag: Lag(0),
    });
    ann.check_refused(
        edit_link("second", LinkKind::RelatesTo, 0),
        expect!["LINK_EXISTS: these two items are linked like this already"],
    );
}

#[test]
fn links_of_the_trash_cannot_be_edited() {
    let mut ann = ann(THREE);
    ann.does(trash("a"));
    ann.check_refused(
        unlink("a>b"),
        expect!["LINK_NOT_FOUND: there is no link 613e6200-0000-0000-0000-000000000000"],
    );
    ann.check_refused(
        block("a", "c"),
        expect!["NODE_IN_TRASH: “A” is in the trash; restore it first"],
    );
}
