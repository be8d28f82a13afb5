//! Those who send too much are let go, and nobody else notices.

use std::num::NonZeroU32;

use interop::clients::{Clients, Language, Plan};
use interop::served::Served;
use interop::socket::{Frame, Socket};
use serde_json::{Value, json};

use crate::workflow::top_type;

fn plan(name: &str, session: &str, transport: &'static str) -> Plan {
    Plan {
        name: name.to_owned(),
        namespace: "/graph",
        transport,
        session: session.to_owned(),
        spelling: "hyphen",
    }
}

fn has(it: &Clients, client: &str, event: &str) -> bool {
    let heard = it.heard.get(client).into_iter().flatten();
    heard.into_iter().any(|(name, _)| name == event)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_messages_and_a_packet_that_is_too_long_hurt_nobody_else() {
    let served = Served::start_with(false, |options| api::Options {
        limits: api::Limits {
            messages_per_s: NonZeroU32::new(5).unwrap(),
            ..options.limits
        },
        ..options
    })
    .await;
    let (_, session) = served.project("book", false);
    let part = top_type(&served.get("/templates/book/schema").ok());
    let plans = [
        plan("quiet", &session, "websocket"),
        plan("pings", &session, "websocket"),
        plan("unknown", &session, "polling"),
        plan("long", &session, "websocket"),
        plan("binary", &session, "websocket"),
        plan("deep", &session, "websocket"),
        plan("deep event", &session, "polling"),
        plan("garbled", &session, "websocket"),
    ];
    let token = served.server.token().to_owned();
    let mut clients = Clients::start(Language::JavaScript, &served, &token, &plans).await;
    clients.all_heard(plans.len(), "joined").await;

    clients.flood("pings", "ping", 10_000).await;
    clients.flood("unknown", "whatever", 1_000).await;
    clients
        .send("long", "whatever", json!("x".repeat(100_000)))
        .await;
    clients.send("binary", "binary", json!(20 << 20)).await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for (client, text) in [
        ("deep", format!("2/graph,[\"join_session\",{deep}]")),
        ("deep event", format!("2/graph,{deep}")),
        ("garbled", "2/graph,[\"join_session\"".to_owned()),
    ] {
        clients.send(client, "raw", json!(text)).await;
    }
    for client in ["pings", "unknown", "long", "binary"] {
        clients
            .until(client, |it| has(it, client, "disconnect"))
            .await;
    }
    // What is no message ends a connection; one that cannot be understood does not.
    for (client, event) in [
        ("deep", "error"),
        ("deep event", "disconnect"),
        ("garbled", "disconnect"),
    ] {
        clients.until(client, |it| has(it, client, event)).await;
    }
    assert!(!has(&clients, "deep", "disconnect"));
    for client in ["pings", "unknown"] {
        let mut heard = clients.heard[client].iter();
        let told = heard.any(|(name, it)| name == "error" && it["code"] == "RATE_LIMITED");
        assert!(told, "{client} {:?}", clients.heard[client]);
    }
    let pongs = clients.heard["pings"]
        .iter()
        .filter(|(name, _)| name == "pong");
    assert!(pongs.count() < 1_000, "a flood is not answered");

    served.node(&session, &part, None, "Heard");
    clients.all_at(2, 3).await;
    for client in ["quiet", "deep"] {
        assert_eq!(clients.in_order(client).len(), 3);
    }
    assert!(!has(&clients, "quiet", "disconnect"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_has_so_many_connections_and_others_have_theirs() {
    let served = Served::start_with(false, |options| api::Options {
        limits: api::Limits {
            connections: 2,
            ..options.limits
        },
        ..options
    })
    .await;
    let (_, session) = served.project("book", false);
    let (_, secret) = served.token(json!({"name": "greedy", "scope": "read"}));
    let plans = ["a", "b", "c"].map(|name| plan(name, &session, "websocket"));
    let mut greedy = Clients::start(Language::JavaScript, &served, &secret, &plans).await;
    greedy.all_heard(2, "joined").await;
    greedy.all_heard(1, "connect_error").await;
    let token = served.server.token().to_owned();
    let mut other = Clients::start(Language::JavaScript, &served, &token, &plans[..1]).await;
    other.all_heard(1, "joined").await;

    // Who leaves makes room.
    let in_it = ["a", "b", "c"]
        .into_iter()
        .find(|name| has(&greedy, name, "joined"))
        .unwrap();
    greedy.close(in_it).await;
    greedy
        .until("the end", |it| has(it, in_it, "disconnect"))
        .await;
    let deadline = std::time::Instant::now() + interop::DEADLINE;
    while served.get("/tokens").ok()["tokens"][0]["connections"] != 1 {
        assert!(
            std::time::Instant::now() < deadline,
            "the place stays taken"
        );
        tokio::task::yield_now().await;
    }
    let mut next = Clients::start(Language::JavaScript, &served, &secret, &plans[..1]).await;
    next.all_heard(1, "joined").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_has_so_many_sessions_and_makes_nothing_that_would_have_none() {
    let served = Served::start_with(false, |options| api::Options {
        limits: api::Limits {
            sessions: 3,
            ..options.limits
        },
        ..options
    })
    .await;
    let (project, session) = served.project("book", false);
    let (_, reader) = served.token(json!({"name": "greedy", "scope": "read"}));
    let open = format!("/projects/{project}/open");
    for status in [201, 201, 201, 429] {
        let opened = served.by(&reader, "POST", &open, &json!({}));
        assert_eq!(opened.status, status, "{opened:?}");
    }
    // Others have theirs.
    assert_eq!(served.post(&open, json!({})).status, 201);
    assert_eq!(served.post("/sessions", json!({})).status, 201);
    let new = json!({"template_id": "book", "project_name": "Another"});
    assert_eq!(served.post("/projects", new.clone()).status, 429);
    assert_eq!(served.get("/projects").ok()["total"], 1, "it was not made");
    let closed = served.with("DELETE", &format!("/sessions/{session}"), &[], &json!(null));
    assert_eq!(closed.status, 204);
    assert_eq!(served.post("/projects", new).status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_of_socket_io_are_begun_slowly_without_a_token() {
    let served = Served::start_with(false, |options| api::Options {
        limits: api::Limits {
            strangers_per_s: NonZeroU32::MIN,
            ..options.limits
        },
        ..options
    })
    .await;
    let begin = |headers: &[(&str, &str)]| {
        let path = "/socket.io/?EIO=4&transport=polling";
        served.bare("GET", path, headers, &[]).status
    };
    let answers: Vec<u16> = (0..50).map(|_| begin(&[])).collect();
    assert_eq!(answers[0], 200);
    assert!(
        answers.contains(&429),
        "fifty take less than as many seconds"
    );
    assert_eq!(begin(&[("authorization", &served.bearer())]), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_without_a_token_takes_nothing_from_those_who_have_one() {
    let served = Served::start_with(false, |options| api::Options {
        limits: api::Limits {
            strangers_per_s: NonZeroU32::MIN,
            ..options.limits
        },
        ..options
    })
    .await;
    let refused = |_| served.bare("GET", "/api/v1/projects", &[], &[]).status;
    let answers: Vec<u16> = (0..50).map(refused).collect();
    assert!(
        answers.contains(&429),
        "fifty requests take less than as many seconds"
    );
    assert_eq!(answers[0], 401);
    assert_eq!(served.get("/projects").status, 200);
}

/// More events than wait for one connection, in the program and in the system.
const EVENTS: u64 = 12_000;

/// Hears text after text, answers pings, and ends with the first event of this name.
fn hear_until(slow: &mut Socket, event: &str, mut heard: impl FnMut(&Value)) -> Value {
    loop {
        let Some(Frame::Text(text)) = slow.hear() else {
            panic!("{event} never came");
        };
        if text == "2" {
            slow.say("3");
        }
        let Some(json) = text.strip_prefix("42") else {
            continue;
        };
        let mut told: Value = serde_json::from_str(json).unwrap();
        let payload = told[1].take();
        if told[0] == event {
            return payload;
        }
        heard(&payload);
    }
}

/// Nothing comes after the last event that would show that it was missed.
#[tokio::test(flavor = "multi_thread")]
async fn who_read_too_slowly_is_told_although_nothing_more_happens() {
    let served = Served::start(false).await;
    let (_, session) = served.project("book", false);
    let part = top_type(&served.get("/templates/book/schema").ok());
    let mut slow = tokio::task::block_in_place(|| {
        let path = "/socket.io/?EIO=4&transport=websocket";
        let mut slow = Socket::open(&served, path, &[]).unwrap();
        let begins = |slow: &mut Socket, with: &str| loop {
            match slow.hear() {
                Some(Frame::Text(text)) if text.starts_with(with) => break,
                Some(Frame::Text(text)) if text == "2" => slow.say("3"),
                other => panic!("{other:?}"),
            }
        };
        begins(&mut slow, "0{");
        slow.say(&format!("40{{\"token\":\"{}\"}}", served.server.token()));
        begins(&mut slow, "40{");
        slow.say(&format!("42[\"join_session\",\"{session}\"]"));
        hear_until(&mut slow, "joined", |_| {});
        slow
    });
    let name = "n".repeat(240);
    let one =
        json!({"command_type": "CreateNode", "data": {"blueprint_type_id": part, "name": name}});
    let many = json!({"session_id": session, "commands": vec![one; 1_000]});
    let newest = || {
        let info = served.get(&format!("/sessions/{session}/info")).ok();
        info["sequence"].as_u64().unwrap()
    };
    while newest() < EVENTS {
        served.post("/commands/execute", many.clone()).ok();
    }
    let mut last = 0;
    // The last events may be told after the answer; then so is that they were missed.
    let behind = tokio::task::block_in_place(|| {
        loop {
            let behind = hear_until(&mut slow, "behind", |event| {
                last = event["sequence"].as_u64().unwrap_or(last);
            });
            if behind["sequence"] == newest() {
                break behind;
            }
        }
    });
    assert_eq!(behind["session_id"], json!(session));
    assert!(
        last < newest(),
        "it has missed nothing, so there was nothing to tell"
    );
}
