//! Measures what sharing rooms costs, and writes `target/bench/cluster.json`: a list of
//! `{id, value, unit, spread, target, met, reference}`. Processor time is that of all relays and Redis together; the members are
//! in this process, which is none of them.
//!
//! `cargo xtask bench cluster` builds the `tally-relay` that is measured, in release, and says with `TALUS_BENCH_RELAY` where it is.
//! The devices of a room are spread over all relays, which is the most that sharing can cost, and so are those that write.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a measurement starts processes and ends where it fails"
)]

#[cfg(target_os = "linux")]
#[path = "../../tests/relay/process.rs"]
#[allow(dead_code, reason = "tests need more of it")]
mod process;
#[cfg(target_os = "linux")]
mod run;

/// Elsewhere there is no `/proc` to ask.
#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() {
    use std::{fs, path::PathBuf};

    let mut lines = Vec::new();
    for load in run::LOADS {
        lines.extend(run::measure(load).await);
    }
    let target = std::env::var("CARGO_TARGET_DIR").map_or_else(
        |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target")),
        PathBuf::from,
    );
    let dir = target.join("bench");
    fs::create_dir_all(&dir).unwrap();
    let text = serde_json::to_string_pretty(&lines).unwrap();
    fs::write(dir.join("cluster.json"), text).unwrap();
}
