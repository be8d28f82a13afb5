//! `tally-relay`: a relay without a window, for a machine that is always on.
//!
//! It reads its arguments, opens the store and lets `relay` do the rest.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: a program has files, a clock and signals"
)]

mod device;
mod doctor;
mod serve;
mod shutdown;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Keeps rooms and forwards what is written in them, without being able to read it.
#[derive(Parser)]
#[command(name = "tally-relay", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve rooms until SIGTERM or Ctrl+C.
    Serve(serve::Options),
    /// Say why others do not find or reach this machine, or why it does not reach one of them.
    Doctor(doctor::Options),
}

fn main() -> anyhow::Result<ExitCode> {
    let filter =
        EnvFilter::try_from_env("TALLY_RELAY_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match Arguments::parse().command {
        Command::Serve(options) => serve::command(options).map(|()| ExitCode::SUCCESS),
        Command::Doctor(options) => doctor::command(options),
    }
}
