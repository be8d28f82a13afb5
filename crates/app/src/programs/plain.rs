//! Values as programs write them: plain JSON, read by the kind of their field.
//!
//! Numbers are exact, so they are given as text and taken as text or number. Options are given by id and taken by id or
//! label. Hours are `{day: {person: hours}}`, as in the files of the earlier application.

use std::collections::{BTreeMap, BTreeSet};

use graph::id::{NodeId, OptionId};
use graph::template::{Field, FieldKind};
use graph::value::{ExactHours, Hours, Value, parse_decimal};
use graph::view::NodeView;
use serde_json::{Map, Value as Json, json};

use crate::failure::Failure;

/// All values of a node by field.
pub(super) fn properties(node: NodeView<'_>) -> Map<String, Json> {
    let values = node.values().into_iter();
    values
        .map(|(field, value)| (field.to_string(), shown(&value)))
        .collect()
}

/// A value for programs.
pub(super) fn shown(value: &Value) -> Json {
    match value {
        Value::Text(text) | Value::Prose(text) | Value::Url(text) => json!(text),
        Value::Number(number) => json!(number.to_string()),
        Value::Flag(flag) => json!(flag),
        Value::Date(date) => json!(date.to_string()),
        Value::Option(option) => json!(option),
        Value::Options(options) => json!(options),
        Value::Nodes(nodes) => json!(nodes),
        Value::Files(files) => json!(files),
        Value::Hours(hours) => {
            let mut days: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
            for (person, by_day) in hours {
                for (day, ExactHours(hours)) in by_day {
                    let day = days.entry(day.to_string()).or_default();
                    day.insert(person.to_string(), hours.to_string());
                }
            }
            json!(days)
        }
    }
}

/// A value from a program; null and an empty text clear.
pub(super) fn read(field: &Field, json: &Json) -> Result<Option<Value>, Failure> {
    if json.is_null() || json.as_str() == Some("") {
        return Ok(None);
    }
    let value = match field.kind {
        FieldKind::Text => text(json).map(Value::Text),
        FieldKind::Prose => text(json).map(Value::Prose),
        FieldKind::Url => text(json).map(Value::Url),
        FieldKind::Number | FieldKind::Currency => number(json).map(Value::Number),
        FieldKind::Checkbox => match json {
            Json::Bool(flag) => Some(Value::Flag(*flag)),
            Json::String(text) => text.parse().ok().map(Value::Flag),
            _ => None,
        },
        FieldKind::Date => json
            .as_str()
            .and_then(|it| it.parse().ok())
            .map(Value::Date),
        FieldKind::Select => option(field, json).map(Value::Option),
        FieldKind::MultiSelect => {
            let chosen = many(json).into_iter().map(|it| option(field, &it));
            chosen.collect::<Option<BTreeSet<_>>>().map(Value::Options)
        }
        FieldKind::People | FieldKind::Nodes => {
            let nodes = many(json).into_iter().map(|it| node(&it));
            nodes.collect::<Option<BTreeSet<_>>>().map(Value::Nodes)
        }
        FieldKind::Hours => hours(json).map(Value::Hours),
        FieldKind::Files => None,
    };
    value.map(Some).ok_or_else(|| {
        let kind = serde_json::to_value(field.kind).unwrap_or_default();
        let kind = kind.as_str().unwrap_or_default().to_owned();
        Failure::new(
            "BAD_VALUE",
            format!(
                "“{}” takes no such value; it is of the kind {kind}.",
                field.label
            ),
        )
    })
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn number(json: &Json) -> Option<rust_decimal::Decimal> {
    parse_decimal(&text(json)?)
}

fn many(json: &Json) -> Vec<Json> {
    match json {
        Json::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

fn node(json: &Json) -> Option<NodeId> {
    json.as_str()?.parse().ok()
}

fn option(field: &Field, json: &Json) -> Option<OptionId> {
    let said = json.as_str()?;
    let by_id = field.options.iter().find(|it| it.id.as_str() == said);
    let option = by_id.or_else(|| field.options.iter().find(|it| it.label == said))?;
    Some(option.id.clone())
}

fn hours(json: &Json) -> Option<Hours> {
    let mut hours = Hours::new();
    for (day, people) in json.as_object()? {
        for (person, count) in people.as_object()? {
            let of_person = hours.entry(person.parse().ok()?).or_default();
            of_person.insert(day.parse().ok()?, ExactHours(number(count)?));
        }
    }
    Some(hours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: &str) -> Field {
        serde_json::from_value(json!({
            "id": "f", "key": "f", "label": "F", "kind": kind,
            "options": [{"id": "o1", "label": "Done"}],
        }))
        .expect("a field")
    }

    #[test]
    fn what_is_shown_is_read_again() {
        let id = "01890000-0000-7000-8000-000000000001";
        for (kind, json) in [
            ("text", json!("a")),
            ("number", json!("1.50")),
            ("checkbox", json!(true)),
            ("date", json!("2026-02-03")),
            ("select", json!("o1")),
            ("multiSelect", json!(["o1"])),
            ("nodes", json!([id])),
            ("hours", json!({"2026-02-03": {id: "7.5"}})),
        ] {
            let value = read(&field(kind), &json).expect(kind).expect("a value");
            assert_eq!(shown(&value), json, "{kind}");
        }
    }

    #[test]
    fn looser_forms_are_read_and_wrong_ones_refused() {
        let read =
            |kind: &str, json: Json| read(&field(kind), &json).map(|it| it.map(|it| shown(&it)));
        assert_eq!(read("select", json!("Done")), Ok(Some(json!("o1"))));
        assert_eq!(read("number", json!(2.5)), Ok(Some(json!("2.5"))));
        assert_eq!(read("checkbox", json!("true")), Ok(Some(json!(true))));
        assert_eq!(read("number", json!("")), Ok(None));
        for (kind, json) in [
            ("number", json!("many")),
            ("date", json!("3 Feb")),
            ("select", json!("Undone")),
            ("nodes", json!("x")),
            ("text", json!({})),
            ("files", json!("x")),
        ] {
            assert_eq!(read(kind, json).expect_err(kind).code, "BAD_VALUE");
        }
    }
}
