//! Requests that no window of ours would send.

use app::reply::{Reply, Snapshot};
use app::request::{ProjectId, Request};
use graph::command::Command;
use graph::template::Template;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use store::testing::Random;

use crate::desk::Desk;

/// All kinds of a type that says in `kind` which it is. What is expected stands in the refusal of one that there is not, so none
/// is ever missing here.
fn kinds<T: DeserializeOwned>() -> Vec<String> {
    let refused = serde_json::from_value::<T>(json!({ "kind": "nonsense" }));
    let refused = refused.err().expect("there is no such kind").to_string();
    let (_, expected) = refused.split_once("expected one of").expect(&refused);
    let quoted = expected.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// What would write a file wherever the words lead.
const WRITES_FILES: [&str; 3] = ["exportProject", "saveAttachment", "exportBundle"];

/// Nothing leaves this machine: nobody listens there, or it is no address.
const ADDRESSES: [&str; 5] = ["", "127.0.0.1:1", "[::1]:1", "127.0.0.1:99999", "two words"];

/// What is drawn from: ids that exist, and texts that should not do harm.
struct Bag {
    random: Random,
    requests: Vec<String>,
    commands: Vec<String>,
    ids: Vec<String>,
    words: Vec<String>,
    template: Template,
}

impl Bag {
    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.random.below(from.len() as u64) as usize]
    }

    fn id(&mut self) -> Json {
        let ids = self.ids.clone();
        json!(self.pick(&ids))
    }

    fn word(&mut self) -> Json {
        let words = self.words.clone();
        json!(self.pick(&words))
    }

    fn ids(&mut self) -> Json {
        (0..self.random.below(4)).map(|_| self.id()).collect()
    }

    fn value(&mut self) -> Json {
        match self.random.below(9) {
            0 => Json::Null,
            1 => json!({ "text": self.word() }),
            2 => json!({ "number": self.word() }),
            3 => json!({ "date": "2026-02-30" }),
            4 => json!({ "date": "2026-03-12" }),
            5 => json!({ "option": self.word() }),
            6 => json!({ "nodes": self.ids() }),
            7 => json!({ "prose": self.word() }),
            _ => json!({ "number": "79228162514264337593543950335" }),
        }
    }

    fn place(&mut self) -> Json {
        let at = match self.random.below(3) {
            0 => json!("first"),
            1 => json!("last"),
            _ => json!({ "after": self.id() }),
        };
        let parent = if self.random.below(2) == 0 {
            Json::Null
        } else {
            self.id()
        };
        json!({ "parent": parent, "at": at })
    }

    fn command(&mut self, depth: u32) -> Json {
        let kinds = self.commands.clone();
        let kind = self.pick(&kinds);
        self.command_of(kind, depth)
    }

    fn command_of(&mut self, kind: &str, depth: u32) -> Json {
        let commands: Vec<Json> = match depth {
            0 => Vec::new(),
            _ => (0..self.random.below(3))
                .map(|_| self.command(depth - 1))
                .collect(),
        };
        let mut command = json!({
            "kind": kind, "node": self.id(), "nodes": self.ids(), "nodeType": self.word(), "place": self.place(),
            "field": self.word(), "value": self.value(), "add": self.value(), "remove": self.value(),
            "base": self.word(), "seed": self.id(), "link": self.id(), "links": self.ids(), "from": self.id(),
            "to": self.id(), "relation": "finishToStart", "lag": i64::from(i32::MIN), "blockers": self.ids(),
            "splices": [{ "at": self.random.below(9), "delete": u32::MAX, "insert": self.word() }],
            "comment": self.id(), "body": self.word(), "resolved": true, "blob": self.word(), "option": self.word(),
            "file": { "name": self.word(), "mediaType": self.word(), "sizeBytes": 1 }, "index": u32::MAX,
            "behaviour": "scheduling", "on": true, "kit": self.word(), "name": self.word(), "currency": self.word(),
            "filter": self.word(), "view": self.word(), "containers": [self.word()], "id": self.id(),
            "person": { "name": self.word(), "colour": self.word() },
            "clipping": { "fields": [], "types": [], "links": [{ "from": 7, "to": 9, "relation": "relatesTo", "lag": 0 }],
                "nodes": [{ "parent": self.random.below(3), "nodeType": self.word(), "values": [], "original": self.id() }] },
            "label": self.word(), "commands": commands, "conflict": "fieldRace",
        });
        self.define(kind, &mut command);
        command
    }

    /// Commands that put something have it whole where others name it.
    fn define(&mut self, kind: &str, command: &mut Json) {
        let (fields, types) = (self.template.fields.clone(), self.template.types.clone());
        match kind {
            "putField" => {
                command["field"] = json!(self.pick(&fields));
                command["field"]["label"] = self.word();
            }
            "putType" => {
                command["nodeType"] = json!(self.pick(&types));
                command["nodeType"]["label"] = self.word();
            }
            "putOption" => {
                let mut options = fields.iter().flat_map(|field| &field.options);
                command["option"] = json!(options.next());
                command["option"]["label"] = self.word();
            }
            "putFilter" => {
                command["filter"] = json!({ "id": self.word(), "name": self.word(), "query": self.word(), "owner": null });
            }
            "putView" => {
                command["view"] = json!({ "id": self.word(), "name": self.word(), "layout": self.word(), "owner": null });
            }
            _ => {}
        }
    }

    fn device(&mut self) -> Json {
        match self.random.below(3) {
            0 => self.word(),
            1 => json!("0".repeat(64)),
            _ => json!("f".repeat(63)),
        }
    }

    fn request(&mut self, project: &str) -> Json {
        // Most is done by commands.
        let kind = match self.random.below(6) {
            0 => "apply".to_owned(),
            _ => {
                let kinds = self.requests.clone();
                self.pick(&kinds).clone()
            }
        };
        let mut request = self.request_of(&kind, project);
        if self.random.below(8) == 0 {
            request["project"] = self.id();
        }
        if self.random.below(5) == 0 {
            let keys: Vec<String> = request.as_object().unwrap().keys().cloned().collect();
            let key = self.pick(&keys).clone();
            request[key] = self.value();
        }
        request
    }

    fn request_of(&mut self, kind: &str, project: &str) -> Json {
        let address = *self.pick(&ADDRESSES);
        let role = *self.pick(&["viewer", "commenter", "editor", "owner"]);
        json!({
            "kind": kind, "project": project, "command": self.command(2), "template": self.word(), "name": self.word(),
            "sample": false, "path": self.word(), "node": self.id(), "nodes": self.ids(), "field": self.word(),
            "query": self.word(), "limit": u32::MAX, "blob": self.word(), "backup": self.word(), "layout": self.word(),
            "settings": { "firstWeekday": 200, "shortcuts": { "": "" } }, "me": { "name": self.word(), "colour": self.word() },
            "invitation": self.word(), "isTyping": true, "entries": [0, u32::MAX], "role": role, "device": self.device(),
            "hours": self.random.below(1 << 32), "uses": self.random.below(1 << 32), "address": address,
            "at": { "kind": "address", "address": address }, "pairing": self.random.below(3), "code": self.word(),
            "since": self.device(), "task": u32::MAX, "passphrase": self.word(), "current": self.word(),
            "place": { "kind": "passphrase", "passphrase": "short" },
        })
    }
}

/// Nodes that there are, and what is none.
fn ids(snapshot: &Snapshot) -> Vec<String> {
    let nodes = snapshot.nodes.iter().take(12);
    let mut ids: Vec<String> = nodes.map(|row| row.0.to_string()).collect();
    ids.push(uuid::Uuid::nil().to_string());
    ids.push("not an id".to_owned());
    ids
}

fn bag(seed: u64, snapshot: &Snapshot) -> Bag {
    let template = snapshot.frame.template.clone();
    let odd = [
        "",
        " ",
        "\u{0}",
        "\u{202e}abc",
        "e\u{301}\u{301}",
        "👩‍🚀",
        "../../x",
        "/",
        "NaN",
        "1e400",
        "-0.00",
        "blank",
    ];
    let types = template.types.iter().map(|it| it.id.to_string());
    let fields = template.fields.iter().map(|it| it.id.to_string());
    let mut words: Vec<String> = types.chain(fields).collect();
    words.extend(odd.map(str::to_owned));
    words.push("x".repeat(100_000));
    Bag {
        random: Random::new(seed),
        requests: kinds::<Request>(),
        commands: kinds::<Command>(),
        ids: ids(snapshot),
        words,
        template,
    }
}

/// What is drawn until it is one that the application understands.
fn understood<T: DeserializeOwned>(what: &str, mut draw: impl FnMut() -> Json) -> Json {
    for _ in 0..500 {
        let drawn = draw();
        if serde_json::from_value::<T>(drawn.clone()).is_ok() {
            return drawn;
        }
    }
    panic!("no {what} that is drawn is understood: {}", draw());
}

#[tokio::test]
async fn no_request_panics_and_the_project_stays_readable() {
    let seed = 20_261_123;
    let desk = Desk::shared().await;
    let mut project = desk.create("book", true).await;
    let mut bag = bag(seed, &desk.snapshot(project).await);
    let mut answered = 0;
    // Each kind of request once, and of command, and then whatever comes.
    let (requests, commands) = (bag.requests.clone(), bag.commands.clone());
    assert!(requests.len() > 60 && commands.len() > 40);
    for step in 0..600_usize {
        let id = project.0.to_string();
        let command = step.checked_sub(requests.len());
        let command = command.and_then(|step| commands.get(step));
        let request = match (requests.get(step), command) {
            (Some(kind), _) => understood::<Request>(kind, || bag.request_of(kind, &id)),
            (None, Some(kind)) => {
                let command = understood::<Command>(kind, || bag.command_of(kind, 1));
                json!({ "kind": "apply", "project": id, "command": command })
            }
            (None, None) => bag.request(&id),
        };
        if WRITES_FILES.iter().any(|kind| request["kind"] == *kind) {
            continue;
        }
        let bytes = serde_json::to_vec(&request).unwrap();
        let answer: Json = serde_json::from_slice(&desk.app.call_json(&bytes).await).unwrap();
        let code = answer["failed"]["code"].as_str().unwrap_or("");
        assert!(
            !["DEFECT", "PROJECT_CRASHED"].contains(&code),
            "seed {seed}, step {step}: {answer} to {request}"
        );
        answered += usize::from(answer.get("ok").is_some());
        if matches!(
            code,
            "PROJECT_NOT_OPEN" | "PROJECT_IN_TRASH" | "PROJECT_NOT_FOUND"
        ) {
            project = open_again(&desk, project).await;
            bag.ids = ids(&desk.snapshot(project).await);
        }
    }
    assert!(answered > 100, "{answered} requests were carried out");
    for project in desk.projects().await {
        if project.trashed_at.is_none() {
            desk.open(project.id).await;
            desk.snapshot(project.id).await;
        }
    }
}

/// The project, or another if it is no more.
async fn open_again(desk: &Desk, project: ProjectId) -> ProjectId {
    desk.app
        .call(Request::RestoreProject { project })
        .await
        .ok();
    match desk.app.call(Request::OpenProject { project }).await {
        Ok(_) => project,
        Err(_) => desk.create("book", true).await,
    }
}

#[tokio::test]
async fn bytes_that_are_no_request_are_answered() {
    let desk = Desk::new().await;
    let deep = "[".repeat(100_000);
    for bytes in [
        &b""[..],
        b"null",
        b"{\"kind\":7}",
        b"\xff\xfe",
        b"{\"kind\":\"start\"",
        deep.as_bytes(),
    ] {
        let answer: Json = serde_json::from_slice(&desk.app.call_json(bytes).await).unwrap();
        assert_eq!(answer["failed"]["code"], "BAD_REQUEST", "{answer}");
    }
    let answer: Json =
        serde_json::from_slice(&desk.app.call_json(b"{\"kind\":\"start\"}").await).unwrap();
    let reply: Reply = serde_json::from_value(answer["ok"].clone()).unwrap();
    assert!(matches!(reply, Reply::Started(_)));
}
