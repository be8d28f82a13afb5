//! The store's tests from outside, in one program so that it is linked once.

#![allow(clippy::unwrap_used, reason = "a test ends where its expectation does")]
#![allow(
    clippy::disallowed_methods,
    reason = "these tests break files and kill processes"
)]

mod common;
mod conformance;
mod copies;
#[cfg(unix)]
mod crash;
mod damage;
mod faults;
mod model;
mod place;
mod power;
mod read_only;
mod room_damage;
mod syncing;
