//! What a person is refused, and in which words.

use std::collections::BTreeMap;

use expect_test::expect;
use graph::command::Command;
use graph::id::BlobId;
use graph::value::{ExactHours, File, Value};

use crate::dsl::node;
use crate::peer::{ann, check, check_refused};
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
fn dates_and_hours_out_of_range() {
    let hours = |day: &str, amount: &str| {
        let day = day.parse().expect("a date");
        let amount = graph::value::parse_decimal(amount).expect("a number");
        let days = BTreeMap::from([(day, ExactHours(amount))]);
        set_value("t", "hours", Value::Hours([(node("ana"), days)].into()))
    };
    let start = |day: &str| set_value("t", "start", Value::Date(day.parse().expect("a date")));
    for (command, message) in [
        (
            hours("2026-03-02", "24.01"),
            expect!["BAD_VALUE: “Hours”: 24.01 h on 2026-03-02 is not between 0 and 24"],
        ),
        (
            hours("2026-03-02", "-1"),
            expect!["BAD_VALUE: “Hours”: -1 h on 2026-03-02 is not between 0 and 24"],
        ),
        (
            hours("0000-12-31", "1"),
            expect!["BAD_VALUE: “Hours”: the year must be between 1 and 9999"],
        ),
        (
            start("0000-12-31"),
            expect!["BAD_VALUE: “Start”: the year must be between 1 and 9999"],
        ),
        (
            start("-000001-01-01"),
            expect!["BAD_VALUE: “Start”: the year must be between 1 and 9999"],
        ),
    ] {
        check_refused(TREE, command, message);
    }
    check(
        TREE,
        start("0001-01-01"),
        expect![[r#"
        person "Ana" #ana
        tool "Saw" #saw
        phase "Design" #p
          task "Sketch" #t labels=red notes="Words" start=0001-01-01
            step "Ink" #s
    "#]],
    );
    check(
        TREE,
        start("9999-12-31"),
        expect![[r#"
        person "Ana" #ana
        tool "Saw" #saw
        phase "Design" #p
          task "Sketch" #t labels=red notes="Words" start=9999-12-31
            step "Ink" #s
    "#]],
    );
    check(
        TREE,
        hours("2026-03-02", "24"),
        expect![[r#"
        person "Ana" #ana
        tool "Saw" #saw
        phase "Design" #p
          task "Sketch" #t hours=#ana@2026-03-02:24 labels=red notes="Words"
            step "Ink" #s
    "#]],
    );
}

#[test]
fn a_file_name_is_not_a_path_out_of_somewhere() {
    let file = File {
        name: "x\n.png".into(),
        media_type: "image/png".into(),
        size_bytes: 0,
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
fn unicode_is_kept_as_it_is() {
    for title in [
        "שלום עולם",
        "\u{202e}mirrored\u{202c}",
        "e\u{301}\u{301}\u{301}",
        "👩🏽‍🚒 🇩🇪 ❤️",
        "\u{feff}bom",
        " spaces ",
        "\u{a0}\u{200b}",
        "\u{fffd}\u{10ffff}",
    ] {
        let mut ann = ann(TREE);
        ann.does(set_value("t", "title", Value::Text(title.into())));
        ann.does(set_value(
            "t",
            "notes",
            Value::Prose(format!("{title}\r\n{title}")),
        ));
        ann.reopen();
        let shown = ann.project.view().node(node("t")).expect("it is live");
        assert_eq!(shown.title(), title);
        let notes = Value::Prose(format!("{title}\r\n{title}"));
        assert_eq!(shown.value(&"notes".into()), Some(notes));
    }
}

#[test]
fn decimals_are_refused_rather_than_rounded() {
    let read = |text: &str| {
        let value = serde_json::json!({ "number": text });
        serde_json::from_value::<Value>(value).map_err(|error| error.to_string())
    };
    for exact in [
        "0.1",
        "-12.50",
        "79228162514264337593543950335",
        "0.0000000000000000000000000001",
    ] {
        let value = Value::Number(exact.parse().expect("a decimal"));
        assert_eq!(read(exact), Ok(value));
    }
    for (text, message) in [
        (
            "0.12345678901234567890123456789",
            expect!["0.12345678901234567890123456789 is not a number of at most 28 digits"],
        ),
        (
            "123456789012345678901234567890",
            expect!["123456789012345678901234567890 is not a number of at most 28 digits"],
        ),
        (
            "79228162514264337593543950336",
            expect!["79228162514264337593543950336 is not a number of at most 28 digits"],
        ),
        ("NaN", expect!["NaN is not a number of at most 28 digits"]),
        ("", expect![" is not a number of at most 28 digits"]),
        ("1e3", expect!["1e3 is not a number of at most 28 digits"]),
        ("1,5", expect!["1,5 is not a number of at most 28 digits"]),
    ] {
        let refused = read(text).expect_err("it is no number that can be kept");
        message.assert_eq(&refused);
    }
}
