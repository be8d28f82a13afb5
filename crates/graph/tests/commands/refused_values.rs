//! Values that are refused.

use expect_test::expect;
use graph::command::Command;
use graph::id::BlobId;
use graph::value::{File, Seal, Value};

use crate::dsl::node;
use crate::peer::check_refused;
use crate::say::*;

const TREE: &str = r#"
person "Ana" #ana
tool "Saw" #saw
phase "Design" #p
  task "Sketch" #t notes="Words" labels=red
    step "Ink" #s
"#;

#[test]
fn values_of_the_wrong_kind() {
    let number = || Value::Number(1.into());
    for (command, message) in [
        (
            set_value("t", "title", number()),
            expect!["WRONG_KIND: “Title” takes one line of text, not a number"],
        ),
        (
            set_value("t", "status", Value::Text("done".into())),
            expect!["WRONG_KIND: “Status” takes one of the field's options, not one line of text"],
        ),
        (
            set_value("t", "size", Value::Flag(true)),
            expect!["WRONG_KIND: “Size” takes a number, not yes or no"],
        ),
        (
            set_value("t", "notes", Value::Text("x".into())),
            expect!["WRONG_KIND: “Notes” takes a long text, not one line of text"],
        ),
        (
            set_value("t", "gone", number()),
            expect!["FIELD_NOT_FOUND: there is no field gone in this project's template"],
        ),
        (
            set("s", "size=1"),
            expect!["FIELD_NOT_OF_TYPE: “Ink” has no field “Size”"],
        ),
        (
            set("t s", "size=1"),
            expect!["FIELD_NOT_OF_TYPE: “Ink” has no field “Size”"],
        ),
        (
            clear("s", "size"),
            expect!["FIELD_NOT_OF_TYPE: “Ink” has no field “Size”"],
        ),
        (
            set("t", "status=gone"),
            expect!["OPTION_NOT_FOUND: there is no option gone in the field “Status”"],
        ),
        (
            set("t", "labels=red,gone"),
            expect!["OPTION_NOT_FOUND: there is no option gone in the field “Labels”"],
        ),
        (
            set("t", "assignees=#saw"),
            expect!["BAD_VALUE: “Assignees”: “Saw” is not a person"],
        ),
        (
            set("t", "assignees=#ana,#gone"),
            expect![
                "NODE_NOT_FOUND: there is no node 676f6e65-0000-0000-0000-000000000000; it may have been deleted"
            ],
        ),
        (
            set("t", "uses=#ana"),
            expect!["BAD_VALUE: “Uses”: “Ana” is not of the type Tool"],
        ),
        (
            set("t", "uses=#gone"),
            expect![
                "NODE_NOT_FOUND: there is no node 676f6e65-0000-0000-0000-000000000000; it may have been deleted"
            ],
        ),
        (
            set("t", "hours=#saw@2026-03-02:4"),
            expect!["BAD_VALUE: “Hours”: “Saw” is not a person"],
        ),
        (
            members("t", "status=done", ""),
            expect!["BAD_VALUE: “Status”: holds one value; set it instead"],
        ),
        (
            members("t", "assignees=#saw", ""),
            expect!["BAD_VALUE: “Assignees”: “Saw” is not a person"],
        ),
        (
            set("", "status=done"),
            expect!["NOTHING_CHOSEN: nothing was chosen"],
        ),
        (
            edit_notes("s", 0, 0, "x"),
            expect!["FIELD_NOT_OF_TYPE: “Ink” has no field “Notes”"],
        ),
        (
            edit_notes("t", 99, 0, "x"),
            expect![
                "STALE_TEXT: the text changed so much that the edit has no place in it any more"
            ],
        ),
        (
            edit_notes("t", 0, 99, ""),
            expect![
                "STALE_TEXT: the text changed so much that the edit has no place in it any more"
            ],
        ),
        (
            edit_notes_since("t", None, &[(3, 0, "x"), (2, 0, "y")]),
            expect![
                "STALE_TEXT: the text changed so much that the edit has no place in it any more"
            ],
        ),
        (
            edit_notes_since("t", Some("nonsense".into()), &[(0, 0, "x")]),
            expect![
                "STALE_TEXT: the text changed so much that the edit has no place in it any more"
            ],
        ),
        (
            edit_notes_since("t", Some("0".repeat(64)), &[(0, 0, "x")]),
            expect![
                "STALE_TEXT: the text changed so much that the edit has no place in it any more"
            ],
        ),
        (
            detach("t", 'a'),
            expect!["BAD_VALUE: “Files”: this file is not attached"],
        ),
    ] {
        check_refused(TREE, command, message);
    }
}

#[test]
fn an_edit_of_a_text_names_a_text_field() {
    let command = Command::EditText {
        node: node("t"),
        field: "title".into(),
        base: None,
        splices: vec![],
    };
    check_refused(
        TREE,
        command,
        expect!["BAD_VALUE: “Title”: is not a long text"],
    );
}

#[test]
fn values_that_cannot_be_kept() {
    let title = |text: &str| set_value("t", "title", Value::Text(text.into()));
    let notes = |text: &str| set_value("t", "notes", Value::Prose(text.into()));
    let site = |text: &str| set_value("t", "site", Value::Url(text.into()));
    let long = "x".repeat(100_000);
    for (command, message) in [
        (
            title(&long),
            expect!["TOO_LONG: Title has 100000 characters; at most 5000 are kept"],
        ),
        (
            title("two\nlines"),
            expect![
                "BAD_VALUE: “Title”: line breaks and control characters cannot be kept in one line"
            ],
        ),
        (
            title("tab\t"),
            expect![
                "BAD_VALUE: “Title”: line breaks and control characters cannot be kept in one line"
            ],
        ),
        (
            title("nul\0"),
            expect![
                "BAD_VALUE: “Title”: line breaks and control characters cannot be kept in one line"
            ],
        ),
        (
            title("next line\u{85}"),
            expect![
                "BAD_VALUE: “Title”: line breaks and control characters cannot be kept in one line"
            ],
        ),
        (
            notes("nul\0"),
            expect!["BAD_VALUE: “Notes”: the character NUL cannot be kept"],
        ),
        (
            notes(&"x".repeat(1_000_001)),
            expect!["TOO_LONG: Notes has 1000001 characters; at most 1000000 are kept"],
        ),
        (
            edit_notes("t", 0, 0, "\0"),
            expect!["BAD_VALUE: “Notes”: the character NUL cannot be kept"],
        ),
        (
            edit_notes("t", 0, 0, &"x".repeat(1_000_000)),
            expect!["TOO_LONG: Notes has 1000005 characters; at most 1000000 are kept"],
        ),
        (
            site("example.org"),
            expect!["BAD_VALUE: “Site”: a web address starts with https:// and has no spaces"],
        ),
        (
            site("javascript:alert(1)"),
            expect!["BAD_VALUE: “Site”: a web address starts with https:// and has no spaces"],
        ),
        (
            site("https://exa mple.org"),
            expect!["BAD_VALUE: “Site”: a web address starts with https:// and has no spaces"],
        ),
        (
            site("https://"),
            expect!["BAD_VALUE: “Site”: a web address starts with https:// and has no spaces"],
        ),
        (
            attach("t", 'a', ""),
            expect!["EMPTY: file name must not be empty"],
        ),
        (
            attach("t", 'g', "x.png"),
            expect!["BAD_VALUE: “Files”: a file is named by the BLAKE3 hash of its content"],
        ),
        (
            attach("s", 'a', "x.png"),
            expect!["FIELD_NOT_OF_TYPE: “Ink” has no field “Files”"],
        ),
        (
            create(&format!("task {long:?} #x"), last("")),
            expect!["TOO_LONG: Title has 100000 characters; at most 5000 are kept"],
        ),
    ] {
        check_refused(TREE, command, message);
    }
}

#[test]
fn a_file_name_is_one_line() {
    let file = File {
        name: "x\n.png".into(),
        media_type: "image/png".into(),
        size_bytes: 0,
        seal: None,
    };
    let command = Command::Attach {
        node: node("t"),
        field: "files".into(),
        blob: BlobId::from("a".repeat(64).as_str()),
        file,
    };
    check_refused(
        TREE,
        command,
        expect![
            "BAD_VALUE: “file name”: line breaks and control characters cannot be kept in one line"
        ],
    );
}

#[test]
fn a_seal_is_a_key_and_a_hash() {
    let (key, hash) = ("k".repeat(43), "f".repeat(64));
    for (key, hash) in [
        ("", hash.as_str()),
        (&key[1..], &hash),
        ("k=========================================k", &hash),
        (&key, ""),
        (&key, &key),
    ] {
        let file = File {
            name: "x.png".into(),
            media_type: "image/png".into(),
            size_bytes: 0,
            seal: Some(Seal {
                key: key.into(),
                hash: hash.into(),
            }),
        };
        let command = Command::Attach {
            node: node("t"),
            field: "files".into(),
            blob: BlobId::from("a".repeat(64).as_str()),
            file,
        };
        check_refused(
            TREE,
            command,
            expect![
                "BAD_VALUE: “Files”: a file is opened by a key of 32 bytes, and is what its hash says"
            ],
        );
    }
}
