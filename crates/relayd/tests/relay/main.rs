//! The program itself, as a process.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start processes and end where they fail"
)]

mod backup;
#[cfg(target_os = "linux")]
mod cluster;
mod configuration;
#[cfg(unix)]
mod control;
mod fresh;
mod guide;
mod hosting;
mod limits;
#[cfg(unix)]
mod operations;
mod process;
mod serve;
