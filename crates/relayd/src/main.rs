//! `tally-relay`: a relay without a window, for a machine that is always on.
//!
//! It reads its configuration, opens the store and lets `relay` do the rest.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: a program has files, a clock and signals"
)]

mod config;
mod device;
mod doctor;
mod failure;
mod hosting;
mod init;
mod inspect;
mod invite;
mod logging;
mod reload;
mod serve;
mod shutdown;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Keeps rooms and forwards what is written in them, without being able to read it.
#[derive(Parser)]
#[command(name = "tally-relay", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a configuration, make the data directory and the key of this relay.
    Init(config::Flags),
    /// Serve rooms until SIGTERM or Ctrl+C.
    Serve(config::Flags),
    /// Make a link with a token for somebody whose rooms are to be kept here, and print it this once.
    Invite(invite::Invite),
    /// Look at the tokens that were given out.
    #[command(subcommand)]
    Tokens(invite::Tokens),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(inspect::Command),
    /// Say why others do not find or reach this machine, or why it does not reach one of them.
    Doctor(doctor::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Init(flags) => init::command(&flags).map(|()| ExitCode::SUCCESS),
        Command::Serve(flags) => serve::command(flags).map(|()| ExitCode::SUCCESS),
        Command::Invite(invite) => invite::invite(invite).map(|()| ExitCode::SUCCESS),
        Command::Tokens(tokens) => invite::tokens(tokens).map(|()| ExitCode::SUCCESS),
        Command::Config(command) => inspect::command(command).map(|()| ExitCode::SUCCESS),
        Command::Doctor(options) => doctor::command(options),
    };
    done.unwrap_or_else(|error| {
        eprintln!("tally-relay: {error:#}");
        ExitCode::from(failure::exit_code(&error))
    })
}
