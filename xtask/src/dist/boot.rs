//! `cargo xtask dist relay --boot`: the relay as a service, from its first start to its last, on a machine that boots.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::relay;
use crate::process;
use crate::workspace::Workspace;

/// Builds the package and has a copy of this machine, under the systemd that is installed here, go through all that the guide
/// says of the service, while two people work by it. It is upgraded from the package that is named, or from one of the same
/// program that is called earlier.
pub fn command(workspace: &Workspace, earlier: Option<&str>) -> Result<()> {
    let nspawn = Command::new("systemd-nspawn").arg("--version").output();
    ensure!(
        nspawn.is_ok_and(|it| it.status.success()),
        "there is no systemd-nspawn here; this installs it: apt-get install systemd-container"
    );
    let version = env!("CARGO_PKG_VERSION");
    let earlier = match earlier {
        Some(package) => found(Path::new(package))?,
        // A tilde sorts before nothing, so for apt this is an earlier version.
        None => relay::build(workspace, &format!("{version}~earlier"))?,
    };
    let later = relay::build(workspace, version)?;
    let mut people = workspace.cargo(&["build", "--locked", "--workspace", "--bin", "soak"]);
    process::timed("building those who work by it", || {
        process::run(&mut people)
    })?;
    let soak = workspace.members()?.target_directory.join("debug/soak");
    let mut boot = Command::new("unshare");
    boot.args(["--mount", "--net", "sh"])
        .arg(workspace.path("packaging/relay/debian/boot"))
        .args([&earlier, &later, &soak]);
    process::timed("booting, upgrading and going back", || {
        process::run(&mut boot)
    })
}

fn found(package: &Path) -> Result<PathBuf> {
    package
        .canonicalize()
        .with_context(|| format!("looking for {}", package.display()))
}
