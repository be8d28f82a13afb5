//! What stock programs ask for by HTTP: where it listens, and how it is served.

use std::{net::SocketAddr, time::Duration};

use anyhow::Result;
use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use relay::{Limits, SharedCertificate};
use tokio::{net::TcpListener, time::timeout};

use crate::{config::Bind, failure::Failure};

/// Whoever asks is a program or two, or an admin or two.
const CONNECTIONS: usize = 64;

/// So that one address cannot keep all others out.
const CONNECTIONS_PER_ADDRESS: usize = 16;

/// For a question and its answer: who needs longer for a form of some kilobytes is holding a place.
const ANSWER: Duration = Duration::from_secs(30);

/// Listens where the configuration says so, and says where that is.
///
/// # Errors
/// If the address is not to be had.
pub async fn bind(key: &str, listen: Bind) -> Result<Option<(TcpListener, SocketAddr)>> {
    let Bind::At(address) = listen else {
        return Ok(None);
    };
    let bound = TcpListener::bind(address).await;
    let listener = bound.map_err(|error| Failure::listen(key, address, &error))?;
    let address = listener.local_addr()?;
    Ok(Some((listener, address)))
}

/// Answers by TLS if there is a certificate, for ever; what it is about stands in the log if it cannot.
pub async fn serve(
    what: &str,
    listener: TcpListener,
    routes: Router,
    certificate: Option<SharedCertificate>,
) {
    let routes = routes.layer(middleware::from_fn(in_time));
    let limits = Limits {
        connections: CONNECTIONS,
        connections_per_address: CONNECTIONS_PER_ADDRESS,
        ..Limits::default()
    };
    let never = std::future::pending();
    let served = relay::serve_pages(listener, routes, certificate, limits, never).await;
    if let Err(error) = served {
        tracing::error!(%error, what, "is not shown any more");
    }
    std::future::pending().await
}

async fn in_time(request: Request, next: Next) -> Response {
    let answered = timeout(ANSWER, next.run(request)).await;
    answered.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}
