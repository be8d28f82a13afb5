//! Many rooms at work, with a server that has one core.

use tempfile::TempDir;

use super::{Both, Carriage, PLAIN, ROUNDS, Report, median, share};
use crate::{
    disk::longest_sync,
    load,
    process::{has_cores, on_first_core},
    servers::{Kind, Server},
    workload::{Found, Workload},
};

const ACTIVE: Workload = Workload::Active {
    rooms: 1_000,
    connections: 10_000,
    edits_per_s: 2_000,
    warm_up_ms: 3_000,
    ms: 12_000,
};

/// From an edit to the last who hears of it.
const P99_MS: f64 = 10.0;

/// A hundredth of the time that is measured.
const STALL_MS: f64 = 120.0;

/// What the relay may take while nobody writes, by bare links.
const IDLE_MB: f64 = 200.0;

impl Report {
    pub fn active(&mut self, over: &Carriage) {
        let mut both = Both {
            bare: vec![],
            relay: vec![],
        };
        let mut syncs = vec![];
        for _ in 0..ROUNDS {
            both.bare.push(active(over.bare).0);
            let (found, longest_ms) = active(over.program);
            both.relay.push(found);
            syncs.push(longest_ms);
        }
        let id = |what: &str| format!("{}10,000 connections, {what}", over.prefix);
        let relay = |value: fn(&Found) -> f64| both.relay.iter().map(value).collect::<Vec<_>>();
        let bare = |value: fn(&Found) -> f64| {
            let values: Vec<f64> = both.bare.iter().map(value).collect();
            median(&values)
        };

        let idle = |found: &Found| found.rss_before as f64 / 1e6;
        let target = (over.bare == PLAIN.bare).then_some(IDLE_MB);
        let (held, bare_held) = (relay(idle), Some(bare(idle)));
        self.line(&id("memory, idle"), "MB", &held, target, None, bare_held);
        let busy = |found: &Found| found.rss_most as f64 / 1e6;
        let (held, bare_held) = (relay(busy), Some(bare(busy)));
        self.line(&id("memory, active"), "MB", &held, None, None, bare_held);

        let p99 = |found: &Found| share(found, 0.99);
        if !has_cores() {
            eprintln!("  there is no second core for the load, so what follows is of both");
        }
        // Where this is late as well, something else had the machine.
        let what = id("bare server, 2,000 edits/s, p99 (above this all is void)");
        self.line(&what, "ms", &[bare(p99)], Some(P99_MS), None, None);
        // Where a sync takes longer than a hundredth of the time, others have the disk, and the relay's writes wait, too.
        let what = id("disk, longest sync meanwhile (above this all is void)");
        self.line(&what, "ms", &syncs, Some(STALL_MS), None, None);
        let what = id("2,000 edits/s in 1,000 rooms, one core, p50");
        let p50 = |found: &Found| share(found, 0.5);
        self.line(&what, "ms", &relay(p50), None, None, Some(bare(p50)));
        let what = id("2,000 edits/s in 1,000 rooms, one core, p99");
        let (late, bare_late) = (relay(p99), Some(bare(p99)));
        self.line(&what, "ms", &late, Some(P99_MS), None, bare_late);
        let lost: u64 = both.relay.iter().map(|found| found.lost).sum();
        let what = id("2,000 edits/s, lost");
        self.line(&what, "", &[lost as f64], Some(0.0), None, None);
        let core = |found: &Found| found.cpu_ns as f64 / 1e4 / found.ms;
        let what = id("2,000 edits/s, share of the core");
        self.line(&what, "%", &relay(core), None, None, Some(bare(core)));
    }
}

/// What was found, and the longest sync of the disk meanwhile.
fn active(kind: Kind) -> (Found, f64) {
    let dir = TempDir::new().unwrap();
    let server = on_first_core(true, || Server::start(kind, dir.path()));
    let beside = TempDir::new().unwrap();
    longest_sync(beside.path(), || load::start_beside(&server, &ACTIVE))
}
