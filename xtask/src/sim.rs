//! `cargo xtask sim`: random runs in their nightly form, and what to do with one that broke.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

/// Seeds of the simulation in the nightly form.
const SEEDS: u64 = 100_000;

/// Histories of `graph` in the nightly form.
const HISTORIES: u64 = 20_000;

/// Histories of the members of a room in the nightly form, for each property.
const MEMBERS: u64 = 20_000;

/// `cargo xtask sim [--seed N] [--count M]`, `sim replay PLAN`, `sim minimise PLAN`, `sim histories ...`, `sim members ...`.
pub fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let (name, rest) = match arguments.split_first() {
        Some((name, rest)) if !name.starts_with("--") => (name.as_str(), rest),
        _ => ("seeds", arguments),
    };
    match (name, rest) {
        ("seeds", _) => seeds(workspace, &Range::read(rest, SEEDS)?),
        ("histories", _) => histories(workspace, &Range::read(rest, HISTORIES)?),
        ("members", _) => members(workspace, &Range::read(rest, MEMBERS)?),
        ("replay", [plan]) => replay(workspace, plan),
        ("minimise", [plan]) => minimise(workspace, plan),
        ("replay" | "minimise", _) => bail!("sim {name} wants the file of one plan"),
        (other, _) => bail!("sim knows replay, minimise, histories and members, not `{other}`"),
    }
}

/// Which seeds.
#[derive(Debug, PartialEq, Eq)]
struct Range {
    first: u64,
    count: u64,
}

impl Range {
    fn read(arguments: &[String], count: u64) -> Result<Self> {
        let mut range = Self { first: 1, count };
        let mut rest = arguments.iter();
        while let Some(option) = rest.next() {
            let value = rest
                .next()
                .with_context(|| format!("{option} wants a number"))?;
            let number: u64 = value
                .parse()
                .with_context(|| format!("{option}: `{value}` is no number"))?;
            match option.as_str() {
                "--count" => range.count = number,
                "--seed" => range.first = number,
                other => bail!("sim knows --seed and --count, not `{other}`"),
            }
        }
        Ok(range)
    }
}

fn seeds(workspace: &Workspace, range: &Range) -> Result<()> {
    let plans = plans(workspace)?;
    let mut command = test(workspace, "at_rest_all_are_equal");
    command
        .env("TALUS_SEED", range.first.to_string())
        .env("TALUS_SIM_SEEDS", range.count.to_string())
        .env("TALUS_SIM_PLANS", &plans);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    command.env("TALUS_SIM_THREADS", threads.to_string());
    let label = format!("{} seeds from {}", range.count, range.first);
    process::timed(&label, || process::run(&mut command))
        .context("a seed broke; it is named above, with the file of its plan")?;
    println!("{} seeds equal", range.count);
    Ok(())
}

fn replay(workspace: &Workspace, plan: &str) -> Result<()> {
    let mut command = test(workspace, "plans_that_broke_are_whole_now");
    process::run(command.env("TALUS_SIM_PLAN", file(plan)?))
        .context("the plan breaks; how is said above")
}

fn minimise(workspace: &Workspace, plan: &str) -> Result<()> {
    let mut command = test(workspace, "a_plan_that_breaks_is_shortened");
    command.env("TALUS_SIM_PLANS", plans(workspace)?);
    process::run(command.env("TALUS_SIM_SHORTEN", file(plan)?))
}

fn histories(workspace: &Workspace, range: &Range) -> Result<()> {
    let mut command = workspace.cargo(&[
        "test",
        "--release",
        "--package",
        "graph",
        "--test",
        "simulation",
        "random_histories",
    ]);
    command
        .args(["--", "--nocapture"])
        .env("TALUS_HISTORIES", range.count.to_string())
        .env("TALUS_SEED", range.first.to_string());
    let label = format!("{} random histories", range.count);
    process::timed(&label, || process::run(&mut command))
}

fn members(workspace: &Workspace, range: &Range) -> Result<()> {
    let mut command = workspace.cargo(&["test", "--release", "--package", "trust", "--lib"]);
    command
        .arg("membership::tests::properties")
        .env("PROPTEST_CASES", range.count.to_string())
        .env("PROPTEST_RNG_SEED", range.first.to_string());
    let label = format!("{} histories of members for each property", range.count);
    process::timed(&label, || process::run(&mut command))
}

/// One test of the simulation, optimised.
fn test(workspace: &Workspace, name: &str) -> Command {
    let mut command = workspace.cargo(&["test", "--release", "--package", "sim", "--test", "sim"]);
    command.args(["--", "--exact", name, "--nocapture"]);
    command
}

/// Where plans of runs that broke are kept.
fn plans(workspace: &Workspace) -> Result<PathBuf> {
    Ok(workspace.members()?.target_directory.join("sim"))
}

/// Tests run elsewhere, so a path from here has to say where that is.
fn file(plan: &str) -> Result<PathBuf> {
    let path = Path::new(plan);
    path.canonicalize()
        .with_context(|| format!("there is no plan {plan}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_and_anything_else_refused() -> Result<()> {
        let read = |text: &str| {
            let arguments: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            Range::read(&arguments, 7)
        };
        assert_eq!(read("")?, Range { first: 1, count: 7 });
        let range = Range {
            first: 40,
            count: 2,
        };
        assert_eq!(read("--seed 40 --count 2")?, range);
        for bad in ["--seed", "--seed x", "--speed 3"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        Ok(())
    }
}
