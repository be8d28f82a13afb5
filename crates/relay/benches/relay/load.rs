//! The process that makes the load: one thread, so that the server has the other core.

mod active;
mod fill;
mod idle;
mod latency;
mod slow;
mod sustained;

use std::process::{Command, Stdio};

use crate::{
    process,
    servers::{Kind, Server},
    workload::{Found, Workload},
};

/// Where the load goes.
#[derive(Clone)]
pub struct Goal {
    kind: Kind,
    address: String,
    pid: u32,
}

/// Runs a workload in a process of its own, on other cores than the first.
pub fn start_beside(server: &Server, workload: &Workload) -> Found {
    process::on_first_core(false, || start(server, workload))
}

/// Runs a workload in a process of its own.
pub fn start(server: &Server, workload: &Workload) -> Found {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "load",
            server.kind.word(),
            &server.address,
            &server.process.id().to_string(),
        ])
        .arg(serde_json::to_string(workload).unwrap())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{workload:?} on {:?} failed",
        server.kind
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn run(kind: &str, address: &str, pid: &str, workload: &str) {
    let goal = Goal {
        kind: Kind::of(kind),
        address: address.to_owned(),
        pid: pid.parse().unwrap(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let local = tokio::task::LocalSet::new();
    let found = local.block_on(&runtime, async {
        match serde_json::from_str(workload).unwrap() {
            Workload::Latency {
                listeners,
                edits,
                warm_up,
            } => latency::run(goal, listeners, edits, warm_up).await,
            Workload::Sustained {
                writers,
                window,
                ms,
            } => sustained::run(goal, writers, window, ms).await,
            Workload::Idle { rooms, connections } => idle::run(goal, rooms, connections).await,
            Workload::Active {
                rooms,
                connections,
                edits_per_s,
                warm_up_ms,
                ms,
            } => {
                let rate = active::Rate {
                    edits_per_s,
                    warm_up_ms,
                    ms,
                };
                active::run(goal, rooms, connections, rate).await
            }
            Workload::Fill { rooms, frames } => fill::run(goal, rooms, frames).await,
            Workload::Slow {
                room,
                megabytes,
                has_slow,
            } => slow::run(goal, room, megabytes, has_slow).await,
        }
    });
    println!("{}", serde_json::to_string(&found).unwrap());
}
