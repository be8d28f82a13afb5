//! One accepted connection from its first byte to its last.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time,
};
use tokio_tungstenite::tungstenite::protocol::Role;

use super::{
    Server,
    upgrade::{Purpose, Slot},
};
use crate::{
    access::Place,
    devices::Seat,
    greet,
    inbox::Inbox,
    limits::FAREWELL_BYTES,
    link::{Link, Orders, next_id},
    metrics::Refusal,
    outbound::Outbound,
    pairing::{self, Channel},
    proxied::{self, Unsaid},
    socket::Socket,
    wire::Wire,
};

/// The least that hyper works with; a request to this server has 200 bytes.
const HTTP_BUFFER_BYTES: usize = 8 << 10;

pub(super) struct Connection {
    pub(super) server: Arc<Server>,
    pub(super) remote: SocketAddr,
    pub(super) place: Place,
}

/// A link whose room is known.
struct Greeted {
    link: Link,
    inbox: Inbox,
    seat: Seat,
}

impl Connection {
    pub(super) async fn run(mut self, mut stream: TcpStream) {
        let connected = self.server.metrics.connection();
        if !self.place.is_known() && !self.is_told_who(&mut stream).await {
            return;
        }
        // What the beginning needs is many times what a link needs for the rest of its life, so it is let go of.
        let greeted = Box::pin(self.begin(stream)).await;
        let Some(Greeted {
            mut link,
            inbox,
            seat,
        }) = greeted
        else {
            return;
        };
        let Self {
            server,
            remote,
            place,
        } = self;
        let orders = Orders {
            stop: server.stop.clone(),
            farewell: Some(server.farewell.clone()),
            doubt: &mut server.rooms.doubt(),
        };
        let device = link.peer.device;
        let linked = server.metrics.link();
        let cause = link.run(next_id(), &inbox, orders).await;
        if cause.is_offence() {
            tracing::warn!(%remote, %device, %cause, "link dropped");
        } else {
            tracing::debug!(%remote, %device, %cause, "link down");
        }
        drop((place, seat, linked, connected));
    }

    /// A proxy says for whom this is, and whoever that is may come. From here on it is as if he had come himself.
    async fn is_told_who(&mut self, stream: &mut TcpStream) -> bool {
        let (proxy, metrics) = (self.remote, &self.server.metrics);
        let mut stop = self.server.stop.clone();
        let said = tokio::select! {
            said = time::timeout(self.greet_time(), proxied::read(stream)) => said,
            () = stop.asked() => return false,
        };
        match said {
            Ok(Ok(from)) => self.remote = from,
            Ok(Err(why @ (Unsaid::Check | Unsaid::Ended(_)))) => {
                // Proxies look often whether somebody is here.
                tracing::debug!(%proxy, %why, "passed nobody on");
                return false;
            }
            Ok(Err(why)) => {
                metrics.refuse(Refusal::Handshake);
                tracing::warn!(%proxy, %why, "turned away");
                return false;
            }
            Err(_) => {
                metrics.refuse(Refusal::Silent);
                tracing::warn!(%proxy, "did not say in time for whom the connection is");
                return false;
            }
        }
        let seated = self.server.doorkeeper.seat(&mut self.place, &self.remote);
        if let Err(turned) = seated {
            metrics.refuse(turned);
            tracing::warn!(remote = %self.remote, %proxy, %turned, "turned away");
        }
        seated.is_ok()
    }

    async fn begin(&self, stream: TcpStream) -> Option<Greeted> {
        // Without it the system keeps small messages back; a socket that cannot do it works all the same.
        let _ = stream.set_nodelay(true);
        let slot = Slot::default();
        let mut stop = self.server.stop.clone();
        let upgrade = async {
            let wire = self.secure(stream).await?;
            self.http(wire, slot.clone()).await;
            Some(())
        };
        tokio::select! {
            done = time::timeout(self.greet_time(), upgrade) => done.ok()??,
            () = stop.asked() => return None,
        }
        let (purpose, upgrade) = slot.take()?;
        let upgraded = upgrade.await.ok()?;
        let parts = upgraded.downcast::<TokioIo<Wire>>().ok()?;
        let wire = parts.io.into_inner();
        let limits = self.server.limits.now();
        if purpose == Purpose::Pair {
            let remote = self.remote;
            let channel = Channel::new(wire, &parts.read_buf, Role::Server, remote, &limits)?;
            tokio::select! {
                () = self.pair(channel) => {}
                () = stop.asked() => {}
            }
            return None;
        }
        let (socket, outbound) = Socket::new(wire, &parts.read_buf, Role::Server, &limits);
        self.greet(socket, outbound).await
    }

    /// The handshake, if there is one. Who says nothing yet takes no place among those who do.
    async fn secure(&self, stream: TcpStream) -> Option<Wire> {
        stream.readable().await.ok()?;
        let place = self.server.handshakes.acquire().await.ok()?;
        match self.server.transport.accept(stream).await {
            Ok(wire) => Some(wire),
            Err((error, stream)) => {
                drop(place);
                self.server.metrics.refuse(Refusal::Handshake);
                // A port scan is no news to an admin.
                tracing::debug!(remote = %self.remote, %error, "no handshake");
                self.show_out(stream).await;
                None
            }
        }
    }

    /// Closing with bytes unread would make the system throw away what the other side has not read yet: why it is refused.
    async fn show_out(&self, mut stream: TcpStream) {
        let drained = async {
            stream.shutdown().await?;
            let mut rest = stream.take(FAREWELL_BYTES);
            tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
        };
        let deadline = Duration::from_millis(self.server.limits.now().timing.drain_ms);
        // Who does not answer has been told all the same.
        let _ = time::timeout(deadline, drained).await;
    }

    /// Answers requests until the peer leaves or one of them was an upgrade.
    async fn http(&self, wire: Wire, slot: Slot) {
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(slot.clone());
            self.server.routes.call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.greet_time())
            .max_buf_size(HTTP_BUFFER_BYTES)
            .serve_connection(TokioIo::new(wire), service)
            .with_upgrades();
        if let Err(error) = connection.await {
            tracing::debug!(remote = %self.remote, %error, "a connection ended early");
        }
    }

    async fn greet(&self, mut socket: Socket, outbound: Arc<Outbound>) -> Option<Greeted> {
        let remote = self.remote;
        let limits = self.server.limits.now();
        let (rooms, devices) = (&*self.server.rooms, &self.server.devices);
        let enter = |device| devices.enter(device, limits.connections_per_device);
        let greeting = greet::accept(&mut socket, &outbound, rooms, remote, enter);
        match time::timeout(self.greet_time(), greeting).await {
            Ok(Ok((peer, inbox, seat))) => {
                let pings = false;
                let link = Link {
                    peer,
                    remote,
                    socket,
                    outbound,
                    pings,
                    limits,
                };
                Some(Greeted { link, inbox, seat })
            }
            Ok(Err(refused)) => {
                self.server.metrics.refuse(&refused);
                tracing::warn!(%remote, %refused, "not greeted");
                greet::send_off(socket, outbound, refused, limits.timing).await;
                None
            }
            Err(_) => {
                self.server.metrics.refuse(Refusal::Silent);
                tracing::warn!(%remote, "sent no greeting");
                None
            }
        }
    }

    /// Somebody wants to pair; until that has ended, one way or the other.
    async fn pair(&self, channel: Channel) {
        let rooms = &self.server.rooms;
        let (remote, device) = (self.remote, channel.device());
        let reception = rooms.reception();
        match pairing::greet(channel, reception.as_deref(), rooms.device()).await {
            Ok(guest) => {
                if let Some(reception) = reception {
                    reception.receive(guest).await;
                }
            }
            Err(failure) => tracing::debug!(%remote, %device, %failure, "does not pair"),
        }
    }

    fn greet_time(&self) -> Duration {
        Duration::from_millis(self.server.limits.now().timing.greet_ms)
    }
}
