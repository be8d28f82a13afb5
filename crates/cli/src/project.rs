//! Finding and opening the project that somebody means.

use serde_json::{Value, json};

use crate::client::Client;
use crate::problem::Problem;

/// Projects asked for at once.
const PART: usize = 1000;

/// All projects.
pub fn list(client: &Client) -> Result<Value, Problem> {
    let mut projects = Vec::new();
    loop {
        let part = client.get(&format!("/projects?offset={}&limit={PART}", projects.len()))?;
        let some = part["projects"].as_array().cloned().unwrap_or_default();
        let is_last = some.len() < PART;
        projects.extend(some);
        if is_last {
            return Ok(json!({"projects": projects}));
        }
    }
}

/// The id of a project by its id, the beginning of its id, or its name.
pub fn find(client: &Client, said: &str) -> Result<String, Problem> {
    let all = list(client)?;
    let all = all["projects"].as_array().cloned().unwrap_or_default();
    let text = |project: &Value, key: &str| project[key].as_str().unwrap_or_default().to_owned();
    let is_said = |project: &Value| {
        let by_id = !said.is_empty() && text(project, "project_id").starts_with(said);
        by_id || text(project, "name") == said
    };
    let found: Vec<String> = all
        .iter()
        .filter(|it| is_said(it))
        .map(|it| text(it, "project_id"))
        .collect();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Problem::missing(format!("There is no project “{said}”."))),
        several => Err(Problem::usage(format!(
            "“{said}” may be {}",
            several.join(" or ")
        ))),
    }
}

/// A session of a project.
pub fn open(client: &Client, said: &str) -> Result<String, Problem> {
    let id = find(client, said)?;
    let opened = client.post(&format!("/projects/{id}/open"), &json!({}))?;
    Ok(opened["session_id"].as_str().unwrap_or_default().to_owned())
}

/// Reads all that is kept of a project, or of all of them.
pub fn verify(client: &Client, said: Option<&str>) -> Result<Value, Problem> {
    let ids = match said {
        Some(said) => vec![find(client, said)?],
        None => {
            let all = list(client)?;
            let all = all["projects"].as_array().into_iter().flatten();
            let ids = all.filter_map(|it| it["project_id"].as_str());
            ids.map(str::to_owned).collect()
        }
    };
    let read = ids
        .iter()
        .map(|id| client.post(&format!("/projects/{id}/verification"), &json!({})));
    let read = read.collect::<Result<Vec<_>, _>>()?;
    let is_whole = read.iter().all(|it| it["is_whole"] == true);
    Ok(json!({"is_whole": is_whole, "projects": read}))
}
