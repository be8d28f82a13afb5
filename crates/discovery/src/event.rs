//! What a browse tells.

use std::net::SocketAddr;

use crate::{DevicePrefix, Instance};

/// What has changed on the network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// An instance is there, or something about it is new.
    Found(Peer),
    /// An instance that was found is not there any more.
    Lost(Instance),
}

/// An instance on the network, as far as it tells. Nothing of it is proven.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Peer {
    /// Which instance; stays the same while its addresses change.
    pub instance: Instance,
    /// Which device it says it is.
    pub device: DevicePrefix,
    /// The highest protocol version it speaks.
    pub protocol: u16,
    /// Where it listens, best first and never empty. Link-local addresses of IPv6 have their scope.
    pub addresses: Vec<SocketAddr>,
}
