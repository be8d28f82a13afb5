//! The program itself, as a process.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start processes and end where they fail"
)]

mod configuration;
mod fresh;
mod hosting;
mod limits;
mod process;
mod serve;
