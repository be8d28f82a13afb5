//! What events carry. What is sent and the AsyncAPI document are made from these types.

use std::collections::BTreeSet;

use app::programs::Author;
use app::reply::Skipped;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::ClassicError;

/// The place of an event in the order of all that happens to a project.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Place {
    /// The session that hears it.
    pub(crate) session_id: Uuid,
    /// From 1, without a hole. A session that is made later begins where the project stands.
    pub(crate) sequence: u64,
    /// When it came into the view (RFC 3339).
    pub(crate) timestamp: String,
}

/// What every change of a project has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Origin<'a> {
    /// Revision that has it; null: a command that was refused.
    pub(crate) revision: Option<u64>,
    // A description here and that of the type would make two schemas of it.
    #[schema(inline)]
    pub(crate) author: Whose<'a>,
}

/// Whose a change was.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Whose<'a> {
    /// The author, if it was made at this installation.
    pub(crate) id: Option<Uuid>,
    /// The person, if it was one.
    pub(crate) person_id: Option<String>,
    /// Their name.
    pub(crate) name: Option<&'a str>,
    /// The client of a program, by its own word.
    pub(crate) client: Option<&'a str>,
}

impl<'a> From<&'a Author> for Whose<'a> {
    fn from(author: &'a Author) -> Self {
        Self {
            id: author.id.map(|id| id.0),
            person_id: author.person_id.as_ref().map(ToString::to_string),
            name: author.name.as_deref(),
            client: author.client.as_deref(),
        }
    }
}

/// A command is about to be told of. Its changes follow, and nothing else comes between.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommandExecuting<'a> {
    /// Names the command.
    pub(crate) command_id: &'a str,
    /// What kind of command; `Batch` for several.
    pub(crate) command_type: &'a str,
}

/// A command was carried out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommandExecuted<'a> {
    /// Names the command.
    pub(crate) command_id: &'a str,
    /// What kind of command.
    pub(crate) command_type: &'a str,
    /// What the undo step is called.
    pub(crate) label: &'a str,
    /// True.
    pub(crate) success: bool,
    /// Null.
    #[schema(value_type = Option<Object>)]
    pub(crate) error: Option<ClassicError>,
}

/// A command was refused; nothing has changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommandFailed<'a> {
    /// Names the command.
    pub(crate) command_id: &'a str,
    /// What kind of command.
    pub(crate) command_type: &'a str,
    /// False.
    pub(crate) success: bool,
    #[schema(inline)]
    pub(crate) error: ClassicError,
}

/// A node is there that was not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NodeCreated<'a> {
    /// Which.
    pub(crate) node_id: Uuid,
    /// Where; null: top level.
    pub(crate) parent_id: Option<Uuid>,
    /// Its place among the children there, from 0, once all of this command is done. Put in in the order of the events, each
    /// comes to its place.
    pub(crate) index: usize,
    /// Its type.
    pub(crate) blueprint_type_id: &'a str,
    /// Its title.
    pub(crate) name: &'a str,
    /// Its values by field.
    #[schema(value_type = Object)]
    pub(crate) properties: Map<String, Value>,
    /// Fields whose values are too long for an event, and null here: read the node.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) left_out: Vec<&'a str>,
}

/// A node is not there any more. There is one event for each node of a subtree.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NodeDeleted {
    /// Which.
    pub(crate) node_id: Uuid,
}

/// A node has left a parent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NodeUnlinked {
    /// The parent; null: top level.
    pub(crate) parent_id: Option<Uuid>,
    /// The node.
    pub(crate) child_id: Uuid,
}

/// A node has come to a parent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NodeLinked {
    /// The parent; null: top level.
    pub(crate) parent_id: Option<Uuid>,
    /// The node.
    pub(crate) child_id: Uuid,
    /// Its place among the children there, from 0, once all of this command is done.
    pub(crate) index: usize,
}

/// Something else of a node differs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NodeUpdated<'a> {
    /// Which.
    pub(crate) node_id: Uuid,
    /// `place` (its order or type), `links` or `comments`.
    #[schema(value_type = Vec<String>)]
    pub(crate) aspects: &'a BTreeSet<&'static str>,
    /// Where it is among its siblings now, from 0; null: its place is as it was.
    pub(crate) index: Option<usize>,
    /// What blocks it now; null: its links are as they were.
    pub(crate) blocked_by: Option<Vec<Uuid>>,
}

/// A value differs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PropertyChanged<'a> {
    /// Of which node.
    pub(crate) node_id: Uuid,
    /// The field.
    pub(crate) property_id: String,
    /// Its key.
    pub(crate) property_name: &'a str,
    /// The value before; null: none, or not kept (long texts).
    pub(crate) old_value: &'a Value,
    /// The value now; null: see `left_out`.
    pub(crate) new_value: &'a Value,
    /// The field, if its value now is too long for an event: read the node.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) left_out: Vec<String>,
}

/// A value is gone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PropertyDeleted<'a> {
    /// Of which node.
    pub(crate) node_id: Uuid,
    /// The field.
    pub(crate) property_id: String,
    /// Its key.
    pub(crate) property_name: &'a str,
    /// The value before.
    pub(crate) old_value: &'a Value,
}

/// Name, template or another thing of the whole project differs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProjectUpdated<'a> {
    /// Its name.
    pub(crate) name: &'a str,
}

/// A step was undone or redone. What that changed was told before.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stepped<'a> {
    /// Names the command.
    pub(crate) command_id: &'a str,
    /// What the step is called.
    pub(crate) label: &'a str,
    /// What was left alone, because somebody else has changed it since: `what`, `field`, `by`.
    #[schema(value_type = Vec<Object>)]
    pub(crate) skipped: &'a [Skipped],
}

/// Changes came from another machine, or out of a file. They were told before.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExternalUpdate {
    /// A sentence.
    pub(crate) message: &'static str,
}

/// A client has come or gone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Company<'a> {
    /// The session.
    pub(crate) session_id: Uuid,
    /// Its connection.
    pub(crate) client_id: String,
    /// Its name, by its own word.
    pub(crate) client_name: Option<&'a str>,
    /// Connections in the session now.
    pub(crate) active_clients: usize,
    /// When (RFC 3339).
    pub(crate) timestamp: String,
}

/// This client has joined: what else it is told. It hears everything that has a later number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Joined {
    /// Names the numbering; another one begins anew.
    pub(crate) feed: Uuid,
    /// Number of the last event.
    pub(crate) sequence: u64,
}

/// What was missed was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Replayed {
    /// The session.
    pub(crate) session_id: Uuid,
    /// What was asked for.
    pub(crate) after: u64,
    /// Number of the last event that was sent again.
    pub(crate) until: u64,
    /// Number of the last event that there is.
    pub(crate) newest: u64,
    /// Whether none is missing between `after` and `until`; otherwise the project must be read anew.
    pub(crate) complete: bool,
    /// Names the numbering.
    pub(crate) feed: Uuid,
}

/// Events did not reach this connection, which reads too slowly: `replay` brings what is missing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Behind {
    /// The session.
    pub(crate) session_id: Uuid,
    /// Number of the last event that did not reach everybody. Whoever has heard it has missed nothing.
    pub(crate) sequence: u64,
}

/// The answer to `ping`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Pong {
    /// When (RFC 3339).
    pub(crate) timestamp: String,
}

/// Something was refused, or is over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Refusal<'a> {
    /// The session, if one has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session_id: Option<Uuid>,
    /// Stable code, as REST has it.
    pub(crate) code: &'a str,
    /// What happened.
    pub(crate) message: &'a str,
}

/// Who is there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Presence<'a> {
    /// The session.
    pub(crate) session_id: Uuid,
    /// Programs in this session.
    #[schema(inline)]
    pub(crate) clients: Vec<ClientThere<'a>>,
    /// People at other machines.
    #[schema(inline)]
    pub(crate) peers: Vec<PersonThere<'a>>,
    /// When (RFC 3339).
    pub(crate) timestamp: String,
}

/// A program in a session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientThere<'a> {
    /// Its connection.
    pub(crate) client_id: &'a str,
    /// Its name, by its own word.
    pub(crate) name: Option<&'a str>,
}

/// A person at another machine.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonThere<'a> {
    /// The person.
    pub(crate) person_id: String,
    /// Their name.
    pub(crate) name: Option<&'a str>,
    /// The node that they look at.
    pub(crate) node_id: Option<Uuid>,
    /// The field that they edit.
    pub(crate) property_id: Option<String>,
    /// Whether they are pressing keys in it.
    pub(crate) typing: bool,
    /// When that was (RFC 3339).
    pub(crate) seen_at: String,
}

/// Names a session. The id alone does, too.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "what clients send is described, not made")]
pub(crate) struct NamesSession {
    /// The session.
    session_id: Uuid,
}

/// Asks for what was missed; 2,048 events at once.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "what clients send is described, not made")]
pub(crate) struct Replay {
    /// The session.
    session_id: Uuid,
    /// Number of the last event that is known.
    after: u64,
}

/// A payload as it is sent.
pub(crate) fn object(payload: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(payload) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}
