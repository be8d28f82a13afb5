//! The greeting: which room, who, which version of the protocol, before a room hears of a link.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use sync::{Bye, ByeCode, Hello, Message, Peer, Side, Welcome};
use tokio::time;
use trust::{DeviceId, RoomId, hosting::HostingToken};

use crate::{
    cause::Cause,
    devices::Seat,
    inbox::Inbox,
    limits::Timing,
    outbound::Outbound,
    rooms::{Rooms, Visitor},
    socket::Socket,
    tls::Stranger,
};

/// Why a greeting came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Ungreeted {
    /// This side does not want to.
    #[error("refused: {0:?}")]
    Refused(ByeCode),
    /// The device has as many links as one may.
    #[error("device {0} has as many links to this machine as one may; it tries again by itself")]
    TooMany(DeviceId),
    /// The other side does not want to.
    #[error("refused by the other side: {}", words(.0))]
    RefusedByPeer(Bye),
    /// Somebody else than expected.
    #[error(transparent)]
    Stranger(#[from] Stranger),
    /// Somebody who says to be another device than the one whose key the connection has proven.
    #[error("says to be device {said}, and has the key of device {proven}")]
    Impostor {
        /// Who it says to be.
        said: DeviceId,
        /// Who it is.
        proven: DeviceId,
    },
    /// The connection is gone.
    #[error(transparent)]
    Gone(#[from] Cause),
}

impl Ungreeted {
    /// What the other side is told, if it was this side's decision.
    pub(crate) fn last_words(&self) -> Option<Bytes> {
        match self {
            Self::Refused(code) => Some(bye(*code)),
            Self::TooMany(_) => Some(bye_because(ByeCode::Busy, self.to_string())),
            Self::Impostor { .. } => Some(bye_because(ByeCode::Misbehaved, self.to_string())),
            Self::Stranger(_) => Some(bye(ByeCode::Redundant)),
            Self::RefusedByPeer(_) | Self::Gone(_) => None,
        }
    }
}

/// The side that listens: waits for a hello and answers with a welcome.
pub(crate) async fn accept(
    socket: &mut Socket,
    outbound: &Outbound,
    rooms: &dyn Rooms,
    remote: SocketAddr,
    enter: impl FnOnce(DeviceId) -> Option<Seat>,
) -> Result<(Peer, Inbox, Seat), Ungreeted> {
    let Ok(Message::Hello(hello)) = Message::decode(socket.next().await?) else {
        return Err(Ungreeted::Refused(ByeCode::Misbehaved));
    };
    let protocol = hello.negotiate().map_err(Ungreeted::Refused)?;
    is_who_it_says(socket, hello.device)?;
    let own = rooms.device();
    if hello.device == own {
        return Err(Ungreeted::Refused(ByeCode::Redundant));
    }
    let seat = enter(hello.device).ok_or(Ungreeted::TooMany(hello.device))?;
    let visitor = Visitor {
        room: hello.room,
        device: hello.device,
        remote,
        // Who does not prove who he is could be let in as anybody.
        hosting: hello.hosting.filter(|_| socket.proven().is_some()),
    };
    let inbox = rooms.open(visitor).await.map_err(Ungreeted::Refused)?;
    let welcome = Welcome {
        protocol,
        device: own,
        nonce: nonce(),
    };
    outbound.send([Message::Welcome(welcome).encode()]);
    let peer = Peer {
        device: hello.device,
        side: Side::Accepted,
        protocol,
    };
    Ok((peer, inbox, seat))
}

/// The side that dialled: says hello and waits for a welcome.
pub(crate) async fn introduce(
    socket: &mut Socket,
    outbound: &Outbound,
    room: RoomId,
    own: DeviceId,
    expected: Option<DeviceId>,
    hosting: Option<HostingToken>,
) -> Result<Peer, Ungreeted> {
    let hello = Hello {
        // On a bare link anybody could read it.
        hosting: hosting.filter(|_| socket.proven().is_some()),
        ..Hello::new(room, own, nonce())
    };
    outbound.send([Message::Hello(hello).encode()]);
    let welcome = match Message::decode(socket.next().await?) {
        Ok(Message::Welcome(welcome)) if welcome.is_acceptable() => welcome,
        Ok(Message::Bye(bye)) => return Err(Ungreeted::RefusedByPeer(bye)),
        _ => return Err(Ungreeted::Refused(ByeCode::Misbehaved)),
    };
    let found = welcome.device;
    is_who_it_says(socket, found)?;
    if found == own {
        return Err(Ungreeted::Refused(ByeCode::Redundant));
    }
    match expected {
        Some(expected) if expected != found => Err(Stranger { expected, found })?,
        Some(_) | None => {}
    }
    Ok(Peer {
        device: found,
        side: Side::Dialled,
        protocol: welcome.protocol,
    })
}

/// A device that is said is the one that is proven, if one is: a link is of one device.
fn is_who_it_says(socket: &Socket, said: DeviceId) -> Result<(), Ungreeted> {
    match socket.proven() {
        Some(proven) if proven != said => Err(Ungreeted::Impostor { said, proven }),
        Some(_) | None => Ok(()),
    }
}

/// Tells a visitor why it is not let in, if it was this side's decision, and closes.
pub(crate) async fn send_off(
    mut socket: Socket,
    outbound: Arc<Outbound>,
    why: Ungreeted,
    timing: Timing,
) {
    let Some(last) = why.last_words() else {
        return;
    };
    outbound.end(Some(last));
    outbound.shut();
    let answer = async { while socket.next().await.is_ok() {} };
    // Who does not answer has been told all the same.
    let _ = time::timeout(Duration::from_millis(timing.drain_ms), answer).await;
}

/// The last message of a side that ends and will be back.
pub(crate) fn going_away() -> Bytes {
    bye(ByeCode::ShuttingDown)
}

/// A last message.
pub(crate) fn bye(code: ByeCode) -> Bytes {
    bye_because(code, String::new())
}

/// The same with a reason, for a person.
pub(crate) fn bye_because(code: ByeCode, reason: String) -> Bytes {
    Message::Bye(Bye { code, reason }).encode()
}

/// What a last message says, for a person.
pub(crate) fn words(bye: &Bye) -> String {
    match bye.reason.as_str() {
        "" => format!("{:?}", bye.code),
        reason => format!("{:?}: {reason}", bye.code),
    }
}

fn nonce() -> [u8; 32] {
    let mut nonce = [0; 32];
    getrandom::fill(&mut nonce).expect("the system has random numbers");
    nonce
}
