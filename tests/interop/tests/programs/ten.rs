//! Ten stock clients of every kind at one session.

use interop::clients::{Clients, Language, Plan};
use interop::served::Served;
use serde_json::{Value, json};

/// So many stock JavaScript clients, and so many in Python.
pub const JAVASCRIPT: usize = 7;
pub const PYTHON: usize = 3;

pub fn plan(
    name: &str,
    session: &str,
    namespace: &'static str,
    transport: &'static str,
    spelling: &'static str,
) -> Plan {
    Plan {
        name: name.to_owned(),
        namespace,
        transport,
        session: session.to_owned(),
        spelling,
    }
}

/// Ten clients of every kind at one session.
pub struct Ten {
    pub javascript: Clients,
    pub python: Clients,
}

impl Ten {
    pub async fn join(served: &Served, session: &str) -> Self {
        // Those in Python are of the last, the first and the second kind.
        let kinds = [
            ("/graph", "websocket", "hyphen"),
            ("/", "websocket", "hyphen"),
            ("/graph", "polling", "hyphen"),
            ("/", "polling", "colon"),
        ];
        let plans: Vec<Plan> = (0..JAVASCRIPT + PYTHON)
            .map(|number| {
                let (namespace, transport, spelling) = kinds[number % kinds.len()];
                plan(
                    &format!("client {number}"),
                    session,
                    namespace,
                    transport,
                    spelling,
                )
            })
            .collect();
        let token = served.server.token();
        let mut javascript =
            Clients::start(Language::JavaScript, served, token, &plans[..JAVASCRIPT]).await;
        let mut python =
            Clients::start(Language::Python, served, token, &plans[JAVASCRIPT..]).await;
        for event in ["pong", "joined"] {
            javascript.all_heard(JAVASCRIPT, event).await;
            python.all_heard(PYTHON, event).await;
        }
        Self { javascript, python }
    }

    /// Waits until there are so many events and all have heard the last one of that moment, and checks that each has heard all
    /// of them, each once and in order.
    pub async fn check(&mut self, served: &Served, session: &str, least: u64) -> Vec<Value> {
        let mut newest = 0;
        while newest < least {
            let later = format!("/sessions/{session}/events?after={newest}&wait=30");
            let told = served.get(&later).ok()["newest"].as_u64().unwrap();
            assert!(told > newest, "event {least} does not come after {newest}");
            newest = told;
        }
        let events = served
            .get(&format!("/sessions/{session}/events?after=0"))
            .ok();
        let newest = events["newest"].as_u64().unwrap();
        self.javascript.all_at(JAVASCRIPT, newest).await;
        self.python.all_at(PYTHON, newest).await;
        let events = events["events"].as_array().unwrap().clone();
        for number in 0..JAVASCRIPT + PYTHON {
            let clients = if number < JAVASCRIPT {
                &self.javascript
            } else {
                &self.python
            };
            let mut heard = clients.in_order(&format!("client {number}"));
            heard.truncate(events.len());
            let spelled = |event: &Value| match number % 4 {
                3 => with_colons(event),
                _ => event["event"].as_str().unwrap().to_owned(),
            };
            let expected: Vec<(String, Value)> = events
                .iter()
                .map(|event| {
                    let mut payload = event.clone();
                    payload.as_object_mut().unwrap().remove("event");
                    (spelled(event), payload)
                })
                .collect();
            assert_eq!(heard, expected, "client {number}");
        }
        let colons = format!("/sessions/{session}/events?after=0&spelling=colon");
        let colons = served.get(&colons).ok();
        let colons = names(&colons["events"].as_array().unwrap()[..events.len()]).join(" ");
        let expected: Vec<String> = events.iter().map(with_colons).collect();
        assert_eq!(colons, expected.join(" "));
        for (place, event) in events.iter().enumerate() {
            assert_eq!(event["sequence"], json!(place + 1));
            assert_eq!(event["session_id"], session);
            assert!(event["timestamp"].is_string() && event["author"].is_object());
        }
        events
    }
}

/// The name of an event in the other spelling.
fn with_colons(event: &Value) -> String {
    match event["event"].as_str().unwrap() {
        name @ ("undo" | "redo") => format!("command:{name}"),
        name => name.replacen('-', ":", 1),
    }
}

pub fn names(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect()
}
