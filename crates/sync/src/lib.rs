//! How peers share a room: frames, who holds which, and what to send to whom.
//!
//! A *room* is an append-only log of [`Frame`]s. Each device numbers its own frames in a stream, so what somebody holds
//! is a [`Vector`]: for each stream how many. An [`Exchange`] is one room's conversation with all its links; it hands
//! over what is new and says what to send. The rules are in `docs/sync.md`, and tests are named after them.
//!
//! # The contract
//!
//! - The shell says [`connect`](Exchange::connect), [`receive`](Exchange::receive) and
//!   [`disconnect`](Exchange::disconnect) and carries out what [`poll`](Exchange::poll) returns. Messages of one link
//!   are delivered in order; links are independent.
//! - What [`Received::frames`] hands over is stored, and once it is *written* given to
//!   [`publish`](Exchange::publish): only then is it announced and forwarded. Once it is *durable*,
//!   [`durable`](Exchange::durable) lets it be acknowledged.
//! - A link that is slow, or new, is served from the log by [`Outgoing::Replay`]; nothing is queued for it here.
//! - In a closed room, which its [`trust::Membership`] says it is, frames and signals are signed ([`Frame::sign`],
//!   [`Signal::signed`]) and looked at as rules R1 to R10 say. The shell tells the time ([`Exchange::set_clock`]), shows the
//!   log after a start ([`Exchange::recall`]), names relays ([`Exchange::trust_carrier`]) and brings what is said here of
//!   members ([`Exchange::merge_members`]). It seals payloads together with [`Draft::associated_data`], and keeps its
//!   [`Frontier`] over restarts: what is not listed by who has built on it may be left by others.
//!
//! # What is not here
//!
//! No socket, task, clock, disk or randomness: time and bytes come in as arguments. No document: payloads are opaque.

mod base;
mod blob;
mod bundle;
mod cbor;
mod error;
mod exchange;
#[cfg(feature = "testing")]
pub mod fault;
#[cfg(not(feature = "testing"))]
mod fault;
mod frame;
mod frontier;
mod hello;
mod id;
pub mod limits;
mod message;
mod signal;
mod snapshots;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
mod vector;

pub use self::{
    base::{Base, BaseSnapshot},
    blob::{BlobEvent, BlobMessage, BlobPiece, BlobView},
    bundle::{Bundle, BundleError},
    error::{DecodeError, LinkError},
    exchange::{DeviceView, Exchange, Outgoing, Peer, PeerView, Phase, Received, Setup, Side},
    frame::{
        Content, CountersignatureBody, Document, Draft, Frame, FrameError, Header, Kind,
        SnapshotBody,
    },
    frontier::Frontier,
    hello::{ByeCode, Hello, OLDEST_PROTOCOL, PROTOCOL, Welcome, negotiate},
    id::{BlobName, FrameId, Heads, LinkId, StreamId},
    limits::Limits,
    message::{Advert, Bye, Message},
    signal::{Signal, SignalKind, State},
    snapshots::{Snapshot, Snapshots},
    time::Time,
    vector::{LogRange, Vector},
};
