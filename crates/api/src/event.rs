//! What happens, as programs hear it.

use std::sync::Arc;

use app::programs::{Author, Cause, Change, Happening};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// How names of events are spelled.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Spelling {
    /// `command-executed`, as the earlier application sent them.
    #[default]
    Hyphen,
    /// `command:executed`, as its documents had them.
    Colon,
}

impl Spelling {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hyphen => "hyphen",
            Self::Colon => "colon",
        }
    }

    /// The name of an event. What another program changed has underscores in both.
    pub(crate) fn spell(self, name: &str) -> String {
        match (self, name) {
            (Self::Hyphen, name) => name.to_owned(),
            (Self::Colon, "undo" | "redo") => format!("command:{name}"),
            (Self::Colon, name) => name.replacen('-', ":", 1),
        }
    }
}

/// Something that happened to a project, with its place in the order of all that did.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// From 1, without a hole.
    pub(crate) sequence: u64,
    pub(crate) name: &'static str,
    pub(crate) at: Timestamp,
    /// What is particular to the event, with time, author and revision.
    pub(crate) data: Map<String, Value>,
}

impl Record {
    /// What is sent to a session.
    pub(crate) fn payload(&self, session: Uuid) -> Map<String, Value> {
        let mut payload = self.data.clone();
        payload.insert("session_id".to_owned(), json!(session));
        payload.insert("sequence".to_owned(), json!(self.sequence));
        payload.insert("timestamp".to_owned(), json!(self.at.to_string()));
        payload
    }
}

/// An event without its place.
pub(crate) struct News {
    pub(crate) name: &'static str,
    pub(crate) at: Timestamp,
    pub(crate) data: Map<String, Value>,
}

/// All events of one happening, in order.
pub(crate) fn news(happening: &Happening) -> Vec<News> {
    let at = Timestamp::from_millisecond(happening.at.0).unwrap_or_default();
    let common = |data: Value| {
        let mut data = object(data);
        data.insert("author".to_owned(), author(&happening.author));
        data.insert("revision".to_owned(), json!(happening.revision));
        data
    };
    let event = |name, data| News {
        name,
        at,
        data: common(data),
    };
    let changes = happening.changes.iter().map(|change| {
        let (name, data) = change_event(change);
        News {
            name,
            at,
            data: common(Value::Object(data)),
        }
    });
    let mut news = Vec::new();
    match &happening.cause {
        Cause::Command { id, name, label } => {
            let command = json!({"command_id": id, "command_type": name});
            news.push(event("command-executing", command));
            news.extend(changes);
            let done = json!({
                "command_id": id, "command_type": name, "label": label, "success": true, "error": null,
            });
            news.push(event("command-executed", done));
        }
        Cause::Undo { id, label, skipped } => {
            news.extend(changes);
            news.push(event(
                "undo",
                json!({"command_id": id, "label": label, "skipped": skipped}),
            ));
        }
        Cause::Redo { id, label, skipped } => {
            news.extend(changes);
            news.push(event(
                "redo",
                json!({"command_id": id, "label": label, "skipped": skipped}),
            ));
        }
        Cause::Others => {
            news.extend(changes);
            let message = "The project was changed on another machine.";
            news.push(event(
                "external_project_update",
                json!({"message": message}),
            ));
        }
    }
    news
}

/// A command that was refused.
pub(crate) fn refusal(
    id: &str,
    name: &str,
    client: Option<&str>,
    code: &str,
    message: &str,
) -> Vec<News> {
    let at = Timestamp::now();
    let author = json!({"id": null, "person_id": null, "name": null, "client": client});
    let event = |name, mut data: Value| {
        data["author"] = author.clone();
        data["revision"] = Value::Null;
        News {
            name,
            at,
            data: object(data),
        }
    };
    vec![
        event(
            "command-executing",
            json!({"command_id": id, "command_type": name}),
        ),
        event(
            "command-failed",
            json!({
                "command_id": id, "command_type": name, "success": false,
                "error": {"code": code, "message": message},
            }),
        ),
    ]
}

/// The changes of a happening as a reply carries them: objects whose `event` names them.
pub(crate) fn changes(happening: Option<&Arc<Happening>>) -> Vec<Value> {
    let changes = happening.into_iter().flat_map(|it| &it.changes);
    changes.map(|change| json!(change)).collect()
}

/// The name of a change, and what else it says.
fn change_event(change: &Change) -> (&'static str, Map<String, Value>) {
    let name = match change {
        Change::NodeCreated { .. } => "node-created",
        Change::NodeDeleted { .. } => "node-deleted",
        Change::NodeUnlinked { .. } => "node-unlinked",
        Change::NodeLinked { .. } => "node-linked",
        Change::NodeUpdated { .. } => "node-updated",
        Change::PropertyChanged { .. } => "property-changed",
        Change::PropertyDeleted { .. } => "property-deleted",
        Change::ProjectUpdated { .. } => "project-updated",
    };
    let mut data = object(json!(change));
    data.remove("event");
    (name, data)
}

fn author(author: &Author) -> Value {
    json!(author)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_the_earlier_application() {
        for (hyphen, colon) in [
            ("command-executed", "command:executed"),
            ("session-connected", "session:connected"),
            ("property-changed", "property:changed"),
            ("undo", "command:undo"),
            ("presence", "presence"),
            ("external_project_update", "external_project_update"),
        ] {
            assert_eq!(Spelling::Hyphen.spell(hyphen), hyphen);
            assert_eq!(Spelling::Colon.spell(hyphen), colon);
        }
    }
}
