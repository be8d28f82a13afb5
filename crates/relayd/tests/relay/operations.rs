//! What those see who watch a relay.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

use relay::Limits;
use serde_json::Value;
use testkit::links::{Member, room};

use crate::{
    fresh::{Fresh, is_told},
    process::{Relay, run},
};

const WATCHED: &[&str] = &["--set", "operations.listen=127.0.0.1:0"];

fn start(fresh: &Fresh, more: &[&str]) -> Relay {
    Relay::start_told(&[&["--config", &fresh.config][..], WATCHED, more].concat())
}

/// Asks for a page: its status, and what is on it.
pub fn get(fresh: &Fresh, path: &str) -> (u16, String) {
    let (code, out, errors) = run(&["status", "--json", "--config", &fresh.config]);
    assert_eq!(code, 0, "{errors}");
    let status: Value = serde_json::from_str(&out).unwrap();
    let address = status["operations"].as_str().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split_whitespace().nth(1).unwrap();
    (status.parse().unwrap(), body.to_owned())
}

/// Reads a page of numbers as Prometheus does: each family is told of before its numbers, and only once.
fn read(page: &str) -> BTreeMap<String, f64> {
    let (mut families, mut numbers) = (BTreeMap::new(), BTreeMap::new());
    let mut helped = BTreeSet::new();
    for line in page.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            assert!(helped.insert(help.split_once(' ').unwrap().0.to_owned()));
            continue;
        }
        if let Some(family) = line.strip_prefix("# TYPE ") {
            let (name, kind) = family.split_once(' ').unwrap();
            assert!(helped.contains(name), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(families.insert(name, kind).is_none(), "{line}");
            continue;
        }
        let (name, number) = line.rsplit_once(' ').unwrap();
        let bare = name.split('{').next().unwrap();
        let is_told = |end: &str| {
            bare.strip_suffix(end)
                .is_some_and(|it| families.get(it) == Some(&"histogram"))
        };
        let is_known =
            families.contains_key(bare) || ["_bucket", "_sum", "_count"].into_iter().any(is_told);
        assert!(is_known, "{line}");
        assert!(
            numbers
                .insert(name.to_owned(), number.parse().unwrap())
                .is_none(),
            "{line}"
        );
    }
    numbers
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_tell_how_it_is_doing_and_name_nobody() {
    let fresh = Fresh::new(&["--plain", "--anyone"]);
    fresh.edit(
        "#connections_per_device = 256",
        "connections_per_device = 1",
    );
    let relay = start(&fresh, &[]);
    let limits = Limits::default();
    let here = room(1);
    let ana = Member::dial(1, &here, relay.address(), limits);
    let ben = Member::dial(2, &here, relay.address(), limits);
    ana.write(20, 100);
    ben.holds(20).await;
    ana.until("all is durable", |view| view.acknowledged.frames() >= 20)
        .await;
    let again = Member::dial(1, &room(2), relay.address(), limits);
    is_told("Busy", &again).await;

    let (status, page) = get(&fresh, "/metrics");
    assert_eq!(status, 200);
    let numbers = read(&page);
    let of = |name: &str| numbers[name];
    assert_eq!(of("tally_relay_links"), 2.0);
    assert_eq!(of("tally_relay_frames_stored_total"), 20.0);
    assert!(of("tally_relay_stored_bytes_total") > 2_000.0);
    assert!(of("tally_relay_received_bytes_total") > 2_000.0);
    assert!(of("tally_relay_sent_bytes_total") > 2_000.0);
    assert_eq!(
        (of("tally_relay_rooms_open"), of("tally_relay_rooms_stored")),
        (1.0, 1.0)
    );
    assert!(of("tally_relay_refusals_total{reason=\"device\"}") >= 1.0);
    let durable = of("tally_relay_store_durable_seconds_count");
    assert!(
        durable >= 1.0 && durable == of("tally_relay_store_durable_seconds_bucket{le=\"+Inf\"}")
    );
    assert_eq!(of("tally_relay_store_up"), 1.0);
    #[cfg(target_os = "linux")]
    {
        assert!(of("process_resident_memory_bytes") > 1e6 && of("process_open_fds") > 5.0);
        assert!(of("process_cpu_seconds_total") >= 0.0);
        assert!(of("tally_relay_disk_free_bytes") > 0.0);
    }
    let owner = here.owners().next().unwrap().to_string();
    for secret in [here.room().to_string(), owner, "127.0.0.1".to_owned()] {
        assert!(!page.contains(&secret), "{secret}");
    }
}

/// What begins so in a text, as far as it is a name.
fn names(text: &str, prefix: &str) -> BTreeSet<String> {
    let is_part = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let name = |(at, _): (usize, &str)| text[at..].chars().take_while(|it| is_part(*it)).collect();
    text.match_indices(prefix).map(name).collect()
}

#[test]
fn dashboard_alerts_and_guide_ask_for_numbers_that_there_are() {
    let fresh = Fresh::new(&["--plain"]);
    let _relay = start(&fresh, &[]);
    let (_, page) = get(&fresh, "/metrics");
    // Only where there is a certificate, which its own test has.
    let there = format!("{page}\ntally_relay_certificate_not_after_timestamp_seconds");
    let there = names(&there, "tally_relay_");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for file in [
        "packaging/relay/alerts.yml",
        "packaging/relay/grafana.json",
        "docs/guides/relay.md",
    ] {
        let text = fs::read_to_string(repository.join(file)).unwrap();
        let asked = names(&text, "tally_relay_");
        assert!(
            asked.len() > 4 && asked.is_subset(&there),
            "{file}: {asked:?}"
        );
    }
    let dashboard = fs::read_to_string(repository.join("packaging/relay/grafana.json")).unwrap();
    assert!(serde_json::from_str::<Value>(&dashboard).unwrap()["panels"].is_array());
}

#[test]
fn it_is_ready_while_the_disk_is_fit() {
    let fresh = Fresh::new(&["--plain"]);
    let relay = start(&fresh, &[]);
    assert_eq!(get(&fresh, "/livez"), (200, "ok\n".to_owned()));
    assert_eq!(
        get(&fresh, "/readyz"),
        (200, "store ok\ndisk ok\nclock ok\n".to_owned())
    );
    assert_eq!(get(&fresh, "/elsewhere").0, 404);
    drop(relay);
    let _relay = start(&fresh, &["--set", "operations.free_bytes=1125899906842624"]);
    let (status, page) = get(&fresh, "/readyz");
    assert_eq!(status, 503);
    assert!(
        page.contains("disk has ") && page.contains("make space"),
        "{page}"
    );
    assert_eq!(get(&fresh, "/livez").0, 200);
}

#[test]
fn nobody_else_may_watch_and_nobody_does_unless_it_is_configured() {
    let fresh = Fresh::new(&["--plain"]);
    let set = ["--set", "operations.listen=0.0.0.0:7826"];
    let (code, _, errors) = run(&[&["serve", "--config", &fresh.config][..], &set].concat());
    assert!(
        code == 78 && errors.contains("OPERATIONS_IN_THE_OPEN"),
        "{errors}"
    );
    let _relay = Relay::start_told(&["--config", &fresh.config]);
    let (_, out, _) = run(&["status", "--config", &fresh.config]);
    assert!(out.contains("operations   off"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_read_its_log() {
    let fresh = Fresh::new(&[]);
    let mut relay = start(&fresh, &["--set", "log_format=json", "--log", "debug"]);
    let here = testkit::links::room_of(1);
    let ana = Member::proven(1, &here, relay.address(), Limits::default());
    crate::fresh::is_refused(&ana).await;
    let line = relay.says("not hosted");
    let said: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(said["level"], "WARN");
    assert_eq!(said["room"], here.room().to_string());
    assert!(said["timestamp"].is_string() && said["target"] == "relay::room_task");
    let (code, _, errors) = run(&[
        "config",
        "check",
        "--config",
        &fresh.config,
        "--set",
        "log_format=xml",
    ]);
    assert!(code == 78 && errors.contains("log_format"), "{errors}");
}
