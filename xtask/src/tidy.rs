//! `cargo xtask tidy`: what a compiler does not see and a reviewer should not have to.

mod exceptions;
mod rules;

use std::fs;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

pub use rules::Finding;

/// Fails on every finding that has no exception, and on every exception that has no finding any more.
pub fn check(workspace: &Workspace) -> Result<()> {
    let files = workspace.files()?;
    let mut findings = Vec::new();
    for file in &files {
        findings.extend(rules::of_file(file, &fs::read(workspace.path(file))?));
    }
    let (wrong, unused) = exceptions::sort(findings, exceptions::EXCEPTIONS);
    let wrong = wrong.iter().map(ToString::to_string);
    let unused = unused
        .iter()
        .map(|exception| format!("  {}: the exception is no longer needed", exception.file));
    let lines: Vec<String> = wrong.chain(unused).collect();
    if !lines.is_empty() {
        bail!("{} things are not tidy:\n{}", lines.len(), lines.join("\n"));
    }
    eprintln!("  {} files are tidy", files.len());
    Ok(())
}
