//! Dates, numbers and characters at the edge of what can be kept.

use std::collections::BTreeMap;

use expect_test::expect;
use graph::value::{ExactHours, Value};

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
