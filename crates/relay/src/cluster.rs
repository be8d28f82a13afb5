//! Rooms that several relays share: to each of them there is a link that is no socket.

use bytes::Bytes;
use sync::{LinkId, Peer, Side, Vector};
use tokio::sync::{mpsc, watch};
use trust::{DeviceId, RoomId};

/// The link to what relays share; links on sockets have numbers from 1.
pub(crate) const CLUSTER: LinkId = LinkId(0);

/// Which keeping of rooms it is: another one if what was kept is gone.
pub type Run = [u8; 16];

/// Where relays share their rooms.
pub trait Cluster: Send + Sync + 'static {
    /// A room is open at this relay. What is shared of it goes to `hear`, until what is returned is dropped.
    fn join(&self, room: RoomId, hear: mpsc::Sender<ClusterInput>) -> Box<dyn Joined>;

    /// Which one is reached now; nothing while none is.
    fn run(&self) -> watch::Receiver<Option<Run>>;
}

/// A room's way to what is shared of it.
pub trait Joined: Send {
    /// Sends a message, without waiting; [`ClusterInput::Sent`] tells when it is there.
    fn send(&self, message: Bytes);

    /// How large the room is at this relay, whenever it may have become smaller.
    fn weigh(&self, room_bytes: u64);

    /// What came broke the rules: ends the link, and begins another after a while.
    fn refuse(&self);
}

/// What happens to a room's link to what is shared of it. `Up` first; after a `Down` there may be another `Up`.
#[derive(Debug, PartialEq)]
pub enum ClusterInput {
    /// It is reached.
    Up(Run),
    /// A message of the protocol.
    Message(Bytes),
    /// So many bytes that were sent have arrived.
    Sent(usize),
    /// These frames are kept there: they survive a loss of power there, and the end of this relay.
    Kept(Vector),
    /// It is not reached any more.
    Down,
}

/// Who is at the other end of that link.
///
/// Its name is no hash of a key, so no device has it.
pub(crate) fn peer() -> Peer {
    Peer {
        device: DEVICE,
        side: Side::Dialled,
        protocol: sync::PROTOCOL,
    }
}

pub(crate) const DEVICE: DeviceId = DeviceId(*b"talus tally: relays of a cluster");

/// The ends of a link as a room has them.
pub(crate) struct Share {
    inputs: mpsc::Receiver<ClusterInput>,
    /// Those that have been waited for.
    pub(crate) came: Vec<ClusterInput>,
    joined: Box<dyn Joined>,
}

/// Inputs that may wait for a room. Who brings more waits.
const INPUTS: usize = 64;

impl Share {
    pub(crate) fn join(cluster: &dyn Cluster, room: RoomId) -> Self {
        let (hear, inputs) = mpsc::channel(INPUTS);
        let joined = cluster.join(room, hear);
        let came = Vec::new();
        Self {
            inputs,
            came,
            joined,
        }
    }

    /// Waits until inputs have come. Nothing is lost if it is dropped while it waits.
    pub(crate) async fn arrived(share: Option<&mut Self>) {
        let received = match share {
            Some(share) => share.inputs.recv_many(&mut share.came, INPUTS).await,
            None => 0,
        };
        if received == 0 {
            std::future::pending().await
        }
    }

    pub(crate) fn send(&self, message: Bytes) {
        self.joined.send(message);
    }

    pub(crate) fn weigh(&self, room_bytes: u64) {
        self.joined.weigh(room_bytes);
    }

    pub(crate) fn refuse(&self) {
        self.joined.refuse();
    }
}
