//! What a room has the disk do.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use store::{Acknowledgement, BlobHash, RoomWrite, Store, StoreError};
use sync::{LinkId, LogRange};
use tokio::task::spawn_blocking;

use super::{Done, MEND_MS, RoomTask};
use crate::{
    clock::{now_ms, unix_ms},
    log, pieces,
    room::{Batch, Effect, Fate, Input},
};

impl RoomTask {
    /// Stores a batch; if the room is not on disk, with the next [`begin`](Self::begin).
    pub(super) fn store(&mut self, batch: Batch) {
        if let Some(beginning) = &mut self.beginning {
            beginning.batches.push(batch);
            return;
        }
        let frames = batch.frames.iter().map(|frame| frame.bytes().len() as u64);
        let bytes = frames.sum();
        self.log_bytes += bytes;
        self.premises.metrics.store(batch.frames.len(), bytes);
        self.charge();
        self.append(log::write(self.key(), &batch));
    }

    /// Makes the room on disk, and stores what waits for that.
    pub(super) async fn begin(&mut self) {
        let beginning = self.beginning.as_mut();
        let batches = beginning.map(|it| std::mem::take(&mut it.batches));
        let is_made = self.create().await;
        for batch in batches.into_iter().flatten() {
            match is_made {
                true => self.store(batch),
                false => self.handle(Input::Stored(Fate::Failed)),
            }
        }
    }

    /// Makes the room on disk if it is not there; says whether it is.
    async fn create(&mut self) -> bool {
        let Some(beginning) = &self.beginning else {
            return true;
        };
        let members = log::members_meta(&beginning.members);
        let (store, key) = (self.premises.store.clone(), self.key());
        self.visited_ms = unix_ms();
        let meta = vec![members, log::visited_meta(self.visited_ms)];
        let created = spawn_blocking(move || store.rooms().create(key, meta));
        match created.await {
            Ok(Ok(()) | Err(StoreError::RoomExists(_))) => self.beginning = None,
            Ok(Err(error)) => tracing::error!(room = %self.id, %error, "cannot make a room"),
            Err(_) => {}
        }
        self.beginning.is_none()
    }

    fn append(&self, write: RoomWrite) {
        let (done, metrics, begin) = (
            self.done.clone(),
            self.premises.metrics.clone(),
            Instant::now(),
        );
        let room = self.id;
        let acknowledge = move |acknowledgement| {
            let fate = match acknowledgement {
                Acknowledgement::Written(_) => {
                    metrics.written(begin.elapsed());
                    Fate::Written
                }
                Acknowledgement::Durable(_) => {
                    metrics.durable(begin.elapsed());
                    Fate::Durable
                }
                Acknowledgement::Failed(error) => {
                    // Until it succeeds nothing is acknowledged or forwarded, and it is tried again all the time.
                    tracing::error!(%room, %error, "cannot write what came; it is tried again");
                    Fate::Failed
                }
            };
            // The room may be gone by then.
            let _ = done.push(Done::Stored(fate));
        };
        self.premises
            .store
            .rooms()
            .append(write, Box::new(acknowledge));
    }

    /// Has something done beside this task that waits for the disk.
    fn beside(&self, work: impl FnOnce(&dyn Store) -> Done + Send + 'static) {
        spawn_blocking(self.told(work));
    }

    /// This, with what became of it told to this task.
    fn told(
        &self,
        work: impl FnOnce(&dyn Store) -> Done + Send + 'static,
    ) -> impl FnOnce() + Send + 'static {
        let (store, done) = (self.premises.store.clone(), self.done.clone());
        move || {
            let work = AssertUnwindSafe(|| work(&*store));
            let _ = done.push(catch_unwind(work).unwrap_or(Done::Panicked));
        }
    }

    pub(super) fn replay(&mut self, link: LinkId, ranges: Vec<LogRange>, max_bytes: usize) {
        let (key, id) = (self.key(), self.id);
        let read = self.told(move |store| {
            let frames = log::read(store, key, &ranges, max_bytes).unwrap_or_else(|error| {
                tracing::error!(room = %id, %error, "cannot read a log");
                vec![]
            });
            Done::Replayed(link, frames)
        });
        self.premises.readers.give(read);
    }

    pub(super) fn keep_next(&mut self) {
        if self.is_keeping {
            return;
        }
        if let Some(piece) = self.pieces.pop_front() {
            self.is_keeping = true;
            self.beside(move |store| Done::Kept(piece.name, pieces::keep_piece(store, &piece)));
        }
    }

    pub(super) fn work_on(&mut self, effect: Effect) {
        let key = self.key();
        self.beside(move |store| match effect {
            Effect::ReadBlob(link, name, offset) => {
                Done::Read(link, name, pieces::read_piece(store, name, offset))
            }
            Effect::FindBlob(name) => {
                let part = store.blobs().part(BlobHash(name.0));
                Done::Found(name, part.unwrap_or(0))
            }
            Effect::DropBlobs(names) => {
                for name in names {
                    // What stays behind is found by nobody, and replaced when it comes again.
                    let _ = store.blobs().remove(BlobHash(name.0));
                    let _ = store.blobs().drop_part(BlobHash(name.0));
                }
                Done::Removed
            }
            Effect::DropFrames(base) => {
                // What stays goes with the next snapshot.
                if let Err(error) = log::drop_below(store, key, &base) {
                    tracing::warn!(%error, "cannot drop frames");
                }
                Done::Dropped(store.rooms().load(key).ok().map(|it| it.bytes))
            }
            Effect::DropPart(name) => {
                let _ = store.blobs().drop_part(BlobHash(name.0));
                Done::Removed
            }
            _ => Done::Removed,
        });
    }

    /// Tries the disk again when it is time.
    pub(super) fn mend(&mut self) {
        let now_ms = now_ms();
        if !self.room.is_stuck() {
            self.mend_at_ms = None;
        } else if self.mend_at_ms.get_or_insert(now_ms + MEND_MS) <= &mut { now_ms } {
            self.mend_at_ms = None;
            let key = self.key();
            self.beside(move |store| Done::Mended(store.rooms().retry(key).is_ok()));
        }
    }
}
