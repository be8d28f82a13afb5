//! From what loads find to lines of a table.

mod active;
mod idle;
mod program;

use std::path::Path;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::{
    load,
    servers::{Kind, Server},
    workload::{Found, Workload},
};

/// How much worse than the bare server a relay with a journal may be.
const SLACK: f64 = 1.3;

/// Both servers take turns, so that both see the same machine.
const ROUNDS: usize = 3;

/// One takes half a second beside somebody slow, and the p99 of one is three times that of another.
const SLOW_ROUNDS: usize = 9;

/// How links are carried.
pub struct Carriage {
    bare: Kind,
    relay: Kind,
    /// The relay as it ships.
    program: Kind,
    /// Before the names of lines.
    prefix: &'static str,
}

pub const PLAIN: Carriage = Carriage {
    bare: Kind::Bare,
    relay: Kind::Relay,
    program: Kind::Program,
    prefix: "",
};

pub const TLS: Carriage = Carriage {
    bare: Kind::BareTls,
    relay: Kind::RelayTls,
    program: Kind::ProgramTls,
    prefix: "TLS: ",
};

#[derive(Default)]
pub struct Report {
    lines: Vec<Json>,
}

/// What one server did in all rounds.
struct Both {
    bare: Vec<Found>,
    relay: Vec<Found>,
}

impl Report {
    /// A line: by how much the value may differ between rounds, what it should reach, and the bare server's.
    pub fn line(
        &mut self,
        id: &str,
        unit: &str,
        values: &[f64],
        target: Option<f64>,
        met: Option<bool>,
        reference: Option<f64>,
    ) {
        let value = median(values);
        let spread = values.iter().fold(f64::MIN, |a, b| a.max(*b))
            - values.iter().fold(f64::MAX, |a, b| a.min(*b));
        let met = met.or(target.map(|target| value <= target));
        eprintln!("  {id}: {value:.4} {unit} (target {target:?}, bare {reference:?}, met {met:?})");
        self.lines.push(json!({
            "id": id, "value": value, "unit": unit, "spread": spread,
            "target": target, "met": met, "reference": reference,
        }));
    }

    /// A line whose target is the bare server's value and some slack.
    fn beside(&mut self, id: &str, unit: &str, both: &Both, value: impl Fn(&Found) -> f64) {
        let bare = median(&both.bare.iter().map(&value).collect::<Vec<_>>());
        let relay: Vec<f64> = both.relay.iter().map(&value).collect();
        self.line(id, unit, &relay, Some(bare * SLACK), None, Some(bare));
    }

    /// The bare server beside what was measured of it when relays were designed, on a quiet machine of two cores. Where it
    /// reaches less than 0.7 of that, something else had the machine, and what is measured beside it says nothing.
    fn yardstick(&mut self, what: &str, unit: &str, bare: f64, known: f64, is_more_better: bool) {
        let share = if is_more_better {
            bare / known
        } else {
            known / bare
        };
        let id = format!("bare server, {what} (void below 0.7 of the reference)");
        self.line(&id, unit, &[bare], None, Some(share >= 0.7), Some(known));
    }

    pub fn latency(&mut self, over: &Carriage, listeners: u32) {
        let workload = Workload::Latency {
            listeners,
            edits: 600_000 / (listeners + 50),
            warm_up: 50,
        };
        let both = take_turns(over, &workload);
        let prefix = over.prefix;
        let id = |what: &str| format!("{prefix}{listeners} listeners, last one, {what}");
        self.beside(&id("p50"), "ms", &both, |found| share(found, 0.5));
        self.beside(&id("p99"), "ms", &both, |found| share(found, 0.99));
        let id = format!("{prefix}{listeners} listeners, CPU per delivery");
        let cpu = |found: &Found| found.cpu_ns as f64 / 1e3 / found.deliveries as f64;
        self.beside(&id, "us", &both, cpu);
        if listeners == 100 && over.bare == Kind::Bare {
            let bare = median(&both.bare.iter().map(cpu).collect::<Vec<_>>());
            self.yardstick("CPU per delivery at 100 listeners", "us", bare, 12.0, false);
        }
    }

    /// Whether an edit costs more in a room with a long log.
    pub fn growth(&mut self) {
        let dir = TempDir::new().unwrap();
        let server = Server::start(Kind::Relay, dir.path());
        let short = Workload::Latency {
            listeners: 10,
            edits: 1_000,
            warm_up: 100,
        };
        let cpu = |found: Found| found.cpu_ns as f64 / 1e3 / found.edits as f64;
        let measure = || [(); 3].map(|()| cpu(load::start(&server, &short)));
        let before = median(&measure());
        let fill = Workload::Fill {
            rooms: 1,
            frames: 20_000,
        };
        load::start(&server, &fill);
        let id = "CPU per edit, 10 listeners, 20,000 frames in the log (beside 3,000)";
        self.line(id, "us", &measure(), Some(before * 1.2), None, Some(before));
    }

    pub fn sustained(&mut self, over: &Carriage, writers: u32) {
        let workload = Workload::Sustained {
            writers,
            window: 64,
            ms: 3_000,
        };
        let both = take_turns(over, &workload);
        let rate = |found: &Found| found.edits as f64 / found.ms * 1e3;
        let bare = median(&both.bare.iter().map(rate).collect::<Vec<_>>());
        let relay: Vec<f64> = both.relay.iter().map(rate).collect();
        let met = median(&relay) >= bare;
        if writers == 10 && over.bare == Kind::Bare {
            self.yardstick("edits/s with 10 writers", "/s", bare, 15_200.0, true);
        }
        let id = |what: &str| format!("{}{writers} writers, {what}", over.prefix);
        self.line(
            &id("edits/s"),
            "/s",
            &relay,
            Some(bare),
            Some(met),
            Some(bare),
        );
        let p99: Vec<f64> = both.relay.iter().map(|found| share(found, 0.99)).collect();
        let bare = median(
            &both
                .bare
                .iter()
                .map(|found| share(found, 0.99))
                .collect::<Vec<_>>(),
        );
        self.line(&id("p99"), "ms", &p99, Some(100.0), None, Some(bare));
        let lost: u64 = both.relay.iter().map(|found| found.lost).sum();
        self.line(&id("lost"), "", &[lost as f64], Some(0.0), None, None);
        self.beside(&id("CPU per delivery"), "us", &both, |found| {
            found.cpu_ns as f64 / 1e3 / found.deliveries as f64
        });
    }

    pub fn slow(&mut self) {
        let slow = |kind| {
            let dir = TempDir::new().unwrap();
            let server = Server::start(kind, dir.path());
            // Each in a room of its own: nobody has the log of another to catch up with meanwhile.
            let pass = |room, has_slow| {
                let megabytes = 30;
                load::start(
                    &server,
                    &Workload::Slow {
                        room,
                        megabytes,
                        has_slow,
                    },
                )
            };
            let (_warm_up, without, with) = (pass(0, false), pass(1, false), pass(2, true));
            (without, with)
        };
        let (mut bare, mut relay) = (vec![], vec![]);
        for _ in 0..SLOW_ROUNDS {
            bare.push(slow(Kind::Bare));
            relay.push(slow(Kind::Relay));
        }
        let growths = |rounds: &[(Found, Found)]| -> Vec<f64> {
            let growth = |(without, with): &(Found, Found)| {
                with.rss_most.saturating_sub(without.rss_most) as f64 / 1e6
            };
            rounds.iter().map(growth).collect()
        };
        let id = "memory for one who stops reading, 30 MB pass";
        let reference = Some(median(&growths(&bare)));
        self.line(id, "MB", &growths(&relay), Some(2.0), None, reference);
        let id = "p99 for the others meanwhile (beside nobody slow)";
        let late = |of: fn(&(Found, Found)) -> &Found| -> Vec<f64> {
            relay.iter().map(|round| share(of(round), 0.99)).collect()
        };
        let without = median(&late(|round| &round.0));
        let target = Some(without * SLACK);
        self.line(
            id,
            "ms",
            &late(|round| &round.1),
            target,
            None,
            Some(without),
        );
    }

    pub fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        let text = serde_json::to_string_pretty(&self.lines).unwrap();
        std::fs::write(folder.join("relay.json"), text).unwrap();
    }
}

fn take_turns(over: &Carriage, workload: &Workload) -> Both {
    let mut both = Both {
        bare: vec![],
        relay: vec![],
    };
    for _ in 0..ROUNDS {
        for (kind, found) in [(over.bare, &mut both.bare), (over.relay, &mut both.relay)] {
            let dir = TempDir::new().unwrap();
            let server = Server::start(kind, dir.path());
            found.push(load::start(&server, workload));
        }
    }
    both
}

fn share(found: &Found, share: f64) -> f64 {
    let mut latencies = found.latencies_ms.clone();
    latencies.sort_by(f64::total_cmp);
    latencies[((latencies.len() - 1) as f64 * share) as usize]
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
