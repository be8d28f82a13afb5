//! A stock client of automerge-repo, which has a copy of the project.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::ask::Asked;
use crate::now_ns;
use crate::serve::Served;

/// A copy, until this is dropped.
pub struct Copy {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// How long it took until it was there, in milliseconds.
    pub opened_ms: f64,
    /// How many items it has.
    pub items: usize,
}

impl Copy {
    /// Makes one of the measured project.
    pub fn open(served: &Served, asked: &Asked<'_>) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/interop/open.mjs");
        let door = format!("ws://{}/automerge?token={}", served.address, served.token);
        let mut process = Command::new("node")
            .args([
                script.as_os_str(),
                door.as_ref(),
                asked.automerge_url().as_ref(),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the clients are installed by cargo xtask setup");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let (opened_ms, items) = first.split_once(' ').unwrap();
        Self {
            process,
            lines,
            opened_ms: opened_ms.parse().unwrap(),
            items: items.parse().unwrap(),
        }
    }

    /// How long it takes from asking for a command until the copy has the change, for so many commands, in milliseconds.
    pub fn hear(&mut self, asked: &Asked<'_>, count: usize) -> Vec<f64> {
        let times = (0..count).map(|_| {
            let begun_ms = now_ns() as f64 / 1e6;
            asked.rename("");
            let line = self.lines.next().unwrap().unwrap();
            line.parse::<f64>().unwrap() - begun_ms
        });
        times.collect()
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
