//! Events for a page, as server-sent events (WHATWG HTML, 9.2).

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use app::batches::Batches;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::watch;

use super::Host;
use super::visits::Visit;

/// So often something is sent: whoever has gone is noticed, and whoever is there is heard of.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// Everything that happens from now on: each message is an array, as the window gets it.
///
/// It ends when the server does, when the visit is over, and when the page was too slow. A page that connects again has
/// missed something and asks for a new snapshot.
pub(super) async fn events(
    State(host): State<Arc<Host>>,
    Extension(visit): Extension<Visit>,
) -> Response {
    let over = host.over.subscribe();
    let following = Following {
        batches: host.app.batches(),
        over,
        visit,
        is_new: true,
        _present: Present::new(&host.pages),
        host,
    };
    let messages = stream::unfold(following, async |mut following| {
        let message = following.next().await?;
        Some((Ok::<_, Infallible>(message), following))
    });
    let kind = [(header::CONTENT_TYPE, "text/event-stream")];
    (kind, Body::from_stream(messages)).into_response()
}

struct Following {
    host: Arc<Host>,
    batches: Batches,
    over: watch::Receiver<bool>,
    visit: Visit,
    is_new: bool,
    _present: Present,
}

impl Following {
    async fn next(&mut self) -> Option<Bytes> {
        // So that the page knows at once that it is heard.
        if std::mem::take(&mut self.is_new) {
            return Some(Bytes::from_static(b":\n\n"));
        }
        tokio::select! {
            biased;
            _ = self.over.wait_for(|it| *it) => None,
            batch = self.batches.next() => {
                let batch = batch?;
                // JSON has no line breaks of its own.
                match batch.to_json() {
                    Ok(json) if !batch.has_gap => Some(format!("data: {json}\n\n").into()),
                    _ => None,
                }
            }
            () = tokio::time::sleep(SIGN_OF_LIFE) => {
                let is_there = self.host.visits().hear(self.visit, Instant::now());
                is_there.then(|| Bytes::from_static(b":\n\n"))
            }
        }
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
