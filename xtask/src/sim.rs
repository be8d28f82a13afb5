//! `cargo xtask sim`: the random histories of `graph` in their nightly form.

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

const HISTORIES: u64 = 20_000;

/// `cargo xtask sim [--histories N] [--seed S]`.
pub fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let mut histories = HISTORIES;
    let mut seed = None;
    let mut rest = arguments.iter();
    while let Some(option) = rest.next() {
        let value = rest
            .next()
            .with_context(|| format!("{option} wants a number"))?;
        let number: u64 = value
            .parse()
            .with_context(|| format!("{option}: `{value}` is no number"))?;
        match option.as_str() {
            "--histories" => histories = number,
            "--seed" => seed = Some(number),
            other => bail!("sim knows --histories and --seed, not `{other}`"),
        }
    }
    let mut command = workspace.cargo(&[
        "test",
        "--release",
        "--package",
        "graph",
        "random_histories",
    ]);
    command
        .args(["--", "--nocapture"])
        .env("TALUS_HISTORIES", histories.to_string());
    if let Some(seed) = seed {
        command.env("TALUS_SEED", seed.to_string());
    }
    process::timed(&format!("{histories} random histories"), || {
        process::run(&mut command)
    })
}
