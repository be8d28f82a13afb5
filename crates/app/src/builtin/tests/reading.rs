//! How a file reads, and how it says that it does not.

use graph::id::NodeId;
use graph::value::Value;

use super::super::{Builtin, read};

/// A template of one type with a sample.
fn small(sample: &str) -> String {
    format!(
        r##"
key: small
name: Small
description: For this test.
icon: square
colour: "#000000"
currency: EUR
sample-name: One
fields:
  - {{ id: title, label: Title, kind: text, role: title }}
  - {{ id: state, label: State, kind: select, options: [{{ id: open, label: Open, icon: circle, colour: "#000000", score: 2.50 }}] }}
  - {{ id: price, label: Price, kind: currency }}
  - {{ id: serial, label: Serial, kind: text }}
  - {{ id: start, label: Start, kind: date, role: start }}
  - {{ id: end, label: End, kind: date, role: end }}
  - {{ id: hours, label: Hours, kind: hours }}
types:
  - id: task
    label: Task
    plural: Tasks
    icon: circle
    colour: "#000000"
    top-level: true
    children: [task]
    fields: {{ "": [title, state], More: [price, serial, start, end, hours] }}
sample:
{sample}
"##
    )
}

fn refusal(sample: &str) -> String {
    read("small", &small(sample))
        .expect_err("it must not read")
        .to_string()
}

fn value<'a>(builtin: &'a Builtin, node: usize, field: &str) -> &'a Value {
    let values = &builtin.sample.nodes[node].values;
    &values
        .iter()
        .find(|(id, _)| id.as_str() == field)
        .expect("the value")
        .1
}

#[test]
fn values_are_read_by_their_kind_and_exactly() {
    let sample = r#"
  - { task: A, as: a, state: open, price: 0.10, serial: 12E45, when: 2026-03-06/2026-03-10, hours: a 6 0 4.5 }
  - { task: "0", serial: 007, price: 1200, after: "a:SS-2" }"#;
    let builtin = read("small", &small(sample)).expect("it reads");
    assert_eq!(
        value(&builtin, 0, "price"),
        &Value::Number("0.10".parse().unwrap())
    );
    assert_eq!(value(&builtin, 0, "serial"), &Value::Text("12E45".into()));
    assert_eq!(
        value(&builtin, 0, "end"),
        &Value::Date("2026-03-10".parse().unwrap())
    );
    assert_eq!(value(&builtin, 1, "serial"), &Value::Text("007".into()));
    assert_eq!(value(&builtin, 1, "title"), &Value::Text("0".into()));
    let Value::Hours(hours) = value(&builtin, 0, "hours") else {
        panic!("hours")
    };
    let days: Vec<_> = hours
        .values()
        .flatten()
        .map(|(day, hours)| format!("{day} {}", hours.0))
        .collect();
    assert_eq!(
        days,
        ["2026-03-06 6", "2026-03-10 4.5"],
        "a Friday, and over the weekend to a Tuesday"
    );
    assert_eq!(builtin.sample.links[0].lag.0, -2);
    assert_eq!(
        builtin.template.fields[1].options[0].score,
        Some("2.50".parse().unwrap())
    );
}

#[test]
fn ids_come_from_names_and_stay_when_nodes_move() {
    let first = read(
        "small",
        &small("  - { task: A, as: a }\n  - { task: B, as: b }"),
    )
    .expect("it reads");
    let second = read(
        "small",
        &small("  - { task: B, as: b }\n  - { task: A, as: a }"),
    )
    .expect("it reads");
    let ids = |builtin: &Builtin| {
        builtin
            .sample
            .nodes
            .iter()
            .map(|node| node.original)
            .collect::<Vec<NodeId>>()
    };
    let (first, second) = (ids(&first), ids(&second));
    assert_eq!(first, [second[1], second[0]]);
    assert_ne!(first[0], first[1]);
}

#[test]
fn faults_name_node_and_reason() {
    assert_eq!(refusal("  - { chore: A }"), r#"chore "A": no such type"#);
    assert_eq!(
        refusal("  - { task: A, colour: red }"),
        r#"task "A": its type has no field "colour""#
    );
    assert_eq!(
        refusal("  - { task: A, state: ajar }"),
        r#"task "A": state: it has no option "ajar""#
    );
    assert_eq!(
        refusal("  - { task: A, price: dear }"),
        r#"task "A": price: "dear" is not a number"#
    );
    assert_eq!(
        refusal("  - { task: A, when: 2026-02-30 }"),
        r#"task "A": "2026-02-30" is not a date"#
    );
    assert_eq!(
        refusal("  - { task: A, after: b }"),
        r#"task "A": no node is named "b""#
    );
    assert_eq!(
        refusal("  - { task: A, as: a, after: \"a:XY\" }"),
        r#"task "A": "XY" is none of FS, SS, FF and SF"#
    );
    assert_eq!(
        refusal("  - { task: A, as: a }\n  - { task: B, as: a }"),
        r#"task "B": the name "a" is taken"#
    );
    assert_eq!(
        refusal("  - { task: A, as: a, hours: a 3 }"),
        r#"task "A": hours: hours need a start"#
    );
}

#[test]
fn misspelt_definitions_are_refused_with_their_line() {
    let yaml = small("  - { task: A }").replace("plural:", "plurals:");
    let message = read("small", &yaml)
        .expect_err("it must not read")
        .to_string();
    assert!(
        message.contains("plurals") && message.contains("line"),
        "{message}"
    );
    assert_eq!(
        read("other", &small("  - { task: A }"))
            .expect_err("another key")
            .to_string(),
        r#"the file says that its key is "small""#
    );
}
