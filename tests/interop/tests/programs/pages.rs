//! The UI in a browser: who is let in, what is answered and told, and files.

use std::io::Read;
use std::thread;

use api::Page;
use interop::served::{Answer, Served};
use interop::socket::{Frame, Socket};
use serde_json::{Value, json};

const UI: Page = Page(&[
    ("index.html", b"<!doctype html><title>T</title>"),
    ("assets/index-1.js", b"let a;"),
]);

async fn start() -> Served {
    Served::start_with(false, |options| api::Options {
        page: Some(UI),
        ..options
    })
    .await
}

/// The key of an address as a browser would find it.
fn key(served: &Served) -> String {
    let address = served.server.draw_page_address().unwrap().unwrap();
    let (page, key) = address.split_once("/#key=").unwrap();
    assert_eq!(page, served.address());
    key.to_owned()
}

/// What a page sends to say who it is.
fn enter(served: &Served) -> String {
    let entered = served.bare("POST", "/enter", &[], key(served).as_bytes());
    format!("Bearer {}", entered.ok()["pass"].as_str().unwrap())
}

fn rpc(served: &Served, pass: &str, request: &Value) -> Answer {
    let headers = [
        ("authorization", pass),
        ("content-type", "application/json"),
    ];
    served.bare("POST", "/rpc", &headers, request.to_string().as_bytes())
}

fn failure(answer: &Answer) -> (u16, String) {
    let code = answer.json()["failed"]["code"].as_str().unwrap().to_owned();
    (answer.status, code)
}

/// Hears what happens from now on, as a page does.
fn listen(served: &Served, pass: &str) -> Socket {
    tokio::task::block_in_place(|| {
        let mut socket = Socket::open(served, "/events", &[]).unwrap();
        socket.say(pass.trim_start_matches("Bearer "));
        assert_eq!(socket.hear(), Some(Frame::Text("[]".to_owned())));
        socket
    })
}

/// Each event that is heard, until the end.
fn events(mut socket: Socket) -> impl Iterator<Item = Value> {
    let frames = std::iter::from_fn(move || socket.hear());
    let texts = frames.filter_map(|frame| match frame {
        Frame::Text(text) => Some(text),
        Frame::Ping | Frame::Close(_) => None,
    });
    texts.flat_map(|text| serde_json::from_str::<Vec<Value>>(&text).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_lets_one_page_in_once() {
    let served = start().await;
    let start = json!({"kind": "start"});
    let over = (401, "VISIT_OVER".to_owned());
    let programs = served.bearer();
    for pass in ["", "Bearer", "Bearer wrong", &programs] {
        assert_eq!(failure(&rpc(&served, pass, &start)), over, "{pass}");
        for path in ["/files/in", "/files/out"] {
            let refused = served.bare("POST", path, &[("authorization", pass)], &[]);
            assert_eq!(failure(&refused), over, "{path} {pass}");
        }
        let heard = tokio::task::block_in_place(|| {
            let headers = [("authorization", pass)];
            let mut socket = Socket::open(&served, "/events", &headers).unwrap();
            socket.say(pass.trim_start_matches("Bearer "));
            socket.hear()
        });
        assert_eq!(heard, Some(Frame::Close(4401)), "{pass}");
    }
    let key = key(&served);
    let entered = served.bare("POST", "/enter", &[], key.as_bytes()).ok();
    let pass = format!("Bearer {}", entered["pass"].as_str().unwrap());
    let again = served.bare("POST", "/enter", &[], key.as_bytes());
    assert_eq!(failure(&again), over);
    assert_eq!(rpc(&served, &pass, &start).ok()["ok"]["kind"], "started");
    // A visit is no token: programs' routes stay closed to it, and the other way round.
    let headers = [("authorization", pass.as_str())];
    for (method, path) in [("GET", "/api/v1/projects"), ("POST", "/enter/address")] {
        assert_eq!(
            served.bare(method, path, &headers, &[]).status,
            401,
            "{path}"
        );
    }
    let headers = [("authorization", programs.as_str())];
    let drawn = served.bare("POST", "/enter/address", &headers, &[]).ok();
    assert!(drawn["address"].as_str().unwrap().contains("/#key="));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_and_names_that_point_here_get_nothing() {
    let served = start().await;
    let (pass, key) = (enter(&served), key(&served));
    let rebound = format!("evil.example:{}", served.server.address().port());
    for (name, value, code) in [
        ("host", rebound.as_str(), "HOST_REFUSED"),
        ("origin", "https://evil.example", "ORIGIN_REFUSED"),
        ("origin", "http://127.0.0.1:1", "ORIGIN_REFUSED"),
        ("origin", "null", "ORIGIN_REFUSED"),
        ("sec-fetch-site", "cross-site", "ORIGIN_REFUSED"),
        ("sec-fetch-site", "same-site", "ORIGIN_REFUSED"),
    ] {
        for (method, path, body) in [
            ("GET", "/", ""),
            ("GET", "/assets/index-1.js", ""),
            ("POST", "/enter", key.as_str()),
            ("POST", "/rpc", "{\"kind\":\"start\"}"),
            ("GET", "/events", ""),
            ("POST", "/files/in", "bytes"),
            ("GET", "/files/out/0a", ""),
        ] {
            let headers = [("authorization", pass.as_str()), (name, value)];
            let refused = served.bare(method, path, &headers, body.as_bytes());
            let found = (refused.status, refused.code());
            assert_eq!(found, (403, code.to_owned()), "{path} {value}");
            assert_eq!(refused.header("access-control-allow-origin"), None);
        }
        let refused = tokio::task::block_in_place(|| {
            Socket::open(&served, "/events", &[(name, value)]).err()
        });
        assert_eq!(refused, Some(403), "{value}");
    }
    // The key that they tried is still good.
    assert_eq!(
        served.bare("POST", "/enter", &[], key.as_bytes()).status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_served_with_what_a_browser_has_to_know() {
    let served = start().await;
    let page = served.bare("GET", "/", &[], &[]);
    assert_eq!(page.text, "<!doctype html><title>T</title>");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"));
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-cache"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
    let script = served.bare("GET", "/assets/index-1.js", &[], &[]);
    assert_eq!(
        script.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert!(
        script
            .header("cache-control")
            .unwrap()
            .contains("immutable")
    );
    let known = [("if-none-match", page.header("etag").unwrap())];
    assert_eq!(served.bare("GET", "/", &known, &[]).status, 304);
    for path in [
        "/index.html/",
        "/assets/",
        "/assets/../index.html",
        "/%2e%2e/api-token",
    ] {
        assert_eq!(served.bare("GET", path, &[], &[]).status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_without_a_page_has_none() {
    let served = Served::start(false).await;
    assert_eq!(served.server.draw_page_address().unwrap(), None);
    for (method, path) in [
        ("GET", "/"),
        ("POST", "/rpc"),
        ("POST", "/enter"),
        ("GET", "/events"),
    ] {
        assert_eq!(served.bare(method, path, &[], &[]).status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hear_what_others_do() {
    let served = start().await;
    let (one, other) = (enter(&served), enter(&served));
    let create =
        json!({"kind": "createProject", "template": "blank", "name": "Mine", "sample": true});
    let made = rpc(&served, &one, &create).ok();
    let project = made["ok"]["project"].clone();
    let snapshot = json!({"kind": "snapshot", "project": project});
    let before = rpc(&served, &one, &snapshot).ok();
    let node = before["ok"]["nodes"][0][0].clone();
    // A browser opens six connections of another kind to one address, and has more tabs than that.
    let pages: Vec<Socket> = (0..20)
        .map(|tab| listen(&served, if tab % 2 == 0 { &one } else { &other }))
        .collect();
    let command = json!({"kind": "trashNodes", "nodes": [node]});
    let apply = json!({"kind": "apply", "project": project, "command": command});
    let applied = rpc(&served, &one, &apply);
    assert_eq!(applied.json()["ok"]["kind"], "applied", "{applied:?}");
    for page in pages {
        let heard =
            tokio::task::block_in_place(|| events(page).find(|event| event["kind"] == "changed"));
        assert_eq!(heard.unwrap()["project"], project);
    }
    // Leaving a project leaves it open for the other page.
    let pages = [&one, &other].map(|pass| listen(&served, pass));
    let close = json!({"kind": "closeProject", "project": project});
    assert_eq!(rpc(&served, &one, &close).ok()["ok"]["kind"], "done");
    assert_eq!(
        rpc(&served, &other, &snapshot).ok()["ok"]["kind"],
        "snapshot"
    );
    // Nobody is kept waiting by a page that stays.
    let ends = thread::spawn(|| {
        pages.map(|mut page| {
            loop {
                match page.hear() {
                    Some(Frame::Text(_) | Frame::Ping) => {}
                    end => return end,
                }
            }
        })
    });
    served.server.close().await;
    let away = || Some(Frame::Close(1001));
    assert_eq!(ends.join().unwrap(), [away(), away()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_asks_is_bounded_and_large_answers_are_packed() {
    let served = start().await;
    let pass = enter(&served);
    let headers = [("authorization", pass.as_str())];
    let long = vec![b' '; (32 << 20) + 1];
    let refused = served.bare("POST", "/rpc", &headers, &long);
    assert_eq!(failure(&refused), (413, "PAYLOAD_TOO_LARGE".to_owned()));
    for bad in [
        "",
        "{",
        "{\"kind\":\"sing\"}",
        "\"\u{0}\"",
        &"[".repeat(100_000),
    ] {
        let answer = served.bare("POST", "/rpc", &headers, bad.as_bytes());
        assert_eq!(
            failure(&answer),
            (200, "BAD_REQUEST".to_owned()),
            "{bad:.9}"
        );
    }
    let create = json!({"kind": "createProject", "template": "vehicle-restoration", "name": "Large", "sample": true});
    let project = rpc(&served, &pass, &create).ok()["ok"]["project"].clone();
    let ask = json!({"kind": "snapshot", "project": project}).to_string();
    let asked = ureq::http::Request::post(format!("{}/rpc", served.address()))
        .header("authorization", &pass)
        .header("accept-encoding", "gzip");
    let agent = ureq::Agent::new_with_defaults();
    let response = tokio::task::block_in_place(|| agent.run(asked.body(ask).unwrap())).unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_and_go_once() {
    let served = start().await;
    let pass = enter(&served);
    let headers = [("authorization", pass.as_str())];
    let create =
        json!({"kind": "createProject", "template": "book", "name": "A book", "sample": true});
    let project = rpc(&served, &pass, &create).ok()["ok"]["project"].clone();
    let target = served
        .bare("POST", "/files/out?name=..%2FA+book.talus", &headers, &[])
        .ok();
    assert!(target["path"].as_str().unwrap().ends_with("A book.talus"));
    let export = json!({"kind": "exportProject", "project": project, "path": target["path"]});
    rpc(&served, &pass, &export).ok();
    let mut file = Vec::new();
    let address = format!(
        "{}{}",
        served.address(),
        target["address"].as_str().unwrap()
    );
    tokio::task::block_in_place(|| {
        let response = ureq::get(&address).call().unwrap();
        assert_eq!(response.headers()["content-disposition"], "attachment");
        response
            .into_body()
            .into_reader()
            .read_to_end(&mut file)
            .unwrap();
    });
    let again = served.bare("GET", target["address"].as_str().unwrap(), &[], &[]);
    assert_eq!(again.status, 404);
    let brought = served
        .bare("POST", "/files/in?name=B.talus", &headers, &file)
        .ok();
    let import = json!({"kind": "importProject", "path": brought["path"]});
    assert_eq!(rpc(&served, &pass, &import).ok()["ok"]["kind"], "opened");
    let nowhere = served.bare("GET", "/files/out/..%2Fin", &[], &[]);
    assert_eq!(nowhere.status, 404);
}
