//! Real applications, each a process of its own, on real sockets; most of them on networks made for the test.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start processes and end where they fail"
)]

mod desk;

#[cfg(target_os = "linux")]
mod chain;
#[cfg(target_os = "linux")]
mod disturbed;
#[cfg(target_os = "linux")]
mod finding;
#[cfg(target_os = "linux")]
mod hosted;
#[cfg(target_os = "linux")]
mod pairing;
