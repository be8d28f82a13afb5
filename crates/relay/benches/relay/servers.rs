//! The relay as a process, and how either server is started.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use relay::{Access, Limits, StoredRooms, serve};
use store::SqliteStore;
use tokio::net::TcpListener;
use trust::DeviceId;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bare,
    Relay,
}

/// A server in a process of its own, on a fresh disk unless told otherwise. Ends when dropped.
pub struct Server {
    pub kind: Kind,
    pub address: String,
    pub process: Child,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Relay => "relay",
        }
    }
}

impl Server {
    pub fn start(kind: Kind, dir: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        match kind {
            Kind::Bare => command.arg("serve-bare"),
            Kind::Relay => command.arg("serve-relay").arg(dir),
        };
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.as_mut().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self {
            kind,
            address: address.trim().to_owned(),
            process,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed by then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves rooms on a store in `dir`.
pub fn relay(dir: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Arc::new(SqliteStore::open(dir).unwrap());
        let mut limits = Limits::default();
        // Loads are silent, and on a busy machine for longer than a peer may be.
        limits.timing.dead_ms = 600_000;
        let rooms = Arc::new(StoredRooms::new(store, DeviceId([200; 32]), limits));
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
