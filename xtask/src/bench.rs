//! `cargo xtask bench`: measures in release and prints what was measured against its target.
//!
//! An area is a bench target of that name in any crate, with `harness = false`. It writes
//! `target/bench/AREA.json`: a list of measurements.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::dist::program;
use crate::process;
use crate::setup::{self, Manner, Ready};
use crate::start;
use crate::workspace::{Metadata, Workspace};

/// The area that measures the real window, and so needs the app and a screen.
const DESKTOP: &str = "desktop";
/// The area that measures the same UI in Chromium, and so needs `tally` and a browser.
const BROWSER: &str = "browser";
/// The area that measures what programs hear, and so needs clients of others.
const API: &str = "api";

/// The area that measures relays, and so needs the program that ships.
const RELAY: &str = "relay";
/// The same, where several share rooms by a Redis.
const CLUSTER: &str = "cluster";

/// One line of `AREA.json`.
#[derive(Deserialize)]
struct Measurement {
    id: String,
    value: f64,
    unit: String,
    /// How far repeated runs lie apart, in the same unit.
    spread: Option<f64>,
    /// What the value should stay at or below.
    target: Option<f64>,
    met: Option<bool>,
    /// The same work by the bare library in the same run, in the same unit.
    reference: Option<f64>,
}

/// `cargo xtask bench [AREA...]`; a missed target is an unsuccessful end.
pub fn command(workspace: &Workspace, names: &[String]) -> Result<ExitCode> {
    let metadata = workspace.members()?;
    let areas = chosen(&metadata, names)?;
    let has = |name: &str| areas.iter().any(|area| area == name);
    if has(DESKTOP) || has(BROWSER) {
        setup::prepare(workspace, Ready::Window, Manner::Ask)?;
    }
    if has(API) {
        setup::prepare(workspace, Ready::Clients, Manner::Ask)?;
    }
    if has(DESKTOP) {
        process::timed("building the desktop app", || start::build(workspace, true))?;
    }
    if has(BROWSER) {
        process::timed("building `tally serve`", || {
            start::build_server(workspace, true)
        })?;
    }
    let relay = match has(RELAY) || has(CLUSTER) {
        true => Some(program::dynamic(workspace)?),
        false => None,
    };
    let mut is_met = true;
    for area in &areas {
        let mut bench = workspace.cargo(&["bench", "--workspace", "--bench", area]);
        if area == DESKTOP || area == BROWSER || area == CLUSTER {
            // What drives the page, or is in the rooms, is not what is measured.
            bench.args(["--profile", "dev"]);
        }
        if area == DESKTOP {
            bench.env("TALUS_E2E_PROGRAM", start::program(workspace, true)?);
        }
        if area == BROWSER {
            bench.env("TALUS_E2E_SERVER", start::server(workspace, true)?);
            bench.env("TALUS_E2E_HOST", BROWSER);
        }
        if area == RELAY || area == CLUSTER {
            bench.envs(relay.iter().map(|program| ("TALUS_BENCH_RELAY", program)));
        }
        is_met &= measure(&metadata.target_directory, area, &mut bench)?;
    }
    Ok(if is_met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn chosen(metadata: &Metadata, names: &[String]) -> Result<Vec<String>> {
    let targets = metadata
        .packages
        .iter()
        .flat_map(|package| &package.targets);
    let benches = targets.filter(|target| target.kind.iter().any(|kind| kind == "bench"));
    let known: Vec<String> = benches.map(|target| target.name.clone()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        bail!("there is no area `{name}`; there are {}", known.join(" "));
    }
    Ok(if names.is_empty() {
        known
    } else {
        names.to_vec()
    })
}

fn measure(target: &Path, area: &str, bench: &mut Command) -> Result<bool> {
    let file = target.join("bench").join(format!("{area}.json"));
    if file.exists() {
        fs::remove_file(&file)?;
    }
    process::timed(&format!("measuring {area}"), || process::run(bench))?;
    let text =
        fs::read_to_string(&file).with_context(|| format!("{area} wrote no {}", file.display()))?;
    let measurements: Vec<Measurement> =
        serde_json::from_str(&text).with_context(|| format!("cannot read {}", file.display()))?;
    println!("\n{area}\n{}", table(&measurements));
    Ok(measurements
        .iter()
        .all(|measurement| measurement.met != Some(false)))
}

fn table(measurements: &[Measurement]) -> String {
    let widest = measurements
        .iter()
        .map(|measurement| measurement.id.chars().count())
        .max()
        .unwrap_or(2);
    let mut lines = vec![format!(
        "{:<widest$}  {:>10} {:<6} {:>9} {:>10}  {:<6} {:>9}",
        "id", "value", "unit", "spread", "target", "met", "x bare"
    )];
    for measurement in measurements {
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), short);
        let ratio = measurement
            .reference
            .filter(|bare| *bare > 0.0)
            .map(|bare| measurement.value / bare);
        let met = measurement
            .met
            .map_or("-", |met| if met { "yes" } else { "NO" });
        lines.push(format!(
            "{:<widest$}  {:>10} {:<6} {:>9} {:>10}  {met:<6} {:>9}",
            measurement.id,
            short(measurement.value),
            measurement.unit,
            number(measurement.spread),
            number(measurement.target),
            number(ratio),
        ));
    }
    lines.join("\n")
}

/// Three digits that count.
fn short(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 4,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_names_what_was_missed_and_by_how_much() -> Result<()> {
        let measurements: Vec<Measurement> = serde_json::from_str(
            r#"[
                {"id": "apply/p50", "value": 0.12, "unit": "ms", "spread": 0.01, "target": 0.15, "met": true, "reference": 0.06},
                {"id": "open", "value": 412.0, "unit": "ms", "spread": null, "target": 350, "met": false, "reference": null}
            ]"#,
        )?;
        let table = table(&measurements);
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(
            lines[1],
            [
                "apply/p50",
                "0.1200",
                "ms",
                "0.0100",
                "0.1500",
                "yes",
                "2.00"
            ]
        );
        assert_eq!(lines[2], ["open", "412", "ms", "-", "350", "NO", "-"]);
        Ok(())
    }
}
