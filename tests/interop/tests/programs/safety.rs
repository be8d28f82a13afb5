//! Pages of the web, strangers, and requests that mean no good.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::num::NonZeroU32;

use interop::served::Served;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_asks_without_the_token() {
    let served = Served::start(false).await;
    for bearer in ["", "Bearer", "Bearer wrong", "Basic abc"] {
        let refused = served.bare("GET", "/api/v1/projects", &[("authorization", bearer)], &[]);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (401, "UNAUTHORIZED"),
            "{bearer}"
        );
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for name in [api::TOKEN_FILE, "tally.db", "tally.db-wal"] {
            let file = std::fs::metadata(served.data().join(name)).unwrap();
            assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_web_is_refused_even_with_the_token() {
    let served = Served::start(false).await;
    let bearer = served.bearer();
    let port = served.server.address().port();
    let rebound = format!("evil.example:{port}");
    for (name, value, code) in [
        ("host", rebound.as_str(), "HOST_REFUSED"),
        ("origin", "https://evil.example", "ORIGIN_REFUSED"),
        ("origin", "null", "ORIGIN_REFUSED"),
        ("sec-fetch-site", "cross-site", "ORIGIN_REFUSED"),
    ] {
        for path in [
            "/api/v1/projects",
            "/api/v1/health",
            "/socket.io/?EIO=4&transport=polling",
            "/automerge",
        ] {
            let headers = [("authorization", bearer.as_str()), (name, value)];
            let refused = served.bare("GET", path, &headers, &[]);
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (403, code),
                "{path} {value}"
            );
            assert_eq!(refused.header("access-control-allow-origin"), None);
        }
    }
    let preflight = [
        ("origin", "https://evil.example"),
        ("access-control-request-method", "POST"),
    ];
    let refused = served.bare("OPTIONS", "/api/v1/commands/execute", &preflight, &[]);
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("access-control-allow-origin"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_gets_a_documented_error() {
    let served = Served::start(false).await;
    let (_, session) = served.project("blank", false);
    let bearer = served.bearer();
    let token = [("authorization", bearer.as_str())];
    let execute = |body: &[u8]| served.bare("POST", "/api/v1/commands/execute", &token, body);
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep = format!(r#"{{"session_id":"{session}","command_type":"a","data":{deep}}}"#);
    let batch = r#"{"kind":"batch","commands":["#.repeat(3_000);
    let wrong_type = format!(r#"{{"session_id":"{session}","command_type":7}}"#);
    for body in [
        b"{".as_slice(),
        b"[]",
        b"\"\xff\"",
        b"null",
        b"{}",
        deep.as_bytes(),
        batch.as_bytes(),
        wrong_type.as_bytes(),
    ] {
        let refused = execute(body);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "INVALID_REQUEST"),
            "{refused:?}"
        );
    }
    let length = |bytes: u64| format!("content-length: {bytes}\r\n\r\n");
    let chunk = format!(
        "transfer-encoding: chunked\r\n\r\n{:x}\r\n{}\r\n",
        9 << 20,
        " ".repeat(9 << 20)
    );
    for (rest, is_certain) in [
        (length(100 << 20), true),
        (length(1 << 60), true),
        (chunk, false),
    ] {
        let mut stream = TcpStream::connect(served.server.address()).unwrap();
        let head = format!(
            "POST /api/v1/commands/execute HTTP/1.1\r\nhost: {}\r\nauthorization: {bearer}\r\n{rest}",
            served.server.address(),
        );
        // The server hangs up before it has read all of it.
        stream.write_all(head.as_bytes()).ok();
        let mut answer = [0; 12];
        let read = tokio::task::block_in_place(|| stream.read_exact(&mut answer));
        // Bytes that are on their way to a closed connection make the system throw the answer away.
        if is_certain || read.is_ok() {
            assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 413");
        }
    }

    for (method, path, status, code) in [
        ("GET", "/api/v1/nothing".to_owned(), 404, "NOT_FOUND"),
        (
            "PUT",
            "/api/v1/projects".to_owned(),
            405,
            "METHOD_NOT_ALLOWED",
        ),
        (
            "GET",
            "/api/v1/projects/..%2f..%2fetc%2fpasswd".to_owned(),
            404,
            "PROJECT_NOT_FOUND",
        ),
        ("GET", "/api/v1/projects/%ff".to_owned(), 404, "NOT_FOUND"),
        (
            "GET",
            "/api/v1/templates/..%2fbook/schema".to_owned(),
            404,
            "TEMPLATE_NOT_FOUND",
        ),
        (
            "GET",
            "/api/v1/sessions/1/info".to_owned(),
            404,
            "INVALID_SESSION",
        ),
        (
            "GET",
            format!("/api/v1/sessions/{session}/graph/nodes/1"),
            404,
            "NODE_NOT_FOUND",
        ),
        (
            "GET",
            format!("/api/v1/sessions/{session}/nodes?limit=-1"),
            400,
            "INVALID_REQUEST",
        ),
        (
            "GET",
            format!("/api/v1/sessions/{session}/events"),
            400,
            "INVALID_REQUEST",
        ),
        (
            "GET",
            format!("/api/v1/sessions/{session}/search"),
            400,
            "INVALID_REQUEST",
        ),
    ] {
        let refused = served.bare(method, &path, &token, &[]);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (status, code),
            "{path}"
        );
    }
    let alone = served.post("/sessions", json!({})).ok();
    let alone = alone["session_id"].as_str().unwrap();
    assert_eq!(
        served.get(&format!("/sessions/{alone}/graph")).code(),
        "NO_PROJECT"
    );
    let idle = served.execute(alone, "DeleteNode", json!({}));
    assert_eq!((idle.status, idle.code().as_str()), (400, "INVALID_STATE"));
    let missing = served.execute("nothing", "DeleteNode", json!({}));
    assert_eq!(
        (missing.status, missing.code().as_str()),
        (400, "INVALID_SESSION")
    );
    let bad = json!({"template_id": "nothing", "project_name": "x"});
    let bad = served.post("/projects", bad);
    assert_eq!((bad.status, bad.code().as_str()), (400, "INVALID_TEMPLATE"));
    assert_eq!(
        served.get(&format!("/sessions/{session}/info")).status,
        200,
        "others are unharmed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_given_up() {
    let served = Served::start_with(false, |options| api::Options {
        limits: api::Limits {
            body_wait: std::time::Duration::from_millis(200),
            ..options.limits
        },
        page: Some(api::Page(&[])),
        ..options
    })
    .await;
    let opened = served.bare("GET", "/socket.io/?EIO=4&transport=polling", &[], &[]);
    let id = opened.text.split('"').nth(3).unwrap();
    let polling = format!("/socket.io/?EIO=4&transport=polling&sid={id}");
    for (path, status) in [
        ("/api/v1/commands/execute", 408),
        ("/enter", 408),
        (polling.as_str(), 408),
    ] {
        let mut stream = TcpStream::connect(served.server.address()).unwrap();
        stream.set_read_timeout(Some(interop::DEADLINE)).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: {}\r\ncontent-length: 100\r\n\r\n{{",
            served.server.address(),
            served.bearer(),
        );
        stream.write_all(head.as_bytes()).unwrap();
        assert_eq!(served.get("/projects").status, 200, "nobody waits for it");
        let mut answer = [0; 12];
        tokio::task::block_in_place(|| stream.read_exact(&mut answer)).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert_eq!(answer, format!("HTTP/1.1 {status}"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_none_is_refused_by_how_it_begins() {
    let served = Served::start(false).await;
    let mut stream = TcpStream::connect(served.server.address()).unwrap();
    stream.set_read_timeout(Some(interop::DEADLINE)).unwrap();
    let head = format!(
        "POST /api/v1/projects/import HTTP/1.1\r\nhost: {}\r\nauthorization: {}\r\ncontent-length: {}\r\n\r\nPK\x03\x04",
        served.server.address(),
        served.bearer(),
        1 << 30,
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The rest never comes.
    let mut answer = [0; 1024];
    let read = tokio::task::block_in_place(|| stream.read(&mut answer)).unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]);
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_drip_or_are_held_open_are_given_up() {
    const PIECE: usize = 100_000;
    let served = Served::start_with(false, |options| api::Options {
        limits: api::Limits {
            body_wait: std::time::Duration::from_millis(500),
            bodies_bytes: 4 * PIECE,
            ..options.limits
        },
        ..options
    })
    .await;
    let begin = || {
        let mut stream = TcpStream::connect(served.server.address()).unwrap();
        stream.set_read_timeout(Some(interop::DEADLINE)).unwrap();
        let head = format!(
            "POST /api/v1/commands/execute HTTP/1.1\r\nhost: {}\r\nauthorization: {}\r\ntransfer-encoding: chunked\r\n\r\n",
            served.server.address(),
            served.bearer(),
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
    };
    let status = |stream: &mut TcpStream| {
        let mut answer = [0; 12];
        tokio::task::block_in_place(|| stream.read_exact(&mut answer)).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    // No wait between two pieces is too long, but all of them together are.
    let mut dripping = begin();
    let pause = std::time::Duration::from_millis(50);
    dripping.set_read_timeout(Some(pause)).unwrap();
    let begun = std::time::Instant::now();
    let mut answer = [0; 12];
    tokio::task::block_in_place(|| {
        while dripping.read_exact(&mut answer).is_err() {
            assert!(begun.elapsed() < interop::DEADLINE, "it may drip for ever");
            dripping.write_all(b"1\r\n \r\n").ok();
        }
    });
    assert_eq!(answer, *b"HTTP/1.1 408");

    let piece = format!("{PIECE:x}\r\n{}\r\n", " ".repeat(PIECE));
    let mut held: Vec<TcpStream> = (0..20).map(|_| begin()).collect();
    for stream in &mut held {
        // The one that is refused may be gone already.
        stream.write_all(piece.as_bytes()).ok();
    }
    let answers: Vec<String> = held.iter_mut().map(status).collect();
    let count = |status| answers.iter().filter(|it| it.ends_with(status)).count();
    assert_eq!(count("408") + count("429"), held.len(), "{answers:?}");
    assert!(count("429") > 0, "{answers:?}");
    assert_eq!(served.get("/projects").status, 200, "others are unharmed");
    let (_, session) = served.project("book", false);
    assert_eq!(
        served.execute(&session, "CreateNode", json!({})).status,
        400,
        "there is room again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_fast_is_told_so() {
    let slow = NonZeroU32::MIN;
    let served = Served::start_with(false, |options| api::Options {
        limits: api::Limits {
            requests_per_s: slow,
            ..options.limits
        },
        ..options
    })
    .await;
    let refused = (0..50)
        .map(|_| served.get("/templates"))
        .find(|it| it.status != 200);
    let refused = refused.expect("fifty requests take less than as many seconds");
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (429, "RATE_LIMITED")
    );
    assert_eq!(refused.header("retry-after"), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checked_in_documents_are_what_is_served() {
    let served = Served::start(false).await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api");
    for (name, key, version) in [
        ("openapi.json", "openapi", "3.1.0"),
        ("asyncapi.json", "asyncapi", "3.0.0"),
    ] {
        let document: Value = served
            .bare("GET", &format!("/api/v1/{name}"), &[], &[])
            .ok();
        assert_eq!(document[key], version);
        let path = folder.join(name);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
            std::fs::write(&path, text).unwrap();
        }
        let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert!(
            kept == document,
            "docs/api/{name} is old; run this test with UPDATE_EXPECT=1"
        );
    }
    let page = served.bare("GET", "/docs", &[], &[]);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );
    assert!(page.text.contains("node-created") && page.text.contains("/commands/execute"));
}
