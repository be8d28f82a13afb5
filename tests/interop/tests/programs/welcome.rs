//! Who hears that it is connected is heard, and answered in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use interop::clients::{Clients, Language};
use interop::served::Served;
use serde_json::json;

use crate::ten::plan;

const CLIENTS: usize = 100;
/// Of them, who say more.
const SOME: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_client_sends_at_once_is_answered_on_a_busy_machine() {
    let served = Served::start(false).await;
    let (_, session) = served.project("blank", false);
    // More threads than processors: those of the server are interrupted anywhere.
    let is_over = Arc::new(AtomicBool::new(false));
    let busy = || {
        let is_over = Arc::clone(&is_over);
        std::thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        })
    };
    let busy: Vec<_> = (0..4).map(|_| busy()).collect();
    let plans: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let name = format!("client {number}");
            plan(&name, &session, "/graph", "websocket", "hyphen")
        })
        .collect();
    let token = served.server.token();
    let mut clients = Clients::start(Language::JavaScript, &served, token, &plans).await;
    for event in ["pong", "joined"] {
        clients.all_heard(CLIENTS, event).await;
    }
    // Answers come in the order of what was sent.
    let some: Vec<String> = (0..SOME).map(|number| format!("client {number}")).collect();
    for name in &some {
        for event in ["leave_session", "join_session", "leave_session", "ping"] {
            let payload = json!({"session_id": session});
            clients.send(name, event, payload).await;
        }
    }
    let answers = |it: &Clients, name: &String| {
        let kinds = ["pong", "joined", "left", "error"];
        let names = it.heard[name].iter().map(|(name, _)| name.clone());
        let names = names.filter(|name| kinds.contains(&name.as_str()));
        names.collect::<Vec<_>>()
    };
    let expected = ["pong", "joined", "left", "joined", "left", "pong"];
    let has_all = |it: &Clients| {
        some.iter()
            .all(|name| answers(it, name).len() >= expected.len())
    };
    clients.until("all answers", has_all).await;
    for name in &some {
        assert_eq!(answers(&clients, name), expected, "{name}");
    }
    is_over.store(true, Ordering::Relaxed);
    for thread in busy {
        thread.join().unwrap();
    }
}
