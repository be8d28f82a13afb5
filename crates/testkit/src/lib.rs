//! What the tests of several crates share. Nothing here is shipped.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: tests start processes and threads and read files"
)]

#[cfg(target_os = "linux")]
pub mod netns;
