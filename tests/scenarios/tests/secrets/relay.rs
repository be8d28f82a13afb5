//! Relays into which one sees.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use relay::{Access, Identity, Limits, LinkInput, Opening, Rooms, StoredRooms, Transport, Visitor};
use store::SqliteStore;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use trust::DeviceId;
use trust::key::DeviceKey;

/// Messages that wait, in bytes.
const INBOX_BYTES: usize = 4 << 20;

/// The program `tally-relay`, which logs all it can; killed when dropped.
pub struct Process {
    process: Child,
    address: SocketAddr,
    log: Arc<Mutex<Vec<u8>>>,
    folder: TempDir,
}

impl Process {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(program())
            .args(["serve", "--anyone", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder.path())
            .envs([("TALLY_RELAY_LOG", "trace"), ("TALLY_RELAY_CONFIG", "")])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut said = process.stderr.take().unwrap();
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = said.read(&mut piece) {
                kept.lock().unwrap().extend_from_slice(&piece[..length]);
            }
        });
        let mut line = String::new();
        let out = process.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ");
        let address = address.unwrap_or_else(|| panic!("{line:?}"));
        Self {
            address: address.parse().unwrap(),
            process,
            log,
            folder,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn log(&self) -> Vec<u8> {
        self.log.lock().unwrap().clone()
    }

    /// How it was started, with its environment; nothing where the system does not say.
    pub fn command_line(&self) -> Vec<u8> {
        let of = |name| std::fs::read(format!("/proc/{}/{name}", self.process.id()));
        let (line, environment) = (of("cmdline"), of("environ"));
        [line.unwrap_or_default(), environment.unwrap_or_default()].concat()
    }

    /// All of its memory that is its own, region by region.
    #[cfg(target_os = "linux")]
    pub fn memory(&self) -> Vec<(String, Vec<u8>)> {
        use std::os::unix::fs::FileExt;
        let of = |name| format!("/proc/{}/{name}", self.process.id());
        let memory = std::fs::File::open(of("mem")).expect("the memory of a child can be read");
        let maps = std::fs::read_to_string(of("maps")).unwrap();
        let mut regions = Vec::new();
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (range, access) = (words.next().unwrap(), words.next().unwrap());
            if !access.starts_with("rw") {
                continue;
            }
            let (from, to) = range.split_once('-').unwrap();
            let address = |hex| u64::from_str_radix(hex, 16).unwrap();
            let (from, to) = (address(from), address(to));
            let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
            // One that is gone by now has nothing.
            if memory.read_exact_at(&mut bytes, from).is_ok() {
                regions.push((format!("memory {line}"), bytes));
            }
        }
        regions
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The one beside this program, as `cargo test --workspace` builds it.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let folder = own.ancestors().nth(2).unwrap();
    let program = folder.join(format!("tally-relay{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{program:?} is not there: run `cargo build -p relayd` first"
    );
    program
}

/// A relay in this process, of which everything that comes by links is kept, as it is below TLS.
pub struct Tapped {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<u8>>>,
    servers: Vec<JoinHandle<()>>,
    _folder: TempDir,
}

impl Tapped {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path()).unwrap());
        let own = Transport::Tls(Identity::new(&DeviceKey::from_seed(&[0x5e; 32])));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let tap = Arc::new(Tap {
            rooms: StoredRooms::new(store, own, Limits::default()),
            seen: Arc::clone(&seen),
        });
        let listeners = relay::listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = listeners[0].local_addr().unwrap();
        let servers = listeners.into_iter().map(|listener| {
            let rooms = Arc::clone(&tap);
            let serve = relay::serve(
                listener,
                Access::default(),
                Limits::default(),
                rooms,
                std::future::pending(),
            );
            tokio::spawn(async move { serve.await.unwrap() })
        });
        Self {
            address,
            seen,
            servers: servers.collect(),
            _folder: folder,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn seen(&self) -> Vec<u8> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Tapped {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

/// Rooms of which every message is written down before it comes in.
struct Tap {
    rooms: StoredRooms,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Rooms for Tap {
    fn device(&self) -> DeviceId {
        self.rooms.device()
    }

    fn transport(&self) -> Transport {
        self.rooms.transport()
    }

    fn open(&self, visitor: Visitor) -> Opening<'_> {
        Box::pin(async move {
            let inside = self.rooms.open(visitor).await?;
            let (inbox, mut incoming) = relay::inbox(INBOX_BYTES);
            let seen = Arc::clone(&self.seen);
            tokio::spawn(async move {
                let mut inputs = Vec::new();
                loop {
                    incoming.receive(&mut inputs).await;
                    for input in inputs.drain(..) {
                        if let LinkInput::Message(_, message) = &input {
                            seen.lock().unwrap().extend_from_slice(message);
                        }
                        if inside.send(input).await.is_err() {
                            return;
                        }
                    }
                }
            });
            Ok(inbox)
        })
    }
}
