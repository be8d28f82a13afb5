//! Finding and opening the project that somebody means.

use serde_json::{Value, json};

use crate::client::Client;
use crate::problem::Problem;

/// Projects or nodes asked for at once.
const PART: usize = 1000;

/// All projects.
pub fn list(client: &Client) -> Result<Value, Problem> {
    Ok(json!({"projects": all(client, "/projects", "projects")?}))
}

/// All of a list that comes in parts.
pub fn all(client: &Client, path: &str, name: &str) -> Result<Vec<Value>, Problem> {
    let mut all = Vec::new();
    loop {
        let part = client.get(&format!("{path}?offset={}&limit={PART}", all.len()))?;
        let some = part[name].as_array().cloned().unwrap_or_default();
        let is_last = some.len() < PART;
        all.extend(some);
        if is_last {
            return Ok(all);
        }
    }
}

/// The id of a project by its id, the beginning of its id, or its name. Of several, those in the trash are not meant.
pub fn find(client: &Client, said: &str) -> Result<String, Problem> {
    let all = list(client)?;
    let all = all["projects"].as_array().cloned().unwrap_or_default();
    let text = |project: &Value, key: &str| project[key].as_str().unwrap_or_default().to_owned();
    let is_said = |project: &Value| {
        let by_id = !said.is_empty() && text(project, "project_id").starts_with(said);
        by_id || text(project, "name") == said
    };
    let found: Vec<&Value> = all.iter().filter(|it| is_said(it)).collect();
    let live = found.iter().filter(|it| it["trashed_at"].is_null());
    let live: Vec<&Value> = live.copied().collect();
    let meant = if live.is_empty() { found } else { live };
    let meant: Vec<String> = meant.into_iter().map(|it| text(it, "project_id")).collect();
    match meant.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Problem::missing(format!("There is no project “{said}”."))),
        several => Err(Problem::usage(format!(
            "“{said}” may be {}",
            several.join(" or ")
        ))),
    }
}

/// A session of a project, until it is dropped.
pub struct Session<'c> {
    client: &'c Client,
    id: String,
}

impl<'c> Session<'c> {
    /// The one of an answer.
    pub fn of(client: &'c Client, answer: &Value) -> Self {
        let id = answer["session_id"].as_str().unwrap_or_default();
        Self {
            client,
            id: id.to_owned(),
        }
    }

    /// Its id, for whoever goes on with it.
    pub fn keep(mut self) -> String {
        std::mem::take(&mut self.id)
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// All nodes, each after its parent and what is beneath its elder siblings.
    pub fn nodes(&self) -> Result<Vec<Value>, Problem> {
        all(self.client, &format!("/sessions/{self}/nodes"), "nodes")
    }
}

impl std::fmt::Display for Session<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id)
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        if !self.id.is_empty() {
            // One that cannot be closed ends when it is idle.
            self.client.delete(&format!("/sessions/{}", self.id)).ok();
        }
    }
}

/// A session of a project.
pub fn open<'c>(client: &'c Client, said: &str) -> Result<Session<'c>, Problem> {
    let id = find(client, said)?;
    let opened = client.post(&format!("/projects/{id}/open"), &json!({}))?;
    Ok(Session::of(client, &opened))
}
