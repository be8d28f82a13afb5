//! Who did what.

use interop::served::Served;
use serde_json::{Value, json};

use crate::workflow::top_type;

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_was_done_or_refused_is_in_the_log_and_no_content() {
    let served = Served::start(false).await;
    let (project, session) = served.project("book", false);
    let part = top_type(&served.get("/templates/book/schema").ok());
    let (id, secret) = served.token(json!({"name": "builds", "scope": "write"}));
    let bearer = format!("Bearer {secret}");
    let as_client = |method: &str, path: &str, body: Value| {
        let headers = [("authorization", bearer.as_str()), ("x-client-id", "robot")];
        served.bare(
            method,
            &format!("/api/v1{path}"),
            &headers,
            body.to_string().as_bytes(),
        )
    };
    let node = |name: &str| json!({"command_type": "CreateNode", "data": {"blueprint_type_id": part, "name": name}});
    let batch = json!({"session_id": session, "command_id": "my-order",
        "commands": [node("Confidential one"), node("Confidential two")]});
    let done = as_client("POST", "/commands/execute", batch).ok();
    as_client("POST", &format!("/sessions/{session}/undo"), json!({})).ok();
    let unknown = json!({"session_id": session, "command_type": "Confidential words", "data": {}});
    assert_eq!(as_client("POST", "/commands/execute", unknown).status, 400);
    assert_eq!(as_client("POST", "/tokens", json!({})).status, 403);
    // Reading is not noted.
    assert_eq!(as_client("GET", "/projects", Value::Null).status, 200);

    let told = served.get(&format!("/audit?token={id}")).ok();
    let entries = told["entries"].as_array().unwrap();
    let said: Vec<(&str, &str)> = entries
        .iter()
        .map(|it| {
            (
                it["action"].as_str().unwrap(),
                it["result"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            ("POST /tokens", "SCOPE_TOO_SMALL"),
            ("POST /commands/execute", "INVALID_COMMAND"),
            ("POST /sessions/{session_id}/undo", "ok"),
            ("POST /commands/execute", "ok"),
        ]
    );
    let first = entries.last().unwrap();
    assert_eq!(
        (&first["token"], &first["client"]),
        (&json!("builds"), &json!("robot"))
    );
    assert_eq!(first["project_id"], json!(project));
    assert_eq!(first["command_id"], "my-order");
    assert_eq!(first["commands"], json!({"CreateNode": 2}));
    let mut nodes: Vec<&str> = done["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["node_id"].as_str().unwrap())
        .collect();
    nodes.sort_unstable();
    assert_eq!(first["nodes"], json!(nodes));
    assert!(!told.to_string().contains("Confidential"), "{told}");

    // In parts, newest first, and on after a restart.
    let all = served.get("/audit").ok();
    let numbers = |it: &Value| -> Vec<u64> {
        let entries = it["entries"].as_array().unwrap().iter();
        entries.map(|it| it["number"].as_u64().unwrap()).collect()
    };
    let newest = numbers(&all)[0];
    assert_eq!(numbers(&all), (1..=newest).rev().collect::<Vec<_>>());
    let part = served.get("/audit?limit=2").ok();
    assert_eq!(
        (numbers(&part), &part["next"]),
        (vec![newest, newest - 1], &json!(newest - 1))
    );
    let rest = served.get(&format!("/audit?before={}", part["next"])).ok();
    assert_eq!(numbers(&rest)[0], newest - 2);
    assert_eq!(rest["next"], Value::Null);
    let of_project = served.get(&format!("/audit?project={project}")).ok();
    assert!(numbers(&of_project).len() >= 4, "{of_project}");
    let served = served.restart().await;
    served.post("/sessions", json!({})).ok();
    served.post("/sessions/cleanup", json!({})).ok();
    assert_eq!(numbers(&served.get("/audit").ok())[0], newest + 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = std::fs::metadata(served.data().join("api-audit.jsonl")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
}
