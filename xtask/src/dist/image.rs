//! `cargo xtask dist image`: the relay as an OCI image, without a daemon.
//!
//! An image is a folder of files that are named by their SHA-256, with an index (OCI Image Format Specification 1.1). All is
//! written by tar, gzip and sha256sum, which are where the Debian package is built, and the same program gives the same digest.

mod check;
mod config;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::program;
use crate::process;
use crate::workspace::Workspace;

/// Above this it is too large: unpacked, since that is what somebody's disk has of it.
const MOST_BYTES: u64 = 25_000_000;

/// Builds and checks the image; with `try`, its program also runs in a root in which there is nothing else.
pub fn command(workspace: &Workspace, is_tried: bool) -> Result<()> {
    let built = program::standalone(workspace)?;
    let folder = workspace.members()?.target_directory;
    let folder = folder.join("release/bundle/image");
    let image = process::timed("packing it", || Image::write(&folder, &built))?;
    process::timed("reading it back", || check::layout(&image.layout))?;
    if image.unpacked_bytes > MOST_BYTES {
        bail!(
            "it has {} bytes; it has to be below {MOST_BYTES}",
            image.unpacked_bytes
        );
    }
    if is_tried {
        let script = workspace.path("packaging/relay/image/try");
        let mut attempt = Command::new("unshare");
        attempt.args(["--mount", "sh"]).arg(script);
        attempt.arg(&image.layer);
        process::timed("running it with nothing around it", || {
            process::run(&mut attempt)
        })?;
    }
    eprintln!(
        "the image is {}: {:.1} MB, unpacked {:.1} MB, {}",
        image.archive.display(),
        fs::metadata(&image.archive)?.len() as f64 / 1e6,
        image.unpacked_bytes as f64 / 1e6,
        image.digest
    );
    Ok(())
}

/// What was written.
struct Image {
    /// The folder.
    layout: PathBuf,
    /// The same as one file.
    archive: PathBuf,
    /// The one layer.
    layer: PathBuf,
    /// What the layer has when it is unpacked.
    unpacked_bytes: u64,
    /// By which the image is known everywhere.
    digest: String,
}

impl Image {
    fn write(folder: &Path, program: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        let layout = folder.join("layout");
        let blobs = layout.join("blobs/sha256");
        fs::create_dir_all(&blobs)?;
        let tar = layer(folder, program)?;
        let unpacked_bytes = fs::metadata(&tar)?.len();
        let diff = digest(&tar)?;
        process::run(Command::new("gzip").args(["--no-name", "--best"]).arg(&tar))?;

        let packed = Blob::keep(&blobs, &tar.with_extension("tar.gz"))?;
        let layer = blobs.join(&packed.hash);
        let architecture = config::architecture()?;
        let scratch = folder.join("scratch.json");
        fs::write(&scratch, config::config(architecture, &diff).to_string())?;
        let config = Blob::keep(&blobs, &scratch)?;
        fs::write(&scratch, config::manifest(&config, &packed).to_string())?;
        let manifest = Blob::keep(&blobs, &scratch)?;
        let index = config::index(&manifest, architecture);
        fs::write(layout.join("index.json"), index.to_string())?;
        fs::write(layout.join("oci-layout"), config::LAYOUT)?;
        let docker = config::for_docker(&config, &packed);
        fs::write(layout.join("manifest.json"), docker.to_string())?;

        let name = format!("tally-relay_{}_{architecture}.oci.tar", config::VERSION);
        let archive = folder.join(name);
        let mut tar = tar_of(&archive, "--create", 0, "u=rwX,go=rX");
        process::run(tar.arg("--directory").arg(&layout).args([
            "blobs",
            "index.json",
            "manifest.json",
            "oci-layout",
        ]))?;
        Ok(Self {
            layout,
            archive,
            layer,
            unpacked_bytes,
            digest: format!("sha256:{}", manifest.hash),
        })
    }
}

/// The program, and the folder for its data, which is its user's alone.
fn layer(folder: &Path, program: &Path) -> Result<PathBuf> {
    let root = folder.join("root");
    fs::create_dir_all(root.join("data"))?;
    program::put(program, &root.join("tally-relay"))?;
    let tar = folder.join("layer.tar");
    for (name, how, owner, mode) in [
        ("tally-relay", "--create", 0, "0755"),
        ("data", "--append", config::USER, "0700"),
    ] {
        let mut pack = tar_of(&tar, how, owner, mode);
        process::run(pack.arg("--directory").arg(&root).arg(name))?;
    }
    Ok(tar)
}

/// A tar that has nothing of the machine and the time it is made on.
fn tar_of(file: &Path, how: &str, owner: u32, mode: &str) -> Command {
    let mut tar = Command::new("tar");
    tar.args([how, "--format=ustar", "--sort=name", "--mtime=@0"])
        .args(["--numeric-owner", &format!("--mode={mode}")])
        .args([format!("--owner={owner}"), format!("--group={owner}")])
        .arg("--file")
        .arg(file);
    tar
}

/// A file that is named by what is in it.
struct Blob {
    hash: String,
    bytes: u64,
}

impl Blob {
    fn keep(blobs: &Path, file: &Path) -> Result<Self> {
        let hash = digest(file)?;
        let bytes = fs::metadata(file)?.len();
        fs::rename(file, blobs.join(&hash))?;
        Ok(Self { hash, bytes })
    }
}

/// The SHA-256 of a file, in hexadecimal.
fn digest(file: &Path) -> Result<String> {
    let said = process::read(Command::new("sha256sum").arg("--binary").arg(file))?;
    let (hash, _) = said.split_once(' ').context("sha256sum says no hash")?;
    Ok(hash.to_owned())
}
