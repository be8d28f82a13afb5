//! Who may depend on whom: the table of layers, against what the manifests say.

mod fences;
mod layers;
mod ui;

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::workspace::{Metadata, Workspace};

/// Fails on a crate without a layer, an arrow that is not in the table, and a dependency behind a fence.
pub fn check(workspace: &Workspace) -> Result<()> {
    let metadata = workspace.members()?;
    let mut wrong = crates(&metadata);
    wrong.extend(ui::check(workspace)?);
    if !wrong.is_empty() {
        bail!(
            "{} arrows point where they must not:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
    eprintln!(
        "  {} crates and the folders of the UI keep to their layers",
        metadata.packages.len()
    );
    Ok(())
}

fn crates(metadata: &Metadata) -> Vec<String> {
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        let Some(allowed) = layers::allowed(name) else {
            wrong.push(format!(
                "  {name} has no layer; give it one in xtask/src/arrows/layers.rs"
            ));
            continue;
        };
        let listed: BTreeSet<(&str, bool, bool)> = package
            .dependencies
            .iter()
            .map(|dependency| {
                let is_for_tests = dependency.kind.as_deref() == Some("dev");
                let is_ours = dependency.path.is_some();
                (dependency.name.as_str(), is_ours, is_for_tests)
            })
            .collect();
        for (dependency, is_ours, is_for_tests) in listed {
            // A crate lists itself to switch on a feature for its own tests, which may use what is made for tests.
            let is_excused = dependency == name || is_for_tests && dependency == layers::FOR_TESTS;
            if is_ours && !is_excused && !allowed.includes(dependency) {
                wrong.push(format!(
                    "  {name} -> {dependency} is not in the table of layers"
                ));
            }
            if let Some(why) = fences::refusal(name, dependency).filter(|_| !is_ours) {
                wrong.push(format!("  {name} must not list {dependency}: {why}"));
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace as cargo would describe it: `crate: ours dev:ours | external external`.
    fn workspace(lines: &[&str]) -> Metadata {
        let package = |line: &&str| {
            let (name, rest) = line.split_once(':').expect("a crate and a colon");
            let (ours, external) = rest.split_once('|').unwrap_or((rest, ""));
            let ours = ours.split_whitespace().map(|name| {
                let (name, kind) = match name.strip_prefix("dev:") {
                    Some(name) => (name, r#""dev""#),
                    None => (name, "null"),
                };
                format!(r#"{{"name":"{name}","path":"/crates/{name}","kind":{kind}}}"#)
            });
            let external = external
                .split_whitespace()
                .map(|name| format!(r#"{{"name":"{name}","path":null,"kind":null}}"#));
            let listed = ours.chain(external).collect::<Vec<_>>().join(",");
            format!(
                r#"{{"name":"{name}","version":"0.1.0","license":null,"source":null,"targets":[],"dependencies":[{listed}]}}"#
            )
        };
        let packages = lines.iter().map(package).collect::<Vec<_>>().join(",");
        serde_json::from_str(&format!(
            r#"{{"target_directory":"/t","packages":[{packages}]}}"#
        ))
        .expect("as cargo has it")
    }

    #[test]
    fn what_the_table_allows_is_allowed() {
        let metadata = workspace(&[
            "graph: | automerge serde",
            "store: store | rusqlite blake3",
            "app: graph store | tokio",
            "talus-tally: app | tauri tauri-build tokio",
            "e2e: app graph | fantoccini tokio",
            "discovery: dev:testkit | mdns-sd",
            "xtask: | serde",
        ]);
        assert_eq!(crates(&metadata), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_that_points_up_or_sideways_is_caught() {
        let metadata = workspace(&[
            "graph: store",
            "store: app",
            "app: talus-tally",
            "sync: graph",
        ]);
        assert_eq!(
            crates(&metadata),
            [
                "  graph -> store is not in the table of layers",
                "  store -> app is not in the table of layers",
                "  app -> talus-tally is not in the table of layers",
                "  sync -> graph is not in the table of layers",
            ]
        );
    }

    #[test]
    fn nothing_ships_what_only_tests_may_use() {
        let metadata = workspace(&[
            "app: testkit",
            "store: dev:testkit dev:graph",
            "talus-tally: app xtask",
            "xtask: graph",
        ]);
        assert_eq!(crates(&metadata).len(), 4);
    }

    #[test]
    fn a_crate_without_a_layer_is_caught() {
        let wrong = crates(&workspace(&["engine: graph"]));
        assert_eq!(
            wrong,
            ["  engine has no layer; give it one in xtask/src/arrows/layers.rs"]
        );
    }

    #[test]
    fn a_dependency_behind_a_fence_is_caught() {
        for line in [
            "graph: | tokio",
            "graph: | chrono",
            "trust: | getrandom",
            "app: graph | rusqlite",
            "app: | tauri",
            "app: | tauri-plugin-dialog",
            "store: | axum",
            "api: app | rustls",
            "cli: app | mdns-sd",
            "relayd: relay | native-tls",
        ] {
            let wrong = crates(&workspace(&[line]));
            assert_eq!(wrong.len(), 1, "{line}: {wrong:?}");
            assert!(wrong[0].contains(" must not list "), "{wrong:?}");
        }
    }
}
