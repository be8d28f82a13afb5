//! A process of stock clients: it takes orders and says what they hear, one line of JSON each.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// It ends when this is dropped.
pub struct Speaking {
    _process: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

/// What a client said.
#[derive(Debug)]
pub struct Said {
    pub client: String,
    pub event: String,
    pub payload: Value,
}

impl Speaking {
    /// Starts a script of the clients, with more in its environment.
    pub fn start(
        program: impl AsRef<OsStr>,
        script: &str,
        arguments: impl IntoIterator<Item = String>,
        environment: &[(&str, &Path)],
    ) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut process = Command::new(program)
            .arg(folder.join(script))
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the clients are installed by cargo xtask setup");
        let orders = process.stdin.take().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            _process: process,
            orders,
            lines,
        }
    }

    /// Has a client do something.
    pub async fn order(&mut self, order: &Value) {
        let line = format!("{order}\n");
        self.orders.write_all(line.as_bytes()).await.unwrap();
    }

    /// What is said next.
    pub async fn hear(&mut self) -> Said {
        let line = self.lines.next_line().await.unwrap();
        let line = line.expect("the clients go on");
        let mut line: Value = serde_json::from_str(&line).unwrap();
        let text = |key: &str| line[key].as_str().unwrap().to_owned();
        Said {
            client: text("client"),
            event: text("event"),
            payload: line["payload"].take(),
        }
    }
}
