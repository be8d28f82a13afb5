//! The TypeScript types of the host surface: the tests of the crates that define them write them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

const CHECKED_IN: &str = "ui/src/bindings";

/// `cargo xtask bindings`: makes the folder anew, so that a type which is gone takes its file along.
pub fn command(workspace: &Workspace) -> Result<()> {
    let fresh = export(workspace)?;
    let folder = workspace.path(CHECKED_IN);
    let known = files(&folder)?;
    for name in known.keys().filter(|name| !fresh.contains_key(*name)) {
        fs::remove_file(folder.join(name))?;
    }
    for (name, text) in &fresh {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a binding lies in a folder"))?;
        fs::write(path, text)?;
    }
    eprintln!(
        "{} files in {CHECKED_IN}, {} changed",
        fresh.len(),
        differences(&known, &fresh).len()
    );
    Ok(())
}

/// What is checked in must be what the types say now.
pub fn check(workspace: &Workspace) -> Result<()> {
    let fresh = export(workspace)?;
    let stale = differences(&files(&workspace.path(CHECKED_IN))?, &fresh);
    if !stale.is_empty() {
        bail!(
            "{CHECKED_IN} is stale, run `cargo xtask bindings`:\n{}",
            stale.join("\n")
        );
    }
    eprintln!("  {} files are up to date", fresh.len());
    Ok(())
}

/// Exports into the build folder. One process per crate: types that share a file are merged there.
fn export(workspace: &Workspace) -> Result<BTreeMap<String, String>> {
    let folder = workspace.members()?.target_directory.join("bindings");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut command = workspace.cargo(&[
        "test",
        "--workspace",
        "--lib",
        "--quiet",
        "--",
        "export_bindings",
    ]);
    process::run(command.env("TS_RS_EXPORT_DIR", &folder))?;
    files(&folder)
}

fn differences(known: &BTreeMap<String, String>, fresh: &BTreeMap<String, String>) -> Vec<String> {
    let gone = known
        .keys()
        .filter(|name| !fresh.contains_key(*name))
        .map(|name| format!("  {name}: no such type"));
    let changed = fresh
        .iter()
        .filter(|(name, _)| known.contains_key(*name))
        .filter(|(name, text)| known[*name] != **text);
    let new = fresh
        .keys()
        .filter(|name| !known.contains_key(*name))
        .map(|name| format!("  {name}: missing"));
    gone.chain(changed.map(|(name, _)| format!("  {name}: differs")))
        .chain(new)
        .collect()
}

/// Every file below a folder by its path in it; none if there is no such folder.
fn files(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop().filter(|next| next.is_dir()) {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path
                .strip_prefix(folder)?
                .to_string_lossy()
                .replace('\\', "/");
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            found.insert(name, text);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn a_binding_that_changed_went_or_came_is_named() {
        let known = named(&[("A.ts", "1"), ("B.ts", "1"), ("C.ts", "1")]);
        let fresh = named(&[("A.ts", "1"), ("B.ts", "2"), ("D.ts", "1")]);
        let stale = differences(&known, &fresh);
        assert_eq!(
            stale,
            ["  C.ts: no such type", "  B.ts: differs", "  D.ts: missing"]
        );
        assert!(differences(&known, &known).is_empty());
    }
}
