//! For those who watch a relay: is it alive, is it ready, and how is it doing?

mod exposition;
mod figures;
mod process;
mod ready;
mod token;

use std::sync::Arc;

use axum::{
    Router,
    http::{StatusCode, header::CONTENT_TYPE},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use cluster::Redis;
use relay::StoredRooms;
use store::Store;
use tokio::{net::TcpListener, task::spawn_blocking};

pub use self::{ready::Readiness, token::Token};
use crate::{pages, tls::PageCertificate};

/// What there is to be seen.
#[derive(Clone)]
pub struct View {
    pub rooms: Arc<StoredRooms>,
    pub store: Arc<dyn Store>,
    pub readiness: Readiness,
    /// Only where other relays have the same rooms.
    pub redis: Option<Arc<Redis>>,
    /// Only where there is one.
    pub certificate: Option<PageCertificate>,
    /// What whoever asks has to send; nothing if nobody has to.
    pub token: Option<Token>,
}

/// Answers those who watch, for ever; where nobody listens, nobody is answered.
pub async fn serve(listener: Option<TcpListener>, view: View) {
    let Some(listener) = listener else {
        return std::future::pending().await;
    };
    let certificate = view.certificate.as_ref().map(PageCertificate::certificate);
    let token = view.token.clone();
    let (metrics, ready) = (view.clone(), view);
    let routes = Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(|| show_ready(ready.readiness)))
        .route("/metrics", get(|| show_metrics(metrics)))
        .layer(middleware::from_fn_with_state(token, token::asks));
    pages::serve("/metrics", listener, routes, certificate).await;
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
