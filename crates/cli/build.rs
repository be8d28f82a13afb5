//! Puts the built UI into the program, if it is built.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: a build script reads and writes files"
)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let built = here.join("../../ui/dist");
    println!("cargo:rerun-if-changed={}", built.display());
    let mut files = Vec::new();
    if built.join("index.html").is_file() {
        collect(&built.canonicalize()?, &mut files)?;
    } else {
        println!(
            "cargo:warning=`tally` is built without its UI: run `npm ci` and `npm run build` in ui first"
        );
    }
    files.sort();
    let list = list(&built.canonicalize().unwrap_or(built), &files).map_err(io::Error::other)?;
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(out.join("ui.rs"), list)
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => collect(&path, into)?,
            false => into.push(path),
        }
    }
    Ok(())
}

/// An expression with all of them.
fn list(folder: &Path, files: &[PathBuf]) -> Result<String, std::fmt::Error> {
    let mut list = "&[\n".to_owned();
    for path in files {
        let relative = path.strip_prefix(folder).unwrap_or(path);
        let parts = relative.iter().map(|part| part.to_string_lossy());
        let name = parts.collect::<Vec<_>>().join("/");
        writeln!(list, "    ({name:?}, include_bytes!({path:?})),")?;
    }
    list.push_str("]\n");
    Ok(list)
}
