//! What was reported written survives the death of the process, wherever it strikes.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use crate::common::{count, count_shared, create_shared, framed, numbered, snapshot};
use rusqlite::Connection;
use store::{
    Acknowledgement, Document, SqliteStore, Store,
    testing::{DEADLINE, Random, append, project},
};

const KILLS: u64 = 200;

/// After so many kills the next ones get a fresh directory.
const KILLS_PER_DIRECTORY: u64 = 10;

/// Names the directory for the child.
const DIRECTORY: &str = "STORE_CRASH_TEST_DIRECTORY";

#[test]
fn what_was_written_survives_a_kill() {
    let mut dir = tempfile::tempdir().unwrap();
    let mut random = Random::new(7);
    let (mut reported, mut beyond) = (0, 0);
    for round in 0..KILLS {
        if round % KILLS_PER_DIRECTORY == 0 {
            dir = tempfile::tempdir().unwrap();
        }
        let written = kill_under_load(dir.path(), &mut random);
        let store = SqliteStore::open(dir.path()).unwrap();
        assert!(store.opened().fresh_identity_needed());
        let found = count_shared(&store);
        assert!(
            found >= written,
            "round {round}: {written} were reported, {found} are there"
        );
        reported += written;
        beyond += found - written;
    }
    println!(
        "{KILLS} kills: {reported} chunks were reported written, {beyond} more had been written"
    );
    assert!(reported > KILLS);
}

/// Lets a child write until a moment of chance, kills it, and says how many chunks it had reported.
fn kill_under_load(dir: &Path, random: &mut Random) -> u64 {
    let mut child = start_child(dir);
    let lines = read_lines(&mut child);
    let mut written = 0;
    // A quarter of the kills may strike while the store is being opened.
    let reports = if random.below(4) == 0 {
        0
    } else {
        1 + random.below(600)
    };
    for _ in 0..reports {
        written = lines
            .recv_timeout(DEADLINE)
            .expect("the child reports what it writes");
    }
    // Not right after a report, but at any moment between two.
    let patience = Duration::from_micros(random.below(if reports == 0 { 30_000 } else { 5_000 }));
    let strike = Instant::now() + patience;
    while let Ok(line) = lines.recv_timeout(strike.saturating_duration_since(Instant::now())) {
        written = line;
        if Instant::now() >= strike {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    lines.iter().last().unwrap_or(written)
}

fn start_child(dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::a_writer_reports_what_is_written",
            "--nocapture",
        ])
        .env(DIRECTORY, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// The counts that the child reports; a line cut short by the kill is no report.
fn read_lines(child: &mut Child) -> Receiver<u64> {
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        while output.read_line(&mut line).unwrap_or(0) > 0 {
            let report = line
                .strip_prefix("written ")
                .and_then(|rest| rest.strip_suffix('\n'));
            if let Some(count) = report.and_then(|count| count.parse().ok()) {
                // The parent may have seen enough.
                let _ = sender.send(count);
            }
            line.clear();
        }
    });
    lines
}

/// Writes numbers and reports each that is written. As the child it goes on until it is killed; as a test of its own it
/// writes a few and leaves the store in order.
#[test]
fn a_writer_reports_what_is_written() {
    match std::env::var_os(DIRECTORY) {
        Some(dir) => write(&PathBuf::from(dir), u64::MAX),
        None => {
            let dir = tempfile::tempdir().unwrap();
            write(dir.path(), 250);
            let store = SqliteStore::open(dir.path()).unwrap();
            assert!(!store.opened().fresh_identity_needed());
            assert_eq!(count_shared(&store), 250);
        }
    }
}

fn write(dir: &Path, end: u64) {
    let store = SqliteStore::open(dir).unwrap();
    create_shared(&store);
    let first = count_shared(&store);
    let (sender, written) = mpsc::sync_channel(64);
    for number in first..end {
        let sender = sender.clone();
        let acknowledge = move |news| match news {
            Acknowledgement::Written(seq) => {
                report(number + 1);
                // The writer must not wait for the reader below: one that is full is not in need of more.
                let _ = sender.try_send((number, seq));
            }
            Acknowledgement::Durable(_) => {}
            Acknowledgement::Failed(error) => panic!("{error}"),
        };
        store.append(
            project(1),
            framed(number, number as usize * 37 % 2_000),
            Box::new(acknowledge),
        );
        if number % 64 == 63 {
            let (newest, through) = written.recv().unwrap();
            store
                .compact(project(1), Document::PROJECT, through, snapshot(newest + 1))
                .unwrap();
        }
    }
    store.close(DEADLINE).unwrap();
}

fn report(count: u64) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "written {count}")
        .and_then(|()| out.flush())
        .unwrap();
}

#[test]
fn a_long_log_that_a_kill_left_is_put_away_at_the_next_opening() {
    let (dir, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = SqliteStore::open(dir.path()).unwrap();
    create_shared(&store);
    // Somebody reads the database as it was, so nothing later gets into it.
    let reader = Connection::open(dir.path().join("tally.db")).unwrap();
    reader
        .execute_batch("BEGIN; SELECT last_seq FROM counter")
        .unwrap();
    for number in 0..8 {
        let written = append(&store, project(1), numbered(number, 1 << 20));
        written.durable().unwrap();
    }
    for name in ["tally.db", "tally.db-wal"] {
        fs::copy(dir.path().join(name), killed.path().join(name)).unwrap();
    }
    let bytes = || {
        let database = fs::metadata(killed.path().join("tally.db"));
        database.unwrap().len()
    };
    assert!(bytes() < 8 << 20);
    let store = SqliteStore::open(killed.path()).unwrap();
    let begin = Instant::now();
    while bytes() < 8 << 20 {
        assert!(begin.elapsed() < DEADLINE, "{} bytes", bytes());
        thread::yield_now();
    }
    assert_eq!(count(&store.load(project(1)).unwrap()), 8);
}
