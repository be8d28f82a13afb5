//! Several ways to the same machine, raced.

use std::time::Duration;

use tokio::{task::JoinSet, time};

/// Between the starts of two attempts while the first still tries (RFC 8305, 5: 250 ms).
pub(crate) const STAGGER: Duration = Duration::from_millis(250);

/// Starts one attempt after the other, the next as soon as one fails or `stagger` has passed. The first success wins and
/// the others are dropped; if all fail, their errors are returned in the order in which they failed.
pub(crate) async fn race<T, E, A>(
    attempts: impl IntoIterator<Item = A>,
    stagger: Duration,
) -> Result<T, Vec<E>>
where
    T: Send + 'static,
    E: Send + 'static,
    A: Future<Output = Result<T, E>> + Send + 'static,
{
    let mut waiting = attempts.into_iter();
    let mut running = JoinSet::new();
    let mut errors = Vec::new();
    loop {
        let is_last = match waiting.next() {
            Some(attempt) => {
                running.spawn(attempt);
                false
            }
            None => true,
        };
        let pause = if is_last { Duration::MAX } else { stagger };
        match time::timeout(pause, running.join_next()).await {
            Ok(Some(Ok(Ok(won)))) => return Ok(won),
            Ok(Some(Ok(Err(error)))) => errors.push(error),
            Ok(None) if is_last => return Err(errors),
            // An attempt that panicked has been reported by its panic.
            Ok(Some(Err(_)) | None) | Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    type Attempt = std::pin::Pin<Box<dyn Future<Output = Result<u8, u8>> + Send>>;

    fn attempt(future: impl Future<Output = Result<u8, u8>> + Send + 'static) -> Attempt {
        Box::pin(future)
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_success_wins_over_one_that_hangs() {
        let attempts = [
            attempt(pending()),
            attempt(ready(Err(1))),
            attempt(ready(Ok(2))),
        ];
        let begin = time::Instant::now();
        assert_eq!(race(attempts, STAGGER).await, Ok(2));
        assert_eq!(
            begin.elapsed(),
            STAGGER,
            "a failure starts the next at once"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_earlier_attempt_may_win_later() {
        let slow = async {
            let rest = time::timeout(STAGGER * 3, pending::<()>()).await;
            rest.map_or(Ok(1), |()| Err(1))
        };
        assert_eq!(
            race([attempt(slow), attempt(pending())], STAGGER).await,
            Ok(1)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn all_errors_are_told() {
        let attempts = [attempt(ready(Err(1))), attempt(ready(Err(2)))];
        assert_eq!(race(attempts, STAGGER).await, Err(vec![1, 2]));
        assert_eq!(race(Vec::<Attempt>::new(), STAGGER).await, Err(vec![]));
    }
}
