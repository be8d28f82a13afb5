//! One accepted connection from its first byte to its last.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, sync::Notify, time};
use tokio_tungstenite::tungstenite::protocol::Role;

use super::{Server, upgrade::Slot};
use crate::{
    access::Place,
    greet,
    link::{Link, Orders, next_id},
    socket::Socket,
};

/// The least that hyper works with; a request to this server has 200 bytes.
const HTTP_BUFFER_BYTES: usize = 8 << 10;

pub(super) struct Connection {
    pub(super) server: Arc<Server>,
    pub(super) remote: SocketAddr,
    pub(super) place: Place,
}

impl Connection {
    pub(super) async fn run(self, stream: TcpStream) {
        // Without it the system keeps small messages back; a socket that cannot do it works all the same.
        let _ = stream.set_nodelay(true);
        let slot = Slot::default();
        let mut stop = self.server.stop.clone();
        let http = Box::pin(self.http(stream, slot.clone()));
        let is_done = tokio::select! {
            done = time::timeout(self.greet_time(), http) => done.is_ok(),
            () = stop.asked() => false,
        };
        let Some(upgrade) = slot.take().filter(|_| is_done) else {
            return;
        };
        let Ok(upgraded) = upgrade.await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
            return;
        };
        let (socket, outbound) = Socket::new(
            parts.io.into_inner(),
            &parts.read_buf,
            Role::Server,
            &self.server.limits,
        );
        self.link(socket, outbound).await;
    }

    /// Answers requests until the peer leaves or one of them was an upgrade.
    async fn http(&self, stream: TcpStream, slot: Slot) {
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(slot.clone());
            self.server.routes.call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.greet_time())
            .max_buf_size(HTTP_BUFFER_BYTES)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        if let Err(error) = connection.await {
            tracing::debug!(remote = %self.remote, %error, "a connection ended early");
        }
    }

    async fn link(self, mut socket: Socket, outbound: Arc<crate::outbound::Outbound>) {
        let Self {
            server,
            remote,
            place,
        } = self;
        let greeting = greet::accept(&mut socket, &outbound, &*server.rooms, remote);
        let greeted = time::timeout(
            Duration::from_millis(server.limits.timing.greet_ms),
            greeting,
        )
        .await;
        let (peer, inbox) = match greeted {
            Ok(Ok(greeted)) => greeted,
            Ok(Err(refused)) => {
                tracing::warn!(%remote, %refused, "not greeted");
                return greet::send_off(socket, outbound, refused, server.limits.timing).await;
            }
            Err(_) => return tracing::warn!(%remote, "sent no greeting"),
        };
        let id = next_id();
        let device = peer.device;
        let link = Link {
            peer,
            remote,
            socket,
            outbound,
            pings: false,
            limits: server.limits,
        };
        let doubt = Notify::new();
        let orders = Orders {
            stop: server.stop.clone(),
            farewell: Some(server.farewell.clone()),
            doubt: &doubt,
        };
        let cause = link.run(id, &inbox, orders).await;
        if cause.is_offence() {
            tracing::warn!(%remote, %device, %cause, "link dropped");
        } else {
            tracing::debug!(%remote, %device, %cause, "link down");
        }
        drop(place);
    }

    fn greet_time(&self) -> Duration {
        Duration::from_millis(self.server.limits.timing.greet_ms)
    }
}
