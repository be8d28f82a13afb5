//! The set-up on machines that lack something, each a folder of programs that only say what they were asked.

#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    reason = "shell: it starts the program under test"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A machine with Rust, Node and apt, and a clone of the repository, in a folder of its own.
struct Machine {
    folder: PathBuf,
}

impl Machine {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the last run left a folder of ours");
        }
        for part in ["bin", "xtask", "ui/src"] {
            fs::create_dir_all(folder.join(part)).expect("the folder is ours");
        }
        fs::write(folder.join("ui/package-lock.json"), "{}").expect("the folder is ours");
        let machine = Self { folder };
        machine.has("cargo", "exit 0");
        machine.has("rustc", "echo rustc 1.95.0");
        machine.has("node", "echo v22.12.0");
        machine.has("npm", "echo npm \"$@\" >> log");
        machine.has("apt-get", "echo apt-get \"$@\"");
        machine.has("dpkg-query", "exit 1");
        machine.has("id", "echo 1000");
        machine
    }

    fn has(&self, program: &str, script: &str) {
        let path = self.folder.join("bin").join(program);
        let text = format!("#!/bin/sh\ncd '{}'\n{script}\n", self.folder.display());
        fs::write(&path, text).expect("the folder is ours");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    }

    fn setup(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("setup").args(arguments);
        command.env("PATH", self.folder.join("bin"));
        command.env("CARGO_MANIFEST_DIR", self.folder.join("xtask"));
        command.stdin(std::process::Stdio::null());
        command.output().expect("it was built for this test")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn without_root_or_sudo_it_names_the_packages_and_the_command() {
    let machine = Machine::new("no-sudo");
    let output = machine.setup(&["--test"]);
    let said = said(&output);
    assert!(!output.status.success());
    let command = "apt-get install -q -y --no-install-recommends build-essential pkg-config libwebkit2gtk-4.1-dev \
                   librsvg2-dev curl python3-venv webkit2gtk-driver xvfb";
    assert!(
        said.contains("run this as root") && said.contains(command),
        "{said}"
    );
    assert_eq!(
        machine.log(),
        "npm --version\n",
        "nothing is done after that"
    );
}

#[test]
fn with_sudo_that_asks_nothing_only_what_is_missing_is_installed() {
    let machine = Machine::new("sudo");
    machine.has("sudo", "echo sudo \"$@\" >> log");
    machine.has(
        "dpkg-query",
        "case \"$3\" in lib*) exit 1;; esac; printf installed",
    );
    machine.has(
        "npm",
        "echo npm \"$@\" >> log; mkdir -p ui/dist; : > ui/dist/index.html",
    );
    machine.has("mkdir", "exec /bin/mkdir \"$@\"");
    let output = machine.setup(&[]);
    assert!(output.status.success(), "{}", said(&output));
    let log = machine.log();
    assert!(
        log.contains("install -q -y --no-install-recommends libwebkit2gtk-4.1-dev librsvg2-dev\n"),
        "{log}"
    );
    assert!(
        log.contains("npm ci ") && log.contains("npm run --silent build"),
        "{log}"
    );
}

#[test]
fn what_is_fresh_is_not_made_again() {
    let machine = Machine::new("fresh");
    machine.has("dpkg-query", "printf installed");
    machine.has(
        "npm",
        "echo npm \"$@\" >> log; mkdir -p ui/dist; : > ui/dist/index.html",
    );
    machine.has("mkdir", "exec /bin/mkdir \"$@\"");
    assert!(machine.setup(&[]).status.success());
    let begun = machine.log();
    assert!(machine.setup(&[]).status.success());
    assert_eq!(machine.log().replace(&begun, ""), "npm --version\n");

    fs::write(machine.folder.join("ui/src/main.ts"), "changed").expect("the folder is ours");
    assert!(machine.setup(&[]).status.success());
    assert!(
        machine
            .log()
            .ends_with("npm --version\nnpm run --silent build\n"),
        "{}",
        machine.log()
    );
}

#[test]
fn a_dry_run_says_what_it_would_do_and_does_nothing() {
    let machine = Machine::new("dry-run");
    let output = machine.setup(&["--dry-run"]);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("would run: apt-get update -q && apt-get install -q"),
        "{said}"
    );
    assert!(said.contains("npm packages: would be made"), "{said}");
    assert_eq!(machine.log(), "npm --version\n");
}

#[test]
fn an_old_or_missing_node_is_named() {
    let machine = Machine::new("node");
    machine.has("node", "echo v18.20.4");
    let output = machine.setup(&[]);
    assert!(
        said(&output).contains("Node v18.20.4 is too old; 20.19 or newer is needed"),
        "{}",
        said(&output)
    );

    fs::remove_file(machine.folder.join("bin/node")).expect("it was there");
    let output = machine.setup(&[]);
    assert!(
        said(&output).contains("Node is missing; install Node 20.19 or newer"),
        "{}",
        said(&output)
    );
}
