//! Stock clients in a process of their own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::served::Served;
use crate::{DEADLINE, fits};

/// Whose clients.
#[derive(Clone, Copy, Debug)]
pub enum Language {
    JavaScript,
    Python,
}

/// How one client connects.
#[derive(Clone, Debug)]
pub struct Plan {
    pub name: String,
    pub namespace: &'static str,
    pub transport: &'static str,
    pub session: String,
    pub spelling: &'static str,
}

/// Clients, and what each has heard.
pub struct Clients {
    _process: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    pub heard: BTreeMap<String, Vec<(String, Value)>>,
}

impl Clients {
    /// Starts them and waits until all have joined.
    pub async fn start(language: Language, served: &Served, token: &str, plans: &[Plan]) -> Self {
        Self::start_at(language, &served.address(), token, plans, &[])
    }

    /// Starts them at an address, with more in their environment.
    pub fn start_at(
        language: Language,
        address: &str,
        token: &str,
        plans: &[Plan],
        environment: &[(&str, &Path)],
    ) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (program, script) = match language {
            Language::JavaScript => ("node".into(), "clients.mjs"),
            Language::Python => (python(folder), "clients.py"),
        };
        let plans = plans.iter().map(|plan| {
            json!({
                "name": plan.name, "namespace": plan.namespace, "transports": [plan.transport],
                "session": plan.session, "spelling": plan.spelling,
            })
            .to_string()
        });
        let mut process = Command::new(program)
            .arg(folder.join(script))
            .args([address, token])
            .args(plans)
            .envs(environment.iter().copied())
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
            heard: BTreeMap::new(),
        }
    }

    /// Has a client send something.
    pub async fn send(&mut self, client: &str, event: &str, payload: Value) {
        self.order(json!({"client": client, "event": event, "payload": payload}))
            .await;
    }

    /// Has a client send something so many times at once.
    pub async fn flood(&mut self, client: &str, event: &str, times: usize) {
        self.order(json!({"client": client, "event": event, "times": times}))
            .await;
    }

    /// Has a client leave.
    pub async fn close(&mut self, client: &str) {
        self.order(json!({"client": client, "close": true})).await;
    }

    async fn order(&mut self, order: Value) {
        self.orders
            .write_all(format!("{order}\n").as_bytes())
            .await
            .unwrap();
    }

    /// Reads what they say until something holds of what was heard.
    pub async fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let read = async {
            while !holds(self) {
                let line = self.lines.next_line().await.unwrap();
                let line = line.unwrap_or_else(|| panic!("the clients ended before {what}"));
                let line: Value = serde_json::from_str(&line).unwrap();
                let text = |key: &str| line[key].as_str().unwrap().to_owned();
                // What the clients themselves say of their connection is no event.
                if !["connect_error", "disconnect"].contains(&text("event").as_str()) {
                    fits::check(&text("event"), &line["payload"]);
                }
                let heard = self.heard.entry(text("client")).or_default();
                heard.push((text("event"), line["payload"].clone()));
            }
        };
        if tokio::time::timeout(DEADLINE, read).await.is_err() {
            panic!("waited for {what}; heard {:#?}", self.heard);
        }
    }

    /// Waits until so many clients have heard an event.
    pub async fn all_heard(&mut self, count: usize, event: &str) {
        let has = |it: &Self| {
            it.heard
                .values()
                .filter(|heard| heard.iter().any(|(name, _)| name == event))
                .count()
        };
        self.until(event, |it| has(it) >= count).await;
    }

    /// Waits until each of so many has heard the event of a number.
    pub async fn all_at(&mut self, count: usize, sequence: u64) {
        let is_there =
            |heard: &Vec<(String, Value)>| heard.iter().any(|(_, it)| is_number(it, sequence));
        let what = format!("event {sequence}");
        self.until(&what, |it| {
            it.heard.values().filter(|heard| is_there(heard)).count() >= count
        })
        .await;
    }

    /// The events of a client that have a place in the order, as name and payload.
    pub fn in_order(&self, client: &str) -> Vec<(String, Value)> {
        let heard = self.heard.get(client).cloned().unwrap_or_default();
        let has_place =
            |(name, payload): &(String, Value)| name != "joined" && payload["sequence"].is_u64();
        heard.into_iter().filter(has_place).collect()
    }
}

fn is_number(payload: &Value, sequence: u64) -> bool {
    payload["sequence"].as_u64() == Some(sequence)
}

/// The Python that has the clients.
pub fn python(folder: &Path) -> std::ffi::OsString {
    let place = if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    };
    folder
        .join("node_modules/.venv")
        .join(place)
        .into_os_string()
}
