//! Programs of other machines: stock clients that know the server by its certificate.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;

use api::{Lan, Options, ServedLan, Server, StartError};
use interop::clients::{Clients, Language, python};
use interop::served::Served;
use serde_json::{Value, json};

use crate::ten::plan;
use crate::workflow::top_type;

/// What a program in Python with `requests` says, a line of JSON for each thing.
const ASK: &str = r#"
import json, sys
import requests

base, token, certificate = sys.argv[1:]
bearer = {"Authorization": f"Bearer {token}"}

def status(path, **how):
    try:
        return requests.get(base + path, timeout=60, **how).status_code
    except requests.exceptions.SSLError:
        return "no trust"

known = {"verify": certificate}
print(json.dumps({
    "projects": status("/api/v1/projects", headers=bearer, **known),
    "unknown": status("/api/v1/projects", headers=bearer),
    "no token": [status(path, **known) for path in sys.stdin.read().split()],
    "other name": status("/api/v1/projects", headers=bearer | {"Host": "evil.example"}, **known),
    "page": status("/", headers=bearer, **known),
}))
"#;

async fn start() -> (Served, ServedLan) {
    let served = Served::start_with(false, |options| Options {
        lan: Some(Lan {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            names: vec!["localhost".to_owned()],
            files: None,
        }),
        page: Some(api::Page(&[])),
        ..options
    })
    .await;
    let lan = served.server.lan().unwrap().clone();
    (served, lan)
}

fn output(command: &mut Command, input: &str) -> String {
    let mut child = command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = tokio::task::block_in_place(|| child.wait_with_output()).unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn stock_clients_ask_by_tls_and_with_a_token() {
    let (served, lan) = start().await;
    let without_token = [
        "/",
        "/docs",
        "/api/v1/health",
        "/api/v1/openapi.json",
        "/api/v1/asyncapi.json",
        "/api/v1/projects",
        "/automerge",
    ];
    for name in [lan.address.ip().to_string(), "localhost".to_owned()] {
        let base = format!("https://{name}:{}", lan.address.port());
        let mut ask = Command::new(python());
        ask.args(["-c", ASK, &base, served.server.token()])
            .arg(&lan.certificate);
        let said: Value =
            serde_json::from_str(&output(&mut ask, &without_token.join(" "))).unwrap();
        assert_eq!(said["projects"], 200, "{said}");
        assert_eq!(said["unknown"], "no trust", "{said}");
        assert_eq!(said["other name"], 403, "{said}");
        assert_eq!(said["page"], 404, "{said}");
        let refused = said["no token"].as_array().unwrap();
        let is_refused = |status: &Value| [json!(400), json!(401), json!(404)].contains(status);
        assert!(refused.iter().all(is_refused), "{said}");
        assert!(refused[..6].iter().all(|it| *it == 401), "{said}");
    }

    // What it is known by is what it shows.
    let shown = output(
        Command::new("openssl")
            .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
            .arg(&lan.certificate),
        "",
    );
    assert!(shown.trim().ends_with(&lan.fingerprint), "{shown}");

    let base = format!("https://{}", lan.address);
    let curl = output(
        Command::new("curl")
            .args(["--silent", "--show-error", "--fail", "--cacert"])
            .arg(&lan.certificate)
            .args(["-H", &format!("Authorization: {}", served.bearer())])
            .arg(format!("{base}/api/v1/health")),
        "",
    );
    let health: Value = serde_json::from_str(&curl).unwrap();
    assert_eq!(health["status"], "ok", "{health}");

    // What happens is told there, too.
    let (_, session) = served.project("book", false);
    let part = top_type(&served.get("/templates/book/schema").ok());
    let trusted = [("NODE_EXTRA_CA_CERTS", lan.certificate.as_path())];
    for transport in ["websocket", "polling"] {
        let plans = [plan("afar", &session, "/graph", transport, "hyphen")];
        let token = served.server.token();
        let mut afar = Clients::start_at(Language::JavaScript, &base, token, &plans, &trusted);
        afar.all_heard(1, "joined").await;
        served.node(&session, &part, None, "Heard");
        afar.all_heard(1, "node-created").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_in_the_open_to_other_machines() {
    let (served, lan) = start().await;
    let mut stream = TcpStream::connect(lan.address).unwrap();
    stream.set_read_timeout(Some(interop::DEADLINE)).unwrap();
    let request = format!(
        "GET /api/v1/health HTTP/1.1\r\nhost: {}\r\n\r\n",
        lan.address
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // An alert of TLS, or nothing; the end comes either way.
    tokio::task::block_in_place(|| stream.read_to_end(&mut answer)).ok();
    assert!(!answer.windows(4).any(|it| it == b"HTTP"), "{answer:?}");

    // This machine asks as before.
    assert_eq!(served.get("/projects").status, 200);

    let data = served.data();
    for address in ["0.0.0.0:0", "192.0.2.7:0", "[::]:0"] {
        let mut options = Options::new(&data);
        options.listen = address.parse().unwrap();
        let refused = Server::start(served.app.clone(), &options).err().unwrap();
        assert!(matches!(refused, StartError::NotLoopback(_)));
        assert!(refused.to_string().contains("--lan"), "{refused}");
    }
}
