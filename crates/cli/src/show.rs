//! Answers as people read them.

use std::fmt::Write;

use serde_json::Value;

pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

pub fn projects(answer: &Value) -> String {
    lines(&answer["projects"], |project| {
        let trashed = if project["trashed_at"].is_null() {
            ""
        } else {
            "  (in the trash)"
        };
        let (id, name) = (text(&project["project_id"]), text(&project["name"]));
        format!("{id}  {name}  {} nodes{trashed}", project["node_count"])
    })
}

pub fn templates(answer: &Value) -> String {
    lines(&answer["templates"], |template| {
        let (id, name) = (text(&template["id"]), text(&template["name"]));
        format!("{id}  {name}: {}", text(&template["description"]))
    })
}

pub fn done(answer: &Value) -> String {
    let label = match &answer["label"] {
        Value::Null => "Nothing was changed.".to_owned(),
        label => text(label),
    };
    let made = answer["changes"].as_array().into_iter().flatten();
    let made = made.filter(|change| change["event"] == "node-created");
    let made = made.fold(String::new(), |mut made, change| {
        writeln!(
            made,
            "{}  {}",
            text(&change["node_id"]),
            text(&change["name"])
        )
        .ok();
        made
    });
    let skipped = lines(&answer["skipped"], |left| {
        format!(
            "left alone: {} of {}",
            text(&left["field"]),
            text(&left["what"])
        )
    });
    format!("{label}\n{made}{skipped}")
}

/// Nodes, each beneath its parent.
pub fn tree(nodes: &[Value]) -> String {
    let mut out = String::new();
    let mut above: Vec<&Value> = Vec::new();
    for node in nodes {
        while above.last().is_some_and(|last| **last != node["parent_id"]) {
            above.pop();
        }
        let (name, id) = (text(&node["name"]), text(&node["id"]));
        writeln!(out, "{:indent$}{name}  {id}", "", indent = 2 * above.len()).ok();
        above.push(&node["id"]);
    }
    out
}

pub fn node(answer: &Value) -> String {
    let mut out = format!(
        "{}\ntype  {}\nparent  {}\n",
        text(&answer["name"]),
        text(&answer["blueprint_type_id"]),
        text(&answer["parent_id"])
    );
    let properties = answer["properties"].as_object().into_iter().flatten();
    for (field, value) in properties {
        writeln!(out, "{field}  {}", text(value)).ok();
    }
    out
}

pub fn hits(answer: &Value) -> String {
    lines(&answer["hits"], |hit| {
        format!("{}  {}", text(&hit["node"]), text(&hit["excerpt"]))
    })
}

pub fn problems(answer: &Value) -> String {
    lines(&answer["problems"], |problem| {
        format!(
            "{}  {}  {}",
            text(&problem["kind"]),
            text(&problem["node"]),
            text(&problem["message"])
        )
    })
}

pub fn peers(answer: &Value) -> String {
    let Some(status) = answer["status"].as_str() else {
        return "Nobody else has this project.\n".to_owned();
    };
    let waiting = answer["waiting"].as_u64().unwrap_or_default();
    let refused = answer["not_let_in"].as_str();
    let refused = refused.map_or(String::new(), |why| format!("{why}\n"));
    let machines = lines(&answer["machines"], |machine| {
        let name = machine["name"].as_str().unwrap_or("(nobody seen)");
        let words = machine["words"].as_str().unwrap_or("relay");
        let role = machine["role"].as_str().unwrap_or("no member");
        let has = match machine["has_everything"].as_bool() {
            Some(true) => "has everything",
            Some(false) => "is behind",
            None => "has not said what it has",
        };
        format!(
            "{name}  {words}  {role}  {has}  {}",
            text(&machine["seen_at"])
        )
    });
    let ways = lines(&answer["ways"], |way| {
        let (address, origin) = (text(&way["address"]), text(&way["origin"]));
        format!(
            "{address}  {origin}  {}  {}",
            text(&way["state"]),
            text(&way["trouble"])
        )
    });
    format!("{status}, {waiting} changes waiting\n{refused}{machines}{ways}")
}

pub fn findings(answer: &Value) -> String {
    lines(&answer["findings"], |finding| {
        let advice = finding["advice"].as_str();
        let advice = advice.map_or(String::new(), |it| format!("\n      {it}"));
        let (status, message) = (text(&finding["status"]), text(&finding["message"]));
        format!("{status:7} {message}{advice}")
    })
}

pub fn verified(answer: &Value) -> String {
    lines(&answer["projects"], |project| {
        let how = match project["is_whole"].as_bool() {
            Some(true) => "whole",
            _ => "damaged",
        };
        let found = findings(project);
        let found = found.trim_end().lines();
        let found: String = found.map(|line| format!("\n  {line}")).collect();
        let named = ["file", "name", "project_id"].map(|key| text(&project[key]));
        let named: Vec<_> = named.into_iter().filter(|it| !it.is_empty()).collect();
        format!(
            "{}  {how}: {} nodes, {} changes, {} frames, {} attachments{found}",
            named.join("  "),
            project["nodes"],
            project["changes"],
            project["frames"],
            project["attachments"],
        )
    })
}

pub fn history(answer: &Value) -> String {
    lines(&answer["changes"], |change| {
        let who = match change["author"]["name"].as_str() {
            Some(name) => name.to_owned(),
            None => "somebody".to_owned(),
        };
        let what = match (change["label"].as_str(), change["is_undo"].as_bool()) {
            (Some(label), Some(true)) => format!("Undo: {label}"),
            (Some(label), _) => label.to_owned(),
            (None, _) => format!("{} operations", change["operations"]),
        };
        let hash = text(&change["change"]);
        let short = hash.get(..12).unwrap_or(&hash);
        format!("{short}  {}  {who}  {what}", text(&change["at"]))
    })
}

pub fn tokens(answer: &Value) -> String {
    lines(&answer["tokens"], |token| {
        let end = match (token["revoked_at"].as_str(), token["expires_at"].as_str()) {
            (Some(at), _) => format!("revoked {at}"),
            (None, Some(at)) => format!("until {at}"),
            (None, None) => "until it is revoked".to_owned(),
        };
        let project = match token["project_id"].as_str() {
            Some(project) => format!("project {project}"),
            None => "all projects".to_owned(),
        };
        let (id, name) = (text(&token["token_id"]), text(&token["name"]));
        format!("{id}  {name}  {}  {project}  {end}", text(&token["scope"]))
    })
}

pub fn audit(answer: &Value) -> String {
    lines(&answer["entries"], |entry| {
        let client = entry["client"].as_str();
        let who = match client {
            Some(client) => format!("{}/{client}", text(&entry["token"])),
            None => text(&entry["token"]),
        };
        let commands = entry["commands"].as_object().into_iter().flatten();
        let commands: Vec<String> = commands
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        format!(
            "{}  {}  {who}  {}  {}  {}  {}",
            entry["number"],
            text(&entry["at"]),
            text(&entry["action"]),
            text(&entry["project_id"]),
            commands.join(", "),
            text(&entry["result"]),
        )
    })
}

pub fn event(event: &Value) -> String {
    let mut rest = event.clone();
    if let Some(rest) = rest.as_object_mut() {
        for told in [
            "event",
            "timestamp",
            "sequence",
            "session_id",
            "author",
            "revision",
        ] {
            rest.remove(told);
        }
    }
    let who = text(&event["author"]["name"]);
    let (at, name) = (text(&event["timestamp"]), text(&event["event"]));
    format!("{} {at} {name} {who} {rest}\n", event["sequence"])
}

fn lines(list: &Value, line: impl Fn(&Value) -> String) -> String {
    let items = list.as_array().into_iter().flatten();
    items.fold(String::new(), |mut out, item| {
        out.push_str(&line(item));
        out.push('\n');
        out
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nodes_stand_beneath_their_parents() {
        let node =
            |id: &str, parent: Option<&str>| json!({"id": id, "parent_id": parent, "name": "N"});
        let nodes = [
            node("a", None),
            node("b", Some("a")),
            node("c", Some("b")),
            node("d", Some("a")),
            node("e", None),
        ];
        assert_eq!(tree(&nodes), "N  a\n  N  b\n    N  c\n  N  d\nN  e\n");
    }
}
