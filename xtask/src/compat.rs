//! `cargo xtask compat record`: keeps what this version says and writes, for the versions after it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::rust::{self, Choice, Only};
use crate::workspace::Workspace;

/// What tells the tests to keep what they record, and where.
const TOLD: &str = "TALLY_COMPAT_RECORD";

/// Runs the tests of `compat`, and puts what they have recorded in place of what there was of this version.
pub fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    if arguments != ["record"] {
        bail!("it is `cargo xtask compat record`");
    }
    // Not where the tests read meanwhile.
    let fresh = workspace.members()?.target_directory.join("compat/fresh");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    let told = fresh.to_str().context("cargo builds in a folder of text")?;
    rust::run(
        workspace,
        &Choice {
            told: Some((TOLD, told)),
            ..Choice::of(Only::Package("compat"))
        },
    )?;
    let kept = workspace.path(Path::new("tests/compat/recorded").join(env!("CARGO_PKG_VERSION")));
    if kept.exists() {
        fs::remove_dir_all(&kept)?;
    }
    copy(&fresh, &kept)?;
    eprintln!("it is in {}: look at it, and commit it", kept.display());
    Ok(())
}

fn copy(from: &Path, into: &Path) -> Result<()> {
    fs::create_dir_all(into)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = into.join(path.file_name().context("it has a name")?);
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}
