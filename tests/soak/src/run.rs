//! `soak run`: the work, the faults, and how it ended.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use store::RoomKey;
use tokio::time::{Instant, interval, sleep_until};

use crate::company::{Company, DESKS, Place, RELAYS, relay_beside};
use crate::fault::Faults;
use crate::kept;
use crate::memory::{Curves, Sample};
use crate::report::Report;

/// How long everything may take to cross once all wires are whole: links that fell silent are given up after 25 s, and
/// dialled again at most half a minute later.
pub const REST: Duration = Duration::from_secs(300);

/// Below this, processes have hardly warmed up, and their growth says nothing.
const SHORT: Duration = Duration::from_secs(600);

#[derive(Args)]
pub struct Options {
    /// How long the company works.
    #[arg(long, default_value_t = 60.0)]
    minutes: f64,
    /// What targets and lengths of faults follow from; the processes go their own ways all the same.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Between two edits of a desk, about.
    #[arg(long, default_value_t = 2_000)]
    pause_ms: u64,
    /// Between two faults.
    #[arg(long, default_value_t = 10_000)]
    fault_ms: u64,
    /// The program `tally-relay`; otherwise the one beside this program.
    #[arg(long)]
    relay: Option<PathBuf>,
}

pub async fn command(options: Options) -> Result<()> {
    fastrand::seed(options.seed);
    let dir = tempfile::tempdir()?;
    let relay = relay_beside(options.relay)?;
    let minutes = Duration::from_secs_f64(options.minutes * 60.0);
    println!(
        "{DESKS} desks and {RELAYS} relays for {minutes:?}, seed {}",
        options.seed
    );
    let company = Company::start(dir.path(), relay, options.pause_ms).await?;
    let mut soak = Soak {
        company,
        faults: Faults::default(),
        curves: Curves::default(),
        begun: Instant::now(),
    };
    let result = soak
        .work(minutes, Duration::from_millis(options.fault_ms))
        .await;
    println!("faults: {}", soak.faults.line());
    println!("memory in MB:\n{}", soak.curves.table(30));
    result?;
    soak.end(minutes).await
}

struct Soak {
    company: Company,
    faults: Faults,
    curves: Curves,
    begun: Instant,
}

impl Soak {
    /// Goes on for so long, and until each kind of fault was there.
    async fn work(&mut self, length: Duration, fault_every: Duration) -> Result<()> {
        let mut faults = interval(fault_every);
        let mut looks = interval((length / 720).max(Duration::from_millis(250)));
        let mut lines = interval((length / 60).max(Duration::from_secs(5)));
        let end = self.begun + length;
        loop {
            let mended_at = self.faults.next_end();
            tokio::select! {
                () = sleep_until(end), if self.faults.is_complete() => break,
                _ = faults.tick() => self.faults.begin(&mut self.company, fault_every * 3).await?,
                () = sleep_until(mended_at.unwrap_or(end)), if mended_at.is_some() => {
                    self.faults.mend(&mut self.company, Instant::now()).await?;
                }
                _ = looks.tick() => self.look()?,
                _ = lines.tick() => println!("{:7.1} s  {}", self.begun.elapsed().as_secs_f64(), self.curves.line()),
            }
        }
        self.faults.end(&mut self.company).await
    }

    fn look(&mut self) -> Result<()> {
        self.company.check()?;
        let at = self.begun.elapsed();
        for (name, process, kb) in self.company.memory() {
            self.curves.note(&name, Sample { at, process, kb });
        }
        Ok(())
    }

    async fn end(mut self, length: Duration) -> Result<()> {
        self.company.rest().await?;
        let reports = self.at_rest().await?;
        println!("at rest: {:?}", reports[0]);
        let edits: u64 = reports.iter().map(|report| report.edits).sum();
        println!("edits of the last lives: {edits}");
        let counts = self.company.counts().await?;
        println!("counts: {counts:?}, none less than was saved");
        let room = room_key(&reports[0].room)?;
        for place in places() {
            self.company.close(place).await?;
        }
        self.compare(room)?;
        self.look_at_fresh_ones().await?;
        let growth = self.curves.growth();
        for (name, growth) in &growth {
            let verdict = if growth.is_flat() { "flat" } else { "GROWS" };
            let fresh = growth.fresh_kb.unwrap_or(0);
            let (early, late) = (growth.early_kb, growth.late_kb);
            println!("{name}: {early} kB early, {late} kB late, {fresh} kB fresh: {verdict}");
        }
        if length >= SHORT && growth.values().any(|it| !it.is_flat()) {
            bail!("memory grows");
        }
        println!("all equal");
        Ok(())
    }

    /// Waits until everybody shows the same and has said so.
    async fn at_rest(&mut self) -> Result<Vec<Report>> {
        let mut tick = interval(Duration::from_secs(1));
        let deadline = Instant::now() + REST;
        loop {
            tick.tick().await;
            self.look()?;
            let reports = self.company.reports().await?;
            ensure!(
                reports.iter().all(|it| it.faults == 0),
                "frames do not apply: {reports:#?}"
            );
            let is_equal = reports.iter().all(|it| it.view == reports[0].view);
            if reports.iter().all(Report::is_at_rest) {
                ensure!(is_equal, "frames are equal and views are not: {reports:#?}");
                ensure!(
                    reports.iter().all(|it| it.diverged == 0),
                    "heads differ: {reports:#?}"
                );
                return Ok(reports);
            }
            ensure!(
                Instant::now() < deadline,
                "not all has crossed: {reports:#?}"
            );
        }
    }

    /// What everybody needs who has just opened the same.
    async fn look_at_fresh_ones(&mut self) -> Result<()> {
        // Relays first, or the desks would find nobody.
        for place in places().rev() {
            self.company.restart(place).await?;
        }
        self.company.rest().await?;
        self.at_rest().await?;
        for (name, _, kb) in self.company.memory() {
            self.curves.note_fresh(&name, kb);
        }
        for place in places() {
            self.company.close(place).await?;
        }
        Ok(())
    }

    /// The disks, once everybody has closed.
    fn compare(&self, room: RoomKey) -> Result<()> {
        let kept = |number| kept::of_desk(self.company.dir(Place::Desk(number)), room);
        let first = kept(0)?;
        for number in 1..DESKS {
            let other = kept(number)?;
            ensure!(
                other == first,
                "the disks of desk0 and desk{number} differ: {first:#?} {other:#?}"
            );
        }
        for number in 0..RELAYS {
            let held = kept::of_relay(self.company.dir(Place::Relay(number)), room)?;
            ensure!(
                held == first.held,
                "relay{number} holds {held:#?} of {first:#?}"
            );
        }
        let frames: u64 = first.held.values().sum();
        println!(
            "{frames} frames of {} streams on {} disks",
            first.held.len(),
            DESKS + RELAYS
        );
        Ok(())
    }
}

fn places() -> impl DoubleEndedIterator<Item = Place> {
    let desks = (0..DESKS).map(Place::Desk);
    desks.chain((0..RELAYS).map(Place::Relay))
}

fn room_key(text: &str) -> Result<RoomKey> {
    let mut key = [0; 32];
    ensure!(text.len() == 64, "`{text}` is no room");
    for (place, byte) in key.iter_mut().enumerate() {
        let digits = text.get(place * 2..place * 2 + 2);
        let digits = digits.context("a room has 64 digits")?;
        *byte = u8::from_str_radix(digits, 16)?;
    }
    Ok(RoomKey(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_read_from_its_digits() {
        let key = room_key(&format!("01ff{}", "0".repeat(60))).unwrap();
        assert_eq!(key.0[..3], [1, 255, 0]);
        assert!(room_key("01ff").is_err());
    }
}
