//! `cargo xtask fuzz`: hostile bytes for every decoder, with cargo-fuzz where it is installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// For each body, unless something else is said.
const SECONDS: &str = "60";

/// `cargo xtask fuzz [--seconds S] [BODY...]`.
pub fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let (seconds, names) = match arguments {
        [option, seconds, names @ ..] if option == "--seconds" => (seconds.as_str(), names),
        names => (SECONDS, names),
    };
    let program = build(workspace)?;
    if process::succeeds(&mut nightly(workspace, &["fuzz", "--version"])) {
        eprintln!("- with cargo-fuzz, which looks for bytes that lead further");
        let corpora = workspace.members()?.target_directory.join("fuzz");
        process::run(
            Command::new(program)
                .arg("--seeds")
                .arg(&corpora)
                .args(names),
        )?;
        let chosen = chosen(&corpora, names)?;
        return chosen
            .iter()
            .try_for_each(|corpus| look(workspace, corpus, seconds));
    }
    eprintln!("- without cargo-fuzz: good bytes are changed at random, blind to what they lead to");
    process::run(
        Command::new(program)
            .args(["--seconds", seconds])
            .args(names),
    )
}

/// The program that changes bytes at random, and knows all bodies.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let mut build = workspace.cargo(&["build", "--workspace", "--example", "fuzz"]);
    process::timed("building", || process::run(&mut build))?;
    let folder = workspace.members()?.target_directory.join("debug/examples");
    Ok(folder.join(format!("fuzz{}", std::env::consts::EXE_SUFFIX)))
}

/// The folders of the bodies with these names, or of all.
fn chosen(corpora: &Path, names: &[String]) -> Result<Vec<PathBuf>> {
    if !names.is_empty() {
        return Ok(names.iter().map(|name| corpora.join(name)).collect());
    }
    let mut all = Vec::new();
    for entry in fs::read_dir(corpora)? {
        all.push(entry?.path());
    }
    all.sort();
    Ok(all)
}

fn look(workspace: &Workspace, corpus: &Path, seconds: &str) -> Result<()> {
    let mut fuzz = nightly(workspace, &["fuzz", "run", "body"]);
    fuzz.arg(corpus).args(["--", "-max_len=65536"]);
    fuzz.arg(format!("-max_total_time={seconds}"));
    let name = corpus.file_name().unwrap_or_default();
    // What is expected to panic would be slow.
    fuzz.env("TALUS_BODY", name).env("RUST_BACKTRACE", "0");
    process::run(&mut fuzz)
}

fn nightly(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = workspace.program("cargo", &["+nightly"]);
    command.args(arguments);
    command
}
