//! Stock clients in a process of their own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use serde_json::{Value, json};

use crate::served::Served;
use crate::speaking::Speaking;
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
    speaking: Speaking,
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
        let (program, script) = match language {
            Language::JavaScript => ("node".into(), "clients.mjs"),
            Language::Python => (python(), "clients.py"),
        };
        let plans = plans.iter().map(|plan| {
            json!({
                "name": plan.name, "namespace": plan.namespace, "transports": [plan.transport],
                "session": plan.session, "spelling": plan.spelling,
            })
            .to_string()
        });
        let arguments = [address, token].map(str::to_owned).into_iter().chain(plans);
        Self {
            speaking: Speaking::start(program, script, arguments, environment),
            heard: BTreeMap::new(),
        }
    }

    /// Has a client send something.
    pub async fn send(&mut self, client: &str, event: &str, payload: Value) {
        self.speaking
            .order(&json!({"client": client, "event": event, "payload": payload}))
            .await;
    }

    /// Has a client send something so many times at once.
    pub async fn flood(&mut self, client: &str, event: &str, times: usize) {
        self.speaking
            .order(&json!({"client": client, "event": event, "times": times}))
            .await;
    }

    /// Has a client leave.
    pub async fn close(&mut self, client: &str) {
        self.speaking
            .order(&json!({"client": client, "close": true}))
            .await;
    }

    /// Reads what they say until something holds of what was heard.
    pub async fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let read = async {
            while !holds(self) {
                let said = self.speaking.hear().await;
                // What the clients themselves say of their connection is no event.
                if !["connect_error", "disconnect"].contains(&said.event.as_str()) {
                    fits::check(&said.event, &said.payload);
                }
                let heard = self.heard.entry(said.client).or_default();
                heard.push((said.event, said.payload));
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
pub fn python() -> OsString {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
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
