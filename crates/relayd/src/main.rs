//! `tally-relay`: a relay without a window, for a machine that is always on.
//!
//! It reads its configuration, opens the store and lets `relay` do the rest.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: a program has files, a clock and signals"
)]

mod admin;
mod audit;
mod backup;
mod config;
mod control;
mod descriptors;
mod device;
mod doctor;
mod failure;
mod hosting;
mod init;
mod inspect;
mod invite;
mod logging;
mod operations;
mod owned;
mod pages;
mod reload;
mod retention;
mod serve;
mod sharing;
mod shutdown;
#[cfg(target_os = "linux")]
mod started;
mod tls;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::control::Control;

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
    /// Say how a relay that runs stands.
    Status(control::Shown),
    /// Look at the rooms that are kept, or delete one.
    #[command(subcommand)]
    Rooms(control::Rooms),
    /// Say who is connected to a relay that runs.
    Devices(control::Shown),
    /// End all connections of a device.
    Kick {
        #[command(flatten)]
        place: config::Place,
        /// The device, by its id.
        device: String,
    },
    /// Print a link to the page for admins of a relay that runs, which is good once.
    AdminLink(config::Place),
    /// Have a relay that runs send everybody what is queued and end, as SIGTERM does, and wait for that.
    Drain(config::Place),
    /// Copy everything into a folder of its own, while the relay runs or not, and print where it is.
    Backup(backup::Backup),
    /// Read a backup and compare it with its checksums. The exit code is 74 if something is damaged.
    Verify(backup::Verify),
    /// Put a backup into a data directory that has nothing yet.
    Restore(backup::Restore),
    /// Delete backups that are no longer needed.
    Prune(backup::Prune),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(inspect::Command),
    /// Say why others do not find or reach this machine, or why it does not reach one of them.
    Doctor(doctor::Options),
}

fn main() -> ExitCode {
    run(Arguments::parse().command).unwrap_or_else(|error| {
        eprintln!("tally-relay: {error:#}");
        ExitCode::from(failure::exit_code(&error))
    })
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Doctor(options) => return doctor::command(options),
        Command::Init(flags) => init::command(&flags),
        Command::Serve(flags) => serve::command(flags),
        Command::Invite(it) => invite::invite(it),
        Command::Tokens(it) => invite::tokens(it),
        Command::Status(it) => control::command(Control::Status(it)),
        Command::Rooms(it) => control::rooms(it),
        Command::Devices(it) => control::command(Control::Devices(it)),
        Command::Kick { place, device } => control::command(Control::Kick(place, device)),
        Command::AdminLink(place) => admin::command(place),
        Command::Drain(place) => control::command(Control::Drain(place)),
        Command::Backup(it) => backup::backup(it),
        Command::Verify(it) => backup::verify(&it),
        Command::Restore(it) => backup::restore(it),
        Command::Prune(it) => backup::prune(&it),
        Command::Config(it) => inspect::command(it),
    }
    .map(|()| ExitCode::SUCCESS)
}
