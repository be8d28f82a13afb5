//! The AsyncAPI document of the events, version 3.0, made from the types that are sent.

use serde_json::{Map, Value, json};
use utoipa::PartialSchema;

use crate::event::Spelling;
use crate::event::payload::{
    Behind, CommandExecuted, CommandExecuting, CommandFailed, Company, ExternalUpdate, Joined,
    NamesSession, NodeCreated, NodeDeleted, NodeLinked, NodeUnlinked, NodeUpdated, Origin, Place,
    Pong, Presence, ProjectUpdated, PropertyChanged, PropertyDeleted, Refusal, Replay, Replayed,
    Stepped,
};

/// Who says it, and to whom.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The server to everybody in a session, with a place in the order of all that happens.
    Numbered,
    /// The server to everybody else in a session, without a place.
    ToOthers,
    /// The server to one client.
    ToOne,
    /// A client to the server.
    Said,
}

struct Message {
    name: &'static str,
    kind: Kind,
    summary: &'static str,
    /// Schemas whose properties it has.
    parts: Vec<Value>,
}

fn part<T: PartialSchema>() -> Value {
    json!(T::schema())
}

/// All messages, in the order in which they are read best.
#[rustfmt::skip]
fn messages() -> Vec<Message> {
    use Kind::{Numbered, Said, ToOne, ToOthers};
    let message = |name, kind, summary, parts| Message { name, kind, summary, parts };
    vec![
        message("join_session", Said, "Hear what happens to the project of a session.", vec![part::<NamesSession>()]),
        message("leave_session", Said, "Hear no more of it.", vec![part::<NamesSession>()]),
        message("replay", Said, "Send what was missed.", vec![part::<Replay>()]),
        message("ping", Said, "Say that the server is there.", vec![]),
        message("joined", ToOne, "The client has joined; it hears all that has a later number.", vec![part::<Company<'_>>(), part::<Joined>()]),
        message("left", ToOne, "The client has left.", vec![part::<Company<'_>>()]),
        message("replayed", ToOne, "What was missed was sent.", vec![part::<Replayed>()]),
        message("behind", ToOne, "Events did not reach everybody in the session.", vec![part::<Behind>()]),
        message("pong", ToOne, "The answer to `ping`.", vec![part::<Pong>()]),
        message("error", ToOne, "Something was refused, or a session or a token has ended.", vec![part::<Refusal<'_>>()]),
        message("session-connected", ToOthers, "A client has joined.", vec![part::<Company<'_>>()]),
        message("session-disconnected", ToOthers, "A client has left, or is gone.", vec![part::<Company<'_>>()]),
        message("presence", ToOthers, "Who is there has changed.", vec![part::<Presence<'_>>()]),
        message("command-executing", Numbered, "A command; its changes follow, and nothing else comes between.", vec![part::<CommandExecuting<'_>>()]),
        message("command-executed", Numbered, "The command was carried out.", vec![part::<CommandExecuted<'_>>()]),
        message("command-failed", Numbered, "The command was refused; nothing has changed.", vec![part::<CommandFailed<'_>>()]),
        message("node-created", Numbered, "A node is there that was not.", vec![part::<NodeCreated<'_>>()]),
        message("node-deleted", Numbered, "A node is not there any more; one event for each node of a subtree.", vec![part::<NodeDeleted>()]),
        message("node-unlinked", Numbered, "A node has left its parent.", vec![part::<NodeUnlinked>()]),
        message("node-linked", Numbered, "A node has come to a parent.", vec![part::<NodeLinked>()]),
        message("node-updated", Numbered, "Something else of a node differs.", vec![part::<NodeUpdated<'_>>()]),
        message("property-changed", Numbered, "A value differs.", vec![part::<PropertyChanged<'_>>()]),
        message("property-deleted", Numbered, "A value is gone.", vec![part::<PropertyDeleted<'_>>()]),
        message("project-updated", Numbered, "Name, template or another thing of the whole project differs.", vec![part::<ProjectUpdated<'_>>()]),
        message("undo", Numbered, "A step was undone; what that changed was told before.", vec![part::<Stepped<'_>>()]),
        message("redo", Numbered, "A step was redone; what that changed was told before.", vec![part::<Stepped<'_>>()]),
        message("external_project_update", Numbered, "Changes came from another machine or out of a file; they were told before.", vec![part::<ExternalUpdate>()]),
    ]
}

/// The AsyncAPI document of the events.
pub fn asyncapi() -> Value {
    let all = messages();
    let reference = |name: &str| json!({"$ref": format!("#/channels/session/messages/{name}")});
    let those = |is_said: bool| -> Vec<Value> {
        let those = all.iter().filter(|it| (it.kind == Kind::Said) == is_said);
        those.map(|it| reference(it.name)).collect()
    };
    let channel: Map<String, Value> = all
        .iter()
        .map(|it| {
            let to = json!({"$ref": format!("#/components/messages/{}", it.name)});
            (it.name.to_owned(), to)
        })
        .collect();
    let described: Map<String, Value> = all
        .iter()
        .map(|it| (it.name.to_owned(), describe(it)))
        .collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Talus Tally: events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What happens to projects, by Socket.IO 4 or 5. See the guide, docs/guides/programs.md. \
                Names are spelled as here, or with colons if `auth.spelling` is `colon`: `x-colon` has that name.",
            "license": {"name": "MIT OR Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "loopback": {
                "host": "127.0.0.1:7826",
                "protocol": "socket.io",
                "description": "The address stands in the file api-address of the data directory.",
                "security": [{"$ref": "#/components/securitySchemes/token"}],
            },
        },
        "channels": {
            "session": {
                "address": "/graph",
                "title": "A session",
                "description": "The namespace `/graph`; the default one, `/`, is the same.",
                "messages": channel,
            },
        },
        "operations": {
            "hear": {
                "action": "send",
                "channel": {"$ref": "#/channels/session"},
                "summary": "What a client hears.",
                "messages": those(false),
            },
            "say": {
                "action": "receive",
                "channel": {"$ref": "#/channels/session"},
                "summary": "What a client says.",
                "messages": those(true),
            },
        },
        "components": {
            "messages": described,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "As `auth.token` when connecting, or in the header `Authorization`. The scope `read` is enough.",
                },
            },
        },
    })
}

fn describe(message: &Message) -> Value {
    let mut parts = message.parts.clone();
    if message.kind == Kind::Numbered {
        parts.push(part::<Origin<'_>>());
        parts.push(part::<Place>());
    }
    let mut described = json!({
        "name": message.name,
        "summary": message.summary,
        "payload": together(&parts),
    });
    if message.kind != Kind::Said {
        described["x-colon"] = json!(Spelling::Colon.spell(message.name));
    }
    described
}

/// One object with the properties of all.
fn together(parts: &[Value]) -> Value {
    if parts.is_empty() {
        return json!({"type": "null"});
    }
    let mut properties = Map::new();
    let mut required = Vec::new();
    for part in parts {
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    json!({"type": "object", "properties": properties, "required": required})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_says_all_that_it_carries_and_refers_to_nothing_else() {
        let document = asyncapi();
        let messages = document["components"]["messages"].as_object();
        let messages = messages.expect("there are messages");
        assert_eq!(messages.len(), super::messages().len(), "no name twice");
        for (name, message) in messages {
            assert!(!message.to_string().contains("$ref"), "{name}: {message}");
            let payload = &message["payload"];
            if payload["type"] == "null" {
                continue;
            }
            let properties = payload["properties"].as_object();
            for (key, property) in properties.expect("it is an object") {
                assert!(
                    property["description"].is_string(),
                    "{name}: {key} {property}"
                );
            }
        }
    }
}
