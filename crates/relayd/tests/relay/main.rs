//! The program itself, as a process.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start processes and end where they fail"
)]

#[cfg(unix)]
mod admin;
mod backup;
#[cfg(target_os = "linux")]
mod bad_disk;
#[cfg(target_os = "linux")]
mod balancer;
mod cluster;
mod cluster_access;
mod cluster_tokens;
mod configuration;
#[cfg(unix)]
mod control;
#[cfg(unix)]
mod damage;
mod fresh;
mod guide;
mod hosting;
mod limits;
#[cfg(unix)]
mod operations;
mod process;
#[cfg(target_os = "linux")]
mod programs;
mod proxies;
#[cfg(target_os = "linux")]
mod reload;
mod serve;
mod settings;
#[cfg(target_os = "linux")]
mod started;
#[cfg(unix)]
mod storm;
#[cfg(unix)]
mod tls;
