//! The relay as a process, and how each server is started.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use relay::{Access, Identity, Limits, StoredRooms, Transport, serve};
use store::SqliteStore;
use tokio::net::TcpListener;
use trust::{DeviceId, key::DeviceKey};

use crate::{bare, process::terminate};

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bare,
    Relay,
    BareTls,
    RelayTls,
    /// The relay as it ships, `tally-relay`.
    Program,
    ProgramTls,
}

/// A server in a process of its own, on a fresh disk unless told otherwise. Ends when dropped.
pub struct Server {
    pub kind: Kind,
    pub address: String,
    pub process: Child,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Bare,
        Self::Relay,
        Self::BareTls,
        Self::RelayTls,
        Self::Program,
        Self::ProgramTls,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Relay => "relay",
            Self::BareTls => "bare-tls",
            Self::RelayTls => "relay-tls",
            Self::Program => "program",
            Self::ProgramTls => "program-tls",
        }
    }

    pub fn of(word: &str) -> Self {
        let found = Self::ALL.into_iter().find(|it| it.word() == word);
        found.unwrap()
    }

    pub fn is_relay(self) -> bool {
        !matches!(self, Self::Bare | Self::BareTls)
    }

    pub fn is_tls(self) -> bool {
        matches!(self, Self::BareTls | Self::RelayTls | Self::ProgramTls)
    }

    fn is_program(self) -> bool {
        matches!(self, Self::Program | Self::ProgramTls)
    }
}

impl Server {
    pub fn start(kind: Kind, dir: &Path) -> Self {
        match kind.is_program() {
            true => Self::at("127.0.0.1:0", kind, dir),
            false => {
                let mut command = Command::new(std::env::current_exe().unwrap());
                command.args(["serve", kind.word()]).arg(dir);
                Self::spawn(kind, command)
            }
        }
    }

    /// `tally-relay`, listening there.
    pub fn at(listen: &str, kind: Kind, dir: &Path) -> Self {
        let mut command = Command::new(program());
        command.args(["serve", "--anyone", "--log", "error", "--listen", listen]);
        // All rooms of the loads have one owner.
        command.args(["--set", "limits.owner_rooms=100000"]);
        if kind == Kind::Program {
            command.arg("--plain");
        }
        command.env("TALLY_RELAY_CONFIG", "");
        command.arg("--data-dir").arg(dir);
        Self::spawn(kind, command)
    }

    /// Asks `tally-relay` to end, and waits until it has.
    pub fn end(mut self) {
        terminate(self.process.id());
        assert!(self.process.wait().unwrap().success());
    }

    fn spawn(kind: Kind, mut command: Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.as_mut().unwrap())
            .read_line(&mut address)
            .unwrap();
        let address = address.trim();
        let address = address.strip_prefix("listening on ").unwrap_or(address);
        Self {
            kind,
            address: address.to_owned(),
            process,
        }
    }
}

/// `tally-relay`, built in release. `cargo xtask bench relay` says where.
pub fn program() -> PathBuf {
    let path = std::env::var_os("TALUS_BENCH_RELAY");
    PathBuf::from(path.expect("`cargo xtask bench relay` builds tally-relay and says where it is"))
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed by then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Who a device of the load or a server is, where it has to prove that.
pub fn identity(number: u32) -> Identity {
    let mut seed = [9; 32];
    seed[..4].copy_from_slice(&number.to_be_bytes());
    Identity::new(&DeviceKey::from_seed(&seed))
}

/// Serves rooms; a relay has a store in `dir`.
pub fn run(kind: Kind, dir: &Path) {
    let own = match kind.is_tls() {
        true => Transport::Tls(identity(u32::MAX)),
        false => Transport::Plain(DeviceId([200; 32])),
    };
    match kind.is_relay() {
        true => relay(dir, own),
        false => bare::serve(own),
    }
}

fn relay(dir: &Path, own: Transport) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Arc::new(SqliteStore::open(dir).unwrap());
        let mut limits = Limits::default();
        // Loads are silent, and on a busy machine for longer than a peer may be.
        limits.timing.dead_ms = 600_000;
        let rooms = Arc::new(StoredRooms::new(store, own, limits));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        say(&listener.local_addr().unwrap().to_string());
        serve(
            listener,
            Access::default(),
            limits,
            rooms,
            std::future::pending(),
        )
        .await
        .unwrap();
    });
}

/// One line for whoever started this; ends with it.
pub fn say(line: &str) {
    println!("{line}");
    std::io::stdout().flush().unwrap();
    std::thread::spawn(|| {
        let mut nothing = Vec::new();
        std::io::stdin().read_to_end(&mut nothing).unwrap();
        std::process::exit(0);
    });
}
