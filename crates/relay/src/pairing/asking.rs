//! The side that asks: the code is typed here.

use std::{net::SocketAddr, time::Duration};

use tokio::{net::TcpStream, time};
use tokio_tungstenite::{
    client_async_with_config,
    tungstenite::protocol::{Role, WebSocketConfig},
};
use trust::{
    DeviceId,
    pairing::{CODE_LIFE_MS, Code, Paired, Typing},
    rand_core::OsRng,
};

use super::{
    Claim, Met, PairingFailure, Unreached,
    channel::{Channel, Wait},
    message::{Declined, Message},
};
use crate::{
    Address, DialError, DialFailure, Identity, Limits, Transport,
    clock::now_ms,
    dial::{STAGGER, connect, not_upgraded, race},
    limits::READ_BUFFER_BYTES,
    tls,
};

/// Whom to ask.
#[derive(Clone, Debug)]
pub struct Whom {
    /// Everywhere the machine may be, best first.
    pub addresses: Vec<Address>,
    /// How its device id begins, as it was announced; none if somebody typed the address.
    pub prefix: Option<[u8; 8]>,
}

/// A machine that shows a code. Dropping it cuts the connection.
pub struct Asking {
    channel: Channel,
    claim: Claim,
    own: DeviceId,
    until_ms: u64,
}

/// Reaches a machine and asks it for a code, as `name` of whoever sits here.
pub async fn ask(
    whom: Whom,
    own: &Identity,
    name: &str,
    claim: Claim,
    limits: Limits,
) -> Result<Asking, PairingFailure> {
    let attempts = whom.addresses.into_iter().map(|address| {
        let deadline = Duration::from_millis(limits.timing.greet_ms);
        let (own, prefix) = (own.clone(), whom.prefix);
        async move {
            let reached = time::timeout(deadline, reach(&address, own, prefix, limits)).await;
            reached.unwrap_or_else(|_| {
                let why = DialFailure::TimedOut;
                Err(DialError { address, why }.into())
            })
        }
    });
    let reached = race(attempts, STAGGER).await;
    let mut channel = reached.map_err(PairingFailure::Unreached)?;
    let (oldest, newest) = (sync::OLDEST_PROTOCOL, sync::PROTOCOL);
    channel.send(&Message::Ask(oldest, newest, name.to_owned()));
    let begin_ms = now_ms();
    match channel.next(Wait::STEP).await {
        Ok(Message::Shown(protocol, life_ms)) if (oldest..=newest).contains(&protocol) => {
            Ok(Asking {
                channel,
                claim,
                own: own.device(),
                until_ms: begin_ms + life_ms.min(CODE_LIFE_MS),
            })
        }
        Ok(_) => {
            channel.end(Some(Declined::Misbehaved)).await;
            Err(PairingFailure::Ended(Declined::Misbehaved))
        }
        Err(failure) => {
            channel.end(failure.last_words()).await;
            Err(failure)
        }
    }
}

/// Whether somebody accepts connections at one of these addresses within this time.
pub async fn answers(addresses: Vec<Address>, within_ms: u64) -> bool {
    let attempts = addresses
        .into_iter()
        .map(|address| async move { TcpStream::connect(address.to_string()).await });
    let within = Duration::from_millis(within_ms);
    matches!(
        time::timeout(within, race(attempts, STAGGER)).await,
        Ok(Ok(_))
    )
}

async fn reach(
    address: &Address,
    own: Identity,
    prefix: Option<[u8; 8]>,
    limits: Limits,
) -> Result<Channel, Unreached> {
    let failed = |why| {
        let address = address.clone();
        Unreached::Dial(DialError { address, why })
    };
    let (stream, remote) = connect(address).await.map_err(failed)?;
    let device = own.device();
    let wire = Transport::from(own).connect(stream, None).await;
    let wire = wire.map_err(|error| failed(tls::failure(error)))?;
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
    let url = format!("ws://{address}/pair");
    let upgraded = client_async_with_config(url, wire, Some(config)).await;
    let (web, _) = upgraded.map_err(|error| failed(not_upgraded(error)))?;
    // Who listens speaks second, so nothing has been read beyond the upgrade.
    let channel = Channel::new(web.into_inner(), &[], Role::Client, remote, &limits);
    let channel = channel.ok_or_else(|| failed(DialFailure::Incompatible))?;
    let found = channel.device();
    if found == device {
        return Err(Unreached::Own);
    }
    match prefix {
        Some(prefix) if !found.0.starts_with(&prefix) => Err(Unreached::Other(found)),
        Some(_) | None => Ok(channel),
    }
}

impl Asking {
    /// The device that shows the code, whose key TLS has proven.
    pub fn device(&self) -> DeviceId {
        self.channel.device()
    }

    /// Where it is.
    pub fn remote(&self) -> SocketAddr {
        self.channel.remote()
    }

    /// From then on the code is good for nothing, by [`now_ms`](crate::now_ms).
    pub fn until_ms(&self) -> u64 {
        self.until_ms
    }

    /// Waits for what the person here types, unless the other side ends it first; none: she gives it up. There is no second
    /// guess. What ends it is told to the other side.
    pub async fn meet(
        mut self,
        typed: impl Future<Output = Option<Code>>,
    ) -> Result<Met, PairingFailure> {
        let left = Wait(self.until_ms.saturating_sub(now_ms()));
        let code = tokio::select! {
            biased;
            ended = self.channel.next(left) => Err(match ended {
                Err(PairingFailure::Silent) => PairingFailure::Ended(Declined::Expired),
                Err(failure) => failure,
                Ok(_) => PairingFailure::Ended(Declined::Misbehaved),
            }),
            code = typed => code.ok_or(PairingFailure::Ended(Declined::Withdrawn)),
        };
        let paired = match code {
            Ok(code) => self.guess(&code).await,
            Err(failure) => Err(failure),
        };
        match paired {
            Ok(paired) => Ok(Met::new(self.channel, paired, self.claim)),
            Err(failure) => {
                drop(self.claim);
                self.channel.end(failure.last_words()).await;
                Err(failure)
            }
        }
    }

    async fn guess(&mut self, code: &Code) -> Result<Paired, PairingFailure> {
        let channel = &mut self.channel;
        let peer = channel.device();
        let (typing, guess) = Typing::begin(code, self.own, peer, now_ms(), &mut OsRng);
        channel.send(&Message::Guess(guess.into()));
        let Message::Answer(answer) = channel.next(Wait::STEP).await? else {
            return Err(PairingFailure::Ended(Declined::Misbehaved));
        };
        let (confirming, confirmation) = typing.confirm(&answer, now_ms())?;
        channel.send(&Message::Confirm(confirmation));
        let Message::Confirmed(confirmation) = channel.next(Wait::STEP).await? else {
            return Err(PairingFailure::Ended(Declined::Misbehaved));
        };
        Ok(confirming.finish(&confirmation, now_ms())?)
    }
}

impl std::fmt::Debug for Asking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Asking({})", self.device())
    }
}
