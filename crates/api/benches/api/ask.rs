//! Asking by REST.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;

use crate::serve::Served;

/// A project with many nodes, and one who changes it.
pub struct Asked<'a> {
    served: &'a Served,
    agent: Agent,
    pub session: String,
    project: String,
    nodes: Vec<String>,
    /// Commands so far. No two give the same name, which would change nothing.
    asked: AtomicUsize,
}

impl<'a> Asked<'a> {
    /// Makes a project of so many nodes.
    pub fn fill(served: &'a Served, count: usize) -> Self {
        let mut asked = Self {
            served,
            agent: agent(),
            session: String::new(),
            project: String::new(),
            nodes: Vec::new(),
            asked: AtomicUsize::new(0),
        };
        let new = json!({"template_id": "book", "project_name": "Measured"});
        let made = asked.post(&asked.agent, "/projects", &new);
        asked.session = made["session_id"].as_str().unwrap().to_owned();
        asked.project = made["project_id"].as_str().unwrap().to_owned();
        let part = |name: usize, parent: Option<&String>| {
            let of = if parent.is_some() { "chapter" } else { "book" };
            json!({"command_type": "CreateNode", "data":
                {"blueprint_type_id": of, "parent_id": parent, "name": format!("Node {name}")}})
        };
        while asked.nodes.len() < count {
            let done = asked.nodes.len();
            // A hundred books; then chapters, a thousand at once.
            let commands: Vec<Value> = match done {
                0 => (0..100).map(|name| part(name, None)).collect(),
                _ => (done..count.min(done + 1_000))
                    .map(|name| part(name, asked.nodes.get(name % 100)))
                    .collect(),
            };
            let order = json!({"session_id": asked.session, "commands": commands});
            let made = asked.post(&asked.agent, "/commands/execute", &order);
            let made = made["changes"].as_array().unwrap().iter();
            let made = made.filter(|it| it["event"] == "node-created");
            let made = made.map(|it| it["node_id"].as_str().unwrap().to_owned());
            asked.nodes.extend(made);
        }
        asked
    }

    /// Renames a node; the command id.
    pub fn rename(&self, how: &str) -> usize {
        self.rename_by(&self.agent, how)
    }

    fn rename_by(&self, agent: &Agent, how: &str) -> usize {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        // Spread over the project, and never one twice in a row.
        let node = &self.nodes[number * 7_919 % self.nodes.len()];
        let order = json!({
            "session_id": self.session, "command_type": "UpdateProperty",
            "command_id": number.to_string(),
            "data": {"node_id": node, "property_id": "name", "new_value": format!("Name {number}")},
        });
        self.post(agent, &format!("/commands/execute{how}"), &order);
        number
    }

    /// How long each of so many commands takes, one after another, in milliseconds.
    pub fn one_by_one(&self, count: usize, how: &str) -> Vec<f64> {
        let times = (0..count + 50).map(|_| {
            let begun = Instant::now();
            self.rename(how);
            begun.elapsed().as_secs_f64() * 1e3
        });
        // The first ones open files and connections.
        times.skip(50).collect()
    }

    /// Commands a second over so many connections.
    pub fn sustained(&self, connections: usize, time: Duration) -> f64 {
        let begun = Instant::now();
        let done: usize = std::thread::scope(|scope| {
            let work = || {
                let agent = agent();
                let done = std::iter::repeat_with(|| self.rename_by(&agent, ""));
                done.take_while(|_| begun.elapsed() < time).count()
            };
            let threads = (0..connections).map(|_| scope.spawn(work));
            let threads: Vec<_> = threads.collect();
            threads.into_iter().map(|it| it.join().unwrap()).sum()
        });
        done as f64 / begun.elapsed().as_secs_f64()
    }

    /// By which automerge-repo finds the project.
    pub fn automerge_url(&self) -> String {
        let path = format!("/api/v1/projects/{}", self.project);
        let request = self
            .agent
            .get(format!("http://{}{path}", self.served.address));
        let token = format!("Bearer {}", self.served.token);
        let mut answer = request.header("authorization", token).call().unwrap();
        let project: Value = answer.body_mut().read_json().unwrap();
        project["automerge_url"].as_str().unwrap().to_owned()
    }

    fn post(&self, agent: &Agent, path: &str, body: &Value) -> Value {
        let request = agent.post(format!("http://{}/api/v1{path}", self.served.address));
        let token = format!("Bearer {}", self.served.token);
        let answer = request.header("authorization", token).send_json(body);
        let mut answer = answer.unwrap();
        answer.body_mut().read_json().unwrap()
    }
}

fn agent() -> Agent {
    Agent::config_builder().build().into()
}
