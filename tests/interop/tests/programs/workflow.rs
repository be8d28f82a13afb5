//! The workflow that the earlier application published, and what is read on the way.

use interop::served::Served;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_project_from_its_template_to_its_end() {
    let served = Served::start(false).await;
    let health = served.bare("GET", "/api/v1/health", &[], &[]).ok();
    assert_eq!(health["status"], "ok");
    let templates = served.get("/templates").ok();
    assert!(
        templates["templates"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["id"] == "book")
    );
    let schema = served.get("/templates/book/schema").ok();
    assert!(!schema["types"].as_array().unwrap().is_empty());

    let (project, session) = served.project("book", false);
    let part = top_type(&schema);
    let node = served.node(&session, &part, None, "One");
    let update = json!({"node_id": node, "property_id": "name", "new_value": "Two"});
    let done = served.execute(&session, "UpdateProperty", update).ok();
    assert_eq!(done["success"], true);
    assert_eq!(done["undo_available"], true);
    assert_eq!(done["changes"][0]["event"], "property-changed");
    assert_eq!(
        (
            &done["changes"][0]["old_value"],
            &done["changes"][0]["new_value"]
        ),
        (&json!("One"), &json!("Two"))
    );
    assert_eq!(
        done.get("graph"),
        None,
        "the whole graph comes only when it is asked for"
    );

    let tree = served.get(&format!("/sessions/{session}/graph/tree")).ok();
    assert_eq!(tree["tree"][0]["name"], "Two");
    let found = served
        .get(&format!("/sessions/{session}/graph/nodes/{node}"))
        .ok();
    assert_eq!(
        (&found["name"], &found["parent_id"]),
        (&json!("Two"), &Value::Null)
    );
    let hits = served
        .get(&format!("/sessions/{session}/search?q=two"))
        .ok();
    assert_eq!(hits["hits"][0]["node"], json!(node));
    served.get(&format!("/sessions/{session}/problems")).ok();

    let undone = served
        .post(&format!("/sessions/{session}/undo?graph=1"), json!({}))
        .ok();
    assert_eq!(undone["graph"]["nodes"][0]["name"], "One");
    let redone = served
        .post(&format!("/sessions/{session}/redo"), json!({}))
        .ok();
    assert_eq!(redone["redo_available"], false);
    let info = served.get(&format!("/sessions/{session}/info")).ok();
    assert_eq!(
        (&info["active_clients"], &info["undo_available"]),
        (&json!(0), &json!(true))
    );
    assert!(info["created_at"].as_str().unwrap() <= info["last_activity"].as_str().unwrap());

    let renamed = served
        .with(
            "PATCH",
            &format!("/projects/{project}"),
            &[],
            &json!({"name": "Other"}),
        )
        .ok();
    assert_eq!(renamed["name"], "Other");
    // It was a step of this token, which takes back just that.
    let back = format!("/sessions/{session}/undo");
    served.post(&back, json!({})).ok();
    let named = || served.get(&format!("/projects/{project}")).ok()["name"].clone();
    assert_eq!(named(), "Test");
    let stale = served.with(
        "PATCH",
        &format!("/projects/{project}"),
        &[("if-match", "\"0\"")],
        &json!({"name": "Other"}),
    );
    assert_eq!(stale.status, 412);
    let graph = served.get(&format!("/sessions/{session}/graph"));
    let either = format!("\"0\", {}", graph.header("etag").unwrap());
    let named = served.with(
        "PATCH",
        &format!("/projects/{project}"),
        &[("if-match", &either)],
        &json!({"name": "Other"}),
    );
    assert_eq!(named.ok()["name"], "Other");
    let file = served.get(&format!("/projects/{project}/export"));
    assert_eq!(file.status, 200);
    assert!(
        file.header("content-length")
            .unwrap()
            .parse::<u64>()
            .unwrap()
            > 100
    );

    assert_eq!(
        served
            .with("DELETE", &format!("/projects/{project}"), &[], &Value::Null)
            .status,
        204
    );
    let gone = served.get(&format!("/sessions/{session}/info"));
    assert_eq!(
        (gone.status, gone.code().as_str()),
        (404, "INVALID_SESSION")
    );
    // It is in the trash, and comes back.
    let at = |what: &str| format!("/projects/{project}{what}");
    let open = || served.post(&at("/open"), json!({}));
    assert_eq!(
        (open().status, open().code().as_str()),
        (409, "PROJECT_IN_TRASH")
    );
    let restored = served.post(&at("/restore"), json!({})).ok();
    assert_eq!(
        (&restored["name"], &restored["trashed_at"]),
        (&json!("Other"), &Value::Null)
    );
    open().ok();
    served.post(&at("/close"), json!({}));
    let close = served.post(&at("/close"), json!({}));
    assert_eq!(
        (close.status, close.text.as_str()),
        (204, ""),
        "it is closed already"
    );
    // What one that is not open holds is not compared, so nobody is told that it was.
    let stale = [("if-match", "\"0\"")];
    let unseen = served.with("PATCH", &at(""), &stale, &json!({"name": "Third"}));
    assert_eq!(
        (unseen.status, unseen.code().as_str()),
        (409, "PROJECT_NOT_OPEN")
    );
    let named = served.with("PATCH", &at(""), &[], &json!({"name": "Third"}));
    assert_eq!(named.ok()["name"], "Third");
    let nameless = served.with("PATCH", &at(""), &[], &json!({"name": " "}));
    assert_eq!((nameless.status, nameless.code().as_str()), (400, "EMPTY"));
    let nowhere = format!("/projects/{}", uuid::Uuid::nil());
    for what in ["/open", "/close", "/restore", "/export"] {
        let method = if what == "/export" { "GET" } else { "POST" };
        let lost = served.with(method, &format!("{nowhere}{what}"), &[], &Value::Null);
        assert_eq!(
            (lost.status, lost.code().as_str()),
            (404, "PROJECT_NOT_FOUND"),
            "{what}"
        );
    }
    let purged = format!("/projects/{project}?purge=1");
    assert_eq!(
        served.with("DELETE", &purged, &[], &Value::Null).status,
        204
    );
    assert_eq!(
        served.get(&format!("/projects/{project}")).code(),
        "PROJECT_NOT_FOUND"
    );
}

/// A type that may stand at the top of a project.
pub fn top_type(schema: &Value) -> String {
    let types = schema["types"].as_array().unwrap();
    let top = types.iter().find(|it| it["topLevel"] == true).unwrap();
    top["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_parts_and_graphs_only_when_they_differ() {
    let served = Served::start(false).await;
    let (_, session) = served.project("book", true);
    let all = served.get(&format!("/sessions/{session}/nodes")).ok();
    let total = all["total"].as_u64().unwrap();
    let mut parts = Vec::new();
    let mut next = json!(0);
    while let Some(offset) = next.as_u64() {
        let part = served
            .get(&format!(
                "/sessions/{session}/nodes?offset={offset}&limit=7"
            ))
            .ok();
        parts.extend(part["nodes"].as_array().unwrap().clone());
        next = part["next"].clone();
    }
    assert_eq!(parts.len() as u64, total);
    assert_eq!(json!(parts), all["nodes"]);

    let graph = served.get(&format!("/sessions/{session}/graph"));
    let tag = graph.header("etag").unwrap().to_owned();
    let path = format!("/sessions/{session}/graph");
    let same = served.with("GET", &path, &[("if-none-match", &tag)], &Value::Null);
    assert_eq!((same.status, same.text.as_str()), (304, ""));
    let packed = served.with("GET", &path, &[("accept-encoding", "gzip")], &Value::Null);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    // A strong tag is the name of bytes, so these have another one. Either says what is known, and what a change is made to.
    let packed_tag = packed.header("etag").unwrap().to_owned();
    assert_ne!(packed_tag, tag);
    assert_eq!(packed.header("vary"), Some("accept-encoding"));
    for (known, coding) in [
        (&tag, "gzip"),
        (&packed_tag, "gzip"),
        (&packed_tag, "identity"),
    ] {
        let headers = [
            ("if-none-match", known.as_str()),
            ("accept-encoding", coding),
        ];
        let same = served.with("GET", &path, &headers, &Value::Null);
        assert_eq!(
            (same.status, same.header("etag")),
            (304, Some(known.as_str()))
        );
    }
    let schema = served.get("/templates/book/schema").ok();
    let order = json!({
        "session_id": session, "command_type": "CreateNode",
        "data": {"blueprint_type_id": top_type(&schema), "name": "New"},
    });
    let execute = |tag: &str| {
        let condition = [("if-match", tag)];
        served
            .with("POST", "/commands/execute", &condition, &order)
            .status
    };
    assert_eq!(
        execute(&format!("W/{tag}")),
        412,
        "a weak tag names nothing"
    );
    assert_eq!((execute(&packed_tag), execute(&packed_tag)), (200, 412));
    let other = served.with("GET", &path, &[("if-none-match", &tag)], &Value::Null);
    assert_eq!(other.status, 200);
}

/// Whoever waits for events of it is told at once, and not when the time is over.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_session_ends_the_waiting_for_it() {
    let served = Served::start(false).await;
    let (project, session) = served.project("book", true);
    let counted = served.get(&format!("/projects/{project}")).ok()["node_count"].clone();
    let nodes = served.get(&format!("/sessions/{session}/nodes?limit=1"));
    assert_eq!(counted, nodes.ok()["total"]);
    let info = served.get(&format!("/sessions/{session}/info")).ok();
    let waiting = format!(
        "/sessions/{session}/events?after={}&wait=30",
        info["sequence"]
    );
    let begun = std::time::Instant::now();
    let waited = std::thread::scope(|scope| {
        let waiter = scope.spawn(|| served.get(&waiting));
        let deleted = served.with(
            "DELETE",
            &format!("/sessions/{session}"),
            &[],
            &serde_json::Value::Null,
        );
        assert_eq!(deleted.status, 204);
        tokio::task::block_in_place(|| waiter.join().unwrap())
    });
    assert_eq!(
        (waited.status, waited.code().as_str()),
        (404, "INVALID_SESSION")
    );
    assert!(begun.elapsed().as_secs() < 25, "it waited to the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_sessions_are_closed_and_their_projects_stay() {
    let short = std::time::Duration::from_millis(200);
    let served = Served::start_with(false, |options| api::Options {
        idle: short,
        ..options
    })
    .await;
    let (project, _) = served.project("blank", false);
    let deadline = std::time::Instant::now() + interop::DEADLINE;
    while served.get("/sessions").ok()["total"] != 0 {
        assert!(std::time::Instant::now() < deadline, "the session stays");
        tokio::task::yield_now().await;
    }
    assert_eq!(
        served.get(&format!("/projects/{project}")).ok()["name"],
        "Test"
    );
    let cleaned = served
        .post("/sessions/cleanup", json!({"max_inactive_hours": 0}))
        .ok();
    assert_eq!(cleaned["removed"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_token_did_can_be_undone_after_a_restart() {
    let served = Served::start(false).await;
    let (project, session) = served.project("book", false);
    let schema = served.get("/templates/book/schema").ok();
    served.node(&session, &top_type(&schema), None, "Kept");
    let served = served.restart().await;
    let opened = served
        .post(&format!("/projects/{project}/open"), json!({}))
        .ok();
    let session = opened["session_id"].as_str().unwrap();
    let undone = served
        .post(&format!("/sessions/{session}/undo?graph=1"), json!({}))
        .ok();
    assert_eq!(undone["graph"]["nodes"], json!([]));
    assert_eq!(undone["changes"][0]["event"], "node-deleted");
}
