//! Events for a page, by WebSocket (RFC 6455): of these a browser opens as many to one address as there are tabs, of other
//! connections only six.
//!
//! A page can send no header with it, and an address is written down in many places; so the pass is its first message.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseCode, CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval_at, timeout};

use super::{Host, OVER, WORD_BYTES};
use crate::problem::Problem;

/// Whoever does not say at once who it is has no place here.
const GREETING: Duration = Duration::from_secs(10);
/// So often something is sent: whoever has gone is noticed, and whoever is there is heard of.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// Whoever takes nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// With what a connection ends whose page may not hear anything; `host/events.ts` knows it.
const VISIT_OVER: CloseCode = 4401;

/// Everything that happens from now on: each message is an array, as the window gets it. The first one is empty, so that the
/// page knows that it is heard.
///
/// It ends when the server does, when the visit is over, and when the page was too slow. A page that connects again has
/// missed something and asks for a new snapshot.
pub(super) async fn events(
    State(host): State<Arc<Host>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        let why = "Pages connect here by WebSocket.";
        return Problem::new("INVALID_REQUEST", why).into_response();
    };
    let over = host.over.subscribe();
    let upgrade = upgrade
        .max_message_size(WORD_BYTES)
        .max_frame_size(WORD_BYTES);
    upgrade.on_upgrade(async move |mut socket| {
        let ended = follow(&host, &mut socket, over.clone()).await;
        if let Some((code, reason)) = ended {
            let reason = reason.into();
            let close = Message::Close(Some(CloseFrame { code, reason }));
            timeout(PATIENCE, socket.send(close)).await.ok();
        }
        // Whoever waits for the last page to go waits for this.
        drop(over);
    })
}

/// Tells a page of everything; with what to end, if it is still there.
async fn follow(
    host: &Arc<Host>,
    socket: &mut WebSocket,
    mut over: watch::Receiver<bool>,
) -> Option<(CloseCode, &'static str)> {
    let greeted = timeout(GREETING, socket.recv()).await;
    let Ok(Some(Ok(Message::Text(pass)))) = greeted else {
        return Some((VISIT_OVER, OVER));
    };
    let visit = host.visits().find(&pass, Instant::now());
    let Some(visit) = visit else {
        return Some((VISIT_OVER, OVER));
    };
    let _present = Present::new(&host.pages);
    let mut batches = host.app.batches();
    let mut pulse = interval_at(tokio::time::Instant::now() + SIGN_OF_LIFE, SIGN_OF_LIFE);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut next = Some(Message::text("[]"));
    loop {
        if let Some(message) = next.take() {
            let sent = timeout(PATIENCE, socket.send(message)).await;
            sent.ok()?.ok()?;
        }
        next = tokio::select! {
            biased;
            _ = over.wait_for(|it| *it) => return Some((close_code::AWAY, "The server ends.")),
            said = socket.recv() => match said?.ok()? {
                Message::Ping(_) | Message::Pong(_) => None,
                Message::Close(_) => return None,
                Message::Text(_) | Message::Binary(_) => {
                    return Some((close_code::POLICY, "Pages only listen here."));
                }
            },
            batch = batches.next() => match batch.filter(|it| !it.has_gap)?.to_json() {
                Ok(json) => Some(Message::text(json)),
                Err(_) => return None,
            },
            _ = pulse.tick() => match host.visits().hear(visit, Instant::now()) {
                true => Some(Message::Ping(Default::default())),
                false => return Some((VISIT_OVER, OVER)),
            },
        };
    }
}

/// One page that follows events, for as long as this lives.
struct Present(Arc<AtomicUsize>);

impl Present {
    fn new(pages: &Arc<AtomicUsize>) -> Self {
        pages.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(pages))
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
