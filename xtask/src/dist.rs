//! `cargo xtask dist`: Debian packages, of the desktop app and of the relay, and an image of the relay.

mod boot;
mod image;
pub mod program;
mod relay;

use anyhow::{Result, bail};

use crate::process;
use crate::setup::{self, Manner, Ready};
use crate::workspace::Workspace;

/// The bundler of Tauri. npm has it prebuilt; it is fetched when it is asked for, since nothing else needs it.
const TAURI: &str = "@tauri-apps/cli@2.12";

/// Bundles release builds: what is named, or both packages.
pub fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => desktop(workspace).and_then(|()| relay::command(workspace, false)),
        ["desktop"] => desktop(workspace),
        ["relay"] => relay::command(workspace, false),
        ["relay", "--try"] => relay::command(workspace, true),
        ["relay", "--boot"] => boot::command(workspace, None),
        ["relay", "--boot", earlier] => boot::command(workspace, Some(earlier)),
        ["image"] => image::command(workspace, false),
        ["image", "--try"] => image::command(workspace, true),
        _ => bail!(
            "it is `cargo xtask dist [desktop | relay [--try | --boot [EARLIER]] | image [--try]]`"
        ),
    }
}

fn desktop(workspace: &Workspace) -> Result<()> {
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
