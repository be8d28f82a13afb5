//! Where things are, and what cargo knows about our crates.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process;

/// The repository this command works on.
pub struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub root: PathBuf,
}

/// The part of `cargo metadata` that is asked here.
#[derive(Deserialize)]
pub struct Metadata {
    /// Packages, sorted as cargo prints them.
    pub packages: Vec<Package>,
    /// Where cargo builds; follows `CARGO_TARGET_DIR`.
    pub target_directory: PathBuf,
}

/// One package: ours or a dependency.
#[derive(Deserialize)]
pub struct Package {
    /// The name in its manifest.
    pub name: String,
    /// Its version, for messages.
    pub version: String,
    /// The SPDX expression, if the manifest has one.
    pub license: Option<String>,
    /// Where it comes from; `None` for a path.
    pub source: Option<String>,
    /// What its manifest lists, of all kinds and platforms.
    pub dependencies: Vec<Dependency>,
    /// What is built from it.
    pub targets: Vec<Target>,
}

/// One line of a manifest's dependency tables.
#[derive(Deserialize)]
pub struct Dependency {
    /// The package's own name, whatever it is renamed to.
    pub name: String,
    /// Where it is, for a dependency by path.
    pub path: Option<PathBuf>,
    /// `dev` or `build`; nothing for what ships.
    pub kind: Option<String>,
}

/// Something cargo builds.
#[derive(Deserialize)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// `lib`, `bin`, `test`, `bench`, ...
    pub kind: Vec<String>,
}

impl Workspace {
    /// The repository that `cargo xtask` was called in.
    pub fn find() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let manifest = manifest.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        let root = manifest
            .parent()
            .context("xtask lies in the repository")?
            .to_owned();
        Ok(Self { root })
    }

    /// A path of the repository.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// A program, started in the root of the repository.
    pub fn program(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(name);
        command.current_dir(&self.root).args(arguments);
        command
    }

    /// The cargo that started us, in the root of the repository.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.program("cargo", arguments);
        // What `cargo run` told us about xtask is not true of what we start.
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| is_about_xtask(&name.to_string_lossy()))
        {
            command.env_remove(name);
        }
        command
    }

    /// Our own crates, without asking the network.
    pub fn members(&self) -> Result<Metadata> {
        self.metadata(&["--no-deps"])
    }

    /// Our crates and everything they are built from, exactly as the lock file has it.
    pub fn resolved(&self) -> Result<Metadata> {
        self.metadata(&["--locked"])
    }

    fn metadata(&self, more: &[&str]) -> Result<Metadata> {
        let mut command = self.cargo(&["metadata", "--format-version", "1"]);
        let text = process::read(command.args(more))?;
        serde_json::from_str(&text)
            .context("what `cargo metadata` printed is not what was expected")
    }

    /// Every file of the repository: tracked, or new and not ignored.
    pub fn files(&self) -> Result<Vec<String>> {
        let mut git = self.program(
            "git",
            &[
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ],
        );
        let listed = process::read(&mut git)?;
        let mut files: Vec<String> = listed.split_terminator('\0').map(str::to_owned).collect();
        files.retain(|file| self.path(file).is_file());
        files.sort();
        files.dedup();
        Ok(files)
    }
}

fn is_about_xtask(name: &str) -> bool {
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || name == "CARGO_BIN_NAME"
}
