//! What is refused of a template.

use expect_test::expect;
use graph::template::{Field, FieldKind, Trait};
use graph::value::Value;

use crate::peer::check_refused;
use crate::say::*;
use crate::template::*;

const TREE: &str = r#"
phase "P" #p
  task "A" #a status=done
    step "S" #s
"#;

#[test]
fn refused_definitions() {
    let number = |id: &str| field(id, "Label", FieldKind::Number);
    let long = "x".repeat(100_000);
    for (command, message) in [
        (
            put_field(number("")),
            expect![
                "BAD_ID: the id  is not acceptable: at most 64 letters, digits, `-`, `_` or `.`"
            ],
        ),
        (
            put_field(number("a/b")),
            expect![
                "BAD_ID: the id a/b is not acceptable: at most 64 letters, digits, `-`, `_` or `.`"
            ],
        ),
        (
            put_field(number("@pos")),
            expect![
                "BAD_ID: the id @pos is not acceptable: at most 64 letters, digits, `-`, `_` or `.`"
            ],
        ),
        (
            put_field(number(&"x".repeat(65))),
            expect![
                "BAD_ID: the id xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx is not acceptable: at most 64 letters, digits, `-`, `_` or `.`"
            ],
        ),
        (
            put_field(field("x", " ", FieldKind::Text)),
            expect!["EMPTY: the field's label must not be empty"],
        ),
        (
            put_field(field("x", &long, FieldKind::Text)),
            expect!["TOO_LONG: the field's label has 100000 characters; at most 5000 are kept"],
        ),
        (
            put_field(Field {
                default: Some(Value::Text("much".into())),
                ..number("x")
            }),
            expect!["WRONG_KIND: “Label” takes a number, not one line of text"],
        ),
        (
            put_field(Field {
                default: Some(Value::Option("gone".into())),
                ..known_field("status")
            }),
            expect!["OPTION_NOT_FOUND: there is no option gone in the field “Status”"],
        ),
        (
            remove_field("gone"),
            expect!["FIELD_NOT_FOUND: there is no field gone in this project's template"],
        ),
        (
            remove_field("title"),
            expect!["NEEDED: “Title” is needed by the template and cannot be removed"],
        ),
        (
            reorder_field("gone", 0),
            expect!["FIELD_NOT_FOUND: there is no field gone in this project's template"],
        ),
        (
            put_option("gone", option("x", "X"), None),
            expect!["FIELD_NOT_FOUND: there is no field gone in this project's template"],
        ),
        (
            put_option("size", option("x", "X"), None),
            expect!["BAD_VALUE: “Size”: only select fields have options"],
        ),
        (
            put_option("status", option("x/y", "X"), None),
            expect![
                "BAD_ID: the id x/y is not acceptable: at most 64 letters, digits, `-`, `_` or `.`"
            ],
        ),
        (
            put_option("status", option("x", ""), None),
            expect!["EMPTY: the option's label must not be empty"],
        ),
        (
            remove_option("status", "gone"),
            expect!["OPTION_NOT_FOUND: there is no option gone in the field “Status”"],
        ),
        (
            remove_option("gone", "x"),
            expect!["FIELD_NOT_FOUND: there is no field gone in this project's template"],
        ),
    ] {
        check_refused(TREE, command, message);
    }
}

/// Whatever takes the title away from a type would leave its nodes without a name.
#[test]
fn the_title_cannot_lose_its_role() {
    let no_role = Field {
        role: None,
        ..known_field("title")
    };
    check_refused(
        TREE,
        put_field(no_role),
        expect!["NEEDED: “Title” is needed by the template and cannot be removed"],
    );
    let number = Field {
        kind: FieldKind::Number,
        ..known_field("title")
    };
    check_refused(
        TREE,
        put_field(number),
        expect!["NEEDED: “Title” is needed by the template and cannot be removed"],
    );
}

#[test]
fn refused_types() {
    let with_fields = |fields: &str| node_type("bug", "Bug", "Bugs", "", fields);
    for (command, message) in [
        (
            put_type(with_fields("")),
            expect![
                "NEEDED: “a field with the role “title”” is needed by the template and cannot be removed"
            ],
        ),
        (
            put_type(with_fields("status")),
            expect![
                "NEEDED: “a field with the role “title”” is needed by the template and cannot be removed"
            ],
        ),
        (
            put_type(with_fields("title gone")),
            expect!["FIELD_NOT_FOUND: there is no field gone in this project's template"],
        ),
        (
            put_type(with_fields("title size size")),
            expect!["BAD_VALUE: “Size”: stands twice in this type"],
        ),
        (
            put_type(node_type("bug", "Bug", "Bugs", "gone", "title")),
            expect!["TYPE_NOT_FOUND: there is no node type gone in this project's template"],
        ),
        (
            put_type(node_type("a b", "Bug", "Bugs", "", "title")),
            expect![
                "BAD_ID: the id a b is not acceptable: at most 64 letters, digits, `-`, `_` or `.`"
            ],
        ),
        (
            put_type(node_type("bug", "", "Bugs", "", "title")),
            expect!["EMPTY: the type's label must not be empty"],
        ),
        (
            put_type(node_type("bug", "Bug", "\t", "", "title")),
            expect!["EMPTY: the type's plural must not be empty"],
        ),
        (
            remove_type("gone"),
            expect!["TYPE_NOT_FOUND: there is no node type gone in this project's template"],
        ),
        (
            reorder_type("gone", 0),
            expect!["TYPE_NOT_FOUND: there is no node type gone in this project's template"],
        ),
        (
            set_trait("gone", Trait::Person, true),
            expect!["TYPE_NOT_FOUND: there is no node type gone in this project's template"],
        ),
        (
            convert("a", "gone"),
            expect!["TYPE_NOT_FOUND: there is no node type gone in this project's template"],
        ),
    ] {
        check_refused(TREE, command, message);
    }
}
