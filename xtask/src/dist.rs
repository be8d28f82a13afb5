//! `cargo xtask dist`: the Debian package.

use anyhow::Result;

use crate::process;
use crate::setup::{self, Manner, Ready};
use crate::workspace::Workspace;

/// Bundles the release build with the Tauri program that npm has installed.
pub fn command(workspace: &Workspace) -> Result<()> {
    setup::prepare(workspace, Ready::Build, Manner::Ask)?;
    let cli = workspace.path("ui/node_modules/.bin/tauri");
    let mut tauri = workspace.program(&cli.to_string_lossy(), &["build", "--bundles", "deb"]);
    tauri.current_dir(workspace.path("src-tauri"));
    process::timed("building the Debian package", || process::run(&mut tauri))?;
    let folder = workspace
        .members()?
        .target_directory
        .join("release/bundle/deb");
    eprintln!("the package is in {}", folder.display());
    Ok(())
}
