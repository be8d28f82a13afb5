//! Measures a relay beside a bare broadcast server and writes `target/bench/relay.json`: a list of
//! {id, value, unit, spread, target, met, reference}.
//!
//! What is carried by TLS has lines of its own, and a bare server that does TLS beside it. Three processes: this one
//! directs, a server (the relay with its journal on disk, or the bare server) is measured, and a third one makes the load.
//! The reference is the same load on the bare server in the same run. Active rooms, the start and restarts are measured of
//! `tally-relay` itself, which `cargo xtask bench relay` builds.
//!
//! `cargo xtask bench relay` measures everything, for half an hour. With `TALUS_BENCH_RELAY` set to a `tally-relay`,
//! `cargo bench -p relay --bench relay -- latency growth sustained idle tls active active-tls program storm slow kill`
//! measures what is named.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock, starts processes and ends where it fails"
)]

mod bare;
mod client;
mod disk;
mod kill;
mod load;
mod process;
mod report;
mod servers;
mod storm;
mod workload;

use std::path::PathBuf;

use report::{PLAIN, TLS};

fn main() {
    process::raise_descriptors();
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", kind, dir] => servers::run(servers::Kind::of(kind), dir.as_ref()),
        ["load", kind, address, pid, workload] => load::run(kind, address, pid, workload),
        _ => direct(&arguments),
    }
}

/// Runs the parts that are named, or all.
fn direct(parts: &[&str]) {
    let is_wanted = |part: &str| parts.is_empty() || parts.contains(&part);
    let mut report = report::Report::default();
    if is_wanted("latency") {
        for listeners in [10, 100, 500] {
            report.latency(&PLAIN, listeners);
        }
    }
    if is_wanted("growth") {
        report.growth();
    }
    if is_wanted("sustained") {
        for writers in [2, 10] {
            report.sustained(&PLAIN, writers);
        }
    }
    if is_wanted("idle") {
        report.idle();
    }
    if is_wanted("tls") {
        report.latency(&TLS, 100);
        report.sustained(&TLS, 10);
        report.idle_over_tls();
    }
    if is_wanted("active") {
        report.active(&PLAIN);
    }
    if is_wanted("active-tls") {
        report.active(&TLS);
    }
    if is_wanted("program") {
        report.program();
    }
    if is_wanted("storm") {
        storm::measure(&mut report);
    }
    if is_wanted("slow") {
        report.slow();
    }
    if is_wanted("kill") {
        kill::measure(&mut report, 100);
    }
    report.write(&folder());
}

fn folder() -> PathBuf {
    let target = std::env::var("CARGO_TARGET_DIR")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target").to_owned());
    PathBuf::from(target).join("bench")
}
