//! What whoever runs a relay has a room do.

use std::{net::SocketAddr, sync::Arc};

use tokio::sync::oneshot;
use trust::DeviceId;

use super::Done;
use crate::{cluster::Run, mailbox::Mailbox};

/// Somebody who is in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seated {
    /// Who.
    pub device: DeviceId,
    /// From where.
    pub remote: SocketAddr,
}

/// A room that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRoom {
    /// One for each link.
    pub seated: Vec<Seated>,
    /// How large its changes are together.
    pub log_bytes: u64,
}

/// What a room is told to do. Where it is over by then, it drops what it should have answered by.
pub(crate) enum Order {
    /// Say how it stands.
    Look(oneshot::Sender<OpenRoom>),
    /// End the links of a device, and say how many there were.
    Kick(DeviceId, oneshot::Sender<usize>),
    /// Stay open until all of the room is shared there, and say so.
    Share(Run, oneshot::Sender<()>),
    /// Send everybody away and end, for the room is to be removed. What is given with it is dropped when it has ended.
    Leave(oneshot::Sender<()>),
}

/// The way to a room for orders.
#[derive(Clone)]
pub(crate) struct Orders(pub(super) Arc<Mailbox<Done>>);

impl Orders {
    pub(crate) fn give(&self, order: Order) {
        // A room that is over answers by dropping what it was given.
        let _ = self.0.push(Done::Ordered(order));
    }
}
