//! Projects as text.
//!
//! `task "Sketch" #t1 status=todo assignees=#ana` is a node, indentation is hierarchy, and
//! `#t1 blocks #t2 +2d` is a link. Ids are names: a name's bytes are the bytes of the id.

use std::collections::{BTreeMap, BTreeSet};

use graph::command::{Command, Place, Position};
use graph::id::{FieldId, LinkId, NodeId, OptionId};
use graph::link::{Lag, LinkKind};
use graph::template::FieldKind;
use graph::value::{ExactHours, Value, parse_decimal};
use uuid::Uuid;

use crate::template::known_field;

pub fn uuid(name: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    Uuid::from_bytes(bytes)
}

/// The name that an id was made from.
pub fn name_of(id: Uuid) -> Option<String> {
    let text = std::str::from_utf8(id.as_bytes()).ok()?;
    let name = text.trim_end_matches('\0');
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic())).then(|| name.to_owned())
}

pub fn node(name: &str) -> NodeId {
    NodeId(uuid(name))
}

/// Nodes by name, separated by spaces.
pub fn nodes(names: &str) -> Vec<NodeId> {
    names.split_whitespace().map(node).collect()
}

pub fn link(name: &str) -> LinkId {
    LinkId(uuid(name))
}

/// A project's text as commands that make it.
pub fn parse(text: &str) -> Vec<Command> {
    let (mut made, mut rest) = (vec![], vec![]);
    let mut above: Vec<NodeId> = vec![];
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let words = words(line.trim());
        if words[0].starts_with('#') {
            rest.push(parse_link(&words));
            continue;
        }
        let depth = (line.len() - line.trim_start().len()) / 2;
        above.truncate(depth);
        let parent = above.last().copied();
        let at = Position::Last;
        let (create, set) = parse_node(&words, Place { parent, at });
        if let Command::CreateNode { node, .. } = create {
            above.push(node);
        }
        made.push(create);
        rest.extend(set);
    }
    made.extend(rest);
    made
}

/// `task "Sketch" #t1 status=todo` as a node to be made at a place.
pub fn parse_node(words: &[String], place: Place) -> (Command, Vec<Command>) {
    let id = node(words[2].trim_start_matches('#'));
    let create = Command::CreateNode {
        node: id,
        node_type: words[0].as_str().into(),
        place,
        values: vec![("title".into(), Value::Text(unquoted(&words[1])))],
    };
    let set = words[3..].iter().map(|assignment| {
        let (field, value) = assign(assignment);
        Command::SetField {
            nodes: vec![id],
            field,
            value: Some(value),
        }
    });
    (create, set.collect())
}

fn parse_link(words: &[String]) -> Command {
    let end = |word: &String| word.trim_start_matches('#').to_owned();
    let (from, to) = (end(&words[0]), end(&words[2]));
    let days = words.get(3).map_or("0", |lag| lag.trim_end_matches('d'));
    Command::Link {
        link: link(&format!("{from}>{to}")),
        relation: relation(&words[1]),
        from: node(&from),
        to: node(&to),
        lag: Lag(days.parse().expect("a lag reads +2d")),
    }
}

pub const RELATIONS: [(LinkKind, &str); 5] = [
    (LinkKind::FinishToStart, "blocks"),
    (LinkKind::StartToStart, "blocks:ss"),
    (LinkKind::FinishToFinish, "blocks:ff"),
    (LinkKind::StartToFinish, "blocks:sf"),
    (LinkKind::RelatesTo, "relates"),
];

fn relation(word: &str) -> LinkKind {
    let found = RELATIONS.iter().find(|(_, known)| *known == word);
    found.expect("links block or relate").0
}

/// `status=done` as a field and a value of its kind.
pub fn assign(assignment: &str) -> (FieldId, Value) {
    let (field, text) = assignment.split_once('=').expect("values read field=value");
    let kind = known_field(field).kind;
    (field.into(), value(kind, text))
}

fn value(kind: FieldKind, text: &str) -> Value {
    let parts = text.split(',');
    match kind {
        FieldKind::Text => Value::Text(unquoted(text)),
        FieldKind::Prose => Value::Prose(unquoted(text)),
        FieldKind::Url => Value::Url(unquoted(text)),
        FieldKind::Number | FieldKind::Currency => {
            Value::Number(parse_decimal(text).expect("a number"))
        }
        FieldKind::Checkbox => Value::Flag(text == "yes"),
        FieldKind::Date => Value::Date(text.parse().expect("a date")),
        FieldKind::Select => Value::Option(text.into()),
        FieldKind::MultiSelect => Value::Options(parts.map(OptionId::from).collect()),
        FieldKind::People | FieldKind::Nodes => Value::Nodes(
            parts
                .map(|name| node(name.trim_start_matches('#')))
                .collect::<BTreeSet<_>>(),
        ),
        FieldKind::Hours => hours(text),
        FieldKind::Files => panic!("files are attached by a command"),
    }
}

/// `#ana@2026-03-02:4,#ana@2026-03-03:2.5`
fn hours(text: &str) -> Value {
    let mut hours: BTreeMap<NodeId, BTreeMap<_, _>> = BTreeMap::new();
    for part in text.split(',') {
        let (person, rest) = part.split_once('@').expect("hours read #who@day:hours");
        let (day, amount) = rest.split_once(':').expect("hours read #who@day:hours");
        hours
            .entry(node(person.trim_start_matches('#')))
            .or_default()
            .insert(
                day.parse().expect("a date"),
                ExactHours(parse_decimal(amount).expect("a number")),
            );
    }
    Value::Hours(hours)
}

fn unquoted(text: &str) -> String {
    serde_json::from_str(text).unwrap_or_else(|_| text.to_owned())
}

/// Splits at spaces outside of quotes.
pub fn words(line: &str) -> Vec<String> {
    let (mut words, mut word) = (vec![], String::new());
    let (mut quoted, mut escaped) = (false, false);
    for character in line.chars() {
        if character == ' ' && !quoted {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        quoted ^= character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        word.push(character);
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}
