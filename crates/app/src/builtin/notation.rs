//! How values are written in a template's file. Every value is one text, read by its field's kind:
//!
//! | kind | example |
//! | --- | --- |
//! | number, currency | `12.50` |
//! | checkbox | `true` |
//! | date | `2026-03-12` |
//! | select | `todo`, an option's id |
//! | multi-select | `engine brakes` |
//! | people, nodes | `ana bo`, names given by `as` |
//! | hours | `ana 6 6 4; bo 3`, hours on the weekdays from the node's start |
//! | text, prose, url | as it is |

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use graph::id::{NodeId, OptionId};
use graph::link::{Lag, LinkKind};
use graph::template::{Field, FieldKind};
use graph::value::{ExactHours, Hours, Value};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use rust_decimal::Decimal;

/// Where a value stands: what its names mean and when its days begin.
pub(super) trait Context {
    /// The node that has this name.
    fn node(&self, name: &str) -> Option<NodeId>;
    /// First day of the node's work.
    fn start(&self) -> Option<Date>;
}

/// The context of a default, which may name nothing.
pub(super) struct Nowhere;

impl Context for Nowhere {
    fn node(&self, _: &str) -> Option<NodeId> {
        None
    }

    fn start(&self) -> Option<Date> {
        None
    }
}

/// Reads a value of a field.
pub(super) fn value(field: &Field, text: &str, context: &impl Context) -> Result<Value, String> {
    match field.kind {
        FieldKind::Text => Ok(Value::Text(text.to_owned())),
        FieldKind::Prose => Ok(Value::Prose(text.to_owned())),
        FieldKind::Url => Ok(Value::Url(text.to_owned())),
        FieldKind::Number | FieldKind::Currency => parse("a number", text).map(Value::Number),
        FieldKind::Checkbox => parse("`true` or `false`", text).map(Value::Flag),
        FieldKind::Date => date(text).map(Value::Date),
        FieldKind::Select => option(field, text).map(Value::Option),
        FieldKind::MultiSelect => each(text, |id| option(field, id)).map(Value::Options),
        FieldKind::People | FieldKind::Nodes => {
            each(text, |name| node(name, context)).map(Value::Nodes)
        }
        FieldKind::Hours => hours(text, context).map(Value::Hours),
        FieldKind::Files => Err("files cannot be written in a template".to_owned()),
    }
}

/// Reads `2026-03-12` or `2026-03-12/2026-03-20` (ISO 8601): first and last day.
pub(super) fn interval(text: &str) -> Result<(Date, Date), String> {
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    Ok((date(first)?, date(last)?))
}

/// Reads `paint`, `paint:SS` or `paint:FS+2`: the name of a blocker, how it blocks and the lag.
pub(super) fn blocker(text: &str) -> Result<(&str, LinkKind, Lag), String> {
    let (name, how) = text.split_once(':').unwrap_or((text, "FS"));
    let (kind, lag) = how
        .split_at_checked(2)
        .ok_or_else(|| format!("{text:?} has no kind of link behind the colon"))?;
    let kind = match kind {
        "FS" => LinkKind::FinishToStart,
        "SS" => LinkKind::StartToStart,
        "FF" => LinkKind::FinishToFinish,
        "SF" => LinkKind::StartToFinish,
        other => return Err(format!("{other:?} is none of FS, SS, FF and SF")),
    };
    let lag = if lag.is_empty() {
        0
    } else {
        parse("a number of days", lag)?
    };
    Ok((name, kind, Lag(lag)))
}

/// The node that has this name.
pub(super) fn node(name: &str, context: &impl Context) -> Result<NodeId, String> {
    context
        .node(name)
        .ok_or_else(|| format!("no node is named {name:?}"))
}

fn date(text: &str) -> Result<Date, String> {
    parse("a date", text)
}

fn option(field: &Field, text: &str) -> Result<OptionId, String> {
    let found = field
        .options
        .iter()
        .find(|option| option.id.as_str() == text);
    found
        .map(|option| option.id.clone())
        .ok_or_else(|| format!("it has no option {text:?}"))
}

fn hours(text: &str, context: &impl Context) -> Result<Hours, String> {
    let start = context.start().ok_or("hours need a start")?;
    let mut hours = Hours::new();
    for person in text.split(';') {
        let mut words = person.split_whitespace();
        let name = words.next().ok_or("hours need a person")?;
        let days = hours.entry(node(name, context)?).or_default();
        weekdays(start, words, days)?;
    }
    Ok(hours)
}

fn weekdays<'a>(
    start: Date,
    words: impl Iterator<Item = &'a str>,
    days: &mut BTreeMap<Date, ExactHours>,
) -> Result<(), String> {
    let mut dates = start
        .series(1.day())
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday));
    for word in words {
        let day = dates
            .next()
            .ok_or("hours run past the end of the calendar")?;
        let amount: Decimal = parse("a number of hours", word)?;
        if !amount.is_zero() {
            days.insert(day, ExactHours(amount));
        }
    }
    Ok(())
}

fn each<T: Ord>(
    text: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<BTreeSet<T>, String> {
    text.split_whitespace().map(read).collect()
}

fn parse<T: FromStr>(what: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text:?} is not {what}"))
}
