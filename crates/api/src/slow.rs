//! Bodies that come too slowly are given up, wherever they go.

use std::error::Error;
use std::time::Duration;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout};

use crate::body;

/// Bytes a second that a body has at least, once it has had its time to begin.
const BYTES_PER_S: u64 = 64 << 10;
/// The time to begin, in waits for one piece.
const WAITS: u32 = 3;
/// Longest body that is read first.
const SHORT_BYTES: u64 = 4 << 10;

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
struct TooSlow;

/// Whether a body was given up since it came too slowly.
pub(crate) fn is_too_slow(error: &(dyn Error + 'static)) -> bool {
    error.is::<TooSlow>() || error.source().is_some_and(is_too_slow)
}

/// Gives a body up of which nothing comes for so long, or which as a whole takes three times as long and more than its
/// length asks for.
///
/// A short one is read before anything is done, by whomever it is wanted: a connection that is closed while something in it
/// is unread takes with it what the other side has not received of the answer.
pub(crate) async fn give_up(
    State(wait): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    let (head, sent) = request.into_parts();
    let sent = match sent.size_hint().exact() {
        Some(0) => sent,
        Some(bytes) if bytes <= SHORT_BYTES => {
            match to_bytes(timely(sent, wait), usize::MAX).await {
                Ok(bytes) => bytes.into(),
                Err(error) => return body::lost(&error).into_response(),
            }
        }
        _ => timely(sent, wait),
    };
    next.run(Request::from_parts(head, sent)).await
}

fn timely(body: Body, wait: Duration) -> Body {
    let begun = Instant::now();
    let pieces = stream::try_unfold(
        (body.into_data_stream(), 0),
        move |(mut rest, mut bytes)| async move {
            let piece = timeout(left(wait, begun.elapsed(), bytes), rest.next()).await;
            let Some(piece) = piece.map_err(|_| axum::Error::new(TooSlow))? else {
                return Ok(None);
            };
            let piece = piece?;
            bytes += piece.len() as u64;
            Ok::<_, axum::Error>(Some((piece, (rest, bytes))))
        },
    );
    Body::from_stream(pieces)
}

/// How long the next piece of a body may take that has been coming for some time.
fn left(wait: Duration, since: Duration, bytes: u64) -> Duration {
    let whole = wait * WAITS + Duration::from_secs(bytes / BYTES_PER_S);
    whole.saturating_sub(since).min(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_its_time_and_more_for_its_length() {
        let [wait, second] = [10, 1].map(Duration::from_secs);
        assert_eq!(left(wait, Duration::ZERO, 0), wait);
        assert_eq!(left(wait, 25 * second, 25), 5 * second);
        assert_eq!(left(wait, 31 * second, 31), Duration::ZERO, "it drips");
        // An hour at 128 KiB a second.
        assert_eq!(left(wait, 3600 * second, 3600 << 17), wait);
        assert_eq!(left(wait, 3600 * second, 3600 << 14), Duration::ZERO);
    }
}
