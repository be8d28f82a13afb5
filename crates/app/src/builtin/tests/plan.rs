//! Dates, links and hours of the samples make a plan: sound, but for a flaw or two to look at.

use std::collections::{BTreeMap, BTreeSet};

use graph::clipping::{ClippedLink, ClippedNode};
use graph::id::NodeId;
use graph::link::LinkKind;
use graph::template::{Role, Trait};
use graph::value::Value;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use rust_decimal::Decimal;

use super::{Index, each, ensure};

#[test]
fn dates_are_in_order_and_on_weekdays() {
    each(|builtin| {
        let index = Index::of(builtin);
        for node in index.nodes() {
            let blame = || format!("{:?}", index.title(node));
            let (start, end) = (
                date(&index, node, Role::Start),
                date(&index, node, Role::End),
            );
            ensure(
                start.is_none_or(|start| end.is_some_and(|end| start <= end)),
                blame,
            )?;
            ensure(
                [start, end]
                    .iter()
                    .flatten()
                    .all(|day| (2026..=2027).contains(&day.year())),
                blame,
            )?;
            let milestone = index.type_of(node).traits.contains(&Trait::Milestone);
            ensure(
                milestone || [start, end].iter().flatten().all(|day| is_weekday(*day)),
                blame,
            )?;
        }
        Ok(())
    });
}

#[test]
fn links_of_all_kinds_occur_once_each_between_dated_nodes() {
    use LinkKind::*;
    each(|builtin| {
        let index = Index::of(builtin);
        let links = &builtin.sample.links;
        let kinds: BTreeSet<_> = links.iter().map(|link| link.relation).collect();
        let all = [
            FinishToStart,
            StartToStart,
            FinishToFinish,
            StartToFinish,
            RelatesTo,
        ];
        ensure(all.iter().all(|kind| kinds.contains(kind)), || {
            format!("only {kinds:?}")
        })?;
        ensure(links.iter().any(|link| link.lag.0 > 0), || "no lag".into())?;
        let ends: BTreeSet<_> = links
            .iter()
            .map(|link| (link.from, link.to, link.relation.blocks()))
            .collect();
        ensure(ends.len() == links.len(), || {
            "two links between the same nodes".into()
        })?;
        links
            .iter()
            .filter(|link| link.relation.blocks())
            .try_for_each(|link| {
                ensure(slack(&index, link).is_some(), || {
                    format!("{:?} has no dates", name(&index, link.to))
                })
            })
    });
}

#[test]
fn nothing_blocks_itself() {
    each(|builtin| {
        let index = Index::of(builtin);
        let mut open: BTreeSet<u32> = (0..).take(index.nodes().len()).collect();
        // Take away what nothing open blocks; what stays is in a circle, or behind one.
        loop {
            let blocked = |node: &u32| {
                let links = builtin
                    .sample
                    .links
                    .iter()
                    .filter(|link| link.relation.blocks());
                links
                    .into_iter()
                    .any(|link| link.to == *node && open.contains(&link.from))
            };
            let free: Vec<_> = open.iter().copied().filter(|node| !blocked(node)).collect();
            if free.is_empty() {
                break;
            }
            free.iter().for_each(|node| {
                open.remove(node);
            });
        }
        ensure(open.is_empty(), || {
            format!(
                "a circle through {:?}",
                open.iter()
                    .map(|&node| name(&index, node))
                    .collect::<Vec<_>>()
            )
        })
    });
}

#[test]
fn one_link_is_violated_for_show() {
    each(|builtin| {
        let index = Index::of(builtin);
        let blocks = builtin
            .sample
            .links
            .iter()
            .filter(|link| link.relation.blocks());
        let violated = blocks.filter(|link| slack(&index, link).is_some_and(|holds| !holds));
        let violated: Vec<_> = violated.map(|link| name(&index, link.to)).collect();
        ensure(violated.len() == 1, || format!("{violated:?}"))
    });
}

#[test]
fn hours_are_allocated_to_assignees_within_the_dates() {
    each(|builtin| {
        let index = Index::of(builtin);
        for node in index.nodes() {
            let Some(Value::Hours(hours)) = index.value(node, Role::Allocations) else {
                continue;
            };
            let blame = || format!("{:?}", index.title(node));
            let Some(Value::Nodes(assignees)) = index.value(node, Role::Assignees) else {
                return Err(blame());
            };
            ensure(hours.keys().all(|person| assignees.contains(person)), blame)?;
            let (start, end) = (
                date(&index, node, Role::Start),
                date(&index, node, Role::End),
            );
            let mut days = hours.values().flat_map(|days| days.keys());
            ensure(
                days.all(|day| start <= Some(*day) && Some(*day) <= end),
                blame,
            )?;
        }
        Ok(())
    });
}

#[test]
fn somebody_has_too_much_on_a_day_and_most_have_not() {
    each(|builtin| {
        let index = Index::of(builtin);
        let load = load(&index);
        let over = load
            .iter()
            .filter(|((person, _), hours)| **hours > capacity(&index, *person))
            .count();
        ensure(over >= 1 && over * 5 <= load.len(), || {
            format!("{over} of {} person-days", load.len())
        })
    });
}

fn load(index: &Index<'_>) -> BTreeMap<(NodeId, Date), Decimal> {
    let mut load = BTreeMap::new();
    for node in index.nodes() {
        let Some(Value::Hours(hours)) = index.value(node, Role::Allocations) else {
            continue;
        };
        for (person, days) in hours {
            for (day, amount) in days {
                *load.entry((*person, *day)).or_default() += amount.0;
            }
        }
    }
    load
}

fn capacity(index: &Index<'_>, person: NodeId) -> Decimal {
    let node = index
        .nodes()
        .iter()
        .find(|node| node.original == person)
        .expect("references were checked");
    match index.value(node, Role::Capacity) {
        Some(Value::Number(hours)) => *hours,
        _ => Decimal::ZERO,
    }
}

/// Whether a blocking link is kept to; none when an end has no dates. Days are inclusive, and a
/// milestone is the close of its day.
fn slack(index: &Index<'_>, link: &ClippedLink) -> Option<bool> {
    let ends = |position: u32| {
        let node = &index.nodes()[position as usize];
        let end = date(index, node, Role::End)?;
        let milestone = index.type_of(node).traits.contains(&Trait::Milestone);
        Some((
            date(index, node, Role::Start).unwrap_or(end),
            end,
            milestone,
        ))
    };
    let (from_start, from_end, _) = ends(link.from)?;
    let (to_start, to_end, to_milestone) = ends(link.to)?;
    let lag = link.lag.0;
    Some(match link.relation {
        LinkKind::FinishToStart if to_milestone => to_end >= after(from_end, lag),
        LinkKind::FinishToStart => to_start >= after(from_end, lag + 1),
        LinkKind::StartToStart => to_start >= after(from_start, lag),
        LinkKind::FinishToFinish => to_end >= after(from_end, lag),
        LinkKind::StartToFinish => to_end >= after(from_start, lag),
        LinkKind::RelatesTo => return None,
    })
}

/// The day this many weekdays later.
fn after(day: Date, weekdays: i32) -> Date {
    let step = weekdays.signum();
    let days = day
        .series(step.days())
        .skip(1)
        .filter(|day| is_weekday(*day));
    if step == 0 {
        day
    } else {
        days.take(weekdays.unsigned_abs() as usize)
            .last()
            .unwrap_or(day)
    }
}

fn is_weekday(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn date(index: &Index<'_>, node: &ClippedNode, role: Role) -> Option<Date> {
    match index.value(node, role) {
        Some(Value::Date(day)) => Some(*day),
        _ => None,
    }
}

fn name<'a>(index: &Index<'a>, position: u32) -> &'a str {
    index.title(&index.nodes()[position as usize])
}
