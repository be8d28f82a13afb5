//! Stock clients of automerge-repo at the door.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use app::app::App;
use app::members::MemberRole;
use app::reply::Reply;
use app::request::{ProjectId, Request};
use interop::DEADLINE;
use interop::clients::{Clients, Language, Plan};
use interop::repos::Repos;
use interop::served::Served;
use serde_json::{Value, json};

use crate::events::is_live;
use crate::workflow::top_type;

/// A project with one node, and the id of its title's field.
struct Book {
    served: Served,
    project: String,
    session: String,
    node: String,
    title: String,
    part: String,
}

impl Book {
    async fn new(shared: bool) -> Self {
        let served = Served::start(shared).await;
        let schema = served.get("/templates/book/schema").ok();
        let part = top_type(&schema);
        let (project, session) = served.project("book", false);
        let node = served.node(&session, &part, None, "One");
        let mut book = Self {
            served,
            project,
            session,
            node,
            title: String::new(),
            part,
        };
        let shown = book.shown();
        let properties = shown["properties"].as_object().unwrap();
        let title = properties.iter().find(|(_, value)| **value == json!("One"));
        book.title = title.unwrap().0.clone();
        book
    }

    /// By which a client finds the project.
    fn url(&self) -> Value {
        let project = self.served.get(&format!("/projects/{}", self.project));
        project.ok()["automerge_url"].clone()
    }

    /// The node as REST shows it.
    fn shown(&self) -> Value {
        let (session, node) = (&self.session, &self.node);
        let path = format!("/sessions/{session}/graph/nodes/{node}");
        self.served.get(&path).ok()
    }

    /// The node is called so, as REST shows it.
    fn is_called(&self, name: &str) {
        assert_eq!(self.shown()["name"], name);
    }

    fn rename(&self, name: &str) {
        let data = json!({"node_id": self.node, "property_id": "name", "new_value": name});
        self.served
            .execute(&self.session, "UpdateProperty", data)
            .ok();
    }

    fn put(&self, value: &str) -> Value {
        json!({"id": self.node, "key": self.title, "value": value})
    }

    /// A stock client of Socket.IO that hears everything.
    async fn listener(&self) -> Clients {
        let plan = Plan {
            name: "ear".to_owned(),
            namespace: "/graph",
            transport: "websocket",
            session: self.session.clone(),
            spelling: "hyphen",
        };
        let token = self.served.server.token();
        let mut ear = Clients::start(Language::JavaScript, &self.served, token, &[plan]).await;
        ear.all_heard(1, "joined").await;
        ear
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_repo_writes_reaches_everybody_and_back() {
    let book = Book::new(false).await;
    let mut ear = book.listener().await;
    let plans = [("board", ""), ("broom", "")];
    let mut repos = Repos::start(&book.served, &book.project, &plans);
    let (node, title) = (book.node.clone(), book.title.clone());
    for client in ["board", "broom"] {
        repos.sees(client, &node, &title, json!("One")).await;
    }
    repos.edit("board", "put", book.put("Two")).await;
    repos.sees("broom", &node, &title, json!("Two")).await;
    book.is_called("Two");

    let is_ours = |(name, payload): &(String, Value)| {
        name == "property-changed" && payload["new_value"] == "Two"
    };
    ear.until("the change", |it| it.heard["ear"].iter().any(is_ours))
        .await;
    let heard = ear.heard["ear"].iter().find(|it| is_ours(it)).unwrap();
    let author = &heard.1["author"];
    assert_eq!(author["client"], "board", "{author}");
    assert!(author["name"].as_str().unwrap().starts_with("board"));

    book.rename("Three");
    for client in ["board", "broom"] {
        repos.sees(client, &node, &title, json!("Three")).await;
    }
    repos.edit("broom", "put", book.put("Four")).await;
    repos.sees("board", &node, &title, json!("Four")).await;
    book.is_called("Four");

    // A node of a client's own making, beneath which REST goes on.
    let made = "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a3f";
    let registers = json!({"@type": book.part, "@pos": "/a5xyz", &title: "Five"});
    let what = json!({"id": made, "registers": registers});
    repos.edit("board", "make", what).await;
    repos.sees("broom", made, &title, json!("Five")).await;
    let path = format!("/sessions/{}/graph/nodes/{made}", book.session);
    assert_eq!(book.served.get(&path).ok()["name"], "Five");
}

/// A large project comes whole, and keeps up.
#[tokio::test(flavor = "multi_thread")]
async fn a_repo_has_a_project_of_ten_thousand_nodes() {
    let book = Book::new(false).await;
    let chapter = |name: usize| {
        json!({"command_type": "CreateNode", "data":
            {"blueprint_type_id": "chapter", "parent_id": book.node, "name": format!("Node {name}")}})
    };
    let began = std::time::Instant::now();
    for part in 0..10 {
        let commands: Vec<Value> = (0..1_000)
            .map(|name| chapter(1_000 * part + name))
            .collect();
        let order = json!({"session_id": book.session, "commands": commands});
        book.served.post("/commands/execute", order).ok();
    }
    eprintln!("made after {:?}", began.elapsed());
    let began = std::time::Instant::now();
    let mut repos = Repos::start(&book.served, &book.project, &[("board", "")]);
    let is_whole = |items: &Value| items.as_object().unwrap().len() == 10_001;
    repos.until("board", "items", is_whole).await;
    eprintln!("open after {:?}", began.elapsed());
    let began = std::time::Instant::now();
    book.rename("Two");
    let (node, title) = (book.node.clone(), book.title.clone());
    repos.sees("board", &node, &title, json!("Two")).await;
    eprintln!("heard after {:?}", began.elapsed());
    let began = std::time::Instant::now();
    let mut ear = book.listener().await;
    repos.edit("board", "put", book.put("Three")).await;
    let is_heard = |it: &Clients| {
        it.heard["ear"]
            .iter()
            .any(|(_, payload)| payload["new_value"] == "Three")
    };
    ear.until("the change", is_heard).await;
    eprintln!("told after {:?}", began.elapsed());
    book.is_called("Three");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_repo_must_not_write_is_refused_with_a_reason() {
    let book = Book::new(false).await;
    let url = book.url();
    let (_, to_read) = book
        .served
        .token(json!({"name": "to read", "scope": "read"}));
    let plans = [
        json!({"name": "board", "url": url}),
        json!({"name": "vandal", "url": url}),
        json!({"name": "careless", "url": url}),
        json!({"name": "reader", "url": url, "query": "&read_only=1"}),
        json!({"name": "scoped", "url": url, "token": to_read}),
        json!({"name": "watcher", "url": url, "query": "&read_only=1"}),
    ];
    let mut repos = Repos::start_as(&book.served, plans.iter().cloned());
    let (node, title) = (book.node.clone(), book.title.clone());
    for plan in &plans {
        let client = plan["name"].as_str().unwrap();
        repos.sees(client, &node, &title, json!("One")).await;
    }
    let heads = || {
        let path = format!("/sessions/{}/graph/tree", book.session);
        book.served.get(&path).header("etag").unwrap().to_owned()
    };
    let before = heads();
    let container = json!({"key": "nodes"});
    repos.edit("vandal", "deleteContainer", container).await;
    repos.edit("careless", "putText", book.put("Two")).await;
    repos.edit("reader", "put", book.put("Two")).await;
    repos.edit("scoped", "put", book.put("Two")).await;
    for (client, code, words) in [
        ("vandal", "SHAPE_REFUSED", "containers"),
        ("careless", "SHAPE_REFUSED", "ImmutableString"),
        ("reader", "READ_ONLY", "may read"),
        ("scoped", "READ_ONLY", "may read"),
    ] {
        let closed = repos.until(client, "closed", |_| true).await;
        let reason = closed["reason"].as_str().unwrap();
        assert_eq!(closed["code"], 1008, "{reason}");
        assert!(
            reason.starts_with(code) && reason.contains(words),
            "{reason}"
        );
    }
    assert_eq!(heads(), before, "the project is untouched");
    let log = book.served.get("/audit").ok();
    let noted = |client: &str| -> Vec<&str> {
        let entries = log["entries"].as_array().unwrap().iter();
        let of_client = entries.filter(|it| it["client"] == client);
        let of_client = of_client.filter(|it| it["action"] == "automerge-repo");
        of_client.map(|it| it["result"].as_str().unwrap()).collect()
    };
    assert_eq!(noted("board"), ["ok"]);
    assert_eq!(noted("vandal"), ["SHAPE_REFUSED", "ok"]);
    assert_eq!(noted("scoped"), ["READ_ONLY"]);

    // Whoever behaves goes on.
    repos.edit("board", "put", book.put("Three")).await;
    repos.sees("watcher", &node, &title, json!("Three")).await;
    book.is_called("Three");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repo_on_one_machine_edits_with_one_on_another() {
    let book = Book::new(true).await;
    let there = Served::start(true).await;
    let project = ProjectId(book.project.parse().unwrap());
    let theirs = invited(&book.served.app, project, MemberRole::Viewer, &there.app).await;
    let (node, title) = (book.node.clone(), book.title.clone());
    let url = |served: &Served, project: &str| {
        served.get(&format!("/projects/{project}")).ok()["automerge_url"].clone()
    };
    assert_eq!(url(&book.served, &book.project), url(&there, &theirs));

    let mut here = Repos::start(&book.served, &book.project, &[("board", "")]);
    let mut afar = Repos::start(&there, &theirs, &[("wall", "")]);
    here.sees("board", &node, &title, json!("One")).await;
    afar.sees("wall", &node, &title, json!("One")).await;
    here.edit("board", "put", book.put("Two")).await;
    afar.sees("wall", &node, &title, json!("Two")).await;

    // That machine belongs to somebody who may look and not touch, and so do its programs.
    afar.edit("wall", "put", book.put("Three")).await;
    let closed = afar.until("wall", "closed", |_| true).await;
    let reason = closed["reason"].as_str().unwrap();
    assert!(reason.starts_with("ROLE_FORBIDS"), "{reason}");
    book.is_called("Two");
}

/// Has somebody enter a project in a role, and waits until everything has crossed; its id there.
async fn invited(here: &App, project: ProjectId, role: MemberRole, there: &App) -> String {
    here.call(Request::Invite { project }).await.unwrap();
    let terms = Request::InviteAs {
        project,
        role,
        hours: 1,
        uses: 1,
    };
    let Reply::Invitation { invitation } = here.call(terms).await.unwrap() else {
        panic!("no invitation");
    };
    let joined = there
        .call(Request::JoinProject { invitation })
        .await
        .unwrap();
    let Reply::Opened { project, .. } = joined else {
        panic!("{joined:?}");
    };
    is_live(there, project).await;
    project.0.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_client_is_sent_away() {
    let book = Book::new(false).await;
    let door = |headers: &[(&str, &str)]| book.served.bare("GET", "/automerge", headers, &[]);
    assert_eq!(
        (door(&[]).status, door(&[]).code().as_str()),
        (401, "UNAUTHORIZED")
    );
    let bearer = book.served.bearer();
    let by_http = door(&[("authorization", &bearer)]);
    assert_eq!(
        (by_http.status, by_http.code().as_str()),
        (400, "INVALID_REQUEST")
    );

    let raw = [
        json!({"name": "bytes", "raw": {"bytes": [0xff], "times": 1000}}),
        json!({"name": "text", "raw": {"text": "{\"type\":\"join\"}"}}),
        json!({"name": "deep", "raw": {"bytes": [0x81], "times": 100_000}}),
        // Its version is another one: {"type": "join", "senderId": "x", "supportedProtocolVersions": ["2"]}.
        json!({"name": "later", "raw": {"bytes": join("2")}}),
    ];
    let none = json!({"name": "lost", "url": "automerge:2akvofn6L1o4RMUEMQi7qzwRjKWZ"});
    let client = json!({"name": "board", "url": book.url()});
    let plans = raw.into_iter().chain([none, client]);
    let mut repos = Repos::start_as(&book.served, plans);
    for (name, code) in [
        ("bytes", "MALFORMED"),
        ("text", "MALFORMED"),
        ("deep", "MALFORMED"),
        ("later", "OTHER_VERSION"),
    ] {
        let closed = repos.until(name, "closed", |_| true).await;
        assert_eq!(closed["code"], 1008, "{closed}");
        assert!(
            closed["reason"].as_str().unwrap().starts_with(code),
            "{closed}"
        );
    }
    repos.until("lost", "unavailable", |_| true).await;
    let (node, title) = (book.node.clone(), book.title.clone());
    repos.sees("board", &node, &title, json!("One")).await;
}

/// A token reaches what it permits, and for as long as it does.
#[tokio::test(flavor = "multi_thread")]
async fn a_repo_reaches_what_its_token_does_until_that_is_revoked() {
    let book = Book::new(false).await;
    let (other, _) = book.served.project("book", false);
    let (_, elsewhere) = book
        .served
        .token(json!({"name": "elsewhere", "scope": "write", "project_id": other}));
    let (id, here) = book
        .served
        .token(json!({"name": "here", "scope": "write", "project_id": book.project}));
    let plan =
        |(name, token): (&str, &String)| json!({"name": name, "url": book.url(), "token": token});
    let plans = [("elsewhere", &elsewhere), ("here", &here)].map(plan);
    let mut repos = Repos::start_as(&book.served, plans);
    let (node, title) = (book.node.clone(), book.title.clone());
    repos.sees("here", &node, &title, json!("One")).await;
    repos.until("elsewhere", "unavailable", |_| true).await;

    let revoked = format!("/tokens/{id}");
    let revoked = book.served.with("DELETE", &revoked, &[], &Value::Null);
    assert_eq!(revoked.status, 204);
    let closed = repos.until("here", "closed", |_| true).await;
    let reason = closed["reason"].as_str().unwrap();
    assert_eq!(closed["code"], 1008, "{reason}");
    assert!(reason.starts_with("TOKEN_REVOKED"), "{reason}");
}

/// The stock adapter throws what nobody can catch when the upgrade is refused, so that is not what happens.
#[tokio::test(flavor = "multi_thread")]
async fn a_repo_that_is_not_let_in_lives_and_hears_why() {
    let book = Book::new(false).await;
    let url = book.url();
    let (id, revoked) = book.served.token(json!({"name": "old", "scope": "write"}));
    book.served
        .with("DELETE", &format!("/tokens/{id}"), &[], &Value::Null);
    let refused = [
        ("stranger", "wrong", "", "UNAUTHORIZED"),
        ("nobody", "", "", "UNAUTHORIZED"),
        ("late", revoked.as_str(), "", "TOKEN_REVOKED"),
        (
            "twofold",
            book.served.server.token(),
            "&client=again",
            "INVALID_REQUEST",
        ),
    ];
    let plans = refused.map(
        |(name, token, query, _)| json!({"name": name, "url": url, "token": token, "query": query}),
    );
    let raw = json!({"name": "bare", "token": "wrong", "raw": {"bytes": join("1")}});
    let board = json!({"name": "board", "url": url});
    let plans = plans.into_iter().chain([raw, board]);
    let mut repos = Repos::start_as(&book.served, plans);
    for (name, .., code) in refused {
        let closed = repos.until(name, "closed", |_| true).await;
        let reason = closed["reason"].as_str().unwrap();
        assert_eq!(closed["code"], 1008, "{reason}");
        assert!(reason.starts_with(code), "{name}: {reason}");
        repos.until(name, "unavailable", |_| true).await;
    }
    let told = repos.until("bare", "told", |_| true).await;
    assert_eq!(
        (&told["type"], &told["targetId"]),
        (&json!("error"), &json!("x"))
    );
    assert!(
        told["message"]
            .as_str()
            .unwrap()
            .starts_with("UNAUTHORIZED"),
        "{told}"
    );
    repos.until("bare", "closed", |it| it["code"] == 1008).await;
    // They are all in one process, which goes on.
    let (node, title) = (book.node.clone(), book.title.clone());
    repos.sees("board", &node, &title, json!("One")).await;
}

/// Whoever is told why takes a place, and there are not many.
#[tokio::test(flavor = "multi_thread")]
async fn no_more_strangers_than_a_few_are_told_at_the_same_time() {
    let served = Served::start(false).await;
    let knock = || {
        let mut stream = TcpStream::connect(served.server.address()).unwrap();
        let head = format!(
            "GET /automerge?token=wrong HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            served.server.address(),
        );
        let mut answer = [0; 12];
        tokio::task::block_in_place(|| {
            stream.write_all(head.as_bytes()).unwrap();
            stream.read_exact(&mut answer).unwrap();
        });
        (String::from_utf8_lossy(&answer).into_owned(), stream)
    };
    let told: Vec<_> = (0..64).map(|_| knock()).collect();
    assert!(told.iter().all(|(answer, _)| answer == "HTTP/1.1 101"));
    assert_eq!(knock().0, "HTTP/1.1 401");
    drop(told);
    let began = Instant::now();
    while knock().0 != "HTTP/1.1 101" {
        assert!(began.elapsed() < DEADLINE, "their places stay taken");
    }
}

/// How a client of this version begins.
fn join(version: &str) -> Vec<u8> {
    let text = |text: &str| [&[0x60 + text.len() as u8], text.as_bytes()].concat();
    let long = |text: &str| [&[0x78, text.len() as u8], text.as_bytes()].concat();
    let mut bytes = vec![0xa3];
    for part in [text("type"), text("join"), text("senderId"), text("x")] {
        bytes.extend(part);
    }
    bytes.extend(long("supportedProtocolVersions"));
    bytes.push(0x81);
    bytes.extend(text(version));
    bytes
}
