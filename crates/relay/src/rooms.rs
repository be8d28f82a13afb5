//! Whoever owns rooms.

use std::{net::SocketAddr, pin::Pin, sync::Arc};

use sync::ByeCode;
use trust::{DeviceId, RoomId, hosting::HostingToken};

use crate::{
    inbox::Inbox, metrics::Metrics, pairing::Reception, stop::Doubt, transport::Transport,
};

/// Somebody at the door who says which room and who.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The room it wants.
    pub room: RoomId,
    /// Who it is if the transport is TLS, and who it says to be otherwise.
    pub device: DeviceId,
    /// Where it comes from.
    pub remote: SocketAddr,
    /// What it brings to have rooms kept, over TLS alone.
    pub hosting: Option<HostingToken>,
}

/// The inbox of a room, or why the visitor does not get in.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<Inbox, ByeCode>> + Send + 'a>>;

/// Finds whoever owns a room: a relay, which opens any from its disk, or an application, which has those of its open
/// projects.
pub trait Rooms: Send + Sync + 'static {
    /// As which device rooms are kept here.
    fn device(&self) -> DeviceId;

    /// How links to these rooms are carried; as the same device.
    fn transport(&self) -> Transport {
        Transport::Plain(self.device())
    }

    /// Who takes requests to pair with this device; nobody does at a relay.
    fn reception(&self) -> Option<Arc<dyn Reception>> {
        None
    }

    /// Where connections to these rooms are counted; nowhere if nobody looks.
    fn metrics(&self) -> Metrics {
        Metrics::default()
    }

    /// When a link that somebody else has dialled is to prove that it is alive; never if nobody says so.
    fn doubt(&self) -> Doubt {
        Doubt::NEVER
    }

    /// The inbox of the room; the link of the visitor will be its next `Up`.
    fn open(&self, visitor: Visitor) -> Opening<'_>;
}
