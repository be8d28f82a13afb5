//! Makes a project with a node, and says what happens to it.
#![allow(
    clippy::disallowed_methods,
    reason = "the lints are for the program, not for examples"
)]

use std::error::Error;
use std::fs;

use serde_json::{Value, json};

struct Api {
    base: String,
    bearer: String,
}

impl Api {
    fn get(&self, path: &str) -> Result<Value, ureq::Error> {
        let request = ureq::get(format!("{}{path}", self.base));
        let mut answer = request.header("Authorization", &self.bearer).call()?;
        answer.body_mut().read_json()
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, ureq::Error> {
        let request = ureq::post(format!("{}{path}", self.base));
        let mut answer = request
            .header("Authorization", &self.bearer)
            .send_json(body)?;
        answer.body_mut().read_json()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::var("TALUS_DATA_DIR")?;
    let read = |name: &str| fs::read_to_string(format!("{folder}/{name}"));
    let api = Api {
        base: format!("{}/api/v1", read("api-address")?),
        bearer: format!("Bearer {}", read("api-token")?),
    };
    let new = json!({"template_id": "book", "project_name": "A book"});
    let session = api.post("/projects", &new)?["session_id"].clone();
    let session = session.as_str().unwrap_or_default();
    let node = json!({"blueprint_type_id": "book", "name": "One"});
    let order = json!({"session_id": session, "command_type": "CreateNode", "data": node});
    api.post("/commands/execute", &order)?;

    // Everything that happens, in order; the server waits for it.
    let mut after = 0;
    while after < 3 {
        let path = format!("/sessions/{session}/events?after={after}&wait=25");
        let answer = api.get(&path)?;
        for event in answer["events"].as_array().into_iter().flatten() {
            println!("heard {} {}", event["event"], event["sequence"]);
        }
        after = answer["newest"].as_u64().unwrap_or(after);
    }
    Ok(())
}
