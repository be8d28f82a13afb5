//! Whether what is kept is whole: projects of this machine, `.talus` files and backups.

use std::path::Path;

use serde_json::{Value, json};

use crate::client::Client;
use crate::problem::Problem;
use crate::project;

/// Whether all that is to be read are files, for which nothing has to run.
pub fn is_of_files(what: &[String]) -> bool {
    !what.is_empty() && what.iter().all(|it| is_file(it))
}

/// What is called so in this folder is meant before a project that is called so.
fn is_file(said: &str) -> bool {
    Path::new(said).is_file()
}

/// Reads files.
pub fn files(what: &[String]) -> Result<Vec<Value>, Problem> {
    let mut read = Vec::new();
    for file in what {
        let found = api::verify_file(Path::new(file)).map_err(|failure| {
            Problem::Refused(json!({
                "code": failure.code, "detail": format!("{file}: {}", failure.message),
            }))
        });
        read.extend(found?);
    }
    Ok(read)
}

/// Reads files and all that is kept of projects; of all projects if nothing is said.
pub fn all(client: &Client, what: Vec<String>) -> Result<Vec<Value>, Problem> {
    let is_all = what.is_empty();
    let (named, said): (Vec<_>, Vec<_>) = what.into_iter().partition(|it| is_file(it));
    let mut read = files(&named)?;
    let ids = match is_all {
        false => said.iter().map(|it| project::find(client, it)).collect(),
        true => project::list(client).map(|all| ids(&all)),
    };
    for id in ids? {
        let path = format!("/projects/{id}/verification");
        read.push(client.post(&path, &json!({}))?);
    }
    Ok(read)
}

fn ids(projects: &Value) -> Vec<String> {
    let all = projects["projects"].as_array().into_iter().flatten();
    let ids = all.filter_map(|it| it["project_id"].as_str());
    ids.map(str::to_owned).collect()
}

/// Says what was read, and ends badly if something is damaged.
pub fn tell(
    read: Vec<Value>,
    say: impl FnOnce(&Value) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let is_whole = read.iter().all(|it| it["is_whole"] == true);
    say(&json!({"is_whole": is_whole, "projects": read}))?;
    match is_whole {
        true => Ok(()),
        false => Err(Problem::Damaged),
    }
}
