//! What programs may count on.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests")]

mod commands;
mod door;
mod events;
mod guide;
mod pages;
mod safety;
mod workflow;
