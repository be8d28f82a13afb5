//! `soak`: five applications and two relays, each a process of its own, at work in one room while links are cut and
//! processes are killed, stopped and started. At the end all must show the same, and none may have grown.
//!
//! The company and its faults are in this process (`company`, `fault`, `run`); `soak desk` is one of its applications.
//! `soak relay` is a relay by itself under a crowd of devices (`crowd`). Absent: windows. What a window would ask, `desk` asks.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: it starts processes and reads the clock"
)]

mod company;
mod crowd;
mod desk;
mod editor;
mod fault;
mod kept;
mod memory;
mod process;
mod report;
mod run;

use clap::{Parser, Subcommand};

/// Applications and relays at work, with faults.
#[derive(Parser)]
#[command(name = "soak")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Let the company work, and say how it ended.
    Run(run::Options),
    /// Let a crowd of devices come and go at one relay, and say how it ended.
    Relay(crowd::Options),
    /// Be one of the applications; orders come on standard input.
    Desk(desk::Options),
}

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    match Arguments::parse().command {
        Command::Run(options) => runtime.block_on(run::command(options)),
        Command::Relay(options) => runtime.block_on(crowd::command(options)),
        Command::Desk(options) => runtime.block_on(desk::command(options)),
    }
}
