//! Links between machines that share rooms: serving them, dialling them, and keeping rooms without reading them.
//!
//! A link is one WebSocket about one room, over TLS or bare as one's [`Transport`] says. [`serve`](serve()) accepts links and [`dial`](dial()) makes them; from then on both
//! are the same: whoever owns the room gets [`LinkInput`]s from its [`Inbox`] and sends by [`LinkDoor`]s. An application
//! owns the rooms of its open projects. [`StoredRooms`] owns rooms whose logs are in a store and whose content nobody
//! here can read: with it, `serve` is a relay.
//!
//! Two devices that have not met [ask](ask()) and are [asked](Reception) to pair by a code.
//!
//! # What is not here
//!
//! - No project: this crate does not know what a frame carries.
//! - No decision of the protocol: what to send, to keep and to drop is for `sync::Exchange`. What is here moves bytes,
//!   measures silence and says how much of something is too much.
//! - No frame is forwarded before it is written, none acknowledged before it is durable.
//! - No buffer grows with what a peer does not read: what is on its way to one link is bounded by the exchange, what
//!   waits for a room by its inbox.
//! - Nothing waits for a link. A room whose peers stop reading goes on with the others.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: sockets, timers and tasks are its business"
)]

mod access;
mod backoff;
mod cause;
mod census;
mod clock;
mod cluster;
mod devices;
mod dial;
#[cfg(feature = "testing")]
pub mod fault;
#[cfg(not(feature = "testing"))]
mod fault;
mod greet;
mod hosts;
mod inbox;
mod keep_alive;
mod limits;
mod link;
mod listen;
mod log;
#[cfg(feature = "testing")]
pub mod machine;
mod mailbox;
mod memory;
mod metrics;
mod offences;
mod outbound;
mod pairing;
mod pieces;
mod proxied;
mod rate;
mod readers;
mod room;
mod room_task;
mod rooms;
mod serve;
mod socket;
mod stop;
mod stored_rooms;
#[cfg(feature = "testing")]
pub mod testing;
mod tls;
mod transport;
mod usage;
mod wire;

pub use sync::PROTOCOL;

pub use self::{
    access::{Access, Turned},
    backoff::Backoff,
    cause::Cause,
    census::{StoredRoom, remove_stored, stored_rooms},
    clock::{SleepWatch, now_ms},
    cluster::{Cluster, ClusterInput, Joined, Run},
    dial::{
        Address, DialError, DialFailure, DialState, Dialled, NoLink, NotAnAddress, Target, dial,
    },
    hosts::{Hosts, NotRedeemed, Redeemer},
    inbox::{Inbox, InboxReceiver, RoomClosed, inbox},
    limits::{Limits, SharedLimits, Timing},
    link::{LinkDoor, LinkInput},
    listen::listen,
    metrics::{Counted, Latency, Metrics, Refusal},
    offences::{Offence, Offences},
    pairing::{
        Asking, Claim, Declined, Gate, Guest, MAX_NAME_CHARACTERS, MAX_SEALED_BYTES, Met,
        PairingFailure, Receiving, Reception, Unreached, Whom, answers, ask,
    },
    pieces::{Kept, has_piece, keep_piece, read_piece},
    proxied::Proxies,
    room_task::{OpenRoom, Seated},
    rooms::{Opening, Rooms, Visitor},
    serve::{serve, serve_behind, serve_pages},
    stop::{Doubt, Doubter},
    stored_rooms::StoredRooms,
    tls::{Certificate, Identity, NoCertificate, SharedCertificate, Stranger, Validity},
    transport::Transport,
};
