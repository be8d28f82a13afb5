//! Proxies in front of a relay, which pass connections on as they are and say who comes.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream as Socket},
};

use relay::Limits;
use serde_json::Value;
use testkit::links::{Member, room_of};
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::{
    fresh::{Fresh, is_refused},
    process::{Relay, run},
};

/// Passes connections on and says first whose they are, as it was told.
struct Passing {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Passing {
    async fn start(to: SocketAddr, header: &'static [u8]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut far = TcpStream::connect(to).await.unwrap();
                tokio::spawn(async move {
                    far.write_all(header).await.unwrap();
                    // However it ends, it is over.
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        Self { address, task }
    }

    /// The owner of a room dials through it.
    fn dial(&self, number: u8) -> Member {
        let room = room_of(number);
        Member::proven(number, &room, self.address.into(), Limits::default())
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

const ANA: &[u8] = b"PROXY TCP4 203.0.113.7 192.0.2.1 40000 7825\r\n";
const BEN: &[u8] =
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x08\xc0\0\x02\x01\x9c\x40\x1e\x91";

/// Serves with these proxies; everybody's rooms are kept.
fn start(fresh: &Fresh, proxies: &str, more: &[&str]) -> Relay {
    let proxies = format!("proxies={proxies}");
    let begin = ["--config", &fresh.config, "--set", &proxies];
    Relay::start_told(&[&begin[..], more].concat())
}

/// From where the devices come that are there.
fn addresses(fresh: &Fresh) -> Vec<String> {
    let (code, out, errors) = run(&["devices", "--json", "--config", &fresh.config]);
    assert_eq!(code, 0, "{errors}");
    let devices: Value = serde_json::from_str(&out).unwrap();
    let devices = devices.as_array().unwrap().iter();
    let mut addresses: Vec<String> = devices
        .map(|it| it["addresses"][0].as_str().unwrap().to_owned())
        .collect();
    addresses.sort();
    addresses
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_proxy_names_is_counted_and_shown_as_who_comes() {
    let fresh = Fresh::new(&["--anyone", "--insecure-lan"]);
    fresh.edit(
        "#connections_per_address = 256",
        "connections_per_address = 1",
    );
    let mut relay = start(&fresh, "127.0.0.1", &[]);
    let ana_comes = Passing::start(relay.address, ANA).await;
    let ben_comes = Passing::start(relay.address, BEN).await;
    let ana = ana_comes.dial(1);
    ana.is_up().await;
    let ben = ben_comes.dial(2);
    ben.is_up().await;
    assert_eq!(addresses(&fresh), ["203.0.113.7", "203.0.113.8"]);

    let _again = ana_comes.dial(3);
    let line = relay.says("too many connections from this address");
    assert!(line.contains("203.0.113.7"), "{line}");
    assert_eq!(ben.view().ups, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_through_a_proxy_of_this_machine_is_no_visitor_of_this_machine() {
    let fresh = Fresh::new(&["--anyone"]);
    let relay = start(&fresh, "127.0.0.0/8", &[]);
    let far = Passing::start(relay.address, ANA).await;
    is_refused(&far.dial(1)).await;
    let near = Passing::start(
        relay.address,
        b"PROXY TCP4 127.0.0.1 127.0.0.1 40000 7825\r\n",
    )
    .await;
    near.dial(1).is_up().await;
}

/// Says this to the relay, and waits until it hangs up.
fn say(relay: &Relay, bytes: &[u8]) {
    let mut stream = Socket::connect(relay.address).unwrap();
    // It may hang up before it has read everything, which is an error here.
    let _ = stream.write_all(bytes);
    let _ = stream.read_to_end(&mut Vec::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_has_to_say_who_comes_and_nobody_else_may() {
    let fresh = Fresh::new(&["--anyone"]);
    let mut relay = start(&fresh, "127.0.0.1", &[]);
    let direct = Member::proven(1, &room_of(1), relay.address(), Limits::default());
    let line = relay.says("no PROXY header");
    assert!(
        line.contains("proxy_protocol on") && line.contains("proxy=127.0.0.1"),
        "{line}"
    );
    for (bytes, expected) in [
        (&b"PROXY TCP4 everybody\r\n"[..], "none of version 1 or 2"),
        (b"PROXY UNKNOWN\r\n", "names no address"),
        (
            &[&BEN[..14], &[0xff; 9_000]].concat(),
            "none of version 1 or 2",
        ),
    ] {
        say(&relay, bytes);
        relay.says(expected);
    }
    assert_eq!(direct.view().ups, 0);
    drop((direct, relay));

    let mut relay = start(&fresh, "192.0.2.1", &["--log", "debug"]);
    let named = Passing::start(relay.address, ANA).await;
    let _ana = named.dial(1);
    let line = relay.says("no handshake");
    assert!(line.contains("remote=127.0.0.1"), "{line}");
    let direct = Member::proven(1, &room_of(1), relay.address(), Limits::default());
    direct.is_up().await;
    assert_eq!(addresses(&fresh), ["127.0.0.1"]);
}

/// As in the guide, in front of a relay: real programs, which come from an address that no client has.
#[cfg(target_os = "linux")]
mod programs {
    use super::*;
    use crate::{
        guide::block,
        programs::{OWN, Program, around, around_location, caddy, haproxy, nginx},
    };

    /// Two people edit one project through it, and the relay sees from where.
    async fn carries(relay: &Relay, fresh: &Fresh, room: u8, program: Program) {
        let room = room_of(room);
        let dial =
            |number| Member::proven(number, &room, program.address.into(), Limits::default());
        let (ana, ben) = (dial(1), dial(2));
        ana.write(5, 1_000);
        ben.holds(5).await;
        ben.write(5, 100_000);
        ana.holds(10).await;
        assert_eq!(ana.log(), ben.log());
        assert_eq!(addresses(fresh), ["127.0.0.1"; 2]);
        assert_ne!(program.address, relay.address);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nginx_and_haproxy_pass_links_on_as_the_guide_has_them() {
        let fresh = Fresh::new(&["--anyone"]);
        let relay = start(&fresh, OWN, &[]);
        let to = relay.address.to_string();
        let with = |begin: &str| block(begin).replace("127.0.0.1:7827", &to);
        let by_nginx = around(&with("stream {"));
        let by_nginx = |at: SocketAddr| by_nginx.replace("listen 7825", &format!("listen {at}"));
        carries(&relay, &fresh, 1, Program::start(by_nginx, nginx)).await;
        let by_haproxy =
            with("listen relay").replace("send-proxy-v2", &format!("send-proxy-v2 source {OWN}"));
        let by_haproxy = |at: SocketAddr| by_haproxy.replace("bind :7825", &format!("bind {at}"));
        carries(&relay, &fresh, 2, Program::start(by_haproxy, haproxy)).await;
    }

    /// Where a relay shows its page for admins.
    fn page(fresh: &Fresh) -> String {
        let (code, out, errors) = run(&["status", "--json", "--config", &fresh.config]);
        assert_eq!(code, 0, "{errors}");
        let status: Value = serde_json::from_str(&out).unwrap();
        status["admin"].as_str().unwrap().to_owned()
    }

    /// Goes in by a link, as a browser does; what the page answers first.
    fn enter(fresh: &Fresh, program: &Program) -> String {
        let (code, link, errors) = run(&["admin-link", "--config", &fresh.config]);
        assert_eq!(code, 0, "{errors}");
        let secret = link.trim().strip_prefix("https://relay.example/enter/");
        let body = format!("link={}", secret.unwrap());
        let request = format!(
            "POST /enter HTTP/1.1\r\nHost: relay.example\r\nOrigin: https://relay.example\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = Socket::connect(program.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn nginx_and_caddy_show_the_page_for_admins_as_the_guide_has_them() {
        let fresh = Fresh::new(&[]);
        let page = [
            "admin.listen=127.0.0.1:0",
            "admin.origin=https://relay.example",
        ];
        let page = page.map(|it| ["--set", it]).concat();
        let _relay = start(&fresh, OWN, &page);
        let to = self::page(&fresh);
        let with = |begin: &str| block(begin).replace("127.0.0.1:7828", &to);
        let (location, site) = (with("location / {"), with("relay.example {"));
        let by_nginx = |at: SocketAddr| around_location(&location, at);
        let by_caddy = |at: SocketAddr| {
            let site = site.replace(
                "relay.example",
                &format!("http://relay.example:{}", at.port()),
            );
            format!(
                "{{\n    admin off\n    default_bind {}\n}}\n{site}",
                at.ip()
            )
        };
        for program in [
            Program::start(by_nginx, nginx),
            Program::start(by_caddy, caddy),
        ] {
            let entered = enter(&fresh, &program).to_lowercase();
            assert!(entered.starts_with("http/1.1 303 "), "{entered}");
            assert!(entered.contains("\r\nset-cookie: "), "{entered}");
        }
    }
}
