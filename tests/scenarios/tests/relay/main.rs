//! Members and relays on real sockets.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start tasks and end where they fail"
)]

mod crossing;
mod dialling;
mod durability;
mod hostile;
mod odd;
mod siege;
mod silence;
