//! The relay's program, as it is put into packages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process;
use crate::workspace::Workspace;

/// Above this it is too large.
const MOST_BYTES: u64 = 20_000_000;

/// As this system's programs are: the C library is the system's.
pub fn dynamic(workspace: &Workspace) -> Result<PathBuf> {
    build(workspace, "build", &[])
}

/// With everything in it, for where there is no system. What differs is how it is linked, so nothing else is built again.
pub fn standalone(workspace: &Workspace) -> Result<PathBuf> {
    let link = ["--bin", "tally-relay", "--", "-Ctarget-feature=+crt-static"];
    let program = build(workspace, "rustc", &link)?;
    let headers = process::read(Command::new("readelf").arg("-lW").arg(&program))?;
    ensure!(
        !headers.contains("INTERP"),
        "it still asks for a loader: is the static C library (libc.a) there?"
    );
    Ok(program)
}

fn build(workspace: &Workspace, command: &str, more: &[&str]) -> Result<PathBuf> {
    let common = [command, "--release", "--locked", "-p", "relayd"];
    let mut build = workspace.cargo(&[&common[..], more].concat());
    process::timed("building the relay", || process::run(&mut build))?;
    let folder = workspace.members()?.target_directory;
    Ok(folder.join("release/tally-relay"))
}

/// Puts a program there without what is only for debuggers, and returns its size in bytes.
pub fn put(program: &Path, into: &Path) -> Result<u64> {
    let parent = into.parent().context("it is in a folder")?;
    fs::create_dir_all(parent)?;
    fs::copy(program, into).with_context(|| format!("copying {}", program.display()))?;
    process::run(Command::new("strip").arg(into))?;
    let bytes = fs::metadata(into)?.len();
    eprintln!("  the program has {:.1} MB", bytes as f64 / 1e6);
    ensure!(
        bytes < MOST_BYTES,
        "that is too much: it has to be below {MOST_BYTES} bytes"
    );
    Ok(bytes)
}
