//! Five desks and two relays, and the wires between them.
//!
//! ```text
//! desk 0 --- relay 0 --- desk 1
//!   |           |
//! desk 4      desk 2
//!   |           |
//!   +------- relay 1 --- desk 3
//! ```
//!
//! The relays do not know each other: what crosses from one to the other goes through desk 2, or through the wire
//! from desk 4 to desk 0.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use testkit::{links::Proxy, memory};
use tokio::time::{Instant, interval};
use trust::invitation::Invitation;

use crate::process::{PATIENCE, Process, Signal};
use crate::report::Report;

pub const DESKS: usize = 5;
pub const RELAYS: usize = 2;

/// Who dials whom; what is dialled comes second.
const WIRES: [(usize, Place); 7] = [
    (0, Place::Relay(0)),
    (1, Place::Relay(0)),
    (2, Place::Relay(0)),
    (2, Place::Relay(1)),
    (3, Place::Relay(1)),
    (4, Place::Relay(1)),
    (4, Place::Desk(0)),
];

/// One of the company.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Desk(usize),
    Relay(usize),
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Desk(number) => write!(formatter, "desk{number}"),
            Self::Relay(number) => write!(formatter, "relay{number}"),
        }
    }
}

/// One of the company, running or not.
struct Member {
    place: Place,
    dir: PathBuf,
    listen: SocketAddr,
    process: Option<Process>,
    /// The most that it ever said to have saved.
    saved: u64,
}

/// Everybody, and the wires between them.
pub struct Company {
    members: Vec<Member>,
    wires: Vec<Proxy>,
    relay: PathBuf,
    /// Between two edits of a desk, about.
    pause_ms: u64,
}

impl Company {
    /// Starts everybody in one room, at work.
    pub async fn start(dir: &Path, relay: PathBuf, pause_ms: u64) -> Result<Self> {
        let places = (0..DESKS).map(Place::Desk);
        let places = places.chain((0..RELAYS).map(Place::Relay));
        let members = places.enumerate().map(|(number, place)| {
            Ok(Member {
                place,
                dir: dir.join(place.to_string()),
                listen: free_address(number)?,
                process: None,
                saved: 0,
            })
        });
        let mut company = Self {
            members: members.collect::<Result<_>>()?,
            wires: Vec::new(),
            relay,
            pause_ms,
        };
        for (_, to) in WIRES {
            let proxy = Proxy::start(company.member(to).listen).await;
            company.wires.push(proxy);
        }
        company.meet().await?;
        Ok(company)
    }

    async fn meet(&mut self) -> Result<()> {
        for relay in (0..RELAYS).map(Place::Relay) {
            self.launch(relay).await?;
        }
        let mut invitation = String::new();
        for number in 0..DESKS {
            let place = Place::Desk(number);
            self.launch(place).await?;
            if number == 0 {
                invitation = self.process(place)?.ask("create", "invitation").await?;
            }
            let wires = WIRES.iter().zip(&self.wires);
            let own = wires.filter(|((from, _), _)| *from == number);
            let addresses = own.map(|(_, proxy)| proxy.address()).collect();
            let text = with_addresses(&invitation, addresses)?;
            let order = match number {
                // It has the room, and learns by which wires it goes.
                0 => format!("reach {text}"),
                _ => format!("join {text}"),
            };
            let process = self.process(place)?;
            process.ask(&order, "joined").await?;
        }
        for number in 0..DESKS {
            self.work(number).await?;
        }
        Ok(())
    }

    /// How many wires there are.
    pub fn wires(&self) -> &[Proxy] {
        &self.wires
    }

    /// Whether it runs.
    pub fn is_up(&self, place: Place) -> bool {
        self.member(place).process.is_some()
    }

    /// Starts somebody who is not running; a desk goes on with what it had, and must have what it called saved.
    pub async fn restart(&mut self, place: Place) -> Result<()> {
        self.launch(place).await?;
        let Place::Desk(number) = place else {
            return Ok(());
        };
        let count: u64 = self.process(place)?.ask("open", "open").await?.parse()?;
        let saved = self.member(place).saved;
        ensure!(
            count >= saved,
            "{place} had saved {saved}, and {count} is there"
        );
        self.work(number).await
    }

    /// `kill -9`.
    pub fn kill(&mut self, place: Place) -> Result<()> {
        let mut process = self.take(place)?;
        process.kill()
    }

    /// Ends somebody in good order.
    pub async fn close(&mut self, place: Place) -> Result<()> {
        let mut process = self.take(place)?;
        match place {
            Place::Desk(_) => drop(process.ask("quit", "closed").await?),
            Place::Relay(_) => process.signal(Signal::Terminate)?,
        }
        process.ended().await.with_context(|| place.to_string())
    }

    /// Puts somebody to sleep, or wakes him.
    pub fn signal(&mut self, place: Place, signal: Signal) -> Result<()> {
        self.process(place)?.signal(signal)
    }

    /// Fails if somebody has ended who was not told to.
    pub fn check(&mut self) -> Result<()> {
        for member in &mut self.members {
            if let Some(process) = &mut member.process {
                ensure!(process.is_alive(), "{} has ended", member.place);
                member.saved = member.saved.max(process.saved());
            }
        }
        Ok(())
    }

    /// Looks at everybody's memory: name, process and kB.
    pub fn memory(&self) -> Vec<(String, u32, u64)> {
        let running = self.members.iter().filter_map(|member| {
            let process = member.process.as_ref()?.id();
            let kb = memory::resident_bytes(process)? >> 10;
            Some((member.place.to_string(), process, kb))
        });
        running.collect()
    }

    /// Lets nobody edit any more.
    pub async fn rest(&mut self) -> Result<()> {
        for number in 0..DESKS {
            self.process(Place::Desk(number))?
                .ask("work 0", "works")
                .await?;
        }
        Ok(())
    }

    /// What the desks say.
    pub async fn reports(&mut self) -> Result<Vec<Report>> {
        let mut reports = Vec::new();
        for number in 0..DESKS {
            let answer = self.process(Place::Desk(number))?.ask("report", "report");
            reports.push(serde_json::from_str(&answer.await?)?);
        }
        Ok(reports)
    }

    /// Fails unless every desk sees of each at least what that has saved, and all the same.
    pub async fn counts(&mut self) -> Result<Vec<u64>> {
        let mut counts = Vec::new();
        for whose in 0..DESKS {
            let saved = self.member(Place::Desk(whose)).saved;
            let mut seen = Vec::new();
            for number in 0..DESKS {
                let asked = format!("count {whose}");
                let answer = self.process(Place::Desk(number))?.ask(&asked, &asked);
                seen.push(answer.await?.parse::<u64>()?);
            }
            let is_equal = seen.iter().all(|count| *count == seen[0]);
            ensure!(
                is_equal && seen[0] >= saved,
                "desk{whose} had saved {saved}; the desks see {seen:?}"
            );
            counts.push(seen[0]);
        }
        Ok(counts)
    }

    /// Where somebody keeps what he has.
    pub fn dir(&self, place: Place) -> &Path {
        &self.member(place).dir
    }

    async fn work(&mut self, number: usize) -> Result<()> {
        let order = format!("work {}", self.pause_ms);
        let process = self.process(Place::Desk(number))?;
        process.ask(&order, "works").await?;
        Ok(())
    }

    async fn launch(&mut self, place: Place) -> Result<()> {
        let Member { dir, listen, .. } = self.member(place);
        is_free(*listen).await?;
        let process = match place {
            Place::Relay(_) => launch_relay(&self.relay, dir, *listen).await?,
            Place::Desk(number) => {
                let mut command = Command::new(std::env::current_exe()?);
                command
                    .arg("desk")
                    .args(["--number", &number.to_string()])
                    .args(["--seed", &fastrand::u64(..).to_string()])
                    .args(["--listen", &listen.to_string()])
                    .arg("--data-dir")
                    .arg(dir);
                Process::start(&mut command)?
            }
        };
        self.member_mut(place).process = Some(process);
        Ok(())
    }

    fn take(&mut self, place: Place) -> Result<Process> {
        let member = self.member_mut(place);
        let process = member.process.take();
        let process = process.with_context(|| format!("{place} does not run"))?;
        member.saved = member.saved.max(process.saved());
        Ok(process)
    }

    fn process(&mut self, place: Place) -> Result<&mut Process> {
        let process = self.member_mut(place).process.as_mut();
        process.with_context(|| format!("{place} does not run"))
    }

    fn member(&self, place: Place) -> &Member {
        &self.members[index(place)]
    }

    fn member_mut(&mut self, place: Place) -> &mut Member {
        &mut self.members[index(place)]
    }
}

fn index(place: Place) -> usize {
    match place {
        Place::Desk(number) => number,
        Place::Relay(number) => DESKS + number,
    }
}

/// The program `tally-relay`: this one, or the one beside this program.
pub fn relay_beside(named: Option<PathBuf>) -> Result<PathBuf> {
    let relay = match named {
        Some(relay) => relay,
        None => std::env::current_exe()?
            .with_file_name(format!("tally-relay{}", std::env::consts::EXE_SUFFIX)),
    };
    ensure!(relay.exists(), "{} is not built", relay.display());
    Ok(relay)
}

/// Starts a relay that keeps everybody's rooms, and waits until it listens.
pub async fn launch_relay(program: &Path, dir: &Path, listen: SocketAddr) -> Result<Process> {
    let mut command = Command::new(program);
    command.args(["serve", "--anyone", "--data-dir"]).arg(dir);
    command.args(["--listen", &listen.to_string()]);
    // What a relay says of links that come and go is not what is looked for here.
    command.envs([("TALLY_RELAY_LOG", "error"), ("TALLY_RELAY_CONFIG", "")]);
    let mut process = Process::start(&mut command)?;
    process.answer("listening on").await?;
    Ok(process)
}

/// An address that is free, below those that the system gives to whoever dials: it must be free again after a restart.
/// It follows from the process and not from the seed, or two runs of one seed would take each other's.
pub fn free_address(number: usize) -> Result<SocketAddr> {
    let seed = u64::from(std::process::id()) << 8 | number as u64;
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..1_000 {
        let address = (Ipv4Addr::LOCALHOST, random.u16(12_000..32_000));
        if TcpListener::bind(address).is_ok() {
            return Ok(address.into());
        }
    }
    bail!("no port is free")
}

/// Waits until an address is free: somebody else of this machine may have it for a moment.
pub async fn is_free(address: SocketAddr) -> Result<()> {
    let mut tick = interval(Duration::from_millis(100));
    let deadline = Instant::now() + PATIENCE;
    loop {
        tick.tick().await;
        if TcpListener::bind(address).is_ok() {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "{address} is taken");
    }
}

/// An invitation to the same room by other ways.
fn with_addresses(invitation: &str, addresses: Vec<SocketAddr>) -> Result<String> {
    let mut invitation = Invitation::read(invitation)?;
    invitation.hints = addresses.iter().map(SocketAddr::to_string).collect();
    Ok(invitation.to_text().to_string())
}
