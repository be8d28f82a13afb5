//! Kits: prepared subtrees.

use expect_test::expect;
use graph::command::Command;

use crate::dsl::nodes;
use crate::peer::{ann, check_refused};
use crate::say::*;

const TREE: &str = r#"
person "Ana" #ana
phase "P" #p
  task "A" #a assignees=#ana notes="Words" hours=#ana@2026-03-02:4
    step "S" #s status=done
  task "B" #b
#a blocks #b +1d
#s relates #b
"#;

#[test]
fn kits() {
    let mut ann = ann(TREE);
    ann.check(
        save_kit("k", "a b"),
        expect![[r#"
        person "Ana" #ana
        phase "P" #p
          task "A" #a assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
            step "S" #s status=done
          task "B" #b
        #a blocks #b +1d
        #s relates #b
        + kit k "Prepared"
    "#]],
    );
    ann.check(
        apply_kit("k", last("p")),
        expect![[r#"
        person "Ana" #ana
        phase "P" #p
          task "A" #a assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
            step "S" #s status=done
          task "B" #b
          task "A" #new1 assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
            step "S" #new2 status=done
          task "B" #new3
        #a blocks #b +1d
        #new1 blocks #new3 +1d
        #new2 relates #new3
        #s relates #b
        + kit k "Prepared"
    "#]],
    );
    let remove = Command::RemoveKit { kit: "k".into() };
    ann.check(
        remove,
        expect![[r#"
        person "Ana" #ana
        phase "P" #p
          task "A" #a assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
            step "S" #s status=done
          task "B" #b
          task "A" #new1 assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
            step "S" #new2 status=done
          task "B" #new3
        #a blocks #b +1d
        #new1 blocks #new3 +1d
        #new2 relates #new3
        #s relates #b
    "#]],
    );
}

#[test]
fn a_kit_stays_as_it_was_saved() {
    let mut ann = ann("task \"A\" #a\ntask \"B\" #b");
    ann.does(save_kit("k", "a"));
    ann.does(set("a", r#"title="Changed""#));
    ann.does(trash("a"));
    ann.check(
        apply_kit("k", last("b")),
        expect![[r#"
        task "B" #b
          task "A" #new1
        trash:
          task "Changed" #a
        + kit k "Prepared"
    "#]],
    );
}

#[test]
fn refused_kits() {
    let long = Command::SaveKit {
        kit: "k".into(),
        name: "x".repeat(100_000),
        nodes: nodes("p"),
    };
    let nameless = Command::SaveKit {
        kit: "k".into(),
        name: String::new(),
        nodes: nodes("p"),
    };
    for (command, message) in [
        (
            save_kit("k", ""),
            expect!["NOTHING_CHOSEN: nothing was chosen"],
        ),
        (
            save_kit("k", "gone"),
            expect![
                "NODE_NOT_FOUND: there is no node 676f6e65-0000-0000-0000-000000000000; it may have been deleted"
            ],
        ),
        (
            save_kit("a b", "p"),
            expect![
                "BAD_ID: the id a b is not acceptable: at most 64 letters, digits, `-`, `_` or `.`"
            ],
        ),
        (
            long,
            expect!["TOO_LONG: the kit's name has 100000 characters; at most 5000 are kept"],
        ),
        (nameless, expect!["EMPTY: the kit's name must not be empty"]),
        (
            apply_kit("gone", last("")),
            expect!["KIT_NOT_FOUND: there is no kit gone"],
        ),
        (
            Command::RemoveKit { kit: "gone".into() },
            expect!["KIT_NOT_FOUND: there is no kit gone"],
        ),
    ] {
        check_refused(TREE, command, message);
    }
    let mut ann = ann(TREE);
    ann.does(save_kit("k", "s"));
    ann.check_refused(apply_kit("k", last("")), expect!["TYPE_NOT_ALLOWED: Steps cannot be placed at the top level; possible there: Phases, Tasks, People, Tools"]);
}
