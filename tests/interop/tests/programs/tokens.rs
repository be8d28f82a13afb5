//! Tokens: what each may do, for which project, and until when.

use interop::clients::{Clients, Language, Plan};
use interop::served::{Answer, Served};
use serde_json::{Value, json};

use crate::workflow::top_type;

fn refused(answer: &Answer) -> (u16, String) {
    (
        answer.status,
        answer.json()["code"].as_str().unwrap().to_owned(),
    )
}

fn listener(session: &str) -> Plan {
    Plan {
        name: "listener".to_owned(),
        namespace: "/graph",
        transport: "websocket",
        session: session.to_owned(),
        spelling: "hyphen",
    }
}

fn is_told(it: &Clients, code: &str) -> bool {
    let mut heard = it.heard.get("listener").into_iter().flatten();
    heard.any(|(name, payload)| name == "error" && payload["code"] == code)
}

fn is_gone(it: &Clients) -> bool {
    let mut heard = it.heard.get("listener").into_iter().flatten();
    heard.any(|(name, _)| name == "disconnect")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_to_read_hears_everything_and_changes_nothing_until_it_is_revoked() {
    let served = Served::start(false).await;
    let (project, session) = served.project("book", false);
    let part = top_type(&served.get("/templates/book/schema").ok());
    // A node makes three events, and each of them hears of one and not of the next.
    for (language, last) in [(Language::JavaScript, 3), (Language::Python, 9)] {
        let (id, secret) = served.token(json!({"name": "reader", "scope": "read"}));
        let ask = |method: &str, path: &str, body: Value| served.by(&secret, method, path, &body);

        let mut clients = Clients::start(language, &served, &secret, &[listener(&session)]).await;
        clients.all_heard(1, "joined").await;
        served.node(&session, &part, None, "Heard");
        clients.all_at(1, last).await;
        assert_eq!(
            ask("GET", &format!("/sessions/{session}/graph"), Value::Null).status,
            200
        );
        assert_eq!(
            ask("GET", &format!("/projects/{project}/export"), Value::Null).status,
            200
        );

        let node = json!({"session_id": session, "command_type": "CreateNode",
            "data": {"blueprint_type_id": part, "name": "x"}});
        for (method, path, body) in [
            ("POST", "/commands/execute".to_owned(), node.clone()),
            ("POST", format!("/sessions/{session}/undo"), json!({})),
            ("PUT", format!("/sessions/{session}/presence"), json!({})),
            (
                "PATCH",
                format!("/projects/{project}"),
                json!({"name": "x"}),
            ),
            ("DELETE", format!("/projects/{project}"), Value::Null),
            (
                "POST",
                "/projects".to_owned(),
                json!({"template_id": "book", "project_name": "x"}),
            ),
            (
                "POST",
                "/tokens".to_owned(),
                json!({"name": "x", "scope": "admin"}),
            ),
            ("GET", "/tokens".to_owned(), Value::Null),
            ("GET", "/audit".to_owned(), Value::Null),
        ] {
            let answer = ask(method, &path, body);
            assert_eq!(
                refused(&answer),
                (403, "SCOPE_TOO_SMALL".to_owned()),
                "{path}"
            );
        }
        let count = || served.get(&format!("/sessions/{session}/info")).ok()["sequence"].clone();
        assert_eq!(count(), json!(last), "nothing has happened");

        // One who waits for events is told at once, too.
        let waiting = format!("/sessions/{session}/events?after={last}&wait=30");
        let listed =
            |it: Value| it["tokens"].as_array().unwrap().last().unwrap()["connections"].clone();
        assert_eq!(listed(served.get("/tokens").ok()), 1);
        let waited = std::thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
                runtime.block_on(async { ask("GET", &waiting, Value::Null) })
            });
            let revoked = served.with("DELETE", &format!("/tokens/{id}"), &[], &Value::Null);
            assert_eq!(revoked.status, 204);
            tokio::task::block_in_place(|| waiter.join().unwrap())
        });
        assert_eq!(refused(&waited), (401, "TOKEN_REVOKED".to_owned()));
        clients.until("the end", is_gone).await;
        assert!(is_told(&clients, "TOKEN_REVOKED"), "{:?}", clients.heard);
        served.node(&session, &part, None, "Unheard");
        assert!(
            clients
                .in_order("listener")
                .iter()
                .all(|(_, it)| it["sequence"].as_u64() <= Some(last))
        );
        let info = served.get(&format!("/sessions/{session}/info")).ok();
        assert_eq!(info["active_clients"], 0);
        assert_eq!(
            refused(&ask("GET", "/projects", Value::Null)),
            (401, "TOKEN_REVOKED".to_owned())
        );
        let mut again = Clients::start(language, &served, &secret, &[listener(&session)]).await;
        again.all_heard(1, "connect_error").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_project_reaches_no_other() {
    let served = Served::start(false).await;
    let (mine, my_session) = served.project("book", false);
    let (theirs, their_session) = served.project("book", false);
    let new = json!({"name": "one project", "scope": "admin", "project_id": mine});
    let (_, secret) = served.token(new);

    // Every path of the document that names a project or a session.
    let document: Value = served.bare("GET", "/api/v1/openapi.json", &[], &[]).ok();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let names_one = path.contains("{project_id}") || path.contains("{session_id}");
        if !names_one {
            continue;
        }
        let path = path
            .trim_start_matches("/api/v1")
            .replace("{project_id}", &theirs)
            .replace("{session_id}", &their_session)
            .replace("{node_id}", &theirs);
        for method in methods.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            let body = match method.as_str() {
                "PATCH" => json!({"name": "x"}),
                "GET" | "DELETE" => Value::Null,
                _ => json!({}),
            };
            let query = if path.ends_with("search") { "?q=x" } else { "" };
            let query = if path.ends_with("events") {
                "?after=0"
            } else {
                query
            };
            let answer = served.by(&secret, &method, &format!("{path}{query}"), &body);
            assert_eq!(
                refused(&answer),
                (403, "OTHER_PROJECT".to_owned()),
                "{method} {path}"
            );
            asked += 1;
        }
    }
    assert!(asked > 15, "{asked}");
    let ask = |method: &str, path: &str, body: Value| served.by(&secret, method, path, &body);
    for (method, path, body) in [
        (
            "POST",
            "/commands/execute",
            json!({"session_id": their_session, "command_type": "x"}),
        ),
        (
            "POST",
            "/projects",
            json!({"template_id": "book", "project_name": "x"}),
        ),
        ("POST", "/sessions", json!({"project_id": theirs})),
        ("POST", "/sessions", json!({})),
        (
            "POST",
            "/sessions/cleanup",
            json!({"max_inactive_hours": 0}),
        ),
        ("POST", "/tokens", json!({"name": "x", "scope": "read"})),
        ("GET", &format!("/audit?project={theirs}"), Value::Null),
    ] {
        let answer = ask(method, path, body);
        assert_eq!(
            refused(&answer),
            (403, "OTHER_PROJECT".to_owned()),
            "{path}"
        );
    }
    assert_eq!(ask("GET", "/projects", Value::Null).ok()["total"], 1);
    assert_eq!(ask("GET", "/sessions", Value::Null).ok()["total"], 1);
    assert_eq!(
        ask("GET", &format!("/sessions/{my_session}/graph"), Value::Null).status,
        200
    );

    let plans = [listener(&their_session)];
    let mut clients = Clients::start(Language::JavaScript, &served, &secret, &plans).await;
    clients
        .until("a refusal", |it| is_told(it, "OTHER_PROJECT"))
        .await;
    clients
        .send(
            "listener",
            "join_session",
            json!({"session_id": my_session}),
        )
        .await;
    clients.all_heard(1, "joined").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_whose_time_is_over_is_cut_off() {
    let served = Served::start(false).await;
    let (_, session) = served.project("book", false);
    let none = json!({"name": "none", "scope": "write", "expires_in_s": 0});
    assert_eq!(served.post("/tokens", none).status, 400);
    let new = json!({"name": "short", "scope": "write", "expires_in_s": 4});
    let (_, secret) = served.token(new);
    let plans = [listener(&session)];
    let mut clients = Clients::start(Language::JavaScript, &served, &secret, &plans).await;
    clients.until("the end", is_gone).await;
    assert!(is_told(&clients, "TOKEN_EXPIRED"), "{:?}", clients.heard);
    let late = served.by(&secret, "GET", "/projects", &Value::Null);
    assert_eq!(refused(&late), (401, "TOKEN_EXPIRED".to_owned()));

    // What was given out is still known after a restart, and so is its end.
    let (_, lasting) = served.token(json!({"name": "lasting", "scope": "write"}));
    let served = served.restart().await;
    assert_eq!(
        served.by(&lasting, "GET", "/projects", &Value::Null).status,
        200
    );
    let late = served.by(&secret, "GET", "/projects", &Value::Null);
    assert_eq!(refused(&late), (401, "TOKEN_EXPIRED".to_owned()));
    for new in [
        json!({"name": "", "scope": "read"}),
        json!({"name": "x", "scope": "all"}),
        json!({"name": "x".repeat(65), "scope": "read"}),
        // One that was meant to end would not.
        json!({"name": "x", "scope": "read", "expires_at": "2001-01-01T00:00:00Z"}),
        json!(["x", "read", null, null]),
    ] {
        assert_eq!(
            refused(&served.post("/tokens", new)),
            (400, "INVALID_REQUEST".to_owned())
        );
    }
    let elsewhere = json!({"name": "x", "scope": "read", "project_id": uuid::Uuid::nil()});
    assert_eq!(
        refused(&served.post("/tokens", elsewhere)),
        (404, "PROJECT_NOT_FOUND".to_owned())
    );
    let none = served.with("DELETE", "/tokens/0123456789abcdef", &[], &Value::Null);
    assert_eq!(refused(&none), (404, "TOKEN_NOT_FOUND".to_owned()));
}
