//! `cargo xtask soak`: five applications and two relays at work for an hour, with faults; or one relay under a crowd.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// `cargo xtask soak [relay] [--minutes M] [--seed S]`; other options go to the program as well.
pub fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let mut build = workspace.cargo(&[
        "build",
        "--workspace",
        "--bin",
        "soak",
        "--bin",
        "tally-relay",
    ]);
    process::timed("building", || process::run(&mut build))?;
    let folder = workspace.members()?.target_directory.join("debug");
    let program = folder.join(format!("soak{}", std::env::consts::EXE_SUFFIX));
    let mut soak = std::process::Command::new(program);
    if arguments.first().is_none_or(|it| it.starts_with('-')) {
        soak.arg("run");
    }
    soak.args(arguments);
    process::timed("at work", || process::run(&mut soak))
}
