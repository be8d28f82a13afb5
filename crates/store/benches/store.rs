//! Measures the SQLite store and writes `target/bench/store.json`: a list of
//! {id, value, unit, spread, target, met, reference}.
//!
//! The reference of what is durable is the same number of bytes appended to a bare file in the same folder and synced
//! once for each, in the same run; that of reading is the bare read of the database file.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and ends where it fails"
)]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use store::{
    Acknowledgement, AuthorKey, Chunk, Document, ProjectKey, ProjectRecord, SqliteStore, Store,
    UndoEdit, UndoStack,
};

/// What one edit of a field is, packed, with its undo entry.
const CHANGE_BYTES: usize = 180;
const UNDO_BYTES: usize = 120;

const EDITS: usize = 1_000;
const BURST: usize = 1_000;
const LOG: usize = 10_000;
const BLOB_BYTES: usize = 16 << 20;
const SNAPSHOT_BYTES: usize = 5 << 20;
const PROJECT: ProjectKey = ProjectKey([7; 16]);

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("store")).unwrap();
    store
        .create_project(&record(), vec![(Document::PROJECT, vec![1; 1_000])])
        .unwrap();
    let mut measured = vec![];
    let bare = bare_syncs(folder.path());
    edits(&store, median(&bare), &mut measured);
    bursts(&store, median(&bare), &mut measured);
    reading(&store, folder.path(), &mut measured);
    blobs(&store, folder.path(), &mut measured);
    store.close(Duration::from_secs(60)).unwrap();
    write(&measured);
}

/// Each edit by itself, as somebody types.
fn edits(store: &SqliteStore, bare: f64, measured: &mut Vec<Json>) {
    let (mut calls, mut written, mut durable) = (vec![], vec![], vec![]);
    for number in 0..EDITS {
        let begun = Instant::now();
        let fate = append(store, number);
        calls.push(ms(begun));
        assert!(matches!(fate.recv(), Ok(Acknowledgement::Written(_))));
        written.push(ms(begun));
        assert!(matches!(fate.recv(), Ok(Acknowledgement::Durable(_))));
        durable.push(ms(begun));
    }
    measured.push(row("append returns, p50", &calls, 0.5, "ms", None));
    measured.push(row("edit -> written, p50", &written, 0.5, "ms", None));
    measured.push(row("edit -> written, p99", &written, 0.99, "ms", None));
    measured.push(row("edit -> durable, p50", &durable, 0.5, "ms", Some(bare)));
    measured.push(row(
        "edit -> durable, p99",
        &durable,
        0.99,
        "ms",
        Some(bare),
    ));
}

/// As many as there are at once: what a paste, an import or a peer's backlog brings.
fn bursts(store: &SqliteStore, bare: f64, measured: &mut Vec<Json>) {
    let mut each = vec![];
    for round in 0..9 {
        let begun = Instant::now();
        let fates: Vec<_> = (0..BURST)
            .map(|i| append(store, round * BURST + i))
            .collect();
        for fate in fates {
            assert!(matches!(
                fate.iter().last(),
                Some(Acknowledgement::Durable(_))
            ));
        }
        each.push(ms(begun) / BURST as f64);
    }
    let id = format!("edit of {BURST} at once -> durable");
    measured.push(row(&id, &each, 0.5, "ms", Some(bare)));
}

/// A log of chunks, and then the same behind a snapshot.
fn reading(store: &SqliteStore, folder: &Path, measured: &mut Vec<Json>) {
    let fates: Vec<_> = (0..LOG).map(|number| append(store, number)).collect();
    let last = fates.last().unwrap().iter().last();
    let Some(Acknowledgement::Durable(through)) = last else {
        panic!("the log was not written: {last:?}");
    };
    let files = fs::read_dir(folder.join("store")).unwrap();
    let database = files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .max_by_key(|path| fs::metadata(path).unwrap().len())
        .unwrap();
    let bare = runs(9, || drop(fs::read(&database).unwrap()));
    let loads = runs(9, || drop(store.load(PROJECT).unwrap()));
    measured.push(row(
        "load of a long tail",
        &loads,
        0.5,
        "ms",
        Some(median(&bare)),
    ));
    let compacts = runs(1, || {
        let snapshot = vec![3; SNAPSHOT_BYTES];
        store
            .compact(PROJECT, Document::PROJECT, through, snapshot)
            .unwrap();
    });
    measured.push(row("compaction of a long tail", &compacts, 0.5, "ms", None));
    let loads = runs(9, || drop(store.load(PROJECT).unwrap()));
    measured.push(row(
        "load of a snapshot",
        &loads,
        0.5,
        "ms",
        Some(median(&bare)),
    ));
}

fn blobs(store: &SqliteStore, folder: &Path, measured: &mut Vec<Json>) {
    let mut salt = 0u8;
    let mut content = vec![0; BLOB_BYTES];
    let bare = runs(5, || {
        let mut file = File::create(folder.join("bare.blob")).unwrap();
        file.write_all(&content).unwrap();
        file.sync_all().unwrap();
    });
    let puts = runs(5, || {
        salt += 1;
        content[0] = salt;
        store.blobs().put(&mut content.as_slice()).unwrap();
    });
    measured.push(row(
        "attachment of 16 MiB kept",
        &puts,
        0.5,
        "ms",
        Some(median(&bare)),
    ));
}

fn append(store: &SqliteStore, number: usize) -> Receiver<Acknowledgement> {
    let (tell, fate) = mpsc::channel();
    let change = vec![number as u8; CHANGE_BYTES];
    let entry = UndoEdit::Push(vec![number as u8; UNDO_BYTES]);
    let chunk =
        Chunk::new(Document::PROJECT, change).with_undo(AuthorKey([1; 16]), UndoStack::Undo, entry);
    store.append(PROJECT, chunk, Box::new(move |it| tell.send(it).unwrap()));
    fate
}

fn bare_syncs(folder: &Path) -> Vec<f64> {
    let mut file = File::create(folder.join("bare.log")).unwrap();
    runs(EDITS, || {
        file.write_all(&[5; CHANGE_BYTES + UNDO_BYTES]).unwrap();
        file.sync_data().unwrap();
    })
}

fn runs(times: usize, mut work: impl FnMut()) -> Vec<f64> {
    (0..times)
        .map(|_| {
            let begun = Instant::now();
            work();
            ms(begun)
        })
        .collect()
}

fn ms(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}

fn at(runs: &[f64], share: f64) -> f64 {
    let mut sorted = runs.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

fn median(runs: &[f64]) -> f64 {
    at(runs, 0.5)
}

/// The spread is the distance between the quartiles.
fn row(id: &str, runs: &[f64], share: f64, unit: &str, reference: Option<f64>) -> Json {
    let spread = at(runs, 0.75) - at(runs, 0.25);
    json!({"id": id, "value": at(runs, share), "unit": unit, "spread": spread, "target": null, "met": null, "reference": reference})
}

fn record() -> ProjectRecord {
    ProjectRecord {
        key: PROJECT,
        name: "Bench".to_owned(),
        template: "Blank".to_owned(),
        created_ms: 0,
        opened_ms: None,
        trashed_ms: None,
        node_count: 0,
        stats: None,
    }
}

fn write(measured: &[Json]) {
    let program = std::env::current_exe().unwrap();
    let folder = program.ancestors().nth(3).unwrap().join("bench");
    fs::create_dir_all(&folder).unwrap();
    fs::write(
        folder.join("store.json"),
        serde_json::to_string_pretty(measured).unwrap(),
    )
    .unwrap();
}
