//! How values of fields stand in a node's flat map.
//!
//! A scalar is one register under the field's id. A set is one register per member, under
//! `<field>/<member>`, so that concurrent additions merge; hours stand under `<field>/<person>/<day>`.
//! What is read is checked against the field's kind; what does not fit is never dropped, but reported
//! as unmapped with its text.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::{ObjId, ScalarValue};
use jiff::civil::Date;
use smol_str::{SmolStr, ToSmolStr};

use crate::id::{BlobId, FieldId, NodeId, OptionId};
use crate::template::{Field, FieldKind};
use crate::value::{ExactHours, File, Value, parse_decimal};

/// A register as it was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Raw {
    /// Text, and numbers of other programs as text.
    Text(SmolStr),
    /// A boolean.
    Flag(bool),
    /// A text object.
    Prose { object: ObjId, text: Arc<str> },
    /// Something no field can hold.
    Odd(SmolStr),
}

impl Raw {
    /// As a person would see it.
    pub fn text(&self) -> String {
        match self {
            Raw::Text(text) | Raw::Odd(text) => text.to_string(),
            Raw::Flag(flag) => flag.to_string(),
            Raw::Prose { text, .. } => text.to_string(),
        }
    }

    pub fn from_scalar(value: &ScalarValue) -> Option<Raw> {
        Some(match value {
            ScalarValue::Str(text) => Raw::Text(text.clone()),
            ScalarValue::Boolean(flag) => Raw::Flag(*flag),
            ScalarValue::Int(number) => Raw::Text(number.to_smolstr()),
            ScalarValue::Uint(number) => Raw::Text(number.to_smolstr()),
            ScalarValue::F64(number) => Raw::Text(number.to_smolstr()),
            ScalarValue::Null => return None,
            other => Raw::Odd(other.to_smolstr()),
        })
    }
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Encoded {
    /// One register.
    Scalar(ScalarValue),
    /// A register per member; the keys are what follows `<field>/`.
    Members(BTreeMap<String, ScalarValue>),
    /// The content of a text object.
    Prose(String),
}

pub(crate) fn encode(value: &Value) -> Encoded {
    let text = |text: SmolStr| Encoded::Scalar(ScalarValue::Str(text));
    match value {
        Value::Text(line) | Value::Url(line) => text(line.into()),
        Value::Prose(prose) => Encoded::Prose(prose.clone()),
        Value::Number(number) => text(number.to_smolstr()),
        Value::Flag(flag) => Encoded::Scalar(ScalarValue::Boolean(*flag)),
        Value::Date(date) => text(date.to_smolstr()),
        Value::Option(option) => text(option.0.clone()),
        Value::Options(options) => members(options.iter().map(|option| option.to_string())),
        Value::Nodes(nodes) => members(nodes.iter().map(|node| node.to_string())),
        Value::Hours(hours) => Encoded::Members(
            hours
                .iter()
                .flat_map(|(person, days)| {
                    days.iter().map(move |(day, hours)| (person, day, hours))
                })
                .map(|(person, day, hours)| {
                    (
                        format!("{person}/{day}"),
                        ScalarValue::Str(hours.0.to_smolstr()),
                    )
                })
                .collect(),
        ),
        Value::Files(files) => Encoded::Members(
            files
                .iter()
                .map(|(blob, file)| (blob.to_string(), ScalarValue::Str(print_file(file))))
                .collect(),
        ),
    }
}

fn members(names: impl Iterator<Item = String>) -> Encoded {
    Encoded::Members(
        names
            .map(|name| (name, ScalarValue::Boolean(true)))
            .collect(),
    )
}

fn print_file(file: &File) -> SmolStr {
    serde_json::to_string(file).unwrap_or_default().into()
}

/// Registers of one field: what follows the field's id in the key (empty for the scalar), and the content.
pub(crate) type FieldRegisters<'a> = Vec<(&'a str, &'a Raw)>;

/// The typed value of a field.
///
/// # Errors
/// A sentence for people when the registers do not fit the field.
pub(crate) fn decode(
    field: &Field,
    registers: &FieldRegisters<'_>,
) -> Result<Option<Value>, String> {
    if registers.is_empty() {
        return Ok(None);
    }
    if is_set(field.kind) {
        return decode_set(field, registers);
    }
    let Some((_, raw)) = registers.iter().find(|(suffix, _)| suffix.is_empty()) else {
        return Err("several values where one is expected".into());
    };
    decode_scalar(field, raw)
}

/// Whether the field's members are registers of their own.
pub(crate) fn is_set(kind: FieldKind) -> bool {
    use FieldKind::*;
    matches!(kind, MultiSelect | People | Nodes | Hours | Files)
}

fn decode_scalar(field: &Field, raw: &Raw) -> Result<Option<Value>, String> {
    let text = match raw {
        Raw::Text(text) => text.as_str(),
        Raw::Flag(flag) if field.kind == FieldKind::Checkbox => {
            return Ok(Some(Value::Flag(*flag)));
        }
        Raw::Prose { text, .. } if field.kind == FieldKind::Prose => {
            return Ok((!text.is_empty()).then(|| Value::Prose(text.to_string())));
        }
        Raw::Prose { text, .. } if text.is_empty() => return Ok(None),
        _ => return Err(format!("is not {}", expected(field.kind))),
    };
    let value = match field.kind {
        FieldKind::Text => Some(Value::Text(text.into())),
        FieldKind::Url => Some(Value::Url(text.into())),
        FieldKind::Prose => Some(Value::Prose(text.into())),
        FieldKind::Number | FieldKind::Currency => parse_decimal(text).map(Value::Number),
        FieldKind::Date => text.parse::<Date>().ok().map(Value::Date),
        FieldKind::Select => {
            let option = OptionId::from(text);
            if !field.options.iter().any(|known| known.id == option) {
                return Err("the option is not in the template any more".into());
            }
            Some(Value::Option(option))
        }
        _ => None,
    };
    value
        .map(Some)
        .ok_or_else(|| format!("is not {}", expected(field.kind)))
}

fn decode_set(field: &Field, registers: &FieldRegisters<'_>) -> Result<Option<Value>, String> {
    let not_a_set = || format!("is not {}", expected(field.kind));
    if registers.iter().any(|(suffix, _)| suffix.is_empty()) {
        return Err(not_a_set());
    }
    let suffixes = registers.iter().map(|(suffix, _)| *suffix);
    let value = match field.kind {
        FieldKind::MultiSelect => {
            let options: BTreeSet<OptionId> = suffixes.map(OptionId::from).collect();
            if options
                .iter()
                .any(|option| !field.options.iter().any(|known| known.id == *option))
            {
                return Err("an option is not in the template any more".into());
            }
            Value::Options(options)
        }
        FieldKind::People | FieldKind::Nodes => Value::Nodes(
            suffixes
                .map(str::parse)
                .collect::<Result<_, _>>()
                .map_err(|_| not_a_set())?,
        ),
        FieldKind::Hours => decode_hours(registers).ok_or_else(not_a_set)?,
        _ => {
            let files = registers
                .iter()
                .map(|(blob, raw)| Some((BlobId::from(*blob), parse_file(raw)?)));
            Value::Files(files.collect::<Option<_>>().ok_or_else(not_a_set)?)
        }
    };
    Ok(Some(value))
}

fn decode_hours(registers: &FieldRegisters<'_>) -> Option<Value> {
    let mut hours: BTreeMap<NodeId, BTreeMap<Date, ExactHours>> = BTreeMap::new();
    for (suffix, raw) in registers {
        let (person, day) = suffix.split_once('/')?;
        let Raw::Text(amount) = raw else { return None };
        hours
            .entry(person.parse().ok()?)
            .or_default()
            .insert(day.parse().ok()?, ExactHours(parse_decimal(amount)?));
    }
    Some(Value::Hours(hours))
}

fn parse_file(raw: &Raw) -> Option<File> {
    match raw {
        Raw::Text(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

/// What a field takes, for messages.
pub(crate) fn expected(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "one line of text",
        FieldKind::Prose => "a long text",
        FieldKind::Number => "a number",
        FieldKind::Currency => "an amount of money",
        FieldKind::Checkbox => "yes or no",
        FieldKind::Date => "a date",
        FieldKind::Select => "one of the field's options",
        FieldKind::MultiSelect => "some of the field's options",
        FieldKind::People => "people",
        FieldKind::Nodes => "references to other items",
        FieldKind::Hours => "hours by person and day",
        FieldKind::Url => "a web address",
        FieldKind::Files => "files",
    }
}

/// Whether a value is of the kind that the field takes.
pub(crate) fn fits_kind(kind: FieldKind, value: &Value) -> bool {
    match value {
        Value::Text(_) => kind == FieldKind::Text,
        Value::Prose(_) => kind == FieldKind::Prose,
        Value::Number(_) => matches!(kind, FieldKind::Number | FieldKind::Currency),
        Value::Flag(_) => kind == FieldKind::Checkbox,
        Value::Date(_) => kind == FieldKind::Date,
        Value::Option(_) => kind == FieldKind::Select,
        Value::Options(_) => kind == FieldKind::MultiSelect,
        Value::Nodes(_) => matches!(kind, FieldKind::People | FieldKind::Nodes),
        Value::Hours(_) => kind == FieldKind::Hours,
        Value::Url(_) => kind == FieldKind::Url,
        Value::Files(_) => kind == FieldKind::Files,
    }
}

/// What a value is, for messages.
pub(crate) fn found(value: &Value) -> &'static str {
    match value {
        Value::Text(_) => "one line of text",
        Value::Prose(_) => "a long text",
        Value::Number(_) => "a number",
        Value::Flag(_) => "yes or no",
        Value::Date(_) => "a date",
        Value::Option(_) => "an option",
        Value::Options(_) => "options",
        Value::Nodes(_) => "references",
        Value::Hours(_) => "hours",
        Value::Url(_) => "a web address",
        Value::Files(_) => "files",
    }
}

/// Field and member of a register's key; none for keys of the structure.
pub(crate) fn split_key(key: &str) -> Option<(FieldId, &str)> {
    if key.starts_with('@') {
        return None;
    }
    let (field, member) = key.split_once('/').unwrap_or((key, ""));
    Some((FieldId::from(field), member))
}

/// The node that a member register refers to, if it refers to one.
pub(crate) fn referenced(key: &str) -> Option<NodeId> {
    let (_, member) = key.split_once('/')?;
    let id = member.split('/').next().unwrap_or(member);
    (id.len() == 36).then(|| id.parse().ok()).flatten()
}
