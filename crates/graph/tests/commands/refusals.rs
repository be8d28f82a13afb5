//! What a person is refused, and in which words.

use expect_test::expect;

use crate::peer::{ann, check_refused};
use crate::say::*;

const TREE: &str = r#"
person "Ana" #ana
tool "Saw" #saw
phase "Design" #p
  task "Sketch" #t notes="Words" labels=red
    step "Ink" #s
"#;

#[test]
fn types_that_are_not_allowed() {
    for (command, message) in [
        (
            create(r#"step "S" #x"#, last("")),
            expect![
                "TYPE_NOT_ALLOWED: Steps cannot be placed at the top level; possible there: Phases, Tasks, People, Tools"
            ],
        ),
        (
            create(r#"step "S" #x"#, last("p")),
            expect![
                "TYPE_NOT_ALLOWED: Steps cannot be placed under “Phase”; possible there: Phases, Tasks"
            ],
        ),
        (
            create(r#"task "T" #x"#, last("s")),
            expect![
                "TYPE_NOT_ALLOWED: Tasks cannot be placed under “Step”; nothing can be placed there"
            ],
        ),
        (
            create(r#"gone "T" #x"#, last("")),
            expect!["TYPE_NOT_FOUND: there is no node type gone in this project's template"],
        ),
        (
            mv("s", last("")),
            expect![
                "TYPE_NOT_ALLOWED: Steps cannot be placed at the top level; possible there: Phases, Tasks, People, Tools"
            ],
        ),
        (
            mv("saw", last("p")),
            expect![
                "TYPE_NOT_ALLOWED: Tools cannot be placed under “Phase”; possible there: Phases, Tasks"
            ],
        ),
        (
            indent("saw"),
            expect![
                "TYPE_NOT_ALLOWED: Tools cannot be placed under “Person”; nothing can be placed there"
            ],
        ),
        (
            outdent("s"),
            expect![
                "TYPE_NOT_ALLOWED: Steps cannot be placed under “Phase”; possible there: Phases, Tasks"
            ],
        ),
        (
            convert("t", "person"),
            expect![
                "TYPE_NOT_ALLOWED: People cannot be placed under “Phase”; possible there: Phases, Tasks"
            ],
        ),
        (
            convert("p", "step"),
            expect![
                "TYPE_NOT_ALLOWED: Steps cannot be placed at the top level; possible there: Phases, Tasks, People, Tools"
            ],
        ),
        (
            convert("s", "phase"),
            expect![
                "TYPE_NOT_ALLOWED: Phases cannot be placed under “Task”; possible there: Steps, Tasks"
            ],
        ),
    ] {
        check_refused(TREE, command, message);
    }
}

#[test]
fn places_that_are_not_there() {
    for (command, message) in [
        (
            mv("p", last("t")),
            expect!["MOVE_INTO_SELF: “Design” cannot be moved into its own subtree"],
        ),
        (
            mv("p", last("p")),
            expect!["MOVE_INTO_SELF: “Design” cannot be moved into its own subtree"],
        ),
        (
            mv("t", after("p", "saw")),
            expect!["PLACE_NOT_FOUND: the place is not among the children of the parent"],
        ),
        (
            mv("t", last("gone")),
            expect![
                "NODE_NOT_FOUND: there is no node 676f6e65-0000-0000-0000-000000000000; it may have been deleted"
            ],
        ),
        (
            mv("t", before("", "gone")),
            expect!["PLACE_NOT_FOUND: the place is not among the children of the parent"],
        ),
        (
            mv("", last("")),
            expect!["NOTHING_CHOSEN: nothing was chosen"],
        ),
        (
            indent("t"),
            expect!["NOTHING_ABOVE: there is nothing above to indent under"],
        ),
        (
            indent("ana saw"),
            expect!["NOTHING_ABOVE: there is nothing above to indent under"],
        ),
        (
            outdent("p"),
            expect!["AT_TOP: it is at the top level already"],
        ),
        (outdent(""), expect!["NOTHING_CHOSEN: nothing was chosen"]),
        (
            create(r#"task "T" #t"#, last("p")),
            expect!["NODE_EXISTS: the node 74000000-0000-0000-0000-000000000000 exists already"],
        ),
    ] {
        check_refused(TREE, command, message);
    }
}

#[test]
fn nodes_that_are_not_there() {
    let mut ann = ann(TREE);
    ann.does(trash("t"));
    for (command, message) in [
        (
            set("gone", "status=done"),
            expect![
                "NODE_NOT_FOUND: there is no node 676f6e65-0000-0000-0000-000000000000; it may have been deleted"
            ],
        ),
        (
            set("t", "status=done"),
            expect!["NODE_IN_TRASH: “Sketch” is in the trash; restore it first"],
        ),
        (
            edit_notes("t", 0, 0, "x"),
            expect!["NODE_IN_TRASH: “Sketch” is in the trash; restore it first"],
        ),
        (
            members("t", "labels=red", ""),
            expect!["NODE_IN_TRASH: “Sketch” is in the trash; restore it first"],
        ),
        (
            attach("t", 'a', "x.png"),
            expect!["NODE_IN_TRASH: “Sketch” is in the trash; restore it first"],
        ),
        (
            trash("t"),
            expect!["NODE_IN_TRASH: “Sketch” is in the trash; restore it first"],
        ),
        (
            restore("p"),
            expect!["NODE_NOT_IN_TRASH: “Design” is not in the trash"],
        ),
        (
            restore("gone"),
            expect![
                "NODE_NOT_FOUND: there is no node 676f6e65-0000-0000-0000-000000000000; it may have been deleted"
            ],
        ),
        (restore(""), expect!["NOTHING_CHOSEN: nothing was chosen"]),
        (
            purge("p"),
            expect!["NODE_NOT_IN_TRASH: “Design” is not in the trash"],
        ),
        (purge(""), expect!["NOTHING_CHOSEN: nothing was chosen"]),
        (
            mv("t", last("")),
            expect!["NODE_IN_TRASH: “Sketch” is in the trash; restore it first"],
        ),
        (
            mv("p", last("t")),
            expect!["NODE_IN_TRASH: “Sketch” is in the trash; restore it first"],
        ),
        (
            create(r#"step "S" #x"#, last("t")),
            expect!["NODE_IN_TRASH: “Sketch” is in the trash; restore it first"],
        ),
        (
            create(r#"task "T" #t"#, last("p")),
            expect!["NODE_EXISTS: the node 74000000-0000-0000-0000-000000000000 exists already"],
        ),
        (
            duplicate("t"),
            expect!["NODE_IN_TRASH: “Sketch” is in the trash; restore it first"],
        ),
        (
            convert("t", "task"),
            expect!["NODE_IN_TRASH: “Sketch” is in the trash; restore it first"],
        ),
        (
            save_kit("k", "t"),
            expect!["NODE_IN_TRASH: “Sketch” is in the trash; restore it first"],
        ),
    ] {
        ann.check_refused(command, message);
    }
}
