//! HTTP without links: what a host serves to programs of its own machine, or by TLS to those of others.

use std::{io, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time,
};
use tokio_rustls::{TlsAcceptor, TlsStream};

use super::PAUSE;
use crate::{
    access::{Access, Doorkeeper},
    limits::Limits,
    stop::{Stop, Stopper},
    tls::SharedCertificate,
    wire::Wire,
};

/// Serves `routes` until `shutdown`, on loopback, or anywhere by TLS with the certificate that is shown at the time; then takes nobody new, lets
/// requests that have begun end within `limits.timing.drain_ms`, and returns.
///
/// The caller bound the port and decides when it is over. Dropping the future cuts every connection. Who may ask for
/// what is for the routes.
///
/// # Errors
///
/// If the listener is reachable by other machines and there is no certificate.
pub async fn serve_pages(
    listener: TcpListener,
    routes: Router,
    certificate: Option<SharedCertificate>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let access = Access::default();
    if certificate.is_none() && !access.permits_in_the_open(&address) {
        let why = format!("{address} is reachable by others, and there is no certificate");
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    let doorkeeper = Doorkeeper::new(access, certificate.is_some(), limits.into());
    let handshakes = Arc::new(Semaphore::new(limits.handshakes));
    let stopper = Stopper::new();
    let routes = Arc::new(TowerToHyperService::new(routes));
    let mut tasks = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, remote)) => match doorkeeper.admit(&remote) {
                    Ok(place) => {
                        let certificate = certificate.as_ref().map(SharedCertificate::now);
                        let acceptor = certificate.map(|it| TlsAcceptor::from(it.server()));
                        let handshakes = handshakes.clone();
                        let (routes, mut stop) = (routes.clone(), stopper.listen());
                        tasks.spawn(async move {
                            let wire = tokio::select! {
                                wire = secure(stream, acceptor, &handshakes, limits) => wire,
                                () = stop.asked() => None,
                            };
                            if let Some(wire) = wire {
                                answer(wire, routes, limits, stop).await;
                            }
                            drop(place);
                        });
                    }
                    Err(turned) => tracing::warn!(%remote, %turned, "turned away"),
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
    drop(listener);
    stopper.stop();
    while tasks.join_next().await.is_some() {}
    Ok(())
}

/// The handshake, if there is one. Who says nothing yet takes no place among those who do.
async fn secure(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    handshakes: &Semaphore,
    limits: Limits,
) -> Option<Wire> {
    // Without it the system keeps small messages back; a socket that cannot do it works all the same.
    let _ = stream.set_nodelay(true);
    let Some(acceptor) = acceptor else {
        return Some(Wire::Plain(stream));
    };
    let handshake = async {
        stream.readable().await.ok()?;
        let _place = handshakes.acquire().await.ok()?;
        match acceptor.accept(stream).await {
            Ok(stream) => Some(Wire::Tls(Box::new(TlsStream::Server(stream)))),
            Err(error) => {
                // A port scan is no news to an admin.
                tracing::debug!(%error, "no handshake");
                None
            }
        }
    };
    let limit = Duration::from_millis(limits.timing.greet_ms);
    time::timeout(limit, handshake).await.ok()?
}

async fn answer(
    wire: Wire,
    routes: Arc<TowerToHyperService<Router>>,
    limits: Limits,
    mut stop: Stop,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(limits.timing.greet_ms))
        .serve_connection(TokioIo::new(wire), (*routes).clone())
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stop.asked() => {
            connection.as_mut().graceful_shutdown();
            let drain = Duration::from_millis(limits.timing.drain_ms);
            match time::timeout(drain, &mut connection).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
