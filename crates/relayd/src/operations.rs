//! For those who watch a relay: is it alive, is it ready, and how is it doing?

mod exposition;
mod figures;
mod process;
mod ready;

use std::{net::SocketAddr, sync::Arc};

use anyhow::Result;
use axum::{
    Router,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use cluster::Redis;
use relay::{Limits, StoredRooms};
use store::Store;
use tokio::{net::TcpListener, task::spawn_blocking};

pub use self::ready::Readiness;
use crate::{config::Bind, failure::Failure};

/// Whoever watches is one program or two.
const CONNECTIONS: usize = 64;

/// What there is to be seen.
#[derive(Clone)]
pub struct View {
    pub rooms: Arc<StoredRooms>,
    pub store: Arc<dyn Store>,
    pub readiness: Readiness,
    /// Only where other relays have the same rooms.
    pub redis: Option<Arc<Redis>>,
}

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

/// Answers those who watch, for ever; where nobody listens, nobody is answered.
pub async fn serve(listener: Option<TcpListener>, view: View) {
    let Some(listener) = listener else {
        return std::future::pending().await;
    };
    let (metrics, ready) = (view.clone(), view);
    let routes = Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(|| show_ready(ready.readiness)))
        .route("/metrics", get(|| show_metrics(metrics)));
    let limits = Limits {
        connections: CONNECTIONS,
        ..Limits::default()
    };
    let served = relay::serve_pages(listener, routes, None, limits, std::future::pending()).await;
    if let Err(error) = served {
        tracing::error!(%error, "nothing is shown any more to those who watch");
    }
    std::future::pending().await
}

async fn show_ready(readiness: Readiness) -> Response {
    let looked = spawn_blocking(move || readiness.look()).await;
    match looked {
        Ok(checks) => {
            let status = match checks.iter().all(|it| it.is_good) {
                true => StatusCode::OK,
                false => StatusCode::SERVICE_UNAVAILABLE,
            };
            let lines = checks.iter().map(ready::Check::line);
            (status, lines.collect::<String>()).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn show_metrics(view: View) -> Response {
    match spawn_blocking(move || figures::page(&view)).await {
        Ok(page) => ([(CONTENT_TYPE, exposition::CONTENT_TYPE)], page).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
