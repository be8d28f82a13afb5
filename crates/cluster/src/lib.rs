//! Relays that share rooms by a Redis, or a Valkey.
//!
//! To each room that is open at a relay there is one link that is no socket. At its other end is the room's stream in Redis,
//! as a [`Peer`](peer::Peer) that speaks the protocol of rooms: it says what the stream holds, takes what that lacks, and
//! brings what other relays put into it. Why, and what follows from it, is in decision 27.
//!
//! # What is not here
//!
//! - No room: whether something is taken, kept or forwarded is for `sync::Exchange` at the relay.
//! - Nothing that is said to be kept before Redis has answered, and it answers when it has synced.
//! - No buffer that grows with what Redis does not take: what is on its way to it is bounded by the exchange.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: connections, timers and tasks are its business"
)]

mod bridge;
mod hub;
mod lending;
mod names;
mod peer;
mod place;
mod policy;
mod session;
mod table;

pub use self::{
    hub::{Health, Redis},
    place::Place,
    policy::{Flaw, NotUsable},
};
