//! Everything that must be there before something can be built, and nothing more.

mod clients;
mod node;
mod packages;
mod toolchain;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

pub use toolchain::node_program;

/// How much has to be ready. Each needs what comes before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Ready {
    /// The sources as they are.
    Sources,
    /// The npm packages of the UI.
    Node,
    /// The built UI: what needs no window compiles.
    Page,
    /// System libraries: every crate compiles.
    Build,
    /// Clients of others, which talk to ours in tests.
    Clients,
    /// A driver and a screen for the real window, and what tests make networks with.
    Window,
}

/// How to go about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// A person is there to say yes.
    Ask,
    /// Nobody is there.
    Never,
    /// Only say what would be done.
    DryRun,
}

/// `cargo xtask setup`.
pub fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let (mut manner, mut ready) = (Manner::Ask, Ready::Build);
    for argument in arguments {
        match argument.as_str() {
            "--dry-run" => manner = Manner::DryRun,
            "--test" => ready = Ready::Window,
            other => bail!("setup knows --dry-run and --test, not `{other}`"),
        }
    }
    prepare(workspace, ready, manner)?;
    eprintln!("set-up is complete");
    Ok(())
}

/// Makes everything ready that is not; what is fresh costs nothing.
pub fn prepare(workspace: &Workspace, ready: Ready, manner: Manner) -> Result<()> {
    if ready >= Ready::Node {
        toolchain::check(workspace, ready)?;
    }
    if ready >= Ready::Build {
        packages::run(ready, manner)?;
    }
    if ready >= Ready::Node {
        node::install(workspace, manner)?;
    }
    if ready >= Ready::Page {
        node::build(workspace, manner)?;
    }
    if ready >= Ready::Clients {
        clients::install(workspace, manner)?;
    }
    Ok(())
}
