//! One load on one relay by itself, and on some that share it.

use std::time::Duration;

use relay::Limits;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use testkit::{
    links::{Member, room},
    redis::Redis,
};

use crate::process::Relay;

/// Of what a relay by itself delivers in a second of processor time, several are to deliver at least so much.
const SHARE: f64 = 0.6;

/// How often everything is measured, in turns.
const ROUNDS: usize = 3;

/// Changes in each room, each of so many bytes.
const CHANGES: u64 = 30;
const BYTES: usize = 600;

/// Rooms of so many devices, in each of which one writes so often.
#[derive(Clone, Copy)]
pub struct Load {
    rooms: u8,
    devices: u8,
    apart: Duration,
}

/// A large room, and a project's usual one.
pub const LOADS: [Load; 2] = [
    Load {
        rooms: 6,
        devices: 100,
        apart: Duration::from_millis(100),
    },
    Load {
        rooms: 60,
        devices: 10,
        apart: Duration::from_millis(100),
    },
];

/// Processor time of a run, in ns.
#[derive(Clone, Copy)]
struct Used {
    relays_ns: u64,
    redis_ns: u64,
}

/// Deliveries in a second of processor time, and what Redis has of it.
pub async fn measure(load: Load) -> Vec<Json> {
    let mut alone = Vec::new();
    let mut shared = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        alone.push(run(load, 1, None).await);
        for (relays, used) in (1..).zip(&mut shared) {
            let redis = Redis::start();
            used.push(run(load, relays, Some(&redis)).await);
        }
    }
    let changes = (CHANGES * u64::from(load.rooms)) as f64;
    let deliveries = changes * f64::from(load.devices - 1);
    let rate = |used: &Used| deliveries * 1e9 / (used.relays_ns + used.redis_ns) as f64;
    let by_redis = |used: &Used| used.redis_ns as f64 / 1e3 / changes;

    let what = format!("{} rooms of {}", load.rooms, load.devices);
    let (bare, spread) = middle(&alone, rate);
    let mut lines = vec![json!({
        "id": format!("{what}, 1 relay, no Redis: deliveries per CPU-second"),
        "value": bare, "unit": "/s", "spread": spread,
    })];
    for (relays, used) in (1..).zip(&shared) {
        let (value, spread) = middle(used, rate);
        lines.push(json!({
            "id": format!("{what}, {relays} with Redis: deliveries per CPU-second"),
            "value": value, "unit": "/s", "spread": spread,
            "target": SHARE * bare, "met": value >= SHARE * bare, "reference": bare,
        }));
        let (value, spread) = middle(used, by_redis);
        lines.push(json!({
            "id": format!("{what}, {relays} with Redis: CPU of Redis per change"),
            "value": value, "unit": "us", "spread": spread,
        }));
    }
    lines
}

/// The one in the middle, and how far the outer ones lie apart.
fn middle(used: &[Used], value: impl Fn(&Used) -> f64) -> (f64, f64) {
    let mut values: Vec<f64> = used.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    let spread = values[values.len() - 1] - values[0];
    (values[values.len() / 2], spread)
}

async fn run(load: Load, relays: usize, redis: Option<&Redis>) -> Used {
    let dirs: Vec<TempDir> = (0..relays).map(|_| TempDir::new().unwrap()).collect();
    let relays: Vec<Relay> = dirs.iter().map(|dir| serve(dir, redis)).collect();
    let rooms: Vec<Vec<Member>> = (0..load.rooms)
        .map(|number| enter(number, load, &relays))
        .collect();
    let all = || rooms.iter().flatten();
    // Those of one place in their rooms are at one relay.
    let write = || {
        for (place, members) in rooms.iter().enumerate() {
            members[place % members.len()].write(1, BYTES);
        }
    };
    write();
    for member in all() {
        member.holds(1).await;
    }
    let used = || Used {
        relays_ns: relays.iter().map(|it| cpu_ns(it.id())).sum(),
        redis_ns: redis.map_or(0, |it| cpu_ns(it.id())),
    };
    let before = used();
    let mut ticks = tokio::time::interval(load.apart);
    for _ in 0..CHANGES {
        ticks.tick().await;
        write();
    }
    for member in all() {
        member.holds(1 + CHANGES).await;
    }
    let after = used();
    Used {
        relays_ns: after.relays_ns - before.relays_ns,
        redis_ns: after.redis_ns - before.redis_ns,
    }
}

fn serve(dir: &TempDir, redis: Option<&Redis>) -> Relay {
    let setting = redis.map(Redis::setting);
    let mut arguments = vec!["--plain", "--anyone", "--log", "error"];
    arguments.extend(setting.iter().flat_map(|it| ["--set", it.as_str()]));
    Relay::start_with(dir.path(), &arguments)
}

fn enter(number: u8, load: Load, relays: &[Relay]) -> Vec<Member> {
    let room = room(1 + number);
    let devices = (1..=load.devices).zip(relays.iter().cycle());
    let members = devices
        .map(|(device, relay)| Member::dial(device, &room, relay.address(), Limits::default()));
    members.collect()
}

/// The processor time that a process has used, by proc(5) in ticks of 10 ms.
fn cpu_ns(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, behind_name) = text.rsplit_once(')').unwrap();
    let ticks = behind_name.split_whitespace().skip(11).take(2);
    ticks
        .map(|it| it.parse::<u64>().unwrap() * 10_000_000)
        .sum()
}
