//! Commands by both kinds of names.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use interop::DEADLINE;
use interop::served::{Answer, Served};
use serde_json::{Value, json};

struct Book {
    served: Served,
    session: String,
    part: String,
    chapter: String,
}

/// A book with two types that may stand in one another.
async fn book() -> Book {
    let served = Served::start(false).await;
    let (_, session) = served.project("book", false);
    let schema = served.get("/templates/book/schema").ok();
    let types = schema["types"].as_array().unwrap();
    let part = types
        .iter()
        .find(|it| it["topLevel"] == true && !it["children"].as_array().unwrap().is_empty());
    let part = part.unwrap();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    Book {
        session,
        part: text(&part["id"]),
        chapter: text(&part["children"][0]),
        served,
    }
}

impl Book {
    fn run(&self, command: &str, data: Value) -> Answer {
        self.served.execute(&self.session, command, data)
    }

    fn children(&self, node: &str) -> Vec<String> {
        let node = self
            .served
            .get(&format!("/sessions/{}/graph/nodes/{node}", self.session))
            .ok();
        let children = node["children"].as_array().unwrap().iter();
        children.map(|it| it.as_str().unwrap().to_owned()).collect()
    }

    fn part(&self, name: &str) -> String {
        self.served.node(&self.session, &self.part, None, name)
    }

    fn chapter(&self, parent: &str, name: &str) -> String {
        self.served
            .node(&self.session, &self.chapter, Some(parent), name)
    }
}

fn names(answer: &Value) -> Vec<&str> {
    let changes = answer["changes"].as_array().unwrap().iter();
    changes.map(|it| it["event"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_earlier_application() {
    let book = book().await;
    let (one, two) = (book.part("One"), book.part("Two"));
    let chapters = ["a", "b", "c"].map(|name| book.chapter(&one, name));
    let [a, b, c] = &chapters;

    let moved = book
        .run("MoveNode", json!({"node_id": a, "new_parent_id": two}))
        .ok();
    assert_eq!(names(&moved), ["node-unlinked", "node-linked"]);
    assert_eq!(book.children(&two), std::slice::from_ref(a));
    let linked = book
        .run("LinkNode", json!({"parent_id": one, "child_id": a}))
        .ok();
    assert_eq!(names(&linked), ["node-unlinked", "node-linked"]);
    assert_eq!(linked["changes"][1]["index"], 2);
    assert_eq!(book.children(&one), [b.clone(), c.clone(), a.clone()]);
    let first = book
        .run("ReorderNode", json!({"node_id": a, "new_index": 0}))
        .ok();
    assert_eq!(names(&first), ["node-updated"]);
    assert_eq!(first["changes"][0]["index"], 0);
    assert_eq!(book.children(&one), chapters);
    book.run("ReorderNode", json!({"node_id": a, "new_index": 1}))
        .ok();
    assert_eq!(book.children(&one), [b.clone(), a.clone(), c.clone()]);

    let blocked = book
        .run(
            "UpdateBlockingRelationship",
            json!({"blocked_node_id": a, "blocking_node_id": b}),
        )
        .ok();
    assert_eq!(names(&blocked), ["node-updated", "node-updated"]);
    let changes = blocked["changes"].as_array().unwrap();
    let held = changes.iter().find(|it| it["node_id"] == json!(a)).unwrap();
    assert_eq!(held["blocked_by"], json!([b]));
    let graph = book
        .served
        .get(&format!("/sessions/{}/blocking-graph", book.session))
        .ok();
    assert_eq!(
        graph["relationships"],
        json!([{"blockedNodeId": a, "blockingNodeId": b}])
    );
    book.run(
        "UpdateBlockingRelationship",
        json!({"blocked_node_id": a, "blocking_node_id": null}),
    )
    .ok();

    let kit = book
        .run("ApplyKit", json!({"target_id": two, "kit_root_id": one}))
        .ok();
    assert_eq!(names(&kit), ["node-created"; 3]);
    assert_eq!(book.children(&two).len(), 3);

    let deleted = book.run("DeleteNode", json!({"node_id": one})).ok();
    assert_eq!(names(&deleted), ["node-deleted"; 4]);
    let undone = book
        .served
        .post(&format!("/sessions/{}/undo", book.session), json!({}))
        .ok();
    assert_eq!(names(&undone), ["node-created"; 4]);
    assert_eq!(
        undone["changes"][0]["node_id"],
        json!(one),
        "a parent comes before its children"
    );
    let indices = |answer: &Value| -> Vec<u64> {
        let changes = answer["changes"].as_array().unwrap().iter();
        changes.map(|it| it["index"].as_u64().unwrap()).collect()
    };
    assert_eq!(indices(&undone)[1..], [0, 1, 2]);

    let wrong = book.run("UnlinkNode", json!({"parent_id": two, "child_id": a}));
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (400, "COMMAND_FAILED")
    );
}

/// What each does is for the tests of `graph`; here each is known by its own name.
#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_project_has_its_name_here() {
    let book = book().await;
    let types = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/bindings/graph.ts");
    let types = std::fs::read_to_string(types).unwrap();
    let (_, command) = types.split_once("export type Command = ").unwrap();
    let (command, _) = command.split_once("};\n").unwrap();
    let kinds = command.split("\"kind\": \"").skip(1);
    let kinds: Vec<&str> = kinds.filter_map(|it| Some(it.split_once('"')?.0)).collect();
    assert!(kinds.len() > 30, "{kinds:?}");
    for kind in kinds {
        // Without its fields it is refused for their sake, unless it has none.
        let answer = book.run(kind, json!({}));
        let is_known = answer.status == 200 || answer.code() != "INVALID_COMMAND";
        assert!(is_known, "{kind}: {answer:?}");
    }
    assert_eq!(
        book.run("putEverything", json!({})).code(),
        "INVALID_COMMAND"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_the_codes_of_the_earlier_application_and_our_own() {
    let book = book().await;
    let one = book.part("One");
    let a = book.chapter(&one, "a");
    for (command, data, classic, own) in [
        (
            "MoveNode",
            json!({"node_id": one, "new_parent_id": a}),
            "MOVE_INVALID",
            None,
        ),
        (
            "ReorderNode",
            json!({"node_id": uuid::Uuid::nil(), "new_index": 0}),
            "REORDER_INVALID",
            Some("NODE_NOT_FOUND"),
        ),
        (
            "DeleteNode",
            json!({"node_id": uuid::Uuid::nil()}),
            "COMMAND_FAILED",
            Some("NODE_NOT_FOUND"),
        ),
        (
            "UpdateProperty",
            json!({"node_id": a, "property_id": "nothing", "new_value": 1}),
            "COMMAND_FAILED",
            Some("FIELD_NOT_FOUND"),
        ),
        // Null clears a value, and a word that is spelled wrongly does not.
        (
            "UpdateProperty",
            json!({"node_id": a, "property_id": "name", "newvalue": "x"}),
            "INVALID_REQUEST",
            Some("INVALID_REQUEST"),
        ),
        (
            "CreateNode",
            json!({"blueprint_type_id": "nothing"}),
            "COMMAND_FAILED",
            Some("TYPE_NOT_FOUND"),
        ),
        (
            "DeleteNode",
            json!({}),
            "INVALID_REQUEST",
            Some("INVALID_REQUEST"),
        ),
        (
            "FlyNode",
            json!({}),
            "INVALID_COMMAND",
            Some("INVALID_COMMAND"),
        ),
        (
            "trashNodes",
            json!({"nodes": 7}),
            "INVALID_REQUEST",
            Some("INVALID_REQUEST"),
        ),
        (
            "indent",
            json!({"nodes": [one]}),
            "NOTHING_ABOVE",
            Some("NOTHING_ABOVE"),
        ),
    ] {
        let refused = book.run(command, data);
        assert_eq!(refused.status, 400, "{command} {refused:?}");
        assert_eq!(refused.code(), classic, "{command}");
        if let Some(own) = own {
            assert_eq!(refused.json()["code"], own, "{command}");
        }
        assert_eq!(
            refused.header("content-type"),
            Some("application/problem+json")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_commands_are_one_step_or_none() {
    let book = book().await;
    let (one, two) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
    let create = |id, parent: Option<uuid::Uuid>, of: &str, name| json!({"command_type": "CreateNode", "data": {"node_id": id, "parent_id": parent, "blueprint_type_id": of, "name": name}});
    let batch = |last: Value| {
        json!({
            "session_id": book.session, "label": "Make a part", "commands": [
                create(one, None, &book.part, "One"),
                create(two, Some(one), &book.chapter, "a"),
                last,
            ],
        })
    };
    let bad = json!({"command_type": "DeleteNode", "data": {"node_id": uuid::Uuid::nil()}});
    let refused = book.served.post("/commands/execute", batch(bad));
    assert_eq!(refused.status, 404);
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.starts_with("Command 3: There is no node"),
        "{detail}"
    );
    let misread = json!({"command_type": "ReorderNode", "data": {"node_id": one}});
    let refused = book.served.post("/commands/execute", batch(misread));
    assert_eq!(refused.status, 400);
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("Command 3: ReorderNode: "), "{detail}");
    let tree = || {
        book.served
            .get(&format!("/sessions/{}/graph/tree", book.session))
            .ok()["tree"]
            .clone()
    };
    assert_eq!(tree(), json!([]));
    let rename = json!({"command_type": "UpdateProperty", "data": {"node_id": two, "property_id": "name", "new_value": "b"}});
    let done = book.served.post("/commands/execute", batch(rename)).ok();
    assert_eq!(done["label"], "Make a part");
    assert_eq!(tree()[0]["children"][0]["name"], "b");
    book.served
        .post(&format!("/sessions/{}/undo", book.session), json!({}))
        .ok();
    assert_eq!(tree(), json!([]));
}

/// Places, too, are those that earlier commands of the same step have made.
#[tokio::test(flavor = "multi_thread")]
async fn each_of_several_commands_sees_what_the_earlier_ones_did() {
    let book = book().await;
    let ids = [(); 4].map(|()| uuid::Uuid::new_v4());
    let [first, second, third, within] = ids;
    let create = |id, parent: Option<uuid::Uuid>, of: &str| json!({"command_type": "CreateNode", "data": {"node_id": id, "parent_id": parent, "blueprint_type_id": of}});
    let order = |name: &str, data: Value| json!({"command_type": name, "data": data});
    let to_front = |id| order("ReorderNode", json!({"node_id": id, "new_index": 0}));
    let execute = |commands: Value| {
        let order = json!({"session_id": book.session, "commands": commands});
        book.served.post("/commands/execute", order)
    };
    let placed = |parent: Option<uuid::Uuid>| {
        let path = format!("/sessions/{}/nodes", book.session);
        let nodes = book.served.get(&path).ok()["nodes"].clone();
        let nodes = nodes.as_array().unwrap().iter();
        let here = nodes.filter(|it| it["parent_id"] == json!(parent));
        let here: Vec<Value> = here.map(|it| it["id"].clone()).collect();
        json!(here)
    };
    execute(json!([
        create(first, None, &book.part),
        create(second, None, &book.part),
        create(third, None, &book.part),
        to_front(third),
        to_front(second),
    ]))
    .ok();
    assert_eq!(placed(None), json!([second, third, first]));
    execute(json!([
        create(within, Some(first), &book.chapter),
        order(
            "MoveNode",
            json!({"node_id": within, "new_parent_id": second})
        ),
        order(
            "MoveNode",
            json!({"node_id": within, "new_parent_id": third})
        ),
        to_front(within),
        to_front(first),
        to_front(third),
    ]))
    .ok();
    assert_eq!(placed(None), json!([third, first, second]));
    assert_eq!(placed(Some(third)), json!([within]));
    let elsewhere = json!({"parent_id": third, "child_id": within});
    let moved = json!({"node_id": within, "new_parent_id": first});
    let refused = execute(json!([
        order("MoveNode", moved),
        order("UnlinkNode", elsewhere)
    ]));
    assert_eq!(refused.json()["code"], "NOT_LINKED", "{refused:?}");
    assert_eq!(placed(Some(third)), json!([within]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_makes_a_request_be_carried_out_once() {
    let book = book().await;
    let order = json!({
        "session_id": book.session, "command_type": "CreateNode",
        "data": {"blueprint_type_id": book.part, "name": "One"},
    });
    let key = [("idempotency-key", "k1")];
    let first = book.served.with("POST", "/commands/execute", &key, &order);
    let again = book.served.with("POST", "/commands/execute", &key, &order);
    assert_eq!(first.ok(), again.ok());
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let mut other = order.clone();
    other["data"]["name"] = json!("Two");
    let refused = book.served.with("POST", "/commands/execute", &key, &other);
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (422, "IDEMPOTENCY_KEY_REUSED")
    );
    let nodes = book
        .served
        .get(&format!("/sessions/{}/nodes", book.session))
        .ok();
    assert_eq!(nodes["total"], 1);

    // Who repeats it may have begun another session, and may want more of the answer.
    let project = book.served.get("/projects").ok()["projects"][0]["project_id"].clone();
    let open = format!("/projects/{}/open", project.as_str().unwrap());
    let mut later = order.clone();
    later["session_id"] = book.served.post(&open, json!({})).ok()["session_id"].clone();
    let path = "/commands/execute?durable=1&graph=1";
    let again = book.served.with("POST", path, &key, &later);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let again = again.ok();
    assert_eq!(again["command_id"], first.ok()["command_id"]);
    assert_eq!(again["session_id"], later["session_id"]);
    assert_eq!(again["durable"], true, "it waits, too");
    assert_eq!(again["graph"]["nodes"].as_array().unwrap().len(), 1);

    // What was refused has changed nothing, and is tried again.
    let with = |tag: &str| {
        let headers = [("idempotency-key", "k2"), ("if-match", tag)];
        book.served
            .with("POST", "/commands/execute", &headers, &order)
    };
    assert_eq!(with("\"old\"").status, 412);
    let info = book
        .served
        .get(&format!("/sessions/{}/graph", book.session));
    let done = with(info.header("etag").unwrap());
    assert_eq!(
        (done.status, done.header("idempotent-replayed")),
        (200, None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_finds_the_answer_when_he_asks_again() {
    const NODES: usize = 1_000;
    let book = book().await;
    let one = json!({"command_type": "CreateNode", "data": {"blueprint_type_id": book.part, "name": "One"}});
    let order = json!({"session_id": book.session, "commands": vec![one; NODES]});
    let body = order.to_string();
    let head = format!(
        "POST /api/v1/commands/execute HTTP/1.1\r\nhost: {}\r\nauthorization: {}\r\nidempotency-key: k\r\ncontent-length: {}\r\n\r\n",
        book.served.server.address(),
        book.served.bearer(),
        body.len(),
    );
    let mut stream = TcpStream::connect(book.served.server.address()).unwrap();
    tokio::task::block_in_place(|| stream.write_all(format!("{head}{body}").as_bytes())).unwrap();
    drop(stream);

    let key = [("idempotency-key", "k")];
    let answer = book.served.with("POST", "/commands/execute", &key, &order);
    assert_eq!(answer.ok()["changes"].as_array().unwrap().len(), NODES);
    let path = format!("/sessions/{}/nodes?limit=1", book.session);
    assert_eq!(book.served.get(&path).ok()["total"], NODES);
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_and_redo_have_a_key_and_a_condition_as_commands_do() {
    let book = book().await;
    for name in ["One", "Two", "Three"] {
        book.part(name);
    }
    let total = || {
        let nodes = format!("/sessions/{}/nodes", book.session);
        book.served.get(&nodes).ok()["total"].as_u64().unwrap()
    };
    let step = |which: &str, headers: &[(&str, &str)]| {
        let path = format!("/sessions/{}/{which}", book.session);
        book.served.with("POST", &path, headers, &json!({}))
    };
    let key = [("idempotency-key", "k")];
    let undone = step("undo", &key).ok();
    let again = step("undo", &key);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!((again.ok(), total()), (undone, 2));
    let reused = step("redo", &key);
    assert_eq!(reused.code(), "IDEMPOTENCY_KEY_REUSED");
    let old = [("if-match", "\"old\"")];
    assert_eq!(step("undo", &old).status, 412);
    assert_eq!(step("redo", &old).status, 412);
    assert_eq!(total(), 2);
    let graph = format!("/sessions/{}/graph", book.session);
    let graph = book.served.get(&graph);
    let now = [("if-match", graph.header("etag").unwrap())];
    assert_eq!(step("redo", &now).status, 200);
    assert_eq!(total(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_in_one_another_are_read_however_deep_they_are() {
    const DEPTH: usize = 6_000;
    let served = Served::start(false).await;
    let (project, session) = served.project("blank", false);
    let schema = served.get("/templates/blank/schema").ok();
    let types = schema["types"].as_array().unwrap();
    let nests = types.iter().find(|it| {
        let children = it["children"].as_array().unwrap();
        it["topLevel"] == true && children.contains(&it["id"])
    });
    let kind = &nests.unwrap()["id"];
    let ids: Vec<String> = (1..=DEPTH)
        .map(|it| format!("01900000-0000-7000-8000-{it:012x}"))
        .collect();
    for (part, some) in ids.chunks(2_000).enumerate() {
        let commands = some.iter().enumerate().map(|(place, id)| {
            let above = (part * 2_000 + place).checked_sub(1).map(|it| &ids[it]);
            let data = json!({"blueprint_type_id": kind, "node_id": id, "parent_id": above});
            json!({"command_type": "CreateNode", "data": data})
        });
        let commands: Vec<Value> = commands.collect();
        let order = json!({"session_id": session, "commands": commands});
        served.post("/commands/execute", order).ok();
    }
    let deep = |answer: Answer| {
        assert_eq!(answer.status, 200, "{:.300}", answer.text);
        assert_eq!(answer.text.matches("\"children\":[").count(), DEPTH);
    };
    deep(served.get(&format!("/sessions/{session}/graph/tree")));
    deep(served.get(&format!("/sessions/{session}/graph")));
    let data = json!({"node_id": ids[0], "property_id": "name", "new_value": "Top"});
    let order = json!({"session_id": session, "command_type": "UpdateProperty", "data": data});
    deep(served.post("/commands/execute?graph=1", order));
    let opened = served.post(&format!("/projects/{project}/open?graph=1"), json!({}));
    assert_eq!(opened.text.matches("\"children\":[").count(), DEPTH);

    // A body that nobody wants is waited for all the same. Otherwise it would be unread when the connection is closed, which
    // takes away what is still on its way to the client.
    let opened = tokio::task::block_in_place(|| {
        let mut stream = TcpStream::connect(served.server.address()).unwrap();
        let head = format!(
            "POST /api/v1/projects/{project}/open?graph=1 HTTP/1.1\r\nhost: {}\r\nauthorization: {}\r\n\
             content-length: 2\r\nconnection: close\r\n\r\n",
            served.server.address(),
            served.bearer()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_millis(300)))
            .unwrap();
        assert!(stream.read(&mut [0]).is_err(), "it answers too early");
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(b"{}").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    });
    assert_eq!(opened.matches("\"children\":[").count(), DEPTH);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_labels_that_are_too_long_are_told_to_nobody() {
    let book = book().await;
    let long = "Z".repeat(1_000_000);
    let refused = book.run(&long, json!({}));
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (400, "INVALID_COMMAND")
    );
    let refused = book.run(
        "ReorderNode",
        json!({"node_id": book.part, "new_index": long}),
    );
    assert_eq!(refused.status, 400);
    let order = json!({
        "session_id": book.session, "label": long,
        "commands": [{"command_type": "CreateNode", "data": {"blueprint_type_id": book.part}}],
    });
    let refused = book.served.post("/commands/execute", order);
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (400, "INVALID_REQUEST")
    );
    let events = book
        .served
        .get(&format!("/sessions/{}/events?after=0", book.session));
    assert_eq!(events.ok()["events"][0]["command_type"], "unknown");
    assert!(events.text.len() < 5_000, "{} bytes", events.text.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_read_an_old_state_changes_nothing_if_he_says_so() {
    let book = book().await;
    let graph = book
        .served
        .get(&format!("/sessions/{}/graph", book.session));
    let tag = graph.header("etag").unwrap().to_owned();
    let order = json!({
        "session_id": book.session, "command_type": "CreateNode",
        "data": {"blueprint_type_id": book.part, "name": "One"},
    });
    let done = book
        .served
        .with("POST", "/commands/execute", &[("if-match", &tag)], &order);
    let newer = done.header("etag").unwrap().to_owned();
    done.ok();
    let late = book
        .served
        .with("POST", "/commands/execute", &[("if-match", &tag)], &order);
    assert_eq!(
        (late.status, late.code().as_str()),
        (412, "PRECONDITION_FAILED")
    );
    book.served
        .with("POST", "/commands/execute", &[("if-match", &newer)], &order)
        .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_is_each_clients_own() {
    let book = book().await;
    let (ana, ben) = ([("x-client-id", "ana")], [("x-client-id", "ben")]);
    let create = |client: &[(&str, &str)], name: &str| {
        let data = json!({"blueprint_type_id": book.part, "name": name});
        let order = json!({"session_id": book.session, "command_type": "CreateNode", "data": data});
        book.served
            .with("POST", "/commands/execute", client, &order)
            .ok()
    };
    create(&ana, "Ana's");
    create(&ben, "Ben's");
    let undo = format!("/sessions/{}/undo", book.session);
    let undone = book.served.with("POST", &undo, &ana, &json!({})).ok();
    assert_eq!(undone["undo_available"], false);
    let tree = book
        .served
        .get(&format!("/sessions/{}/graph/tree", book.session))
        .ok();
    assert_eq!(tree["tree"][0]["name"], "Ben's");
    let nothing = book.served.with("POST", &undo, &ana, &json!({})).ok();
    assert_eq!(
        (&nothing["success"], &nothing["label"]),
        (&json!(true), &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn durable_is_waited_for_if_asked() {
    let book = book().await;
    let order = json!({
        "session_id": book.session, "command_type": "CreateNode",
        "data": {"blueprint_type_id": book.part, "name": "One"},
    });
    let safe = book
        .served
        .post("/commands/execute?durable=1", order.clone())
        .ok();
    assert_eq!(safe["durable"], true);
    let quick = book.served.post("/commands/execute", order).ok();
    assert!(quick["durable"].is_boolean());
    assert!(quick["revision"].as_u64() > safe["revision"].as_u64());
}

/// The items that the examples of the document name, in the order in which they are made.
const ITEMS: [(&str, Option<&str>, &str); 5] = [
    ("b0000000-0000-7000-8000-000000000001", None, "book"),
    (
        "b0000000-0000-7000-8000-000000000011",
        Some("b0000000-0000-7000-8000-000000000001"),
        "part",
    ),
    (
        "b0000000-0000-7000-8000-000000000012",
        Some("b0000000-0000-7000-8000-000000000001"),
        "part",
    ),
    (
        "b0000000-0000-7000-8000-000000000021",
        Some("b0000000-0000-7000-8000-000000000011"),
        "chapter",
    ),
    (
        "b0000000-0000-7000-8000-000000000022",
        Some("b0000000-0000-7000-8000-000000000011"),
        "chapter",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_document_are_carried_out_and_taken_back() {
    let served = Served::start(false).await;
    let (_, session) = served.project("book", false);
    for (node, parent, node_type) in ITEMS {
        let new = json!({"node_id": node, "parent_id": parent, "blueprint_type_id": node_type});
        served.execute(&session, "CreateNode", new).ok();
    }
    let graph = || served.get(&format!("/sessions/{session}/graph")).ok()["graph"]["nodes"].clone();
    let before = graph();
    let document = served.bare("GET", "/api/v1/openapi.json", &[], &[]).ok();
    let body = &document["paths"]["/api/v1/commands/execute"]["post"]["requestBody"];
    let examples = body["content"]["application/json"]["examples"]
        .as_object()
        .unwrap();
    assert_eq!(examples.len(), 11);
    for (name, example) in examples {
        let mut body = example["value"].clone();
        body["session_id"] = json!(session);
        let done = served.post("/commands/execute", body).ok();
        assert_ne!(done["changes"], json!([]), "{name}");
        assert_ne!(graph(), before, "{name}");
        served
            .post(&format!("/sessions/{session}/undo"), json!({}))
            .ok();
        assert_eq!(graph(), before, "{name}");
    }
}
