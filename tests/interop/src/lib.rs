//! Programs of others at an application of ours: stock clients, and what the guide says.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "tests"
)]

pub mod clients;
pub mod fits;
pub mod repos;
pub mod served;
pub mod socket;
pub mod speaking;

/// Longer than anything takes; a test that waits so long has failed.
pub const DEADLINE: std::time::Duration = std::time::Duration::from_secs(240);
