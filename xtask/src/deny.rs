//! Licences, banned crates and sources of everything we build from, by the rules of `deny.toml`.
//!
//! It needs nothing installed. Where cargo-deny is, it runs too.

mod npm;
mod spdx;

use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::process;
use crate::workspace::{Package, Workspace};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The part of `deny.toml` that is checked here.
#[derive(Deserialize)]
struct Rules {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
    exceptions: Vec<Exception>,
}

/// A licence that one package may have.
#[derive(Deserialize)]
struct Exception {
    #[serde(alias = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    name: String,
    reason: String,
}

/// The stage of `cargo xtask test`.
pub fn check(workspace: &Workspace) -> Result<()> {
    let rules =
        fs::read_to_string(workspace.path("deny.toml")).context("deny.toml has the rules")?;
    let rules: Rules = toml::from_str(&rules).context("cannot read deny.toml")?;
    let packages = workspace.resolved()?.packages;
    let mut wrong: Vec<String> = packages
        .iter()
        .flat_map(|package| rules.refusals(package))
        .collect();

    let lock = npm::PackageLock::read(workspace)?;
    wrong.extend(lock.refusals(&rules.licenses.allow));
    if !wrong.is_empty() {
        bail!(
            "{} dependencies may not be used:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
    eprintln!(
        "  {} crates and {} npm packages follow deny.toml",
        packages.len(),
        lock.len()
    );

    if process::succeeds(&mut workspace.cargo(&["deny", "--version"])) {
        process::run(&mut workspace.cargo(&["deny", "check", "licenses", "bans", "sources"]))?;
    }
    Ok(())
}

impl Rules {
    fn refusals(&self, package: &Package) -> Vec<String> {
        let Some(source) = &package.source else {
            return Vec::new();
        };
        let named = format!("  {} {}", package.name, package.version);
        let mut refusals = Vec::new();
        if source != REGISTRY {
            refusals.push(format!("{named}: comes from {source}"));
        }
        if let Some(ban) = self.bans.deny.iter().find(|ban| ban.name == package.name) {
            refusals.push(format!("{named}: banned, {}", ban.reason));
        }
        if !self.permits(&package.name, package.license.as_deref()) {
            refusals.push(format!(
                "{named}: licence {}",
                package.license.as_deref().unwrap_or("unknown")
            ));
        }
        refusals
    }

    fn permits(&self, name: &str, license: Option<&str>) -> bool {
        let exceptions = self
            .licenses
            .exceptions
            .iter()
            .filter(|exception| exception.name == name);
        let allowed: Vec<&str> = self
            .licenses
            .allow
            .iter()
            .chain(exceptions.flat_map(|exception| &exception.allow))
            .map(String::as_str)
            .collect();
        license.is_some_and(|license| spdx::is_satisfied(license, &allowed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        toml::from_str(
            r#"
            [licenses]
            allow = ["MIT", "Apache-2.0"]
            exceptions = [{ crate = "odd", allow = ["MPL-2.0"] }]
            [bans]
            deny = [{ name = "openssl", reason = "TLS is rustls" }]
            "#,
        )
        .expect("these rules are well formed")
    }

    fn package(name: &str, license: &str, source: &str) -> Package {
        let text = format!(
            r#"{{"name":"{name}","version":"1.0.0","license":"{license}","source":"{source}","dependencies":[],"targets":[]}}"#
        );
        serde_json::from_str(&text).expect("as cargo has it")
    }

    #[test]
    fn licence_source_and_ban_are_each_a_refusal() {
        let rules = rules();
        assert_eq!(
            rules.refusals(&package("good", "MIT OR GPL-3.0", REGISTRY)),
            Vec::<String>::new()
        );
        assert_eq!(
            rules.refusals(&package("odd", "MPL-2.0", REGISTRY)),
            Vec::<String>::new()
        );
        assert_eq!(
            rules.refusals(&package("even", "MPL-2.0", REGISTRY)),
            ["  even 1.0.0: licence MPL-2.0"]
        );
        assert_eq!(
            rules.refusals(&package("openssl", "MIT", REGISTRY)),
            ["  openssl 1.0.0: banned, TLS is rustls"]
        );
        assert_eq!(
            rules.refusals(&package("far", "MIT", "git+https://x")),
            ["  far 1.0.0: comes from git+https://x"]
        );
    }
}
