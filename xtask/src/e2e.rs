//! `cargo xtask e2e`: the real window, driven on a screen of its own.

use anyhow::Result;

use crate::rust::{self, Only};
use crate::setup::{self, Manner, Ready};
use crate::start;
use crate::workspace::Workspace;

/// `cargo xtask e2e [FILTER]`.
pub fn command(workspace: &Workspace, filter: &[String]) -> Result<()> {
    setup::prepare(workspace, Ready::Window, Manner::Ask)?;
    run(workspace, filter)
}

/// The stage of `cargo xtask test`.
pub fn check(workspace: &Workspace) -> Result<()> {
    run(workspace, &[])
}

fn run(workspace: &Workspace, filter: &[String]) -> Result<()> {
    start::build(workspace, false)?;
    rust::run(workspace, &Only::Package(rust::E2E), filter)
}
