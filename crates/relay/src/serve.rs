//! Accepting links: TLS, HTTP, the upgrade to WebSocket, the greeting, the room's inbox.

mod connection;
mod pages;
mod upgrade;

use std::{io, sync::Arc, time::Duration};

use axum::{Router, routing::get};
use bytes::Bytes;
use hyper_util::service::TowerToHyperService;
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet, time};

use self::connection::Connection;
pub use self::pages::serve_pages;
use crate::{
    access::{Access, Doorkeeper},
    devices::Devices,
    limits::SharedLimits,
    metrics::Metrics,
    proxied::Proxies,
    rooms::Rooms,
    stop::{Stop, Stopper},
    transport::Transport,
};

/// After an accept that failed for want of descriptors, until some are free again.
const PAUSE: Duration = Duration::from_millis(50);

/// What all connections of one server share.
pub(crate) struct Server {
    limits: SharedLimits,
    doorkeeper: Doorkeeper,
    rooms: Arc<dyn Rooms>,
    metrics: Metrics,
    transport: Transport,
    devices: Devices,
    /// One for each TLS handshake that may be under way.
    handshakes: Semaphore,
    routes: TowerToHyperService<Router>,
    stop: Stop,
    farewell: Bytes,
}

/// Serves `/sync`, `/pair` and `/livez` until `shutdown`; then takes nobody new, lets every link send what is queued for it and
/// a goodbye, and returns.
///
/// The caller bound the port and decides when it is over. Dropping the future cuts every connection.
///
/// # Errors
///
/// If the listener stands where `access` does not permit it.
pub async fn serve(
    listener: TcpListener,
    access: Access,
    limits: impl Into<SharedLimits>,
    rooms: Arc<dyn Rooms>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    serve_behind(
        Proxies::default(),
        listener,
        access,
        limits,
        rooms,
        shutdown,
    )
    .await
}

/// The same, where these say by the PROXY protocol for whom a connection is, and nobody else does.
///
/// # Errors
///
/// If the listener stands where `access` does not permit it.
pub async fn serve_behind(
    proxies: Proxies,
    listener: TcpListener,
    access: Access,
    limits: impl Into<SharedLimits>,
    rooms: Arc<dyn Rooms>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let transport = rooms.transport();
    if !access.permits_listening(&address, &transport) {
        let why =
            format!("{address} is reachable by others, and nothing here says who may come in");
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    let stopper = Stopper::new();
    let limits = limits.into();
    let doorkeeper = Doorkeeper::new(access, transport.proves(), limits.clone());
    let doorkeeper = doorkeeper.behind(proxies);
    let server = Arc::new(Server {
        handshakes: Semaphore::new(limits.now().handshakes),
        limits,
        doorkeeper,
        transport,
        devices: Devices::default(),
        metrics: rooms.metrics(),
        rooms,
        routes: TowerToHyperService::new(routes()),
        stop: stopper.listen(),
        farewell: crate::greet::going_away(),
    });
    let mut tasks = JoinSet::new();
    accept(&listener, &server, &mut tasks, shutdown).await;
    drop(listener);
    stopper.stop();
    while tasks.join_next().await.is_some() {}
    Ok(())
}

fn routes() -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/pair", get(upgrade::to_pair))
        .route("/sync", get(upgrade::to_sync))
}

async fn accept(
    listener: &TcpListener,
    server: &Arc<Server>,
    tasks: &mut JoinSet<()>,
    shutdown: impl Future<Output = ()>,
) {
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, remote)) => match server.doorkeeper.admit(&remote) {
                    Ok(place) => {
                        let connection = Connection { server: server.clone(), remote, place };
                        tasks.spawn(connection.run(stream));
                    }
                    Err(turned) => {
                        server.metrics.refuse(turned);
                        tracing::warn!(%remote, %turned, "turned away");
                    }
                },
                Err(error) => {
                    tracing::warn!(%error, "cannot accept");
                    time::sleep(PAUSE).await;
                }
            },
            Some(ended) = tasks.join_next() => if let Err(error) = ended && error.is_panic() {
                tracing::error!("a connection's task panicked");
            },
        }
    }
}
