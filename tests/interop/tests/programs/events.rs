//! Every event reaches every client, once and in order, whoever made the change.

use app::app::App;
use app::event::Event;
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::sharing::Status;
use interop::DEADLINE;
use interop::clients::{Clients, Language};
use interop::served::Served;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::ten::{JAVASCRIPT, PYTHON, Ten, names, plan};
use crate::workflow::top_type;

#[tokio::test(flavor = "multi_thread")]
async fn ten_stock_clients_hear_all_of_rest_undo_and_the_window() {
    let served = Served::start(false).await;
    let (project, session) = served.project("book", false);
    let schema = served.get("/templates/book/schema").ok();
    let part = top_type(&schema);
    let mut ten = Ten::join(&served, &session).await;

    let one = served.node(&session, &part, None, "One");
    let two = served.node(&session, &part, None, "Two");
    let set = |value: Value| {
        let data = json!({"node_id": one, "property_id": "name", "new_value": value});
        served.execute(&session, "UpdateProperty", data).ok()
    };
    set(json!("Uno"));
    served
        .execute(
            &session,
            "ReorderNode",
            json!({"node_id": two, "new_index": 0}),
        )
        .ok();
    assert_eq!(
        served
            .execute(&session, "DeleteNode", json!({"node_id": Uuid::nil()}))
            .status,
        400
    );
    served
        .post(&format!("/sessions/{session}/undo"), json!({}))
        .ok();
    served
        .post(&format!("/sessions/{session}/redo"), json!({}))
        .ok();
    // Another place and another title in one step.
    let both = json!({"session_id": session, "commands": [
        {"command_type": "ReorderNode", "data": {"node_id": two, "new_index": 1}},
        {"command_type": "UpdateProperty", "data": {"node_id": two, "property_id": "name", "new_value": "Dos"}},
    ]});
    served.post("/commands/execute", both).ok();
    served
        .post(&format!("/sessions/{session}/undo"), json!({}))
        .ok();
    // The window of the same application.
    let project = ProjectId(project.parse().unwrap());
    let command = json!({"kind": "trashNodes", "nodes": [two]});
    window(&served.app, project, command).await;

    let done = ["command-executing", "node-created", "command-executed"];
    let expected = [
        &done[..],
        &done[..],
        &["command-executing", "property-changed", "command-executed"],
        &["command-executing", "node-updated", "command-executed"],
        &["command-executing", "command-failed"],
        &["node-updated", "undo"],
        &["node-updated", "redo"],
        &[
            "command-executing",
            "property-changed",
            "node-updated",
            "command-executed",
        ],
        &["property-changed", "node-updated", "undo"],
        &["command-executing", "node-deleted", "command-executed"],
    ]
    .concat();
    let events = ten.check(&served, &session, expected.len() as u64).await;
    assert_eq!(names(&events), expected);
    let created = &events[1];
    assert_eq!(
        (&created["node_id"], &created["name"]),
        (&json!(one), &json!("One"))
    );
    assert_eq!(created["blueprint_type_id"], json!(part));
    let changed = &events[7];
    assert_eq!(
        (&changed["old_value"], &changed["new_value"]),
        (&json!("One"), &json!("Uno"))
    );
    assert_eq!(events[13]["error"]["code"], "COMMAND_FAILED");
    assert_eq!(events[13]["command_type"], "DeleteNode");
    assert_eq!(events[13]["author"], created["author"]);
    for (told, index) in [(20, 1), (23, 0)] {
        let placed = &events[told];
        assert_eq!(
            (&placed["node_id"], &placed["aspects"], &placed["index"]),
            (&json!(two), &json!(["place"]), &json!(index))
        );
    }

    // One leaves, one disconnects, and the others hear of both.
    ten.javascript
        .send("client 0", "leave_session", json!({"session_id": session}))
        .await;
    ten.javascript
        .until("left", |it| {
            it.heard["client 0"].iter().any(|(name, _)| name == "left")
        })
        .await;
    ten.javascript.close("client 1").await;
    let gone = |name: &str| name == "session-disconnected";
    let hear = |it: &Clients| {
        it.heard["client 2"]
            .iter()
            .filter(|(name, _)| gone(name))
            .count()
            >= 2
    };
    ten.javascript.until("two who are gone", hear).await;
    let info = served.get(&format!("/sessions/{session}/info")).ok();
    assert_eq!(info["active_clients"], JAVASCRIPT + PYTHON - 2);
    let before = ten.javascript.in_order("client 0").len();
    served.node(&session, &part, None, "Three");
    let last = expected.len() as u64 + 3;
    ten.javascript.all_at(JAVASCRIPT - 2, last).await;
    assert_eq!(ten.javascript.in_order("client 0").len(), before);
}

/// What a window sends.
pub async fn window(app: &App, project: ProjectId, command: Value) {
    let request = json!({"kind": "apply", "project": project, "command": command});
    let request: Request = serde_json::from_value(request).unwrap();
    app.call(request).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_stock_clients_hear_what_another_machine_changed() {
    let (here, there) = (Served::start(true).await, Served::start(true).await);
    let (project, session) = here.project("book", true);
    let project = ProjectId(project.parse().unwrap());
    let Reply::Invitation { invitation } =
        here.app.call(Request::Invite { project }).await.unwrap()
    else {
        panic!("no invitation");
    };
    let joined = there
        .app
        .call(Request::JoinProject { invitation })
        .await
        .unwrap();
    let Reply::Opened {
        project: theirs, ..
    } = joined
    else {
        panic!("{joined:?}");
    };
    is_live(&there.app, theirs).await;
    is_live(&here.app, project).await;

    let mut ten = Ten::join(&here, &session).await;
    let opened = there
        .post(&format!("/projects/{}/open", theirs.0), json!({}))
        .ok();
    let at_theirs = opened["session_id"].as_str().unwrap();
    let nodes = there
        .get(&format!("/sessions/{at_theirs}/nodes?limit=1"))
        .ok();
    let node = &nodes["nodes"][0]["id"];
    let data = json!({"node_id": node, "property_id": "name", "new_value": "From afar"});
    there.execute(at_theirs, "UpdateProperty", data).ok();

    let is_told = |heard: &[(String, Value)]| {
        heard
            .iter()
            .any(|(name, _)| name == "external_project_update")
    };
    ten.javascript
        .until("a change from afar", |it| {
            it.heard.values().all(|heard| is_told(heard))
        })
        .await;
    let events = ten.check(&here, &session, 1).await;
    let told = names(&events);
    let place = told
        .iter()
        .position(|name| *name == "property-changed")
        .unwrap();
    assert_eq!(events[place]["new_value"], "From afar");
    assert_eq!(events[place]["node_id"], *node);
    assert_eq!(events[place]["author"]["id"], Value::Null);

    // Where somebody looks there is told here, in both spellings.
    let place = json!({"node_id": node, "typing": false});
    let path = format!("/sessions/{at_theirs}/presence");
    assert_eq!(there.with("PUT", &path, &[], &place).status, 204);
    let is_seen = |heard: &[(String, Value)]| {
        let mut told = heard.iter().filter(|(name, _)| name == "presence");
        told.any(|(_, it)| it["peers"][0]["node_id"] == *node)
    };
    for clients in [&mut ten.javascript, &mut ten.python] {
        clients
            .until("where somebody looks", |it| {
                it.heard.values().all(|heard| is_seen(heard))
            })
            .await;
    }

    let info = here.get(&format!("/sessions/{session}/info")).ok();
    assert_eq!(
        (&info["peers"], &info["active_clients"]),
        (&json!(1), &json!(10))
    );

    // What is undone there is undone here.
    there
        .post(&format!("/sessions/{at_theirs}/undo"), json!({}))
        .ok();
    let times = |heard: &[(String, Value)]| {
        heard
            .iter()
            .filter(|(name, _)| name == "external_project_update")
            .count()
    };
    let first = times(&ten.javascript.heard["client 0"]);
    ten.javascript
        .until("its undo", |it| times(&it.heard["client 0"]) > first)
        .await;
    let events = ten.check(&here, &session, 1).await;
    let back = events
        .iter()
        .rfind(|event| event["event"] == "property-changed")
        .unwrap();
    assert_eq!(back["old_value"], "From afar");
}

/// Waits until everything has crossed.
pub async fn is_live(app: &App, project: ProjectId) {
    let mut events = app.events();
    let wait = async {
        loop {
            let sharing = app.call(Request::ReadSharing { project }).await.unwrap();
            if let Reply::Sharing {
                sharing: Some(sharing),
            } = sharing
                && matches!(sharing.status, Status::Live { .. })
            {
                return;
            }
            while !matches!(events.recv().await.as_deref(), Ok(Event::Sharing { .. })) {}
        }
    };
    tokio::time::timeout(DEADLINE, wait)
        .await
        .expect("it goes live");
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_apart_strangers_stay_out_and_gaps_are_filled() {
    let served = Served::start(false).await;
    let (_, one) = served.project("book", false);
    let (_, two) = served.project("book", false);
    let schema = served.get("/templates/book/schema").ok();
    let part = top_type(&schema);
    let plans = [
        plan("at one", &one, "/graph", "websocket", "hyphen"),
        plan("at two", &two, "/graph", "websocket", "hyphen"),
    ];
    let mut clients =
        Clients::start(Language::JavaScript, &served, served.server.token(), &plans).await;
    clients.all_heard(2, "joined").await;
    served.node(&one, &part, None, "In one");
    served.node(&two, &part, None, "In two");
    clients.all_at(2, 3).await;
    for (client, session) in [("at one", &one), ("at two", &two)] {
        let heard = clients.in_order(client);
        assert_eq!(heard.len(), 3, "{heard:?}");
        assert!(
            heard
                .iter()
                .all(|(_, payload)| payload["session_id"] == json!(session))
        );
    }

    clients
        .send(
            "at one",
            "join_session",
            json!({"session_id": Uuid::new_v4()}),
        )
        .await;
    clients.send("at one", "join_session", json!(7)).await;
    let errors = |it: &Clients| {
        it.heard["at one"]
            .iter()
            .filter(|(name, _)| name == "error")
            .count()
    };
    clients.until("two errors", |it| errors(it) == 2).await;

    // As if the first two events had not come.
    clients
        .send("at one", "replay", json!({"session_id": one, "after": 1}))
        .await;
    clients
        .until("what was missed", |it| {
            it.heard["at one"]
                .iter()
                .any(|(name, _)| name == "replayed")
        })
        .await;
    let heard = &clients.heard["at one"];
    let again: Vec<_> = heard
        .iter()
        .rev()
        .take(3)
        .rev()
        .map(|(name, it)| (name.as_str(), it["sequence"].as_u64()))
        .collect();
    assert_eq!(
        again,
        [
            ("node-created", Some(2)),
            ("command-executed", Some(3)),
            ("replayed", None)
        ]
    );
    assert_eq!(heard.last().unwrap().1["complete"], true);
    clients
        .send("at one", "replay", json!({"session_id": one, "after": 99}))
        .await;
    let is_last = |it: &Clients| {
        it.heard["at one"]
            .last()
            .is_some_and(|(_, it)| it["after"] == 99)
    };
    clients.until("an answer", is_last).await;
    assert_eq!(clients.heard["at one"].last().unwrap().1["complete"], false);

    for language in [Language::JavaScript, Language::Python] {
        let plans = [plan("a stranger", &one, "/graph", "websocket", "hyphen")];
        let mut stranger = Clients::start(language, &served, "wrong", &plans).await;
        stranger.all_heard(1, "connect_error").await;
        assert!(stranger.in_order("a stranger").is_empty());
    }
}
