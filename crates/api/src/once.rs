//! Requests that are carried out once, however often they come (the header `Idempotency-Key`).

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::problem::Problem;

/// Answers that are kept. One costs about 1 kB.
const KEPT: usize = 10_000;
/// Longest key.
const KEY_CHARACTERS: usize = 255;

/// A status and a body.
pub(crate) type Answer = (StatusCode, Value);

type Key = (String, String);

struct Entry {
    /// Of what was asked.
    hash: blake3::Hash,
    answer: Arc<OnceCell<Answer>>,
}

#[derive(Default)]
struct Kept {
    entries: BTreeMap<Key, Entry>,
    order: VecDeque<Key>,
}

/// The answers of the last keys. They last as long as the server.
#[derive(Default)]
pub(crate) struct Once(Mutex<Kept>);

impl Once {
    /// Carries something out unless this was done before, or is being done; then its answer is given, and `true`.
    ///
    /// # Errors
    /// If the key was used for something else, or is none.
    pub(crate) async fn run(
        &self,
        scope: &str,
        key: &str,
        asked: &[u8],
        work: impl Future<Output = Answer> + Send + 'static,
    ) -> Result<(Answer, bool), Problem> {
        if key.is_empty() || key.chars().count() > KEY_CHARACTERS {
            let detail = format!("An idempotency key has 1 to {KEY_CHARACTERS} characters.");
            return Err(Problem::new("INVALID_REQUEST", detail));
        }
        let cell = self.cell((scope.to_owned(), key.to_owned()), blake3::hash(asked))?;
        // In a task of its own: whoever hangs up in between must find the answer when he asks again.
        let done = tokio::spawn(async move {
            let mut is_new = false;
            let begin = || {
                is_new = true;
                work
            };
            let answer = cell.get_or_init(begin).await.clone();
            (answer, !is_new)
        });
        done.await
            .map_err(|_| Problem::new("DEFECT", "Something went wrong; please report it."))
    }

    fn cell(&self, key: Key, hash: blake3::Hash) -> Result<Arc<OnceCell<Answer>>, Problem> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = kept.entries.get(&key) {
            return match entry.hash == hash {
                true => Ok(Arc::clone(&entry.answer)),
                false => Err(Problem::new(
                    "IDEMPOTENCY_KEY_REUSED",
                    "This idempotency key was used for another request.",
                )),
            };
        }
        if kept.order.len() == KEPT
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.entries.remove(&oldest);
        }
        let answer = Arc::new(OnceCell::new());
        kept.order.push_back(key.clone());
        let entry = Entry {
            hash,
            answer: Arc::clone(&answer),
        };
        kept.entries.insert(key, entry);
        Ok(answer)
    }
}
