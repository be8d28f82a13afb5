//! `cargo xtask dist`: the Debian package.

use anyhow::Result;

use crate::process;
use crate::setup::{self, Manner, Ready};
use crate::workspace::Workspace;

/// The bundler of Tauri. npm has it prebuilt; it is fetched when it is asked for, since nothing else needs it.
const TAURI: &str = "@tauri-apps/cli@2.12";

/// Bundles a release build.
pub fn command(workspace: &Workspace) -> Result<()> {
    setup::prepare(workspace, Ready::Build, Manner::Ask)?;
    let mut tauri = setup::node_program("npx", &["--yes", TAURI, "build", "--bundles", "deb"]);
    tauri.current_dir(workspace.path("src-tauri"));
    process::timed("building the Debian package", || process::run(&mut tauri))?;
    let folder = workspace
        .members()?
        .target_directory
        .join("release/bundle/deb");
    eprintln!("the package is in {}", folder.display());
    Ok(())
}
