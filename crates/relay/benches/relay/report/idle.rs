//! Many who say nothing: what each weighs, and how fast they are let in.

use tempfile::TempDir;

use super::{ROUNDS, Report, TLS, median};
use crate::{
    load,
    servers::{Kind, Server},
    workload::{Found, Workload},
};

/// Who says nothing, and in how many rooms.
const CONNECTIONS: f64 = 10_000.0;
const ROOMS: f64 = 1_000.0;

impl Report {
    pub fn idle(&mut self) {
        let (mut bare, mut many, mut one) = (vec![], vec![], vec![]);
        for _ in 0..ROUNDS {
            bare.push(idle(Kind::Bare, ROOMS as u32));
            many.push(idle(Kind::Relay, ROOMS as u32));
            one.push(idle(Kind::Relay, 1));
        }
        let of = |found: &[Found], value: &dyn Fn(&Found) -> f64| -> Vec<f64> {
            found.iter().map(value).collect()
        };
        let reference = |value: &dyn Fn(&Found) -> f64| median(&of(&bare, value));

        let weight = reference(&kilobytes);
        self.yardstick("idle connection", "kB", weight, 9.7, false);
        let each = of(&one, &kilobytes);
        let id = "10,000 idle connections in 1 room, each";
        self.line(id, "kB", &each, Some(12.0), None, Some(weight));
        let each_of_many = of(&many, &kilobytes);
        let id = "the same in 1,000 rooms, each";
        self.line(id, "kB", &each_of_many, Some(12.0), None, Some(weight));
        let pairs = each_of_many.iter().zip(&each);
        let rooms: Vec<f64> = pairs
            .map(|(many, one)| (many - one) * CONNECTIONS / (ROOMS - 1.0))
            .collect();
        self.line("idle room", "kB", &rooms, Some(2.0), None, None);
        for (found, what) in [(&many, "1,000 rooms"), (&one, "1 room")] {
            let id = format!("CPU per connection accepted, in {what}");
            self.line(
                &id,
                "us",
                &of(found, &cpu),
                None,
                None,
                Some(reference(&cpu)),
            );
            let rates = of(found, &rate);
            let met = median(&rates) >= 5_000.0;
            let (target, bare) = (Some(5_000.0), Some(reference(&rate)));
            let id = format!("accepted, in {what}");
            self.line(&id, "/s", &rates, target, Some(met), bare);
        }
    }

    /// Both ends of a connection prove a key, and there is a session on top of it. That its load runs on the same machine
    /// costs as much again.
    pub fn idle_over_tls(&mut self) {
        let (mut bare, mut relay) = (vec![], vec![]);
        for _ in 0..ROUNDS {
            bare.push(idle(TLS.bare, 1));
            relay.push(idle(TLS.relay, 1));
        }
        let of = |found: &[Found], value: fn(&Found) -> f64| -> Vec<f64> {
            found.iter().map(value).collect()
        };
        let reference = |value: fn(&Found) -> f64| Some(median(&of(&bare, value)));

        let id = "TLS: 10,000 idle connections in 1 room, each";
        let each = of(&relay, kilobytes);
        self.line(id, "kB", &each, Some(24.0), None, reference(kilobytes));
        let id = "TLS: CPU per connection accepted, in 1 room";
        self.line(id, "us", &of(&relay, cpu), None, None, reference(cpu));
        let rates = of(&relay, rate);
        let met = median(&rates) >= 500.0;
        let id = "TLS: accepted, in 1 room";
        let (target, met) = (Some(500.0), Some(met));
        self.line(id, "/s", &rates, target, met, reference(rate));
    }
}

fn idle(kind: Kind, rooms: u32) -> Found {
    let dir = TempDir::new().unwrap();
    let server = Server::start(kind, dir.path());
    let connections = CONNECTIONS as u32;
    load::start(&server, &Workload::Idle { rooms, connections })
}

/// What one idle connection weighs.
fn kilobytes(found: &Found) -> f64 {
    (found.rss_most - found.rss_before) as f64 / 1e3 / found.edits as f64
}

/// Connections a second.
fn rate(found: &Found) -> f64 {
    found.edits as f64 / found.ms * 1e3
}

/// What making one costs the server, in microseconds.
fn cpu(found: &Found) -> f64 {
    found.cpu_ns as f64 / 1e3 / found.edits as f64
}
