//! The application for programs: REST under `/api/v1` and Socket.IO, on loopback.
//!
//! It is a thin face of [`app`]: a request becomes a request or an order there, and what happens to a project comes from
//! there as happenings. Nothing here knows what a command means.
//!
//! - [`router`](router::routes) is the one table of routes; the OpenAPI document is made from it.
//! - `host` serves the UI to browsers of this machine, where it is asked to.
//! - `feed` numbers what happens to one project; `socket` carries it to rooms, `rest::events` to those who ask.
//!
//! # What is not here
//!
//! - No project and no document; no decision whether something is allowed.
//! - Nothing for other machines, unless that is asked for: then by TLS at a listener of its own, and nothing without a
//!   token. A page of the web is refused whatever it says.
//! - No task without a handle: all end with [`Server::close`] or when the server is dropped.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: sockets, clocks, ids, the token's file and tasks are its business"
)]

mod access;
mod asyncapi;
mod audit;
mod behind;
mod body;
mod document;
mod door;
mod etag;
mod event;
mod examples;
mod feed;
mod host;
mod lan;
mod nested;
mod once;
mod page;
mod problem;
mod rest;
pub mod router;
mod server;
mod sessions;
mod size;
mod slow;
mod socket;
mod state;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod tokens;
mod who;

pub use self::asyncapi::asyncapi;
pub use self::host::Page;
pub use self::lan::{CERTIFICATE_FILE, Lan, LanError};
pub use self::rest::verification::verify_file;
pub use self::server::{Limits, Options, ServedLan, Server, StartError};
pub use self::token::{ADDRESS_FILE, TOKEN_FILE};
