//! A process that has the application as a window does, in a session.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::keyring::SessionBus;

/// A home and a data directory in it.
pub struct User(TempDir);

impl User {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn home(&self) -> &Path {
        self.0.path()
    }

    pub fn data(&self) -> PathBuf {
        self.home().join("data")
    }

    /// Every file of the data directory, with its content.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut folders, mut files) = (vec![self.data()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => files.push((path.clone(), std::fs::read(&path).unwrap())),
                }
            }
        }
        assert!(files.len() > 3);
        files
    }
}

pub struct Window {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Window {
    pub fn open(user: &User, bus: &SessionBus, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_window"));
        bus.enter(&mut command);
        let mut process = command
            .arg(user.data())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, answers }
    }

    pub fn ask(&mut self, request: &Value) -> Value {
        let orders = self.process.stdin.as_mut().unwrap();
        writeln!(orders, "{request}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }

    pub fn security(&mut self) -> Value {
        let answer = self.ask(&json!({ "kind": "readSecurity" }));
        assert_eq!(answer["ok"]["kind"], "security", "{answer}");
        answer["ok"].clone()
    }

    pub fn try_keychain(&mut self) -> Value {
        self.ask(&json!({ "kind": "tryKeychain" }))
    }

    /// It answers nothing, and says why.
    pub fn is_shut(&mut self, code: &str) {
        for kind in ["start", "listProjects", "readSecurity"] {
            let answer = self.ask(&json!({ "kind": kind }));
            assert_eq!(answer["failed"]["code"], code, "{answer}");
        }
    }

    pub fn close(mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // One that was closed has ended.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
