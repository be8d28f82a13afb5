//! Short forms of the commands that one types most.

use clap::ValueEnum;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Client;
use crate::problem::Problem;
use crate::project;

/// What a link says.
#[derive(Clone, Copy, ValueEnum)]
pub enum Relation {
    /// The second starts after the first has finished.
    FinishToStart,
    /// The second starts after the first has started.
    StartToStart,
    /// The second finishes after the first has finished.
    FinishToFinish,
    /// The second finishes after the first has started.
    StartToFinish,
    /// The two have to do with each other.
    RelatesTo,
}

impl Relation {
    fn name(self) -> &'static str {
        match self {
            Self::FinishToStart => "finishToStart",
            Self::StartToStart => "startToStart",
            Self::FinishToFinish => "finishToFinish",
            Self::StartToFinish => "startToFinish",
            Self::RelatesTo => "relatesTo",
        }
    }
}

/// Gives a field of a node a value; none clears it.
pub fn set(
    client: &Client,
    project: &str,
    node: &str,
    field: &str,
    value: Option<&str>,
) -> Result<Value, Problem> {
    // What is no JSON is text, so that nobody has to quote a word twice. A number stays as it was typed: it is exact.
    let value = value.map(|text| match serde_json::from_str(text) {
        Ok(Value::Number(_)) | Err(_) => json!(text),
        Ok(value) => value,
    });
    let data = json!({"node_id": node, "property_id": field, "new_value": value});
    execute(client, project, "UpdateProperty", &data)
}

/// Links two nodes.
pub fn link(
    client: &Client,
    project: &str,
    ends: [&str; 2],
    relation: Relation,
    lag: i32,
) -> Result<Value, Problem> {
    let [from, to] = ends;
    let data = json!({
        "link": Uuid::now_v7(), "relation": relation.name(), "from": from, "to": to, "lag": lag,
    });
    execute(client, project, "link", &data)
}

fn execute(client: &Client, project: &str, command: &str, data: &Value) -> Result<Value, Problem> {
    let session = project::open(client, project)?;
    let order = json!({"session_id": session.id(), "command_type": command, "data": data});
    client.post("/commands/execute", &order)
}
