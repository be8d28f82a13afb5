//! Socket.IO clients in a process of their own.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::ask::Asked;
use crate::now_ns;
use crate::serve::Served;
use crate::socket::Socket;

/// Clients at one session, until this is dropped.
pub struct Listeners {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Listeners {
    /// Starts so many, and waits until all have joined.
    pub fn start(served: &Served, session: &str, count: usize) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["listen", &served.address, &served.token, session])
            .arg(count.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "joined");
        Self { process, lines }
    }

    /// How long it takes from asking for a command until the last client has heard that it was carried out, for so many
    /// commands at these distances, in milliseconds.
    pub fn hear(&mut self, asked: &Asked<'_>, count: usize, apart: Duration) -> Vec<f64> {
        let times = (0..count).map(|_| {
            let begun = now_ns();
            let number = asked.rename("");
            let line = self.lines.next().unwrap().unwrap();
            let (command, heard) = line.split_once(' ').unwrap();
            assert_eq!(command, number.to_string());
            let heard: u64 = heard.parse().unwrap();
            std::thread::park_timeout(apart);
            heard.saturating_sub(begun) as f64 / 1e6
        });
        times.collect()
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Has so many clients, and says when the last of them has heard of each command.
pub fn run(address: &str, token: &str, session: &str, count: usize) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (told, mut heard) = mpsc::unbounded_channel();
        for _ in 0..count {
            let mut socket = Socket::join(address, token, session).await;
            let told = told.clone();
            tokio::spawn(async move {
                loop {
                    let text = socket
                        .until(|text| text.contains("[\"command-executed\""))
                        .await;
                    let at = now_ns();
                    let from = text.find('[').unwrap();
                    let event: Value = serde_json::from_str(&text[from..]).unwrap();
                    let command = event[1]["command_id"].as_str().unwrap().to_owned();
                    told.send((command, at)).unwrap();
                }
            });
        }
        println!("joined");
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        while let Some((command, at)) = heard.recv().await {
            let times = counts.entry(command.clone()).or_default();
            *times += 1;
            if *times == count {
                counts.remove(&command);
                println!("{command} {at}");
            }
        }
    });
}
