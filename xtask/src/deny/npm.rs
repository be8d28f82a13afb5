//! The licences of the npm packages, as the lock file has them.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::spdx;
use crate::workspace::Workspace;

/// A package whose licence is not among the allowed ones, or not in its manifest, and why it may stay.
struct Exception {
    /// Its name; one that ends in `*` stands for all that begin so.
    name: &'static str,
    /// What the lock file says.
    license: Option<&'static str>,
    reason: &'static str,
}

const EXCEPTIONS: &[Exception] = &[
    Exception {
        name: "@fontsource*",
        license: Some("OFL-1.1"),
        reason: "a font may be bundled, it is only not to be sold by itself",
    },
    Exception {
        name: "lightningcss*",
        license: Some("MPL-2.0"),
        reason: "builds the style sheet, ships in nothing",
    },
    Exception {
        name: "axe-core",
        license: Some("MPL-2.0"),
        reason: "tests accessibility, ships in nothing",
    },
    Exception {
        name: "runed",
        license: None,
        reason: "its manifest forgets what its LICENSE says: MIT",
    },
    Exception {
        name: "xmlhttprequest-ssl",
        license: None,
        reason: "its manifest says it in an old way: MIT; is in tests only",
    },
    Exception {
        name: "svelte-toolbelt",
        license: None,
        reason: "its manifest forgets what its LICENSE says: MIT",
    },
];

/// The part of `package-lock.json` that is checked here.
#[derive(Deserialize)]
pub struct PackageLock {
    packages: BTreeMap<String, Package>,
}

#[derive(Deserialize)]
struct Package {
    license: Option<String>,
    resolved: Option<String>,
}

impl PackageLock {
    /// The lock files of the UI and of the clients in tests, as one.
    pub fn read(workspace: &Workspace) -> Result<Self> {
        let mut packages = BTreeMap::new();
        for folder in ["ui", "tests/interop"] {
            let name = format!("{folder}/package-lock.json");
            let text = fs::read_to_string(workspace.path(&name))
                .with_context(|| format!("{name} is missing"))?;
            let lock: Self =
                serde_json::from_str(&text).with_context(|| format!("cannot read {name}"))?;
            let in_it = lock.packages.into_iter();
            packages.extend(in_it.map(|(path, package)| (format!("{folder}/{path}"), package)));
        }
        Ok(Self { packages })
    }

    /// How many packages it locks, the UI itself included.
    pub fn len(&self) -> usize {
        self.packages.len()
    }

    /// One line per package that may not be used.
    pub fn refusals(&self, allowed: &[String]) -> Vec<String> {
        let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
        self.packages
            .iter()
            .filter_map(|(path, package)| package.refusal(path, &allowed))
            .collect()
    }
}

impl Package {
    fn refusal(&self, path: &str, allowed: &[&str]) -> Option<String> {
        let (_, name) = path.rsplit_once("node_modules/")?;
        let license = self.license.as_deref();
        if self
            .resolved
            .as_deref()
            .is_some_and(|url| !url.starts_with("https://"))
        {
            return Some(format!("  npm {name}: comes from no registry"));
        }
        let is_allowed = license.is_some_and(|license| spdx::is_satisfied(license, allowed));
        let is_excepted = EXCEPTIONS
            .iter()
            .any(|exception| exception.covers(name, license));
        let refused = !is_allowed && !is_excepted;
        refused.then(|| format!("  npm {name}: licence {}", license.unwrap_or("unknown")))
    }
}

impl Exception {
    fn covers(&self, name: &str, license: Option<&str>) -> bool {
        let is_named = match self.name.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == self.name,
        };
        is_named && license == self.license && !self.reason.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusals(packages: &str) -> Vec<String> {
        let lock: PackageLock = serde_json::from_str(&format!(r#"{{"packages":{{{packages}}}}}"#))
            .expect("as npm has it");
        lock.refusals(&["MIT".to_owned()])
    }

    #[test]
    fn a_package_needs_an_allowed_licence() {
        assert_eq!(
            refusals(
                r#""": {"license": "ours"}, "node_modules/a": {"license": "(MIT OR CC0-1.0)"}"#
            ),
            Vec::<String>::new()
        );
        assert_eq!(
            refusals(r#""node_modules/a/node_modules/@b/c": {"license": "GPL-3.0"}"#),
            ["  npm @b/c: licence GPL-3.0"]
        );
        assert_eq!(
            refusals(r#""node_modules/a": {}"#),
            ["  npm a: licence unknown"]
        );
    }

    #[test]
    fn an_exception_is_for_one_licence() {
        assert_eq!(
            refusals(r#""node_modules/axe-core": {"license": "MPL-2.0"}"#),
            Vec::<String>::new()
        );
        assert_eq!(
            refusals(r#""node_modules/axe-core": {"license": "GPL-3.0"}"#).len(),
            1
        );
        assert_eq!(
            refusals(r#""node_modules/runed": {"license": "GPL-3.0"}"#).len(),
            1
        );
    }

    #[test]
    fn a_package_comes_from_the_registry() {
        let git = r#""node_modules/a": {"license": "MIT", "resolved": "git+ssh://git@example.org/a.git"}"#;
        assert_eq!(refusals(git), ["  npm a: comes from no registry"]);
    }
}
