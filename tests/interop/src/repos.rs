//! Stock clients of automerge-repo in a process of their own.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::DEADLINE;
use crate::served::Served;

/// Clients, and what each has said.
pub struct Repos {
    _process: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    said: Vec<(String, String, Value)>,
}

impl Repos {
    /// Starts clients of one project, each with what stands behind the `?` of its address besides the token.
    pub fn start(served: &Served, project: &str, plans: &[(&str, &str)]) -> Self {
        let url = served.get(&format!("/projects/{project}")).ok()["automerge_url"].clone();
        assert!(url.is_string(), "the project says its URL");
        let plan = |(name, query): &(&str, &str)| json!({"name": name, "url": url, "query": query});
        Self::start_as(served, plans.iter().map(plan))
    }

    /// Starts clients as their plans say.
    pub fn start_as(served: &Served, plans: impl IntoIterator<Item = Value>) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let token = served.server.token();
        let plans = plans.into_iter().map(|mut plan| {
            let text = |key: &str| plan[key].as_str().unwrap_or_default().to_owned();
            let query = format!("token={token}&client={}{}", text("name"), text("query"));
            plan["query"] = json!(query);
            plan.to_string()
        });
        let mut process = Command::new("node")
            .arg(folder.join("door.mjs"))
            .arg(format!("ws://{}/automerge", served.server.address()))
            .args(plans)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the clients are installed by cargo xtask setup");
        let orders = process.stdin.take().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            _process: process,
            orders,
            lines,
            said: Vec::new(),
        }
    }

    /// Has a client edit its copy.
    pub async fn edit(&mut self, client: &str, edit: &str, what: Value) {
        let mut order = json!({"client": client, "edit": edit});
        for (key, value) in what.as_object().unwrap() {
            order[key] = value.clone();
        }
        self.orders
            .write_all(format!("{order}\n").as_bytes())
            .await
            .unwrap();
    }

    /// Reads what they say until one of them has said such a thing, at any time.
    pub async fn until(
        &mut self,
        client: &str,
        event: &str,
        holds: impl Fn(&Value) -> bool,
    ) -> Value {
        let is_it = |(who, what, payload): &(String, String, Value)| {
            who == client && what == event && holds(payload)
        };
        let read = async {
            loop {
                if let Some((.., payload)) = self.said.iter().rev().find(|it| is_it(it)) {
                    return payload.clone();
                }
                let line = self.lines.next_line().await.unwrap();
                let line = line.unwrap_or_else(|| panic!("the clients ended before {event}"));
                let line: Value = serde_json::from_str(&line).unwrap();
                let text = |key: &str| line[key].as_str().unwrap().to_owned();
                self.said
                    .push((text("client"), text("event"), line["payload"].clone()));
            }
        };
        match tokio::time::timeout(DEADLINE, read).await {
            Ok(payload) => payload,
            Err(_) => panic!("waited for {event} of {client}; heard {:#?}", self.said),
        }
    }

    /// Waits until a client sees this under a key of an item.
    pub async fn sees(&mut self, client: &str, id: &str, key: &str, value: Value) {
        self.until(client, "items", |items| items[id][key] == value)
            .await;
    }
}
