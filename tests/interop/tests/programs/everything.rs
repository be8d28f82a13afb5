//! The published workflow with ten stock clients, from making a project to cleaning up: every event there is, counted.

use std::collections::BTreeMap;

use app::reply::Reply;
use app::request::{ProjectId, Request};
use interop::clients::{Clients, Language};
use interop::served::Served;
use serde_json::{Value, json};

use crate::ten::{JAVASCRIPT, PYTHON, Ten, names, plan};

/// Waits until each client has heard, once, that somebody has come or gone.
async fn company(ten: &mut Ten, event: &str, who: &str) {
    let times = |heard: &[(String, Value)]| {
        let told = heard
            .iter()
            .filter(|(name, it)| name.replace(':', "-") == event && it["client_name"] == who);
        told.count()
    };
    for clients in [&mut ten.javascript, &mut ten.python] {
        clients
            .until(event, |it| it.heard.values().all(|heard| times(heard) >= 1))
            .await;
        assert!(clients.heard.values().all(|heard| times(heard) == 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_published_workflow_with_every_event_counted_at_ten_clients() {
    let served = Served::start(false).await;
    let (project, session) = served.project("book", false);
    let (part, chapter) = ("book", "chapter");
    let mut ten = Ten::join(&served, &session).await;

    let one = served.node(&session, part, None, "One");
    let two = served.node(&session, part, None, "Two");
    let three = served.node(&session, chapter, Some(&one), "Three");
    let run = |command: &str, data: Value| served.execute(&session, command, data).ok();
    let value =
        |value: Value| json!({"node_id": three, "property_id": "priority", "new_value": value});
    run("UpdateProperty", value(json!("high")));
    run("UpdateProperty", value(Value::Null));
    run("MoveNode", json!({"node_id": three, "new_parent_id": two}));
    run("ReorderNode", json!({"node_id": two, "new_index": 0}));
    let to_itself = json!({"node_id": one, "new_parent_id": one});
    assert_eq!(
        served.execute(&session, "MoveNode", to_itself).code(),
        "MOVE_INVALID"
    );
    let step = |which: &str| {
        served
            .post(&format!("/sessions/{session}/{which}"), json!({}))
            .ok()
    };
    step("undo");
    step("redo");
    run("DeleteNode", json!({"node_id": two}));
    let renamed = served.with(
        "PATCH",
        &format!("/projects/{project}"),
        &[],
        &json!({"name": "Other"}),
    );
    assert_eq!(renamed.status, 200);

    let done = |changes: &[&'static str]| {
        let [first, last] = [&["command-executing"][..], &["command-executed"][..]];
        [first, changes, last].concat()
    };
    let expected = [
        done(&["node-created"]),
        done(&["node-created"]),
        done(&["node-created"]),
        done(&["property-changed"]),
        done(&["property-deleted"]),
        done(&["node-unlinked", "node-linked"]),
        done(&["node-updated"]),
        vec!["command-executing", "command-failed"],
        vec!["node-updated", "undo"],
        vec!["node-updated", "redo"],
        done(&["node-deleted", "node-deleted"]),
        done(&["project-updated"]),
    ]
    .concat();
    let events = ten.check(&served, &session, expected.len() as u64).await;
    assert_eq!(names(&events), expected);
    let gone = events
        .iter()
        .find(|it| it["event"] == "property-deleted")
        .unwrap();
    assert_eq!(
        (&gone["node_id"], &gone["property_name"], &gone["old_value"]),
        (&json!(three), &json!("priority"), &json!("high"))
    );
    let of = |name: &str| events.iter().find(|it| it["event"] == name).unwrap();
    for (name, parent) in [("node-unlinked", &one), ("node-linked", &two)] {
        let moved = of(name);
        assert_eq!(
            (&moved["parent_id"], &moved["child_id"]),
            (&json!(parent), &json!(three))
        );
    }
    assert_eq!(of("project-updated")["name"], "Other");

    // An eleventh comes and goes; each of the ten hears both once.
    let token = served.server.token().to_owned();
    let late = [plan("late", &session, "/graph", "websocket", "hyphen")];
    let mut eleventh = Clients::start(Language::JavaScript, &served, &token, &late).await;
    eleventh.all_heard(1, "joined").await;
    company(&mut ten, "session-connected", "late").await;
    eleventh.close("late").await;
    company(&mut ten, "session-disconnected", "late").await;
    assert!(
        eleventh.in_order("late").is_empty(),
        "it came after everything"
    );

    // All of it arrived by now, since what came later did: nothing is missing and nothing came twice.
    let mut counts = BTreeMap::new();
    for name in &expected {
        *counts.entry((*name).to_owned()).or_insert(0) += 1;
    }
    for number in 0..JAVASCRIPT + PYTHON {
        let clients = if number < JAVASCRIPT {
            &ten.javascript
        } else {
            &ten.python
        };
        let mut heard = BTreeMap::new();
        for (name, _) in clients.in_order(&format!("client {number}")) {
            let name = name.trim_start_matches("command:").replace(':', "-");
            let name = match name.as_str() {
                "executing" | "executed" | "failed" => format!("command-{name}"),
                _ => name,
            };
            *heard.entry(name).or_insert(0) += 1;
        }
        assert_eq!(heard, counts, "client {number}");
    }

    // They go, the session is cleaned up, and so is the project.
    for number in 0..JAVASCRIPT + PYTHON {
        let clients = if number < JAVASCRIPT {
            &mut ten.javascript
        } else {
            &mut ten.python
        };
        let name = format!("client {number}");
        clients.close(&name).await;
        let is_gone = |it: &Clients| it.heard[&name].iter().any(|(name, _)| name == "disconnect");
        clients.until("its end", is_gone).await;
    }
    let deadline = std::time::Instant::now() + interop::DEADLINE;
    let clean = || {
        served
            .post("/sessions/cleanup", json!({"max_inactive_hours": 0}))
            .ok()
    };
    while clean()["removed"] != 1 {
        assert!(std::time::Instant::now() < deadline, "somebody stays");
        tokio::task::yield_now().await;
    }
    assert_eq!(
        served.get(&format!("/sessions/{session}/info")).code(),
        "INVALID_SESSION"
    );
    let purged = format!("/projects/{project}?purge=1");
    assert_eq!(
        served.with("DELETE", &purged, &[], &Value::Null).status,
        204
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_stock_clients_hear_what_a_file_brought() {
    let here = Served::start(true).await;
    let (project, session) = here.project("book", true);
    let project = ProjectId(project.parse().unwrap());
    here.app.share_openly(project).await.unwrap();
    let file = |name: &str| here.folder.path().join(name).to_string_lossy().into_owned();
    let export = |project, path| Request::ExportBundle {
        project,
        path,
        since: None,
    };
    here.app.call(export(project, file("there"))).await.unwrap();

    // Somebody who is never reached changes a title, and sends a file back.
    let there = Served::start(true).await;
    let import = Request::ImportBundle {
        project: None,
        path: file("there"),
    };
    let Reply::Brought {
        project: theirs, ..
    } = there.app.call(import).await.unwrap()
    else {
        panic!("nothing was brought");
    };
    let opened = there
        .post(&format!("/projects/{}/open", theirs.0), json!({}))
        .ok();
    let at_theirs = opened["session_id"].as_str().unwrap();
    let nodes = there
        .get(&format!("/sessions/{at_theirs}/nodes?limit=1"))
        .ok();
    let node = nodes["nodes"][0]["id"].clone();
    let data = json!({"node_id": node, "property_id": "name", "new_value": "By post"});
    there.execute(at_theirs, "UpdateProperty", data).ok();
    there.app.call(export(theirs, file("back"))).await.unwrap();
    let Served { app, server, .. } = there;
    server.close().await;
    app.close().await.unwrap();

    let mut ten = Ten::join(&here, &session).await;
    let import = Request::ImportBundle {
        project: Some(project),
        path: file("back"),
    };
    here.app.call(import).await.unwrap();
    let events = ten.check(&here, &session, 2).await;
    // Who made it is in the project now, too.
    let mut told = names(&events);
    told.retain(|name| *name != "project-updated");
    assert_eq!(told, ["property-changed", "external_project_update"]);
    assert_eq!(
        (&events[0]["node_id"], &events[0]["new_value"]),
        (&node, &json!("By post"))
    );
}
