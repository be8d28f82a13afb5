//! The page for admins, as a browser asks for it and as others do.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

use relay::Limits;
use serde_json::Value;
use testkit::{
    authority::{Authority, GOOD, NAME},
    links::{Member, room},
};

use crate::{
    fresh::Fresh,
    process::{Relay, run},
};

const SHOWN: &[&str] = &["--set", "admin.listen=127.0.0.1:0"];

/// A page that is shown, and how a browser asks for it.
struct Page {
    fresh: Fresh,
    relay: Relay,
    address: String,
    /// Who vouches for it, if it speaks TLS.
    authority: Option<Authority>,
}

trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// What a server says.
struct Said {
    status: u16,
    head: String,
    body: String,
}

/// What a browser has once it was let in.
struct Visit {
    path: String,
    cookie: String,
    form: String,
}

impl Page {
    fn start(more: &[&str]) -> Self {
        Self::start_on(Fresh::new(&["--plain", "--anyone"]), None, more)
    }

    fn start_on(fresh: Fresh, authority: Option<Authority>, more: &[&str]) -> Self {
        let relay = Relay::start_told(&[&["--config", &fresh.config][..], SHOWN, more].concat());
        let (_, out, _) = run(&["status", "--json", "--config", &fresh.config]);
        let status: Value = serde_json::from_str(&out).unwrap();
        let address = status["admin"].as_str().unwrap().to_owned();
        Self {
            fresh,
            relay,
            address,
            authority,
        }
    }

    /// Asks with these headers beside those that every request has.
    fn ask(&self, line: &str, headers: &[&str], body: &str) -> Said {
        let mut stream: Box<dyn Stream> = match &self.authority {
            Some(authority) => Box::new(authority.reach(self.address.parse().unwrap()).unwrap()),
            None => Box::new(TcpStream::connect(&self.address).unwrap()),
        };
        let headers: String = headers.iter().map(|it| format!("{it}\r\n")).collect();
        let request = format!(
            "{line} HTTP/1.1\r\n{headers}Content-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split_whitespace().nth(1).unwrap();
        Said {
            status: status.parse().unwrap(),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    fn host(&self) -> String {
        format!("Host: {}", self.address)
    }

    fn origin(&self) -> String {
        format!("Origin: {}{}", self.scheme(), self.address)
    }

    fn scheme(&self) -> &'static str {
        match self.authority {
            Some(_) => "https://",
            None => "http://",
        }
    }

    fn get(&self, path: &str, cookie: &str) -> Said {
        let cookie = format!("Cookie: {cookie}");
        self.ask(&format!("GET {path}"), &[&self.host(), &cookie], "")
    }

    fn post(&self, path: &str, cookie: &str, body: &str) -> Said {
        let cookie = format!("Cookie: {cookie}");
        let headers = [&*self.host(), &self.origin(), &cookie];
        self.ask(&format!("POST {path}"), &headers, body)
    }

    /// What is in the link that a command prints.
    fn secret(&self) -> String {
        let (code, link, errors) = run(&["admin-link", "--config", &self.fresh.config]);
        assert!(code == 0 && errors.contains("once"), "{errors}");
        let begin = format!("{}{}/enter/", self.scheme(), self.address);
        link.trim().strip_prefix(&begin).unwrap().to_owned()
    }

    fn enter(&self) -> Visit {
        let said = self.post("/enter", "", &format!("link={}", self.secret()));
        assert_eq!(said.status, 303, "{}", said.head);
        let path = said.header("location").to_owned();
        let set = said.header("set-cookie");
        let (cookie, rest) = set.split_once(';').unwrap();
        for expected in [
            "httponly",
            "samesite=strict",
            &format!("path={}", path.trim_end_matches('/')),
        ] {
            assert!(rest.contains(expected), "{set}");
        }
        let cookie = cookie.to_owned();
        let page = self.get(&path, &cookie);
        assert_eq!(page.status, 200);
        let (_, form) = page.body.split_once("name=\"form\" value=\"").unwrap();
        Visit {
            form: form[..64].to_owned(),
            path,
            cookie,
        }
    }

    fn obey(&self, visit: &Visit, what: &str) -> Said {
        let (path, form) = (format!("{}do", visit.path), &visit.form);
        self.post(&path, &visit.cookie, &format!("form={form}&{what}"))
    }

    /// The page as it is now.
    fn now(&self, visit: &Visit) -> String {
        self.get(&visit.path, &visit.cookie).body
    }
}

impl Said {
    fn header(&self, name: &str) -> &str {
        let begin = format!("{name}: ");
        let mut lines = self.head.lines();
        lines.find_map(|it| it.strip_prefix(&begin)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_and_does_what_commands_do() {
    let page = Page::start(&[]);
    let here = room(1);
    let ana = Member::dial(1, &here, page.relay.address(), Limits::default());
    ana.write(3, 100);
    ana.until("it is kept", |view| view.acknowledged.frames() >= 3)
        .await;
    let visit = page.enter();
    let shown = page.now(&visit);
    let room_id = here.room().to_string();
    let device = trust::DeviceId([1; 32]).to_string();
    for expected in [&room_id, &device, "127.0.0.1", "1 open, 1 on the disk"] {
        assert!(shown.contains(expected), "{shown}");
    }

    let unsure = page.obey(&visit, &format!("deed=kick&id={device}"));
    assert!(unsure.status == 200 && unsure.body.contains("Send this device away?"));
    assert_eq!(ana.view().ups, 1);
    page.obey(&visit, &format!("deed=kick&id={device}&sure=yes"));
    assert!(page.now(&visit).contains("1 link(s)"));
    ana.until("she is back", |view| view.ups == 2).await;
    page.obey(&visit, &format!("deed=remove&id={room_id}&sure=yes"));
    let shown = page.now(&visit);
    assert!(shown.contains("is removed") && !page.now(&visit).contains("is removed"));

    let label = "%3Cb%3Ethe+team%3C%2Fb%3E";
    let invite = format!("deed=invite&label={label}&uses=2&expires=7d&address=relay.example");
    page.obey(&visit, &invite);
    let shown = page.now(&visit);
    assert!(
        shown.contains("&lt;b&gt;the team") && !shown.contains("<b>"),
        "{shown}"
    );
    let (_, link) = shown.split_once("talus://relay#").unwrap();
    let link = format!("talus://relay#{}", link.split('<').next().unwrap());
    let link = trust::hosting::HostingLink::read(&link).unwrap();
    assert_eq!(link.address, "relay.example");
    assert!(!page.now(&visit).contains("talus://"), "it is shown once");
    let (_, list, _) = run(&["tokens", "list", "--config", &page.fresh.config]);
    let id = list.split_whitespace().next().unwrap();
    page.obey(&visit, &format!("deed=revoke&id={id}&sure=yes"));
    assert!(page.now(&visit).contains("is revoked"));
    let wrong = "deed=invite&label=&uses=1&expires=7d&address=two+words";
    page.obey(&visit, wrong);
    assert!(page.now(&visit).contains("ADDRESS_UNREADABLE"));
    let audit = fs::read_to_string(Path::new(&page.fresh.data).join("audit.log")).unwrap();
    for what in [
        "admin_link_given",
        "device_kicked",
        "room_removed",
        "token_given",
        "token_revoked",
    ] {
        assert!(audit.contains(what), "{what}: {audit}");
    }
}

#[test]
fn nobody_is_let_in_without_a_link_or_twice_by_one() {
    let page = Page::start(&[]);
    let stranger = page.get("/", "");
    assert!(stranger.body.contains("tally-relay admin-link"));
    assert_eq!(page.post("/enter", "", "link=").status, 403);
    let secret = page.secret();
    // Whatever looks at links before a person does uses none up.
    for _ in 0..2 {
        assert_eq!(page.get(&format!("/enter/{secret}"), "").status, 200);
    }
    let link = format!("link={secret}");
    assert_eq!(page.post("/enter", "", &link).status, 303);
    assert_eq!(page.post("/enter", "", &link).status, 403);

    let (first, second) = (page.enter(), page.enter());
    for (path, cookie) in [
        (&first.path, ""),
        (&first.path, &*second.cookie),
        (&second.path, &first.cookie),
        (&"/at/0000/".to_owned(), &first.cookie),
    ] {
        assert_eq!(page.get(path, cookie).status, 403, "{path}");
    }
    page.obey(&first, "deed=leave&sure=yes");
    assert_eq!(page.get(&first.path, &first.cookie).status, 403);
    assert_eq!(page.get(&second.path, &second.cookie).status, 200);
}

#[test]
fn nothing_is_done_for_other_sites() {
    let page = Page::start(&["--set", "admin.origin=https://relay.example"]);
    let headers = page.get("/", "").head;
    for expected in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "no-store",
        "nosniff",
    ] {
        assert!(headers.contains(expected), "{headers}");
    }
    let host = page.host();
    let (_, link, _) = run(&["admin-link", "--config", &page.fresh.config]);
    let secret = link
        .trim()
        .strip_prefix("https://relay.example/enter/")
        .unwrap();
    let enter = |headers: &[&str]| page.ask("POST /enter", headers, &format!("link={secret}"));
    for headers in [
        &[&*host][..],
        &[&host, "Origin: null"],
        &[&host, "Origin: https://evil.example"],
        &["Host: evil.example", "Origin: http://evil.example"],
    ] {
        assert_eq!(enter(headers).status, 403, "{headers:?}");
    }
    let rebound = page.ask("GET /", &["Host: evil.example"], "");
    assert_eq!(rebound.status, 403);
    let entered = enter(&["Host: relay.example", "Origin: https://relay.example"]);
    assert!(entered.status == 303 && entered.header("set-cookie").contains("secure"));
}

/// A page that has a certificate.
fn by_tls(more: &[&str]) -> Page {
    let (fresh, authority) = (Fresh::new(&["--plain", "--anyone"]), Authority::new());
    let (certificate, key) = authority.vouch("relay", GOOD);
    for (name, file) in [("certificate_file", certificate), ("key_file", key)] {
        let file = file.to_str().unwrap();
        fresh.edit(&format!("#{name} = \"\""), &format!("{name} = \"{file}\""));
    }
    Page::start_on(fresh, Some(authority), more)
}

#[test]
fn by_a_certificate_the_page_is_https_and_so_is_all_that_leads_there() {
    let page = by_tls(&[]);
    let visit = page.enter();
    let invite = "deed=invite&label=the+team&uses=1&expires=7d&address=relay.example";
    page.obey(&visit, invite);
    assert!(page.now(&visit).contains("talus://relay#"));
    let link = format!("link={}", page.secret());
    let said = page.post("/enter", "", &link);
    assert!(said.header("set-cookie").contains("; secure"));
    let bare = format!("Origin: http://{}", page.address);
    let said = page.ask("POST /enter", &[&page.host(), &bare], "link=");
    assert_eq!(
        (said.status, said.body.contains("another site")),
        (403, true)
    );
}

#[test]
fn others_find_the_page_by_the_name_in_its_certificate() {
    let origin = format!("https://{NAME}:7828");
    let set = format!("admin.origin={origin}");
    let open = ["--set", "admin.listen=0.0.0.0:0", "--set", &set];
    let mut page = by_tls(&open);
    page.address = page.address.replace("0.0.0.0", "127.0.0.1");
    let (_, link, _) = run(&["admin-link", "--config", &page.fresh.config]);
    let begin = format!("{origin}/enter/");
    let link = format!("link={}", link.trim().strip_prefix(&begin).unwrap());
    let host = format!("Host: {NAME}:7828");
    for other in ["https://evil.example", "http://relay.example:7828", "null"] {
        let headers = [&*host, &format!("Origin: {other}")];
        assert_eq!(page.ask("POST /enter", &headers, &link).status, 403);
    }
    let headers = [&*host, &format!("Origin: {origin}")];
    let entered = page.ask("POST /enter", &headers, &link);
    assert!(entered.status == 303 && entered.header("set-cookie").contains("; secure"));

    drop(page);
    let mut page = by_tls(&["--set", "admin.origin=https://elsewhere.example"]);
    let said = page.relay.says("the certificate is not for");
    assert!(said.contains("elsewhere.example"), "{said}");
}

#[test]
fn a_form_of_another_page_does_nothing() {
    let page = Page::start(&[]);
    let visit = page.enter();
    let other = Visit {
        form: page.enter().form,
        path: visit.path.clone(),
        cookie: visit.cookie.clone(),
    };
    let invite = "deed=invite&uses=1&expires=7d&address=relay.example";
    assert_eq!(page.obey(&other, invite).status, 403);
    let long = format!("deed=invite&label={}", "x".repeat(5_000));
    assert_eq!(page.obey(&visit, &long).status, 413);
    assert!(!Path::new(&page.fresh.data).join("hosting.toml").exists());
}

#[test]
fn there_is_no_page_unless_somebody_wants_it_and_none_for_the_network() {
    let fresh = Fresh::new(&["--plain"]);
    let relay = Relay::start_told(&["--config", &fresh.config]);
    let link = ["admin-link", "--config", &fresh.config];
    let (code, out, errors) = run(&link);
    assert!(code == 78 && errors.contains("ADMIN_OFF"), "{errors}");
    assert_eq!(out, "");
    drop(relay);
    assert_eq!(run(&link).0, 69);
    let open = ["--set", "admin.listen=0.0.0.0:7828"];
    let serve = ["serve", "--config", &fresh.config];
    let (code, _, errors) = run(&[&serve[..], &open].concat());
    assert!(
        code == 78 && errors.contains("ADMIN_IN_THE_OPEN"),
        "{errors}"
    );
}
