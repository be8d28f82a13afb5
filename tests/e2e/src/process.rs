//! A program that the rig started, and ends.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// A program in a process group of its own.
///
/// It is ended politely when dropped: a driver that is killed leaves its window behind.
pub struct Process(Child);

impl Process {
    /// Starts `command` without input and, unless it was set, without output.
    pub fn start(command: &mut Command) -> Self {
        let name = command.get_program().to_owned();
        let child = command.stdin(Stdio::null()).process_group(0).spawn();
        Self(
            child.unwrap_or_else(|error| {
                panic!("{} does not start: {error}", name.to_string_lossy())
            }),
        )
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// The same as a program under test.
    pub fn program(&self) -> Program {
        Program(self.id())
    }

    /// Asks it to end, and waits for that.
    pub fn terminate(&mut self) {
        // It may have ended by itself; then there is nobody to tell.
        let _ = kill_process_group(pid(self.0.id()), Signal::TERM);
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.terminate();
    }
}

/// The program under test, which the driver started for us, or we did.
#[derive(Clone, Copy)]
pub struct Program(u32);

impl Program {
    /// The child of `parent` that runs the program called `name`, once there is one.
    pub fn child_of(parent: u32, name: &str) -> Option<Self> {
        let processes = std::fs::read_dir("/proc").expect("this system has /proc");
        let ids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        ids.map(Self)
            .find(|process| process.is_child_of(parent) && process.name().as_deref() == Some(name))
    }

    /// Its resident memory in bytes.
    pub fn resident_bytes(self) -> u64 {
        let text =
            std::fs::read_to_string(format!("/proc/{}/status", self.0)).expect("the program runs");
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .expect("the kernel says it");
        let kibibytes: u64 = line
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .expect("a number");
        kibibytes * 1024
    }

    /// What it was started with, as every user of the machine can read it.
    pub fn command_line(self) -> String {
        let line = std::fs::read(format!("/proc/{}/cmdline", self.0)).expect("the program runs");
        String::from_utf8_lossy(&line).replace('\0', " ")
    }

    /// Asks it to end, as the system does when the session ends.
    pub fn terminate(self) {
        kill_process(pid(self.0), Signal::TERM).expect("the program runs");
    }

    /// Ends it without asking.
    pub fn kill(self) {
        kill_process(pid(self.0), Signal::KILL).expect("the program runs");
    }

    /// Its number.
    pub fn id(self) -> u32 {
        self.0
    }

    /// Whether it is still there; one that has ended and waits for its parent is not. It has ended with its last thread:
    /// until then its files are open and locked.
    pub fn is_running(self) -> bool {
        let Ok(threads) = std::fs::read_dir(format!("/proc/{}/task", self.0)) else {
            return false;
        };
        threads
            .flatten()
            .filter_map(|thread| stat(&thread.path().join("stat")))
            .any(|stat| stat.first().is_some_and(|state| state != "Z"))
    }

    fn name(self) -> Option<String> {
        let path = std::fs::read_link(format!("/proc/{}/exe", self.0)).ok()?;
        Some(path.file_name()?.to_string_lossy().into_owned())
    }

    fn is_child_of(self, parent: u32) -> bool {
        stat(Path::new(&format!("/proc/{}/stat", self.0)))
            .is_some_and(|stat| stat.get(1).is_some_and(|id| *id == parent.to_string()))
    }
}

/// State, parent and what follows them in the `stat` of a process or thread.
fn stat(path: &Path) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(path).ok()?;
    let (_, after_name) = text.rsplit_once(')')?;
    Some(after_name.split_whitespace().map(str::to_owned).collect())
}

/// How a program ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code, if it was not killed.
    pub code: Option<i32>,
    /// What it wrote to its error stream.
    pub complaint: String,
}

fn pid(id: u32) -> Pid {
    Pid::from_raw(id.cast_signed()).expect("a process has a number")
}
