//! Finding the other instances on the local network, and saying why one is not found.
//!
//! # What it does
//!
//! [`Discovery`] speaks mDNS (RFC 6762, 6763) on the interfaces that were chosen. It announces this device as an instance
//! of `_talus-tally._tcp` and tells of others as a stream of [`Event`]s. An [`Announcement`] says a protocol version, the
//! first eight bytes of the device id and a port, and nothing else: instance and host names on the wire are made of those
//! eight bytes, never of this machine's name, its user's or a project's.
//!
//! # How it is used
//!
//! A host holds one `Discovery` for as long as its listener is open, and makes a new one when the person chooses other
//! interfaces. `app` feeds the addresses of a [`Peer`] to the links that it races, beside typed addresses and relays,
//! which are its equals; `tally-relay` announces and does not browse.
//!
//! ```no_run
//! # use discovery::{Announcement, DevicePrefix, Discovery, Event, Interfaces};
//! # async fn links(port: u16, device: DevicePrefix) -> Result<(), discovery::DiscoveryError> {
//! let discovery = Discovery::start(Interfaces::All)?;
//! let _announced = discovery.announce(Announcement { protocol: 1, device, port })?;
//! let mut browse = discovery.browse(Some(device))?;
//! while let Some(event) = browse.next().await {
//!     match event {
//!         Event::Found(peer) => println!("{} is at {:?}", peer.device, peer.addresses),
//!         Event::Lost(instance) => println!("{instance} is gone"),
//!     }
//! }
//! discovery.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What holds
//!
//! - A peer is a hint, not an identity: anybody on the network can announce anything. Who it is, the handshake finds out.
//! - [`Event::Found`] comes again whenever addresses, port or version of a peer changed, and always has all of them, best
//!   first. What was not yet taken from the stream is combined, so a slow reader costs no memory and sees the newest.
//! - One finds another in about a second. One that says goodbye is lost at once; one that vanished within 120 s, or within
//!   [`DOUBT`] after [`Browse::doubt`], which whoever fails to reach it should call.
//! - With [`Interfaces::Off`] no socket is opened and nothing is sent; a browse then waits for ever.
//! - A change of this machine's addresses, and waking from sleep, are noticed within a few seconds; it is announced and
//!   asked again by itself.
//! - Every task and thread hangs on a handle. [`Discovery::close`] takes at most [`CLOSE`].
//! - Memory is bounded here ([`MAX_PEERS`], addresses of each); mdns-sd keeps what is announced until it expires.
//!
//! [`doctor`] says why one is not found or not reached.
//!
//! It uses no other crate of ours, and no other crate of ours uses mdns-sd.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: tasks, clocks and the interfaces of this machine are its business"
)]

mod address;
mod announce;
mod browse;
mod device;
pub mod doctor;
mod event;
mod interfaces;
mod pulse;
mod sightings;
mod start;
mod task;
#[cfg(feature = "testing")]
pub mod testing;
mod txt;

pub use self::{
    announce::Announced,
    browse::{Browse, DOUBT},
    device::{DevicePrefix, Instance, NotAPrefix},
    event::{Event, Peer},
    interfaces::{Interface, InterfaceKind, Interfaces, list as interfaces},
    sightings::MAX_PEERS,
    start::{CLOSE, Discovery, DiscoveryError},
    txt::{Announcement, TxtError},
};

/// The service that is announced and looked for.
pub const SERVICE: &str = "_talus-tally._tcp.local.";
