//! Stock clients of automerge-repo in a process of their own.

use serde_json::{Value, json};

use crate::DEADLINE;
use crate::served::Served;
use crate::speaking::{Said, Speaking};

/// Clients, and what each has said.
pub struct Repos {
    speaking: Speaking,
    said: Vec<Said>,
}

impl Repos {
    /// Starts clients of one project, each with what stands behind the `?` of its address besides the token.
    pub fn start(served: &Served, project: &str, plans: &[(&str, &str)]) -> Self {
        let url = served.get(&format!("/projects/{project}")).ok()["automerge_url"].clone();
        assert!(url.is_string(), "the project says its URL");
        let plan = |(name, query): &(&str, &str)| json!({"name": name, "url": url, "query": query});
        Self::start_as(served, plans.iter().map(plan))
    }

    /// Starts clients as their plans say, with the token of the data directory unless they have one.
    pub fn start_as(served: &Served, plans: impl IntoIterator<Item = Value>) -> Self {
        let token = served.server.token();
        let plans = plans.into_iter().map(|mut plan| {
            let text = |key: &str| plan[key].as_str().unwrap_or_default().to_owned();
            let token = plan["token"].as_str().unwrap_or(token);
            let query = format!("token={token}&client={}{}", text("name"), text("query"));
            plan["query"] = json!(query);
            plan.to_string()
        });
        let door = format!("ws://{}/automerge", served.server.address());
        let arguments = std::iter::once(door).chain(plans);
        Self {
            speaking: Speaking::start("node", "door.mjs", arguments, &[]),
            said: Vec::new(),
        }
    }

    /// Has a client edit its copy.
    pub async fn edit(&mut self, client: &str, edit: &str, what: Value) {
        let mut order = json!({"client": client, "edit": edit});
        for (key, value) in what.as_object().unwrap() {
            order[key] = value.clone();
        }
        self.speaking.order(&order).await;
    }

    /// Reads what they say until one of them has said such a thing, at any time.
    pub async fn until(
        &mut self,
        client: &str,
        event: &str,
        holds: impl Fn(&Value) -> bool,
    ) -> Value {
        let is_it = |it: &&Said| it.client == client && it.event == event && holds(&it.payload);
        let read = async {
            loop {
                if let Some(said) = self.said.iter().rev().find(is_it) {
                    return said.payload.clone();
                }
                self.said.push(self.speaking.hear().await);
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
