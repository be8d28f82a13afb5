//! Rust and Node: the two things that must be there already.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Ready;
use crate::process;
use crate::workspace::Workspace;

/// The oldest Node that Vite 8 runs on.
const NODE: (u32, u32) = (20, 19);

/// Refuses with what to install; prints what it found.
///
/// The version of Rust needs no check of ours: cargo has already compared it with `rust-version`.
pub fn check(workspace: &Workspace, ready: Ready) -> Result<()> {
    let rust = process::read(&mut workspace.program("rustc", &["--version"]))?;
    let node = process::read(Command::new("node").arg("--version")).context(
        "Node is missing; install Node 20.19 or newer from nodejs.org or your package manager",
    )?;
    let found = version(&node)
        .with_context(|| format!("cannot read the Node version `{}`", node.trim()))?;
    if found < NODE {
        bail!("Node {} is too old; 20.19 or newer is needed", node.trim());
    }
    process::read(&mut node_program("npm", &["--version"]))
        .context("npm is missing; it comes with Node")?;
    if ready >= Ready::Window {
        component(workspace, "fmt", "rustfmt")?;
        component(workspace, "clippy", "clippy")?;
    }
    eprintln!("- {}, Node {}", rust.trim(), node.trim());
    Ok(())
}

fn component(workspace: &Workspace, subcommand: &str, component: &str) -> Result<()> {
    if process::succeeds(&mut workspace.cargo(&[subcommand, "--version"])) {
        return Ok(());
    }
    bail!("`cargo {subcommand}` is missing; run `rustup component add {component}`")
}

/// A program that npm installs as a script: on Windows those end in `.cmd`.
pub fn node_program(name: &str, arguments: &[&str]) -> Command {
    let mut command = if cfg!(windows) {
        Command::new(format!("{name}.cmd"))
    } else {
        Command::new(name)
    };
    command.args(arguments);
    command
}

fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_compare_by_number() {
        assert_eq!(version("v20.19.5\n"), Some((20, 19)));
        assert!(version("v20.9.0") < Some(NODE));
        assert!(version("v22.1.0") > Some(NODE));
        assert_eq!(version("nonsense"), None);
    }
}
