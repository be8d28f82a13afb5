//! HTTP without links: what a host serves to programs of its own machine.

use std::{io, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time,
};
use trust::DeviceId;

use super::PAUSE;
use crate::{
    access::{Access, Doorkeeper},
    limits::Limits,
    stop::{Stop, Stopper},
    transport::Transport,
};

/// Serves `routes` on loopback until `shutdown`; then takes nobody new, lets requests that have begun end within
/// `limits.timing.drain_ms`, and returns.
///
/// The caller bound the port and decides when it is over. Dropping the future cuts every connection. Who may ask for
/// what is for the routes.
///
/// # Errors
///
/// If the listener is reachable by other machines.
pub async fn serve_pages(
    listener: TcpListener,
    routes: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let access = Access::default();
    if !access.permits_in_the_open(&address) {
        let why = format!("{address} is reachable by others");
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    let nobody = Transport::Plain(DeviceId([0; 32]));
    let doorkeeper = Doorkeeper::new(access, &nobody, limits.into());
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
                        let connection = answer(stream, routes.clone(), limits, stopper.listen());
                        tasks.spawn(async move {
                            connection.await;
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

async fn answer(
    stream: TcpStream,
    routes: Arc<TowerToHyperService<Router>>,
    limits: Limits,
    mut stop: Stop,
) {
    // Without it the system keeps small messages back; a socket that cannot do it works all the same.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(limits.timing.greet_ms))
        .serve_connection(TokioIo::new(stream), (*routes).clone())
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
