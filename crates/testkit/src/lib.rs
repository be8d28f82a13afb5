//! What the tests of several crates share. Nothing here is shipped.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: tests start processes and threads and read files"
)]

#[allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "what is made for tests ends where it fails, and has names that say enough"
)]
pub mod authority;

#[allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "what is made for tests ends where it fails, and has names that say enough"
)]
pub mod links;

#[cfg(target_os = "linux")]
#[allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "what is made for tests ends where it fails, and has names that say enough"
)]
pub mod keyring;

pub mod memory;

#[cfg(target_os = "linux")]
pub mod netns;

#[cfg(target_os = "linux")]
#[allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "what is made for tests ends where it fails, and has names that say enough"
)]
pub mod redis;
