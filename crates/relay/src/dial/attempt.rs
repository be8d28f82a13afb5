//! One attempt at one address: from its name to a greeted link.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use sync::{Bye, ByeCode};
use tokio::{
    net::{TcpStream, lookup_host},
    time,
};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::{
        self,
        protocol::{Role, WebSocketConfig},
    },
};

use super::{Address, Shared};
use crate::{
    cause::Cause,
    greet::{self, Ungreeted},
    limits::READ_BUFFER_BYTES,
    link::Link,
    socket::Socket,
    tls::{self, Stranger},
};

/// Why there is no link to an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address}: {why}")]
pub struct DialError {
    /// Where.
    pub address: Address,
    /// Why.
    pub why: DialFailure,
}

/// What can go wrong on the way to a link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialFailure {
    /// The name has no address.
    #[error("no machine of that name: {0}")]
    Name(String),
    /// Nobody answers there.
    #[error("nobody answers: {1}")]
    Connect(io::ErrorKind, String),
    /// Somebody answers who does not serve rooms.
    #[error("no relay there: {0}")]
    Upgrade(String),
    /// The other side does not want to.
    #[error("refused by the other side: {}", greet::words(.0))]
    Refused(Bye),
    /// It answers with something else than a greeting.
    #[error("it does not speak this protocol")]
    Incompatible,
    /// Somebody else than expected.
    #[error(transparent)]
    Stranger(Stranger),
    /// The connection ended while it was being greeted.
    #[error("the connection ended: {0}")]
    Gone(Cause),
    /// It takes too long.
    #[error("no answer in time")]
    TimedOut,
}

pub(super) async fn attempt(address: Address, shared: Arc<Shared>) -> Result<Link, DialError> {
    let deadline = Duration::from_millis(shared.limits.timing.greet_ms);
    let link = time::timeout(deadline, link(&address, &shared)).await;
    let link = link.unwrap_or(Err(DialFailure::TimedOut));
    link.map_err(|why| DialError { address, why })
}

async fn link(address: &Address, shared: &Shared) -> Result<Link, DialFailure> {
    let (stream, remote) = connect(address).await?;
    let expected = shared.expected.get().copied();
    let wire = shared.own.connect(stream, expected).await;
    let wire = wire.map_err(tls::failure)?;
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
    let url = format!("ws://{address}/sync");
    let upgraded = client_async_with_config(url, wire, Some(config)).await;
    let (web, _) = upgraded.map_err(not_upgraded)?;
    // Who listens speaks second, so nothing has been read beyond the upgrade.
    let (mut socket, outbound) = Socket::new(web.into_inner(), &[], Role::Client, &shared.limits);
    let own = shared.own.device();
    let (room, hosting) = (shared.room, shared.hosting.clone());
    match greet::introduce(&mut socket, &outbound, room, own, expected, hosting).await {
        Ok(peer) => Ok(Link {
            peer,
            remote,
            socket,
            outbound,
            pings: true,
            limits: shared.limits,
        }),
        Err(ungreeted) => {
            if let Some(last) = ungreeted.last_words() {
                outbound.end(Some(last));
            }
            Err(ungreeted.into())
        }
    }
}

impl From<Ungreeted> for DialFailure {
    fn from(ungreeted: Ungreeted) -> Self {
        match ungreeted {
            Ungreeted::RefusedByPeer(bye) => Self::Refused(bye),
            Ungreeted::Refused(code @ ByeCode::Redundant) => Self::Refused(Bye {
                code,
                reason: String::new(),
            }),
            Ungreeted::Refused(_) | Ungreeted::TooMany(_) => Self::Incompatible,
            Ungreeted::Stranger(stranger) => Self::Stranger(stranger),
            Ungreeted::Impostor { said, proven } => Self::Stranger(Stranger {
                expected: proven,
                found: said,
            }),
            Ungreeted::Gone(cause) => Self::Gone(cause),
        }
    }
}

/// Over TLS it is only now that this side learns whether the other one takes its certificate (RFC 8446, 4.4.2.4).
pub(crate) fn not_upgraded(error: tungstenite::Error) -> DialFailure {
    match error {
        tungstenite::Error::Io(error) if error.get_ref().is_some() => tls::failure(error),
        error => DialFailure::Upgrade(error.to_string()),
    }
}

/// Tries everything that the name stands for, in the system's order.
pub(crate) async fn connect(address: &Address) -> Result<(TcpStream, SocketAddr), DialFailure> {
    let found = lookup_host(address.to_string()).await;
    let found = found.map_err(|error| DialFailure::Name(error.to_string()))?;
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for remote in found {
        match TcpStream::connect(remote).await {
            Ok(stream) => {
                // Without it the system keeps small messages back; a socket that cannot do it works all the same.
                let _ = stream.set_nodelay(true);
                return Ok((stream, remote));
            }
            Err(error) => last = error,
        }
    }
    Err(DialFailure::Connect(last.kind(), last.to_string()))
}
