//! The whole application on a directory of its own, with the SQLite store and no window.

#![recursion_limit = "256"]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test ends where its expectation does, and minds its own directory"
)]

mod addresses;
mod attachments;
mod bundles;
mod cancelling;
mod crash;
mod desk;
mod files;
mod fuzz;
mod identity;
mod keychain;
mod leaving;
mod machine;
mod members;
mod notices;
mod pairing;
mod passphrase;
mod ports;
mod projects;
mod rooms;
mod saving;
mod sealed;
mod sealed_files;
mod sharing;
mod snapshots;
mod strangers;
mod sweeping;
mod verifying;
mod versions;
mod windows;
