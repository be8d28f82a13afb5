//! `soak relay`: one relay for an hour, under a crowd of devices that come, write, fall silent and go.

mod room;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use testkit::memory;
use tokio::{
    task::JoinSet,
    time::{Instant, interval, sleep_until},
};

use crate::{
    company::{free_address, is_free, launch_relay, relay_beside},
    memory::{Curves, Sample},
    process::{Process, Signal},
};

/// Below this, a process has hardly warmed up, and its growth says nothing.
const SHORT: Duration = Duration::from_secs(600);

#[derive(Args)]
pub struct Options {
    /// How long the crowd stays.
    #[arg(long, default_value_t = 60.0)]
    minutes: f64,
    /// What it does follows from it; the processes go their own ways all the same.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Rooms at once.
    #[arg(long, default_value_t = 30)]
    rooms: u64,
    /// Devices in each.
    #[arg(long, default_value_t = 10)]
    devices: usize,
    /// Between two edits of a device, about.
    #[arg(long, default_value_t = 8_000)]
    pause_ms: u64,
    /// How long a room lasts, about: then everybody goes, and it is looked whether all is there.
    #[arg(long, default_value_t = 360.0)]
    room_s: f64,
    /// The program `tally-relay`; otherwise the one beside this program.
    #[arg(long)]
    relay: Option<PathBuf>,
}

/// What everybody in the crowd knows.
struct Goal {
    address: SocketAddr,
    devices: usize,
    pause_ms: u64,
    room: Duration,
    /// Numbers that nobody else has: of devices and of rooms.
    next: AtomicU64,
    is_over: AtomicBool,
    count: Count,
}

/// How a life of the relay ends.
#[derive(Clone, Copy)]
enum End {
    Drained,
    Killed,
}

/// What has happened so far.
#[derive(Default)]
struct Count {
    joins: AtomicU64,
    leaves: AtomicU64,
    vanished: AtomicU64,
    slow: AtomicU64,
    bursts: AtomicU64,
    frames: AtomicU64,
    rooms: AtomicU64,
    checked: AtomicU64,
    late: AtomicU64,
    lost: AtomicU64,
    unserved: AtomicU64,
}

pub async fn command(options: Options) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let program = relay_beside(options.relay)?;
    let address = free_address(0)?;
    let launch = async || {
        is_free(address).await?;
        launch_relay(&program, dir.path(), address).await
    };
    let goal = Arc::new(Goal {
        address,
        devices: options.devices,
        pause_ms: options.pause_ms,
        room: Duration::from_secs_f64(options.room_s),
        next: AtomicU64::new(options.seed << 32),
        is_over: AtomicBool::new(false),
        count: Count::default(),
    });
    let length = Duration::from_secs_f64(options.minutes * 60.0);
    let mut relay = launch().await?;
    let mut curves = Curves::default();
    let mut rooms = JoinSet::new();
    for place in 0..options.rooms {
        let random = fastrand::Rng::with_seed(options.seed << 16 | place);
        rooms.spawn(room::one_after_another(goal.clone(), random));
    }

    let begun = Instant::now();
    // Then it is left alone, so that most of the time is one life.
    let mut restarts = [(length / 12, End::Drained), (length / 6, End::Killed)].into_iter();
    let mut next_restart = restarts.next();
    let mut looks = interval((length / 720).max(Duration::from_millis(250)));
    let mut lines = interval((length / 60).max(Duration::from_secs(5)));
    loop {
        let restart_at = next_restart.map(|(after, _)| begun + after);
        tokio::select! {
            () = sleep_until(begun + length), if !goal.is_over.load(Ordering::Relaxed) => {
                goal.is_over.store(true, Ordering::Relaxed);
            }
            () = sleep_until(restart_at.unwrap_or(begun)), if restart_at.is_some() => {
                if let Some((_, how)) = next_restart {
                    end(&mut relay, how).await?;
                }
                relay = launch().await?;
                next_restart = restarts.next();
            }
            _ = looks.tick() => look(&mut relay, &mut curves, begun.elapsed())?,
            _ = lines.tick() => {
                println!("{:7.1} s  {}  {}", begun.elapsed().as_secs_f64(), curves.line(), goal.count.line());
            }
            ended = rooms.join_next() => match ended {
                Some(ended) => ended.context("somebody in the crowd was not served")?,
                None => break,
            },
        }
    }
    println!("memory in MB:\n{}", curves.table(30));
    println!("{}", goal.count.line());
    end(&mut relay, End::Drained).await?;
    judge(&goal.count, &curves, length)
}

async fn end(relay: &mut Process, how: End) -> Result<()> {
    match how {
        End::Killed => relay.kill(),
        End::Drained => {
            relay.signal(Signal::Terminate)?;
            relay.ended().await
        }
    }
}

fn look(relay: &mut Process, curves: &mut Curves, at: Duration) -> Result<()> {
    ensure!(relay.is_alive(), "the relay has ended");
    let processes = [("relay", relay.id()), ("crowd", std::process::id())];
    for (name, process) in processes {
        if let Some(bytes) = memory::resident_bytes(process) {
            let kb = bytes >> 10;
            curves.note(name, Sample { at, process, kb });
        }
    }
    Ok(())
}

fn judge(count: &Count, curves: &Curves, length: Duration) -> Result<()> {
    let lost = count.lost.load(Ordering::Relaxed);
    ensure!(
        lost == 0,
        "{lost} acknowledged frames are not at the relay any more"
    );
    let unserved = count.unserved.load(Ordering::Relaxed);
    ensure!(
        unserved == 0,
        "{unserved} devices were not given what is there, or not acknowledged what they wrote"
    );
    let growth = curves.growth();
    if let Some(growth) = growth.get("relay") {
        let verdict = if growth.is_flat() { "flat" } else { "GROWS" };
        let (early, late) = (growth.early_kb, growth.late_kb);
        println!("relay: {early} kB early, {late} kB late: {verdict}");
        if length >= SHORT && !growth.is_flat() {
            bail!("memory grows");
        }
    }
    println!("nothing lost");
    Ok(())
}

impl Goal {
    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

impl Count {
    fn line(&self) -> String {
        let named = [
            (&self.rooms, "rooms"),
            (&self.joins, "joins"),
            (&self.leaves, "leaves"),
            (&self.vanished, "vanished"),
            (&self.slow, "slow"),
            (&self.bursts, "bursts"),
            (&self.frames, "frames"),
            (&self.checked, "checked"),
            (&self.late, "late"),
            (&self.lost, "lost"),
            (&self.unserved, "unserved"),
        ];
        let words = named.map(|(count, name)| format!("{} {name}", count.load(Ordering::Relaxed)));
        words.join(", ")
    }
}

fn note(count: &AtomicU64, more: u64) {
    count.fetch_add(more, Ordering::Relaxed);
}
