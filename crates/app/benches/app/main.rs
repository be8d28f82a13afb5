//! Measures the application without a window and writes `target/bench/app.json`.
//!
//! Projects of 10,000 and 100,000 nodes with 8 values each, in a tree with fan-out 8, on disk in the
//! SQLite store. Memory is measured in a process of its own for each size, which this program starts
//! from itself. `sharing` has two of them, and a relay between.
//!
//! `cargo bench -p app --bench app -- sharing` measures that part alone; `alone` and `removal` are the others.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and ends where it fails"
)]

mod removal;
mod sharing;

use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::time::Instant;

use app::app::{App, Options};
use app::reply::{Reply, Snapshot};
use app::request::{ProjectId, Request};
use app::talus_file::{Content, Manifest, Writer};
use graph::clipping::{ClippedNode, Clipping};
use graph::command::Command;
use graph::document::Document;
use graph::id::{AuthorId, FieldId, NodeId, PersonId};
use graph::person::Person;
use graph::time::Timestamp;
use graph::value::Value;
use graph::{NewProject, Project, Signature};
use serde_json::{Value as Json, json};
use uuid::Uuid;

const FAN_OUT: usize = 8;

#[tokio::main]
async fn main() {
    let arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    let arguments: Vec<String> = arguments.collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut measured = Vec::new();
    match arguments[..] {
        ["--memory", folder, project] => {
            println!("{}", memory_of(Path::new(folder), project).await);
            return;
        }
        ["--relay", folder] => return sharing::relay(Path::new(folder)).await,
        ["sharing"] => sharing::measure(&mut measured).await,
        ["removal"] => removal::measure(&mut measured).await,
        ["alone"] => alone(&mut measured).await,
        _ => {
            alone(&mut measured).await;
            sharing::measure(&mut measured).await;
            removal::measure(&mut measured).await;
        }
    }
    write(&measured);
}

/// One application.
async fn alone(measured: &mut Vec<Measured>) {
    for (name, nodes, opens, open_target, memory_target) in [
        ("10k", 10_000, 9, 350.0, 60.0),
        ("100k", 100_000, 3, 3_500.0, 250.0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let made = make(nodes);
        let bare = bare_load(&made.project);
        let project = import(folder.path(), &made).await;
        let (open, first) = opening(folder.path(), project, opens).await;
        measured.push(open.of("open", name, "ms", Some(open_target)).with(bare));
        let app = start(folder.path()).await;
        app.call(Request::OpenProject { project }).await.unwrap();
        measured.push(
            snapshots(&app, project)
                .await
                .of("snapshot as JSON", name, "ms", None),
        );
        let (median, tail) = edits(&app, project, &first).await;
        measured.push(median.of("edit round trip p50", name, "ms", None));
        measured.push(tail.of("edit round trip p99", name, "ms", None));
        let (built, found) = finds(&app, project).await;
        measured.push(built.of("first find", name, "ms", None));
        let target = (nodes == 10_000).then_some(30.0);
        measured.push(found.of("find", name, "ms", target));
        app.close().await.unwrap();
        drop(app);
        measured.push(memory(folder.path(), project).of(
            "memory above empty",
            name,
            "MB",
            Some(memory_target),
        ));
    }
}

/// Repeated runs of one thing.
struct Runs(Vec<f64>);

struct Measured {
    id: String,
    value: f64,
    unit: &'static str,
    spread: f64,
    target: Option<f64>,
    reference: Option<f64>,
}

impl Runs {
    /// Median, and half of what lies between the quartiles.
    fn of(mut self, what: &str, size: &str, unit: &'static str, target: Option<f64>) -> Measured {
        self.0.sort_by(f64::total_cmp);
        let at = |part: f64| self.0[((self.0.len() - 1) as f64 * part).round() as usize];
        Measured {
            id: format!("{what}, {size} nodes"),
            value: at(0.5),
            unit,
            spread: (at(0.75) - at(0.25)) / 2.0,
            target,
            reference: None,
        }
    }
}

impl Measured {
    fn with(self, reference: f64) -> Self {
        Self {
            reference: Some(reference),
            ..self
        }
    }

    fn json(&self) -> Json {
        json!({
            "id": self.id, "value": self.value, "unit": self.unit, "spread": self.spread, "target": self.target,
            "met": self.target.map(|target| self.value <= target), "reference": self.reference,
        })
    }
}

fn write(measured: &[Measured]) {
    let program = std::env::current_exe().unwrap();
    let target = program.ancestors().nth(3).unwrap();
    let folder = target.join("bench");
    std::fs::create_dir_all(&folder).unwrap();
    let list: Vec<Json> = measured.iter().map(Measured::json).collect();
    let text = serde_json::to_string_pretty(&list).unwrap();
    std::fs::write(folder.join("app.json"), &text).unwrap();
    println!("{text}");
}

/// A project of so many nodes, as a file would hold it.
fn make(nodes: usize) -> Content {
    let template = &app::builtin::all()
        .iter()
        .find(|b| b.key == "blank")
        .unwrap()
        .template;
    let new = NewProject {
        name: format!("{nodes} nodes"),
        currency: "EUR".to_owned(),
        template: template.clone(),
        content: Clipping {
            nodes: (0..nodes).map(node).collect(),
            ..Clipping::default()
        },
    };
    let signature = Signature {
        author: AuthorId(Uuid::from_u128(1)),
        actor: [1; 16],
        person: PersonId(Uuid::from_u128(2)),
        profile: Person {
            name: "Ana".to_owned(),
            colour: "#4C9BE8".to_owned(),
        },
    };
    let graph = Project::create(
        &new,
        signature,
        Uuid::now_v7(),
        Timestamp(1_800_000_000_000),
    )
    .unwrap();
    Content {
        manifest: Manifest {
            name: new.name,
            template: "Blank".to_owned(),
            created_ms: 0,
            exported_ms: 0,
            node_count: nodes as u64,
            program: "bench".to_owned(),
        },
        project: graph.fork(Document::Project).save(),
        comments: graph.fork(Document::Comments).save(),
    }
}

fn node(number: usize) -> ClippedNode {
    let words = [
        "Front axle",
        "Éclairage",
        "Wiring loom",
        "Paint and primer",
        "Inspection",
    ];
    let day = 1 + number % 28;
    let date = |month: usize| Value::Date(format!("2026-{month:02}-{day:02}").parse().unwrap());
    let amount = |amount: usize| Value::Number(amount.into());
    let values = [
        (
            "title",
            Value::Text(format!("{} {number}", words[number % words.len()])),
        ),
        ("status", Value::Option("todo".into())),
        ("priority", Value::Option("high".into())),
        ("start", date(3)),
        ("end", date(4)),
        ("estimated-hours", amount(number % 40)),
        ("budget", amount(number % 10_000)),
        ("quantity", amount(number % 7)),
    ];
    ClippedNode {
        parent: (number > 0).then(|| u32::try_from((number - 1) / FAN_OUT).unwrap()),
        node_type: "item".into(),
        values: values
            .map(|(field, value)| (FieldId::from(field), value))
            .into(),
        original: NodeId(Uuid::from_u128(number as u128)),
    }
}

/// What loading the document costs the library alone.
fn bare_load(document: &[u8]) -> f64 {
    let mut runs: Vec<f64> = (0..3)
        .map(|_| {
            let began = Instant::now();
            automerge::Automerge::load(document).unwrap();
            ms(began)
        })
        .collect();
    runs.sort_by(f64::total_cmp);
    runs[1]
}

async fn start(folder: &Path) -> App {
    App::start(Options::new(folder.join("data"))).await.unwrap()
}

async fn import(folder: &Path, content: &Content) -> ProjectId {
    let path = folder.join("bench.talus");
    let writer = Writer::begin(std::fs::File::create(&path).unwrap(), content).unwrap();
    writer.finish().unwrap();
    let app = start(folder).await;
    let import = Request::ImportProject {
        path: path.to_str().unwrap().to_owned(),
    };
    let Reply::Opened { project, .. } = app.call(import).await.unwrap() else {
        panic!("not opened")
    };
    app.close().await.unwrap();
    project
}

/// From the request to open to the whole view as bytes for a window.
async fn opening(folder: &Path, project: ProjectId, times: usize) -> (Runs, Snapshot) {
    let mut runs = Vec::new();
    let mut bytes = Vec::new();
    for _ in 0..times {
        let app = start(folder).await;
        let began = Instant::now();
        app.call(Request::OpenProject { project }).await.unwrap();
        bytes = snapshot_json(&app, project).await;
        runs.push(ms(began));
        app.close().await.unwrap();
    }
    let mut answer: Json = serde_json::from_slice(&bytes).unwrap();
    let Reply::Snapshot(snapshot) = serde_json::from_value(answer["ok"].take()).unwrap() else {
        panic!("no snapshot")
    };
    (Runs(runs), *snapshot)
}

async fn snapshot_json(app: &App, project: ProjectId) -> Vec<u8> {
    let request = json!({ "kind": "snapshot", "project": project });
    app.call_json(request.to_string().as_bytes()).await
}

async fn snapshots(app: &App, project: ProjectId) -> Runs {
    let mut runs = Vec::new();
    for _ in 0..5 {
        let began = Instant::now();
        snapshot_json(app, project).await;
        runs.push(ms(began));
    }
    Runs(runs)
}

/// Median and 99th percentile of renaming, over five rounds.
async fn edits(app: &App, project: ProjectId, snapshot: &Snapshot) -> (Runs, Runs) {
    let (mut medians, mut tails) = (Vec::new(), Vec::new());
    for round in 0..5 {
        let mut times = Vec::new();
        for number in 0..400 {
            let node = snapshot.nodes[(number * 7919 + round) % snapshot.nodes.len()].0;
            let command = Command::SetField {
                nodes: vec![node],
                field: "title".into(),
                value: Some(Value::Text(format!("Renamed {round} {number}"))),
            };
            let began = Instant::now();
            app.call(Request::Apply { project, command }).await.unwrap();
            times.push(ms(began));
        }
        times.sort_by(f64::total_cmp);
        medians.push(times[times.len() / 2]);
        tails.push(times[times.len() * 99 / 100]);
    }
    (Runs(medians), Runs(tails))
}

/// The first search, which builds the index, and those after it.
async fn finds(app: &App, project: ProjectId) -> (Runs, Runs) {
    let mut times = Vec::new();
    for query in [
        "e",
        "ec",
        "ecl",
        "eclairage",
        "eclairage 42",
        "paint primer 77",
        "nothing like it",
        "r",
    ] {
        let find = Request::Find {
            project,
            query: query.to_owned(),
            limit: 50,
        };
        let began = Instant::now();
        app.call(find).await.unwrap();
        times.push(ms(began));
    }
    (Runs(vec![times.remove(0)]), Runs(times))
}

/// Resident memory with the project open and shown, less that of an application without one.
fn memory(folder: &Path, project: ProjectId) -> Runs {
    let measure = |project: &str| -> f64 {
        let program: PathBuf = std::env::current_exe().unwrap();
        let output = Process::new(program)
            .arg("--memory")
            .arg(folder)
            .arg(project)
            .output()
            .unwrap();
        String::from_utf8(output.stdout)
            .unwrap()
            .trim()
            .parse()
            .unwrap()
    };
    let runs = (0..3).map(|_| measure(&project.0.to_string()) - measure("none"));
    Runs(runs.collect())
}

async fn memory_of(folder: &Path, project: &str) -> f64 {
    let app = start(folder).await;
    app.call(Request::Start).await.unwrap();
    if let Ok(id) = project.parse() {
        let project = ProjectId(id);
        app.call(Request::OpenProject { project }).await.unwrap();
        snapshot_json(&app, project).await;
    }
    let resident = resident_mb();
    app.close().await.unwrap();
    resident
}

/// Resident memory of this process; where the system does not say, nothing.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    kilobytes
        .and_then(|number| number.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1024.0
}

fn ms(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}
