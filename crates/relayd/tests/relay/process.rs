//! `tally-relay` with arguments, and one that serves.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use relay::Address;
use testkit::links::PATIENCE;

/// A running `tally-relay serve`; killed when dropped.
pub struct Relay {
    process: Child,
    pub address: SocketAddr,
    /// What it says, line by line, as far as nobody has asked.
    log: Option<Receiver<String>>,
    /// What somebody has asked for of that.
    heard: Vec<String>,
}

impl Relay {
    /// Bare links, everybody's rooms.
    pub fn start(dir: &Path) -> Self {
        Self::start_with(dir, &["--plain", "--anyone"])
    }

    pub fn start_with(dir: &Path, more: &[&str]) -> Self {
        let listen: &[&str] = match more.contains(&"--listen") {
            true => &[],
            false => &["--listen", "127.0.0.1:0"],
        };
        let mut serve = command(&["serve", "--data-dir"]);
        serve.arg(dir).args(more).args(listen);
        Self::spawn(serve)
    }

    /// The same, and what it says can be read.
    pub fn start_told(arguments: &[&str]) -> Self {
        let mut serve = command(&["serve"]);
        serve.args(arguments).stderr(Stdio::piped());
        Self::spawn(serve)
    }

    /// The same, after something was said to the shell that starts it.
    #[cfg(target_os = "linux")]
    pub fn start_by_shell(before: &str, arguments: &[&str]) -> Self {
        let mut shell = without_own(Command::new("sh"));
        let script = format!("{before} && exec \"$0\" serve \"$@\"");
        shell.args(["-c", &script, PROGRAM]).args(arguments);
        shell.stderr(Stdio::piped());
        Self::spawn(shell)
    }

    fn spawn(mut serve: Command) -> Self {
        let mut process = serve.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let out = process.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let address = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("{line:?}"));
        // Read all the time: a process whose words nobody takes comes to stand.
        let log = process.stderr.take().map(|errors| {
            let (say, said) = channel();
            thread::spawn(move || {
                let lines = BufReader::new(errors).lines();
                lines.map_while(Result::ok).for_each(|line| {
                    // The test may be over.
                    let _ = say.send(line);
                });
            });
            said
        });
        Self {
            address: address.parse().unwrap(),
            log,
            heard: Vec::new(),
            process,
        }
    }

    pub fn address(&self) -> Address {
        self.address.into()
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().unwrap()
    }

    /// Waits until it has ended by itself.
    #[cfg(unix)]
    pub fn end(&mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }

    /// Waits until it says a line with this.
    pub fn says(&mut self, expected: &str) -> String {
        self.says_until(expected).pop().unwrap()
    }

    /// The same, with all that it says before that.
    pub fn says_until(&mut self, expected: &str) -> Vec<String> {
        let (log, before) = (self.log.as_ref().unwrap(), self.heard.len());
        while let Ok(line) = log.recv_timeout(PATIENCE) {
            self.heard.push(line);
            if self.heard.last().unwrap().contains(expected) {
                return self.heard[before..].to_vec();
            }
        }
        panic!("it never says {expected:?}")
    }

    /// Ends it, and returns all that it ever said.
    pub fn everything(mut self) -> String {
        self.kill();
        let rest = self.log.take().unwrap().into_iter();
        let all: Vec<String> = std::mem::take(&mut self.heard)
            .into_iter()
            .chain(rest)
            .collect();
        all.join("\n")
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Sends a signal, such as HUP.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.id().to_string())
            .status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_tally-relay");

/// The one that was built with this, or the one that is to be measured.
fn program() -> OsString {
    std::env::var_os("TALUS_BENCH_RELAY").unwrap_or_else(|| PROGRAM.into())
}

/// The program, without the configuration of whoever runs the tests.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = without_own(Command::new(program()));
    command.args(arguments);
    command
}

fn without_own(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TALLY_RELAY_") {
            command.env_remove(name);
        }
    }
    command.env("TALLY_RELAY_CONFIG", "");
    command
}

/// Runs it to its end: how it ended, what it said on standard output and on standard error.
pub fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = command(arguments).output().unwrap();
    let [out, errors] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    (output.status.code().unwrap(), out, errors)
}
