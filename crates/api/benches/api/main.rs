//! Measures REST and Socket.IO over real sockets and writes `target/bench/api.json`: a list of
//! {id, value, unit, spread, target, met, reference}.
//!
//! Several processes: this one asks, a server with a project of ten thousand nodes is measured, others have the Socket.IO
//! clients and those of automerge-repo. What is measured across processes is read from the clock of the system.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock, starts processes and ends where it fails"
)]

mod ask;
mod copy;
mod listen;
mod report;
mod serve;
mod socket;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ask::Asked;
use copy::Copy;
use listen::Listeners;
use report::Report;
use serve::Served;

/// Nodes of the project.
const NODES: usize = 10_000;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|it| it != "--bench")
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", folder] => serve::run(folder.as_ref()),
        ["listen", address, token, session, count] => {
            listen::run(address, token, session, count.parse().unwrap());
        }
        _ => direct(),
    }
}

fn direct() {
    let mut report = Report::default();
    let served = Served::start();
    let asked = Asked::fill(&served, NODES);

    copies(&mut report, &served, &asked, "automerge-repo, 10k nodes");
    let written = asked.one_by_one(3_000, "");
    report.line(
        "command at 10k nodes, written, p50",
        "ms",
        report::share(&written, 0.5),
        Some(1.0),
    );
    report.line(
        "command at 10k nodes, written, p99",
        "ms",
        report::share(&written, 0.99),
        Some(4.0),
    );
    let durable = asked.one_by_one(300, "?durable=1");
    report.line(
        "command at 10k nodes, durable, p50",
        "ms",
        report::share(&durable, 0.5),
        None,
    );
    report.line(
        "command at 10k nodes, durable, p99",
        "ms",
        report::share(&durable, 0.99),
        None,
    );
    let per_s = asked.sustained(8, Duration::from_secs(8));
    report.at_least("sustained over 8 connections", "1/s", per_s, 3_000.0);

    copies(
        &mut report,
        &served,
        &asked,
        "automerge-repo, all these commands later",
    );

    let mut ten = Listeners::start(&served, &asked.session, 10);
    let last = ten.hear(&asked, 1_000, Duration::from_millis(4));
    report.line(
        "event at the 10th client, p50",
        "ms",
        report::share(&last, 0.5),
        None,
    );
    report.line(
        "event at the 10th client, p99",
        "ms",
        report::share(&last, 0.99),
        Some(5.0),
    );
    drop(ten);

    let before = served.resident_bytes();
    let mut thousand = Listeners::start(&served, &asked.session, 1_000);
    // Those who came told each other; what that took is not what a client takes.
    thousand.hear(&asked, 20, Duration::from_millis(200));
    let each = (served.resident_bytes().saturating_sub(before)) as f64 / 1_000.0 / 1e3;
    report.line("1,000 clients, memory of each", "kB", each, Some(20.0));
    let last = thousand.hear(&asked, 200, Duration::from_millis(100));
    report.line(
        "1,000 clients, last receives, p50",
        "ms",
        report::share(&last, 0.5),
        None,
    );
    report.line(
        "1,000 clients, last receives, p99",
        "ms",
        report::share(&last, 0.99),
        Some(60.0),
    );
    report.write();
}

/// What it takes a stock client of automerge-repo to have a copy of the project, and to keep up.
fn copies(report: &mut Report, served: &Served, asked: &Asked<'_>, what: &str) {
    let mut copies: Vec<Copy> = (0..5).map(|_| Copy::open(served, asked)).collect();
    assert!(copies.iter().all(|copy| copy.items == NODES));
    let opened: Vec<f64> = copies.iter().map(|copy| copy.opened_ms).collect();
    let opened = report::share(&opened, 0.5);
    report.line(&format!("{what}: opens, p50"), "ms", opened, None);
    let heard = copies.remove(0).hear(asked, 200);
    let heard = report::share(&heard, 0.5);
    report.line(&format!("{what}: hears, p50"), "ms", heard, None);
}

/// Nanoseconds since 1970, the same in all processes.
fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_nanos()).unwrap()
}
