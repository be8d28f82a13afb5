//! The npm packages of the UI and the built UI, each made again only when what it is made from has changed.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Manner;
use super::toolchain::node_program;
use crate::process;
use crate::workspace::Workspace;

/// `npm ci`, unless `node_modules` was made from this lock file.
pub fn install(workspace: &Workspace, manner: Manner) -> Result<()> {
    let ui = workspace.path("ui");
    let stamp = Stamp::new(&ui, "npm-ci", vec![ui.join("package-lock.json")])?;
    stamp.renew("npm packages", manner, || {
        process::run(node_program("npm", &["ci", "--no-audit", "--no-fund"]).current_dir(&ui))
    })
}

/// `vite build`, unless `dist` was built from these sources.
pub fn build(workspace: &Workspace, manner: Manner) -> Result<()> {
    let ui = workspace.path("ui");
    let mut sources = Vec::new();
    collect(&ui, &mut sources)?;
    let mut stamp = Stamp::new(&ui, "ui-build", sources)?;
    stamp.is_fresh &= ui.join("dist/index.html").is_file();
    stamp.renew("the built UI", manner, || {
        process::run(node_program("npm", &["run", "--silent", "build"]).current_dir(&ui))
    })
}

/// What something was made from, kept beside the npm packages so that it goes when they go.
pub struct Stamp {
    file: PathBuf,
    hash: String,
    is_fresh: bool,
}

impl Stamp {
    pub fn new(ui: &Path, name: &str, mut sources: Vec<PathBuf>) -> Result<Self> {
        sources.sort();
        let mut hasher = DefaultHasher::new();
        for source in &sources {
            let relative = source.strip_prefix(ui).unwrap_or(source);
            let bytes =
                fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
            (relative, bytes).hash(&mut hasher);
        }
        let hash = format!("{:016x}", hasher.finish());
        let file = ui.join("node_modules/.xtask").join(name);
        let is_fresh = fs::read_to_string(&file).is_ok_and(|known| known == hash);
        Ok(Self {
            file,
            hash,
            is_fresh,
        })
    }

    pub fn renew(
        &self,
        what: &str,
        manner: Manner,
        make: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        if self.is_fresh {
            eprintln!("- {what}: fresh");
            return Ok(());
        }
        if manner == Manner::DryRun {
            eprintln!("- {what}: would be made");
            return Ok(());
        }
        process::timed(&format!("making {what}"), make)?;
        fs::create_dir_all(self.file.parent().expect("a stamp lies in a folder"))?;
        fs::write(&self.file, &self.hash).context("cannot keep the stamp of what was made")
    }
}

/// Every file of the UI that can reach its build.
fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let path = entry?.path();
        if !path.is_dir() {
            into.push(path);
        } else if !path.ends_with("node_modules") && !path.ends_with("dist") {
            collect(&path, into)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_fresh_until_a_source_changes() -> Result<()> {
        let ui = std::env::temp_dir().join(format!("talus-tally-stamp-{}", std::process::id()));
        fs::create_dir_all(&ui)?;
        let source = ui.join("package-lock.json");
        let stamp = || Stamp::new(&ui, "npm-ci", vec![source.clone()]);
        fs::write(&source, "one")?;
        assert!(!stamp()?.is_fresh);
        stamp()?.renew("it", Manner::DryRun, || {
            unreachable!("a dry run makes nothing")
        })?;
        assert!(!stamp()?.is_fresh);
        stamp()?.renew("it", Manner::Never, || Ok(()))?;
        assert!(stamp()?.is_fresh);
        fs::write(&source, "two")?;
        assert!(!stamp()?.is_fresh);
        Ok(fs::remove_dir_all(&ui)?)
    }
}
