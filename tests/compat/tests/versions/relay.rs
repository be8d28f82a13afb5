//! `tally-relay` as a program, on a data directory.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

/// One that serves; killed when dropped.
pub struct Relay {
    process: Child,
    data: String,
    /// Where it listens.
    pub address: String,
}

impl Relay {
    pub fn serve(data: &str) -> Self {
        let listen = ["--no-announce", "--listen", "127.0.0.1:0"];
        let mut serve = command(&["serve", "--data-dir", data]);
        serve.args(listen);
        let mut process = serve.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let out = process.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ");
        Self {
            address: address.unwrap_or_else(|| panic!("{line:?}")).to_owned(),
            process,
            data: data.to_owned(),
        }
    }

    /// A link by which one device has its projects kept.
    pub fn invite(&self) -> String {
        let invite = ["invite", "--address", &self.address];
        self.say(&invite).trim().to_owned()
    }

    /// What it has of attachments, in bytes.
    pub fn attachment_bytes(&self) -> u64 {
        let rooms = self.say(&["rooms", "list", "--json"]);
        let rooms: serde_json::Value = serde_json::from_str(&rooms).unwrap();
        let rooms = rooms.as_array().unwrap().iter();
        rooms
            .map(|it| it["attachment_bytes"].as_u64().unwrap())
            .sum()
    }

    fn say(&self, arguments: &[&str]) -> String {
        say(&[arguments, &["--data-dir", &self.data]].concat())
    }

    /// Waits until it has ended in good order.
    pub fn drain(mut self) {
        self.say(&["drain"]);
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a command to its end.
pub fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// The same, which succeeds; what it says.
pub fn say(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Without the configuration of whoever runs the tests.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TALLY_RELAY_") {
            command.env_remove(name);
        }
    }
    command.env("TALLY_RELAY_CONFIG", "").args(arguments);
    command
}

/// The one beside this program, as `cargo test --workspace` builds it.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let program = own.ancestors().nth(2).unwrap().join("tally-relay");
    assert!(
        program.exists(),
        "{program:?} is not there: run `cargo build -p relayd` first"
    );
    program
}
