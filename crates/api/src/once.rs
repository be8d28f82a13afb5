//! Requests that are carried out once, however often they come (the header `Idempotency-Key`).

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::OnceCell;

use crate::problem::Problem;
use crate::size::bytes_of;

/// Answers that are kept. One has about 1 kB.
const KEPT: usize = 10_000;
/// Bytes that they have together, as JSON.
const KEPT_BYTES: usize = 16 << 20;
/// Longest key.
const KEY_CHARACTERS: usize = 255;

/// In whose name, and the key.
type Key = (String, String);
/// What was made, and how many bytes the answer has.
type Answer = Arc<OnceCell<(Made, usize)>>;

/// What a request has changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Made {
    /// The answer.
    pub(crate) body: Value,
    /// Why the disk did not take it. It is made all the same, and must not be made again.
    pub(crate) unwritten: Option<Problem>,
}

struct Entry {
    /// Of what was asked.
    hash: blake3::Hash,
    answer: Answer,
}

#[derive(Default)]
struct Kept {
    entries: BTreeMap<Key, Entry>,
    /// Keys whose answer is there, oldest first.
    order: VecDeque<Key>,
    bytes: usize,
}

/// The answers of the last keys. They last as long as the server. What was refused has changed nothing, and is carried
/// out anew when it comes again.
#[derive(Default)]
pub(crate) struct Once(Arc<Mutex<Kept>>);

impl Once {
    /// Carries something out unless this was done before, or is being done; then its answer is given, and `true`.
    ///
    /// # Errors
    /// If the key was used for something else, or is none, or if the work is refused.
    pub(crate) async fn run(
        &self,
        scope: &str,
        key: &str,
        asked: &[u8],
        work: impl Future<Output = Result<Made, Problem>> + Send + 'static,
    ) -> Result<(Made, bool), Problem> {
        if key.is_empty() || key.chars().count() > KEY_CHARACTERS {
            let detail = format!("An idempotency key has 1 to {KEY_CHARACTERS} characters.");
            return Err(Problem::new("INVALID_REQUEST", detail));
        }
        let key = (scope.to_owned(), key.to_owned());
        let hash = blake3::hash(asked);
        let answer = lock(&self.0).begin(&key, hash)?;
        let kept = Arc::clone(&self.0);
        // In a task of its own: whoever hangs up in between must find the answer when he asks again.
        let done = tokio::spawn(async move {
            let mut is_new = false;
            let begin = async {
                let done = work.await?;
                is_new = true;
                let bytes = bytes_of(&done.body);
                Ok::<_, Problem>((done, bytes))
            };
            let done = answer.get_or_try_init(|| begin).await;
            let done = done.map(|(made, _)| made.clone());
            lock(&kept).end(key, answer, is_new);
            done.map(|made| (made, !is_new))
        });
        let defect = |_| Problem::new("DEFECT", "Something went wrong; please report it.");
        done.await.map_err(defect)?
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Kept {
    /// The place of an answer.
    fn begin(&mut self, key: &Key, hash: blake3::Hash) -> Result<Answer, Problem> {
        let entry = self.entries.entry(key.clone());
        let entry = entry.or_insert_with(|| Entry {
            hash,
            answer: Answer::default(),
        });
        match entry.hash == hash {
            true => Ok(Arc::clone(&entry.answer)),
            false => Err(Problem::new(
                "IDEMPOTENCY_KEY_REUSED",
                "This idempotency key was used for another request.",
            )),
        }
    }

    /// Keeps an answer that is new, and lets go of the oldest ones. A place without an answer goes with the last who
    /// waited for it.
    fn end(&mut self, key: Key, answer: Answer, is_new: bool) {
        let Some((_, bytes)) = answer.get() else {
            drop(answer);
            let entry = self.entries.get(&key);
            if entry.is_some_and(|it| Arc::strong_count(&it.answer) == 1) {
                self.entries.remove(&key);
            }
            return;
        };
        if !is_new {
            return;
        }
        self.bytes += bytes;
        self.order.push_back(key);
        while self.order.len() > KEPT || (self.bytes > KEPT_BYTES && self.order.len() > 1) {
            let oldest = self.order.pop_front();
            let oldest = oldest.and_then(|key| self.entries.remove(&key));
            let bytes = oldest.and_then(|it| it.answer.get().map(|(_, bytes)| *bytes));
            self.bytes -= bytes.unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made(body: Value) -> Made {
        Made {
            body,
            unwritten: None,
        }
    }

    async fn run(
        once: &Once,
        key: &str,
        asked: &str,
        work: Result<Value, Problem>,
    ) -> Result<(Value, bool), String> {
        let work = async { work.map(made) };
        let done = once.run("scope", key, asked.as_bytes(), work).await;
        let done = done.map(|(made, is_replayed)| (made.body, is_replayed));
        done.map_err(|problem| problem.code)
    }

    #[tokio::test]
    async fn what_succeeded_is_answered_again_and_what_was_refused_is_tried_again() {
        let once = Once::default();
        let refused = || Err(Problem::new("PRECONDITION_FAILED", "It was changed."));
        let failed = run(&once, "a", "one", refused()).await;
        assert_eq!(failed, Err("PRECONDITION_FAILED".to_owned()));
        // Nothing is left of it: the key may be for something else.
        assert_eq!(
            run(&once, "a", "two", Ok(json!(1))).await,
            Ok((json!(1), false))
        );
        assert_eq!(
            run(&once, "a", "two", refused()).await,
            Ok((json!(1), true))
        );
        let reused = run(&once, "a", "one", Ok(json!(2))).await;
        assert_eq!(reused, Err("IDEMPOTENCY_KEY_REUSED".to_owned()));
    }

    #[tokio::test]
    async fn long_answers_are_kept_up_to_so_many_bytes() {
        let once = Once::default();
        let long = || Ok(json!("x".repeat(KEPT_BYTES / 4)));
        for key in ["a", "b", "c", "d", "e"] {
            run(&once, key, "long", long()).await.expect("it is new");
        }
        assert!(lock(&once.0).bytes <= KEPT_BYTES);
        assert_eq!(lock(&once.0).entries.len(), 3);
        let (_, is_replayed) = run(&once, "e", "long", long()).await.expect("it is kept");
        assert!(is_replayed);
        let (_, is_replayed) = run(&once, "a", "long", long())
            .await
            .expect("it was let go");
        assert!(!is_replayed);
    }

    #[tokio::test]
    async fn of_two_at_once_one_is_carried_out() {
        let once = Arc::new(Once::default());
        let (begun, ends) = tokio::sync::oneshot::channel::<()>();
        let first = {
            let once = Arc::clone(&once);
            let work = async {
                ends.await
                    .map(|()| made(json!(1)))
                    .map_err(|_| Problem::no_session())
            };
            tokio::spawn(async move { once.run("scope", "a", b"one", work).await })
        };
        while lock(&once.0).entries.is_empty() {
            tokio::task::yield_now().await;
        }
        let second = run(&once, "a", "one", Ok(json!(2)));
        let (second, ()) = tokio::join!(second, async { begun.send(()).expect("it waits") });
        let (one, is_replayed) = first.await.expect("it ends").expect("it succeeds");
        assert_eq!((one.body, is_replayed), (json!(1), false));
        assert_eq!(second, Ok((json!(1), true)));
    }
}
