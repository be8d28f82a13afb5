//! `cargo xtask demo`: two windows side by side that are in one room already.

use std::process::ExitCode;

use anyhow::Result;

use crate::process;
use crate::setup::{self, Manner, Ready};
use crate::start;
use crate::workspace::Workspace;

/// Prepares two installations in the build folder and opens a window for each.
pub fn command(workspace: &Workspace) -> Result<ExitCode> {
    if let Some(code) = start::without_display() {
        return Ok(code);
    }
    setup::prepare(workspace, Ready::Build, Manner::Ask)?;
    process::timed("building the desktop app", || {
        start::build(workspace, false)
    })?;
    let target = workspace.members()?.target_directory;
    let program = start::program(workspace, false)?;
    let demo = program.with_file_name(format!("demo{}", std::env::consts::EXE_SUFFIX));
    eprintln!("- two windows share one project; type in one and watch the other");
    let status = std::process::Command::new(demo)
        .arg(program)
        .arg(target.join("demo-desks"))
        .status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
