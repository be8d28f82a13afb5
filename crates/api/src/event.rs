//! What happens, as programs hear it.

mod change;
pub(crate) mod payload;

use std::sync::Arc;

use app::programs::{Author, Cause, Happening};
use app::reply::Skipped;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use self::payload::{
    CommandExecuted, CommandExecuting, CommandFailed, ExternalUpdate, Origin, Place, Stepped,
    Whose, object,
};
use crate::problem::ClassicError;

/// Longest reason of a command that was refused.
const MESSAGE_CHARACTERS: usize = 500;

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
    /// Of `data`, as JSON.
    pub(crate) bytes: usize,
    /// What is particular to the event, with time, author and revision.
    pub(crate) data: Map<String, Value>,
}

impl Record {
    /// What is sent to a session.
    pub(crate) fn payload(&self, session: Uuid) -> Map<String, Value> {
        let place = Place {
            session_id: session,
            sequence: self.sequence,
            timestamp: self.at.to_string(),
        };
        let mut payload = self.data.clone();
        payload.extend(object(&place));
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
    let origin = Origin {
        revision: Some(happening.revision),
        author: Whose::from(&happening.author),
    };
    let event = |name, mut data: Map<String, Value>| {
        data.extend(object(&origin));
        News { name, at, data }
    };
    let changes = happening.changes.iter().map(|change| {
        let (name, data) = change::of_change(change);
        event(name, data)
    });
    let mut news = Vec::new();
    let (name, after) = match &happening.cause {
        Cause::Command { id, name, label } => {
            let command = CommandExecuting {
                command_id: id,
                command_type: name,
            };
            news.push(event("command-executing", object(&command)));
            let done = CommandExecuted {
                command_id: id,
                command_type: name,
                label,
                success: true,
                error: None,
            };
            ("command-executed", object(&done))
        }
        Cause::Undo { id, label, skipped } => ("undo", stepped(id, label, skipped)),
        Cause::Redo { id, label, skipped } => ("redo", stepped(id, label, skipped)),
        Cause::Others => {
            let message = "The project was changed on another machine.";
            (
                "external_project_update",
                object(&ExternalUpdate { message }),
            )
        }
    };
    news.extend(changes);
    news.push(event(name, after));
    news
}

fn stepped(command_id: &str, label: &str, skipped: &[Skipped]) -> Map<String, Value> {
    object(&Stepped {
        command_id,
        label,
        skipped,
    })
}

/// A command that was refused.
pub(crate) fn refusal(id: &str, name: &str, author: &Author, error: &ClassicError) -> Vec<News> {
    let at = Timestamp::now();
    let origin = Origin {
        revision: None,
        author: Whose::from(author),
    };
    let event = |name, mut data: Map<String, Value>| {
        data.extend(object(&origin));
        News { name, at, data }
    };
    let begun = CommandExecuting {
        command_id: id,
        command_type: name,
    };
    let failed = CommandFailed {
        command_id: id,
        command_type: name,
        success: false,
        error: ClassicError {
            code: error.code.clone(),
            // It may say what it was given.
            message: error.message.chars().take(MESSAGE_CHARACTERS).collect(),
        },
    };
    vec![
        event("command-executing", object(&begun)),
        event("command-failed", object(&failed)),
    ]
}

/// The changes of a happening as a reply carries them: objects whose `event` names them.
pub(crate) fn changes(happening: Option<&Arc<Happening>>) -> Vec<Value> {
    let changes = happening.into_iter().flat_map(|it| &it.changes);
    let named = changes.map(|change| {
        let (name, mut data) = change::of_change(change);
        data.insert("event".to_owned(), json!(name));
        Value::Object(data)
    });
    named.collect()
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
