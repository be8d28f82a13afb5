//! Two applications that share a project, over sockets of this machine.
//!
//! The relay between them is a process of its own, which this program starts from itself. Where there is none they are
//! linked directly, through a forwarder that counts bytes.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::app::{App, Options};
use app::event::Event;
use app::network::NetworkOptions;
use app::reply::Reply;
use app::request::{ProjectId, Request};
use app::sharing::Status;
use app::talus_file::Content;
use graph::command::Command;
use graph::id::NodeId;
use graph::value::Value;
use relay::{Access, Limits, StoredRooms};
use tempfile::TempDir;
use testkit::links::Proxy;
use tokio::net::TcpListener;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use trust::invitation::Invitation;

use super::{Measured, Runs, import, make, ms};

const NODES: usize = 10_000;

/// Between two edits, so that windows are told of each at once: they hear no more often than every 8 ms.
const PAUSE: Duration = Duration::from_millis(16);

/// Edits that each has made while they were apart.
const APART: usize = 1_000;

type Events = Receiver<Arc<Event>>;

/// Everything about two who share.
pub async fn measure(measured: &mut Vec<Measured>) {
    let small = live(10).await;
    let large = live(NODES).await;
    let bare = median(&large.local);
    measured.push(
        Runs(large.median)
            .of("edit to the other app, p50", "10k", "ms", Some(1.5))
            .with(bare),
    );
    measured.push(
        Runs(large.tail)
            .of("edit to the other app, p99", "10k", "ms", Some(6.0))
            .with(bare),
    );
    let few = median(&small.relay_us);
    measured.push(
        Runs(large.relay_us)
            .of(
                "relay CPU per edit (beside 10 nodes)",
                "10k",
                "us",
                Some(few * 1.2),
            )
            .with(few),
    );
    join(measured).await;
    catch_up(measured).await;
}

/// An application on a disk of its own.
pub(super) struct Desk {
    pub(super) app: App,
    pub(super) project: ProjectId,
    nodes: Vec<NodeId>,
    folder: TempDir,
}

impl Desk {
    /// With a project of so many nodes.
    pub(super) async fn with(content: &Content) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = import(folder.path(), content).await;
        let app = reachable(folder.path()).await;
        app.call(Request::OpenProject { project }).await.unwrap();
        let mut desk = Self {
            app,
            project,
            nodes: Vec::new(),
            folder,
        };
        desk.nodes = desk.rows().await;
        desk
    }

    /// Joins, and waits until so many nodes are there. Says how long that took.
    pub(super) async fn joined(invitation: &str, nodes: usize) -> (Self, f64) {
        let folder = tempfile::tempdir().unwrap();
        let app = reachable(folder.path()).await;
        let mut events = app.events();
        let began = Instant::now();
        let invitation = invitation.into();
        let join = Request::JoinProject { invitation };
        let Reply::Opened { project, .. } = app.call(join).await.unwrap() else {
            panic!("not joined")
        };
        let mut seen = BTreeSet::new();
        while seen.len() < nodes {
            seen.extend(changed(&mut events).await);
        }
        let took = ms(began);
        let nodes = seen.into_iter().collect();
        let desk = Self {
            app,
            project,
            nodes,
            folder,
        };
        (desk, took)
    }

    async fn rows(&self) -> Vec<NodeId> {
        let project = self.project;
        let Reply::Snapshot(snapshot) = self.app.call(Request::Snapshot { project }).await.unwrap()
        else {
            panic!("no snapshot")
        };
        snapshot.nodes.iter().map(|row| row.0).collect()
    }

    /// The invitation, with these addresses in it.
    pub(super) async fn invitation(&self, addresses: &[String]) -> String {
        let project = self.project;
        let Reply::Invitation { invitation } =
            self.app.call(Request::Invite { project }).await.unwrap()
        else {
            panic!("no invitation")
        };
        let mut invitation = Invitation::read(&invitation).unwrap();
        if !addresses.is_empty() {
            invitation.hints = addresses.to_vec();
        }
        invitation.to_text().to_string()
    }

    /// Where it listens.
    async fn address(&self) -> String {
        let invitation = self.invitation(&[]).await;
        Invitation::read(&invitation).unwrap().hints.remove(0)
    }

    async fn rename(&self, node: NodeId, title: String) {
        let command = Command::SetField {
            nodes: vec![node],
            field: "title".into(),
            value: Some(Value::Text(title)),
        };
        let project = self.project;
        let apply = Request::Apply { project, command };
        self.app.call(apply).await.unwrap();
    }

    /// Waits until its status is as wanted.
    pub(super) async fn stands(&self, wanted: impl Fn(Status) -> bool) {
        let mut events = self.app.events();
        let project = self.project;
        loop {
            let read = self.app.call(Request::ReadSharing { project }).await;
            let Reply::Sharing { sharing } = read.unwrap() else {
                panic!("not shared")
            };
            if wanted(sharing.unwrap().status) {
                return;
            }
            // It may have lagged; what matters is that something has happened.
            let _ = events.recv().await;
        }
    }

    pub(super) async fn close(self) {
        self.app.close().await.unwrap();
        drop(self.folder);
    }
}

async fn reachable(folder: &Path) -> App {
    let mut options = Options::new(folder.join("data"));
    options.network = Some(NetworkOptions {
        listen: "127.0.0.1:0".parse().unwrap(),
        insecure_lan: false,
        discover: false,
    });
    App::start(options).await.unwrap()
}

/// The nodes of the next change that a window is told of.
async fn changed(events: &mut Events) -> Vec<NodeId> {
    loop {
        match events.recv().await {
            Ok(event) => {
                if let Event::Changed(changed) = &*event {
                    return changed.nodes.iter().map(|row| row.0).collect();
                }
            }
            Err(RecvError::Lagged(_)) => panic!("the measurement is too slow"),
            Err(RecvError::Closed) => panic!("the application ended"),
        }
    }
}

async fn until(events: &mut Events, node: NodeId) {
    while !changed(events).await.contains(&node) {}
}

/// What was measured of edits while both were there, a round each.
#[derive(Default)]
struct Live {
    median: Vec<f64>,
    tail: Vec<f64>,
    /// The same edits, told to a window of the application in which they were made.
    local: Vec<f64>,
    relay_us: Vec<f64>,
}

/// Edits one after the other, through a relay.
async fn live(nodes: usize) -> Live {
    let relay = Relay::start();
    let ana = Desk::with(&make(nodes)).await;
    let invitation = ana.invitation(std::slice::from_ref(&relay.address)).await;
    let join = Request::JoinProject {
        invitation: invitation.as_str().into(),
    };
    ana.app.call(join).await.unwrap();
    let (ben, _) = Desk::joined(&invitation, nodes).await;
    ana.stands(|it| matches!(it, Status::Live { .. })).await;
    let mut live = Live::default();
    for round in 0..6 {
        let (mut others, mut own) = (Vec::new(), Vec::new());
        let (mut here, mut there) = (ana.app.events(), ben.app.events());
        let mut pace = tokio::time::interval(PAUSE);
        let before = relay.cpu_us();
        for number in 0..200 {
            pace.tick().await;
            let node = ana.nodes[(number * 7919 + round) % ana.nodes.len()];
            let began = Instant::now();
            ana.rename(node, format!("Renamed {round} {number}")).await;
            until(&mut here, node).await;
            own.push(ms(began));
            until(&mut there, node).await;
            others.push(ms(began));
        }
        // The first round warms up.
        if round > 0 {
            live.relay_us.push((relay.cpu_us() - before) / 200.0);
            live.local.push(median(&own));
            live.median.push(median(&others));
            others.sort_by(f64::total_cmp);
            live.tail.push(others[others.len() * 99 / 100]);
        }
    }
    ben.close().await;
    ana.close().await;
    live
}

/// Somebody joins who has nothing yet.
async fn join(measured: &mut Vec<Measured>) {
    let content = make(NODES);
    let saved = (content.project.len() + content.comments.len()) as f64 / 1e3;
    let ana = Desk::with(&content).await;
    let proxy = Proxy::start(ana.address().await.parse().unwrap()).await;
    let invitation = ana.invitation(&[proxy.address().to_string()]).await;
    let (mut times, mut kilobytes) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let (_, before) = proxy.carried();
        let (ben, took) = Desk::joined(&invitation, NODES).await;
        times.push(took);
        kilobytes.push((proxy.carried().1 - before) as f64 / 1e3);
        ben.close().await;
    }
    ana.close().await;
    measured.push(Runs(times).of("first join", "10k", "ms", Some(400.0)));
    measured.push(
        Runs(kilobytes)
            .of(
                "first join, bytes (beside the saved document)",
                "10k",
                "kB",
                Some(saved * 1.1),
            )
            .with(saved),
    );
}

/// Both have edited while they were apart, and meet.
async fn catch_up(measured: &mut Vec<Measured>) {
    let ana = Desk::with(&make(NODES)).await;
    let proxy = Proxy::start(ana.address().await.parse().unwrap()).await;
    let invitation = ana.invitation(&[proxy.address().to_string()]).await;
    let (ben, _) = Desk::joined(&invitation, NODES).await;
    let (mut times, mut most) = (Vec::new(), Vec::new());
    for round in 0..5 {
        ana.stands(|it| matches!(it, Status::Live { .. })).await;
        ben.stands(|it| matches!(it, Status::Live { .. })).await;
        proxy.cut();
        ana.stands(|it| it == Status::Offline).await;
        ben.stands(|it| it == Status::Offline).await;
        let mut halves = ana.nodes.chunks(APART).skip(round);
        let (anas, bens) = (halves.next().unwrap(), halves.next().unwrap());
        for (number, (one, other)) in anas.iter().zip(bens).enumerate() {
            ana.rename(*one, format!("Ana {round} {number}")).await;
            ben.rename(*other, format!("Ben {round} {number}")).await;
        }
        let (at_ana, at_ben) = (ana.app.events(), ben.app.events());
        let (out, back) = proxy.carried();
        proxy.mend();
        let began = Instant::now();
        let project = ben.project;
        ben.app.call(Request::SyncNow { project }).await.unwrap();
        tokio::join!(all(at_ana, bens), all(at_ben, anas));
        times.push(ms(began));
        let (out_now, back_now) = proxy.carried();
        most.push((out_now - out).max(back_now - back) as f64 / 1e3);
    }
    ben.close().await;
    ana.close().await;
    let id = format!("catch-up of {APART} + {APART} edits");
    measured.push(Runs(times).of(&id, "10k", "ms", Some(250.0)));
    let id = format!("{id}, bytes of the side that sends more");
    measured.push(Runs(most).of(&id, "10k", "kB", Some(20.0)));
}

/// Waits until a window has been told of all of these.
async fn all(mut events: Events, nodes: &[NodeId]) {
    let mut left: BTreeSet<NodeId> = nodes.iter().copied().collect();
    while !left.is_empty() {
        for node in changed(&mut events).await {
            left.remove(&node);
        }
    }
}

fn median(runs: &[f64]) -> f64 {
    let mut runs = runs.to_vec();
    runs.sort_by(f64::total_cmp);
    runs[runs.len() / 2]
}

/// A relay with its journal on disk, in a process of its own.
struct Relay {
    process: Child,
    address: String,
    _folder: TempDir,
}

impl Relay {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Process::new(std::env::current_exe().unwrap())
            .arg("--relay")
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        let out = process.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut address).unwrap();
        Self {
            process,
            address: address.trim().to_owned(),
            _folder: folder,
        }
    }

    /// The processor time that it has used; 0 where the system does not say.
    fn cpu_us(&self) -> f64 {
        let Ok(tasks) = std::fs::read_dir(format!("/proc/{}/task", self.process.id())) else {
            return 0.0;
        };
        let used = tasks.filter_map(|task| {
            let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<f64>().ok()
        });
        used.sum::<f64>() / 1e3
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It ends with its input as well.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// What the other process does.
pub async fn relay(folder: &Path) {
    let store = Arc::new(store::SqliteStore::open(folder).unwrap());
    let limits = Limits::default();
    let own = relay::Identity::new(&trust::key::DeviceKey::from_seed(&[200; 32]));
    let rooms = Arc::new(StoredRooms::new(store, own, limits));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    std::io::stdout().flush().unwrap();
    std::thread::spawn(|| {
        let mut nothing = Vec::new();
        std::io::stdin().read_to_end(&mut nothing).unwrap();
        std::process::exit(0);
    });
    let serve = relay::serve(
        listener,
        Access::default(),
        limits,
        rooms,
        std::future::pending(),
    );
    serve.await.unwrap();
}
