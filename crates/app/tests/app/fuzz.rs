//! Requests that no window of ours would send.

use app::reply::Reply;
use app::request::Request;
use serde_json::{Value as Json, json};
use store::testing::Random;

use crate::desk::Desk;

const KINDS: [&str; 48] = [
    "start",
    "listProjects",
    "createProject",
    "openProject",
    "closeProject",
    "renameProject",
    "duplicateProject",
    "trashProject",
    "restoreProject",
    "purgeProject",
    "exportProject",
    "importProject",
    "snapshot",
    "apply",
    "undo",
    "redo",
    "inspect",
    "readText",
    "clip",
    "find",
    "readTrash",
    "attachFile",
    "saveAttachment",
    "readAttachment",
    "listBackups",
    "restoreBackup",
    "backUp",
    "putSettings",
    "putMe",
    "putLayout",
    "readLayout",
    "retrySaving",
    "invite",
    "joinProject",
    "readSharing",
    "readNotices",
    "markNotices",
    "syncNow",
    "putPresence",
    "cancel",
    "apply",
    "apply",
    "apply",
    "apply",
    "apply",
    "apply",
    "apply",
    "nonsense",
];

const COMMANDS: [&str; 42] = [
    "createNode",
    "setField",
    "editMembers",
    "editText",
    "moveNodes",
    "indent",
    "outdent",
    "duplicateNodes",
    "pasteNodes",
    "trashNodes",
    "restoreNodes",
    "settleConflict",
    "purgeNodes",
    "convertType",
    "link",
    "editLink",
    "unlink",
    "setBlockers",
    "addComment",
    "editComment",
    "resolveComment",
    "deleteComment",
    "attach",
    "detach",
    "putField",
    "removeField",
    "putOption",
    "removeOption",
    "putType",
    "removeType",
    "reorderField",
    "reorderType",
    "setTrait",
    "saveKit",
    "removeKit",
    "applyKit",
    "putFilter",
    "removeFilter",
    "putView",
    "removeView",
    "setProject",
    "batch",
];

/// What is drawn from: ids that exist, and texts that should not do harm.
struct Bag {
    random: Random,
    ids: Vec<String>,
    words: Vec<String>,
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
        let kind = *self.pick(&COMMANDS);
        let commands: Vec<Json> = match depth {
            0 => Vec::new(),
            _ => (0..self.random.below(3))
                .map(|_| self.command(depth - 1))
                .collect(),
        };
        json!({
            "kind": kind, "node": self.id(), "nodes": self.ids(), "nodeType": self.word(), "place": self.place(),
            "field": self.word(), "value": self.value(), "add": self.value(), "remove": self.value(),
            "base": self.word(), "seed": self.id(), "link": self.id(), "links": self.ids(), "from": self.id(),
            "to": self.id(), "relation": "finishToStart", "lag": i64::from(i32::MIN), "blockers": self.ids(),
            "splices": [{ "at": self.random.below(9), "delete": u32::MAX, "insert": self.word() }],
            "comment": self.id(), "body": self.word(), "resolved": true, "blob": self.word(), "option": self.word(),
            "file": { "name": self.word(), "mediaType": self.word(), "sizeBytes": 1 }, "index": u32::MAX,
            "behaviour": "scheduling", "on": true, "kit": self.word(), "name": self.word(), "currency": self.word(),
            "filter": { "id": self.word(), "name": self.word(), "query": self.word(), "owner": null },
            "view": { "id": self.word(), "name": self.word(), "layout": self.word(), "owner": null },
            "clipping": { "fields": [], "types": [], "links": [{ "from": 7, "to": 9, "relation": "relatesTo", "lag": 0 }],
                "nodes": [{ "parent": self.random.below(3), "nodeType": self.word(), "values": [], "original": self.id() }] },
            "label": self.word(), "commands": commands, "conflict": "fieldRace",
        })
    }

    fn request(&mut self, project: &str) -> Json {
        let kind = *self.pick(&KINDS);
        let project = if self.random.below(8) == 0 {
            self.id()
        } else {
            json!(project)
        };
        let mut request = json!({
            "kind": kind, "project": project, "command": self.command(2), "template": self.word(), "name": self.word(),
            "sample": false, "path": self.word(), "node": self.id(), "nodes": self.ids(), "field": self.word(),
            "query": self.word(), "limit": u32::MAX, "blob": self.word(), "backup": self.word(), "layout": self.word(),
            "settings": { "firstWeekday": 200, "shortcuts": { "": "" } }, "me": { "name": self.word(), "colour": self.word() },
            "invitation": self.word(), "isTyping": true, "entries": [0, u32::MAX],
        });
        if self.random.below(5) == 0 {
            let keys: Vec<String> = request.as_object().unwrap().keys().cloned().collect();
            let key = self.pick(&keys).clone();
            request[key] = self.value();
        }
        request
    }
}

fn bag(seed: u64, ids: Vec<String>, words: &[String]) -> Bag {
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
    let mut words = words.to_vec();
    words.extend(odd.map(str::to_owned));
    words.push("x".repeat(100_000));
    Bag {
        random: Random::new(seed),
        ids,
        words,
    }
}

#[tokio::test]
async fn no_request_panics_and_the_project_stays_readable() {
    let seed = 20_261_123;
    let desk = Desk::shared().await;
    let project = desk.create("book", true).await;
    let snapshot = desk.snapshot(project).await;
    let template = &snapshot.frame.template;
    let mut ids: Vec<String> = snapshot
        .nodes
        .iter()
        .take(12)
        .map(|row| row.0.to_string())
        .collect();
    ids.push(uuid::Uuid::nil().to_string());
    ids.push("not an id".to_owned());
    let mut words: Vec<String> = template.types.iter().map(|t| t.id.to_string()).collect();
    words.extend(template.fields.iter().map(|f| f.id.to_string()));
    let mut bag = bag(seed, ids, &words);
    let mut answered = 0;
    for step in 0..600 {
        let request = bag.request(&project.0.to_string());
        // Files would be written wherever the words lead.
        if request["kind"] == "exportProject" || request["kind"] == "saveAttachment" {
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
            desk.app
                .call(Request::RestoreProject { project })
                .await
                .ok();
            if desk
                .app
                .call(Request::OpenProject { project })
                .await
                .is_err()
            {
                break;
            }
        }
    }
    assert!(answered > 60, "{answered} requests were carried out");
    for project in desk.projects().await {
        if project.trashed_at.is_none() {
            desk.open(project.id).await;
            desk.snapshot(project.id).await;
        }
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
