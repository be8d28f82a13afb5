//! The connection on which two devices pair.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::time;
use tokio_tungstenite::tungstenite::protocol::Role;
use trust::DeviceId;

use super::{PairingFailure, message::Declined, message::Message};
use crate::{
    limits::{Limits, Timing},
    outbound::Outbound,
    socket::Socket,
    wire::Wire,
};

/// The longest message; what is sealed is an invitation.
pub(super) const MESSAGE_BYTES: usize = 8 << 10;

/// For what programs answer by themselves: a slow machine computes for half a second.
const STEP_MS: u64 = 10_000;

/// How long to wait for the next message.
#[derive(Clone, Copy)]
pub(super) struct Wait(pub(super) u64);

impl Wait {
    /// For a program.
    pub(super) const STEP: Self = Self(STEP_MS);
}

/// Messages to and from a device that has proven its key. All that one side sends fits into an empty socket, so nothing
/// waits here for being written.
pub(crate) struct Channel {
    socket: Socket,
    outbound: Arc<Outbound>,
    remote: SocketAddr,
    device: DeviceId,
    timing: Timing,
}

impl Channel {
    /// Takes over a wire whose upgrade is done; `read` is what has been read beyond it. None without TLS (K1).
    pub(crate) fn new(
        wire: Wire,
        read: &[u8],
        role: Role,
        remote: SocketAddr,
        limits: &Limits,
    ) -> Option<Self> {
        let limits = Limits {
            message_bytes: MESSAGE_BYTES,
            ..*limits
        };
        let (socket, outbound) = Socket::new(wire, read, role, &limits);
        let device = socket.proven()?;
        Some(Self {
            socket,
            outbound,
            remote,
            device,
            timing: limits.timing,
        })
    }

    /// The device at the other end, whose key TLS has proven.
    pub(crate) fn device(&self) -> DeviceId {
        self.device
    }

    pub(super) fn remote(&self) -> SocketAddr {
        self.remote
    }

    /// How long the first message may take.
    pub(super) fn greeting(&self) -> Wait {
        Wait(self.timing.greet_ms)
    }

    pub(super) fn send(&self, message: &Message) {
        self.outbound.send([message.encode()]);
    }

    /// The next message. Nothing is lost if it is dropped while it waits. The other side's last word is a failure.
    pub(super) async fn next(&mut self, wait: Wait) -> Result<Message, PairingFailure> {
        let next = time::timeout(Duration::from_millis(wait.0), self.socket.next());
        let bytes = next.await.map_err(|_| PairingFailure::Silent)??;
        match Message::decode(&bytes) {
            Some(Message::No(why)) => Err(PairingFailure::Declined(why)),
            Some(message) => Ok(message),
            None => Err(PairingFailure::Ended(Declined::Misbehaved)),
        }
    }

    /// Closes in good order: with the last words, and only when the other side has read them or had time to.
    pub(super) async fn end(mut self, last: Option<Declined>) {
        self.outbound.end(last.map(|why| Message::No(why).encode()));
        self.outbound.shut();
        let answer = async { while self.socket.next().await.is_ok() {} };
        let patience = Duration::from_millis(self.timing.drain_ms);
        // Who does not answer has been told all the same.
        let _ = time::timeout(patience, answer).await;
    }
}
