//! Comments.

use expect_test::expect;
use graph::command::Command;

use crate::peer::{Peer, ann, ann_and_ben, check, sync};
use crate::say::*;

fn commented() -> Peer {
    let mut ann = ann("task \"A\" #a\ntask \"B\" #b");
    ann.does(comment("c1", "a", "Why?"));
    ann
}

fn resolve(name: &str, resolved: bool) -> Command {
    Command::ResolveComment {
        comment: comment_id(name),
        resolved,
    }
}

fn edit(name: &str, body: &str) -> Command {
    Command::EditComment {
        comment: comment_id(name),
        body: body.into(),
    }
}

fn delete(name: &str) -> Command {
    Command::DeleteComment {
        comment: comment_id(name),
    }
}

#[test]
fn add_comment() {
    check(
        "task \"A\" #a",
        comment("c1", "a", "**Why?**\n\nBecause."),
        expect![[r#"
            task "A" #a
            comment #c1 on #a by Ann: "**Why?**\n\nBecause."
        "#]],
    );
    commented().check(
        answer("c2", "a", "c1", "Because."),
        expect![[r#"
        task "A" #a
        task "B" #b
        comment #c1 on #a by Ann: "Why?"
        comment #c2 on #a by Ann: "Because." answers #c1
    "#]],
    );
}

#[test]
fn edit_comment() {
    commented().check(
        edit("c1", "Why not?"),
        expect![[r#"
        task "A" #a
        task "B" #b
        comment #c1 on #a by Ann: "Why not?" edited
    "#]],
    );
}

#[test]
fn resolve_comment_and_open_it_again() {
    let mut ann = commented();
    ann.check(
        resolve("c1", true),
        expect![[r#"
        task "A" #a
        task "B" #b
        comment #c1 on #a by Ann: "Why?" resolved
    "#]],
    );
    ann.check(
        resolve("c1", false),
        expect![[r#"
        task "A" #a
        task "B" #b
        comment #c1 on #a by Ann: "Why?"
    "#]],
    );
}

#[test]
fn delete_comment() {
    commented().check(
        delete("c1"),
        expect![[r#"
        task "A" #a
        task "B" #b
    "#]],
    );
}

#[test]
fn refused_comments() {
    let mut ann = commented();
    ann.does(answer("c2", "a", "c1", "Because."));
    for (command, message) in [
        (
            comment("c3", "gone", "x"),
            expect![
                "NODE_NOT_FOUND: there is no node 676f6e65-0000-0000-0000-000000000000; it may have been deleted"
            ],
        ),
        (
            comment("c1", "a", "twice"),
            expect![
                "BAD_ID: the id 63310000-0000-0000-0000-000000000000 is not acceptable: at most 64 letters, digits, `-`, `_` or `.`"
            ],
        ),
        (
            comment("c3", "a", " \n "),
            expect!["EMPTY: a comment must not be empty"],
        ),
        (
            comment("c3", "a", "nul \0"),
            expect!["BAD_VALUE: “a comment”: the character NUL cannot be kept"],
        ),
        (
            comment("c3", "a", &"x".repeat(1_000_001)),
            expect!["TOO_LONG: a comment has 1000001 characters; at most 1000000 are kept"],
        ),
        (
            answer("c3", "b", "c1", "wrong node"),
            expect!["COMMENT_NOT_FOUND: there is no comment 63310000-0000-0000-0000-000000000000"],
        ),
        (
            answer("c3", "a", "c9", "no thread"),
            expect!["COMMENT_NOT_FOUND: there is no comment 63390000-0000-0000-0000-000000000000"],
        ),
        (
            answer("c3", "a", "c2", "too deep"),
            expect!["NESTED_REPLY: an answer cannot be answered; answer the thread"],
        ),
        (
            edit("c9", "x"),
            expect!["COMMENT_NOT_FOUND: there is no comment 63390000-0000-0000-0000-000000000000"],
        ),
        (
            edit("c1", ""),
            expect!["EMPTY: a comment must not be empty"],
        ),
        (
            resolve("c2", true),
            expect!["NESTED_REPLY: an answer cannot be answered; answer the thread"],
        ),
        (
            resolve("c9", true),
            expect!["COMMENT_NOT_FOUND: there is no comment 63390000-0000-0000-0000-000000000000"],
        ),
        (
            delete("c9"),
            expect!["COMMENT_NOT_FOUND: there is no comment 63390000-0000-0000-0000-000000000000"],
        ),
    ] {
        ann.check_refused(command, message);
    }
    ann.does(delete("c1"));
    ann.check_refused(
        edit("c1", "x"),
        expect!["COMMENT_NOT_FOUND: there is no comment 63310000-0000-0000-0000-000000000000"],
    );
    ann.check_refused(
        answer("c3", "a", "c1", "x"),
        expect!["COMMENT_NOT_FOUND: there is no comment 63310000-0000-0000-0000-000000000000"],
    );
    ann.does(trash("a"));
    ann.check_refused(
        comment("c4", "a", "x"),
        expect!["NODE_IN_TRASH: “A” is in the trash; restore it first"],
    );
}

#[test]
fn only_its_author_changes_a_comment_but_anybody_resolves_it() {
    let (mut ann, mut ben) = ann_and_ben("task \"A\" #a");
    ann.does(comment("c1", "a", "Why?"));
    sync(&mut ann, &mut ben);
    ben.check_refused(
        edit("c1", "x"),
        expect!["NOT_YOUR_COMMENT: only its author can change a comment"],
    );
    ben.check_refused(
        delete("c1"),
        expect!["NOT_YOUR_COMMENT: only its author can change a comment"],
    );
    ben.does(answer("c2", "a", "c1", "Because."));
    ben.check(
        resolve("c1", true),
        expect![[r#"
        task "A" #a
        comment #c1 on #a by Ann: "Why?" resolved
        comment #c2 on #a by Ben: "Because." answers #c1
        + profile "Ben" #aabbcc
    "#]],
    );
}
