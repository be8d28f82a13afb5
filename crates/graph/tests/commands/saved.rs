//! Filters, views, the project's own properties, people.

use expect_test::expect;
use graph::command::Command;
use graph::id::PersonId;
use graph::person::Person;
use graph::saved::{SavedFilter, SavedView};

use crate::dsl::uuid;
use crate::peer::{ann, check, check_refused};

fn filter(id: &str, name: &str) -> Command {
    let query = "{\"status\":\"done\"}".into();
    let owner = Some(PersonId(uuid("owner")));
    Command::PutFilter {
        filter: SavedFilter {
            id: id.into(),
            name: name.into(),
            query,
            owner,
        },
    }
}

fn view(id: &str, name: &str) -> Command {
    Command::PutView {
        view: SavedView {
            id: id.into(),
            name: name.into(),
            layout: "{}".into(),
            owner: None,
        },
    }
}

fn project(name: Option<&str>, currency: Option<&str>) -> Command {
    Command::SetProject {
        name: name.map(Into::into),
        currency: currency.map(Into::into),
    }
}

fn person(name: &str, colour: &str) -> Command {
    Command::PutPerson {
        id: PersonId(uuid("bob")),
        person: Person {
            name: name.into(),
            colour: colour.into(),
        },
    }
}

#[test]
fn filters() {
    let mut ann = ann("");
    ann.check(
        filter("f", "Mine"),
        expect![[r#"
        + filter f "Mine" {"status":"done"}
    "#]],
    );
    ann.check(
        filter("f", "Ours"),
        expect![[r#"
        + filter f "Ours" {"status":"done"}
    "#]],
    );
    let remove = Command::RemoveFilter { filter: "f".into() };
    ann.check(remove, expect![""]);
    ann.check(
        filter("f", "Again"),
        expect![[r#"
        + filter f "Again" {"status":"done"}
    "#]],
    );
}

#[test]
fn views() {
    let mut ann = ann("");
    ann.check(
        view("v", "Board"),
        expect![[r#"
        + view v "Board" {}
    "#]],
    );
    let remove = Command::RemoveView { view: "v".into() };
    ann.check(remove, expect![""]);
}

#[test]
fn set_project() {
    check(
        "",
        project(Some("Neu 🎉"), None),
        expect![[r#"
        - project "Test" EUR
        + project "Neu 🎉" EUR
    "#]],
    );
    check(
        "",
        project(None, Some("JPY")),
        expect![[r#"
        - project "Test" EUR
        + project "Test" JPY
    "#]],
    );
    check(
        "",
        project(Some("Both"), Some("USD")),
        expect![[r#"
        - project "Test" EUR
        + project "Both" USD
    "#]],
    );
}

/// Everybody who ever took part is known by name, so what undo takes back of a new person is nothing.
#[test]
fn put_person() {
    let mut ann = ann("");
    ann.does(person("Bob", "#112233"));
    ann.check(
        person("Robert", "#445566"),
        expect![[r#"
        + profile "Robert" #445566
    "#]],
    );
    ann.undo();
    ann.undo();
    expect![[r#"
        + profile "Bob" #112233
    "#]]
    .assert_eq(&ann.show());
}

#[test]
fn refused_properties() {
    for (command, message) in [
        (
            filter("f", ""),
            expect!["EMPTY: the name must not be empty"],
        ),
        (
            filter("a b", "X"),
            expect![
                "BAD_ID: the id a b is not acceptable: at most 64 letters, digits, `-`, `_` or `.`"
            ],
        ),
        (
            filter("f", &"x".repeat(100_000)),
            expect!["TOO_LONG: the name has 100000 characters; at most 5000 are kept"],
        ),
        (
            Command::RemoveFilter { filter: "g".into() },
            expect!["SAVED_NOT_FOUND: there is no saved filter or view g"],
        ),
        (
            view("v", "\u{7}"),
            expect![
                "BAD_VALUE: “the name”: line breaks and control characters cannot be kept in one line"
            ],
        ),
        (
            Command::RemoveView { view: "g".into() },
            expect!["SAVED_NOT_FOUND: there is no saved filter or view g"],
        ),
        (
            project(None, None),
            expect!["NOTHING_CHOSEN: nothing was chosen"],
        ),
        (
            project(Some("  "), None),
            expect!["EMPTY: the project's name must not be empty"],
        ),
        (
            project(None, Some("eur")),
            expect!["BAD_VALUE: “Currency”: is a three-letter code (ISO 4217), for example EUR"],
        ),
        (
            project(None, Some("€€€")),
            expect!["BAD_VALUE: “Currency”: is a three-letter code (ISO 4217), for example EUR"],
        ),
        (
            person("", "#112233"),
            expect!["EMPTY: the name must not be empty"],
        ),
    ] {
        check_refused("", command, message);
    }
}
