//! The view as text, in the language of `dsl`. The template is shown where it differs from the
//! one that every test starts with.

use std::collections::BTreeMap;
use std::fmt::Write;

use graph::id::{NodeId, PersonId};
use graph::value::Value;
use graph::view::{NodeView, View};

use crate::dsl::{RELATIONS, name_of};
use crate::frame;

/// Names of nodes; those with derived ids are numbered as the outline goes.
struct Names(BTreeMap<NodeId, String>);

impl Names {
    fn new(view: &View) -> Names {
        let mut names = BTreeMap::new();
        let trash = trash(view);
        let all = view.nodes().chain(trash.into_iter().flatten());
        let derived = all.filter(|node| name_of(node.id().0).is_none());
        for (i, node) in derived.enumerate() {
            names.insert(node.id(), format!("#new{}", i + 1));
        }
        Names(names)
    }

    fn of(&self, id: NodeId) -> String {
        match (name_of(id.0), self.0.get(&id)) {
            (Some(name), _) => format!("#{name}"),
            (None, Some(name)) => name.clone(),
            (None, None) => "#gone".into(),
        }
    }
}

pub fn show(view: &View) -> String {
    let mut out = String::new();
    let names = Names::new(view);
    for node in view.nodes() {
        line(&mut out, &names, node, node.ancestors().len());
    }
    let mut links: Vec<String> = view.links().map(|link| show_link(&names, &link)).collect();
    links.sort();
    out.extend(links);
    for node in view.nodes() {
        comments(&mut out, &names, view, node.id());
    }
    for subtree in trash(view) {
        out.push_str("trash:\n");
        for node in subtree {
            line(&mut out, &names, node, 1);
        }
    }
    out.push_str(&frame::difference(view));
    for problem in view.problems() {
        let node = problem.node.map_or("project".into(), |node| names.of(node));
        let _ = writeln!(out, "! {:?} {node}: {}", problem.kind, problem.message);
        for fix in &problem.fixes {
            let _ = writeln!(out, "    {}", fix.label);
        }
    }
    out
}

/// Trashed subtrees, in an order that all peers share.
fn trash(view: &View) -> Vec<Vec<NodeView<'_>>> {
    let mut roots: Vec<NodeId> = view.trash().map(|root| root.id()).collect();
    roots.sort();
    let subtrees = roots.into_iter().map(|root| {
        let mut subtree = view.trashed_subtree(root);
        subtree[1..].sort_by_key(|node| node.id());
        subtree
    });
    subtrees.collect()
}

fn line(out: &mut String, names: &Names, node: NodeView<'_>, depth: usize) {
    let title = serde_json::to_string(&node.title()).expect("text is JSON");
    let indent = "  ".repeat(depth);
    let name = names.of(node.id());
    let _ = write!(out, "{indent}{} {title} {name}", node.node_type());
    for (field, value) in node.values() {
        if field.as_str() != "title" {
            let _ = write!(out, " {field}={}", show_value(names, &value));
        }
    }
    for unmapped in node.unmapped() {
        let _ = write!(out, " {}?={:?}", unmapped.field, unmapped.text);
    }
    out.push('\n');
}

fn show_value(names: &Names, value: &Value) -> String {
    let join = |parts: Vec<String>| parts.join(",");
    match value {
        Value::Text(text) | Value::Prose(text) | Value::Url(text) => {
            serde_json::to_string(text).expect("text is JSON")
        }
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.into(),
        Value::Date(date) => date.to_string(),
        Value::Option(option) => option.to_string(),
        Value::Options(options) => join(options.iter().map(ToString::to_string).collect()),
        Value::Nodes(nodes) => join(nodes.iter().map(|node| names.of(*node)).collect()),
        Value::Files(files) => join(files.values().map(|file| file.name.clone()).collect()),
        Value::Hours(hours) => {
            let days = hours.iter().flat_map(|(person, days)| {
                let person = names.of(*person);
                days.iter()
                    .map(move |(day, hours)| format!("{person}@{day}:{}", hours.0))
            });
            join(days.collect())
        }
    }
}

fn show_link(names: &Names, link: &graph::link::Link) -> String {
    let relation = RELATIONS.iter().find(|(kind, _)| *kind == link.relation);
    let relation = relation.expect("all relations have a word").1;
    let lag = match link.lag.0 {
        0 => String::new(),
        days => format!(" {days:+}d"),
    };
    let (from, to) = (names.of(link.from), names.of(link.to));
    format!("{from} {relation} {to}{lag}\n")
}

fn comments(out: &mut String, names: &Names, view: &View, node: NodeId) {
    let short = |id: uuid::Uuid| name_of(id).unwrap_or_else(|| "?".into());
    for comment in view.comments_on(node) {
        let _ = write!(
            out,
            "comment #{} on {} by {}: {:?}",
            short(comment.id.0),
            names.of(node),
            person(view, comment.by),
            comment.body
        );
        if let Some(thread) = comment.reply_to {
            let _ = write!(out, " answers #{}", short(thread.0));
        }
        out.push_str(if comment.edited_at.is_some() {
            " edited"
        } else {
            ""
        });
        out.push_str(if comment.resolved { " resolved" } else { "" });
        out.push('\n');
    }
}

pub fn person(view: &View, id: Option<PersonId>) -> String {
    let known = id.and_then(|id| view.frame().people.get(&id));
    known.map_or_else(|| "nobody".into(), |person| person.name.clone())
}
