//! What every part of the running application may touch: the store, the clock, the windows' ears.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: clock, randomness and blocking work are lent out from here"
)]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use graph::time::Timestamp;
use rand_core::{CryptoRng, OsRng, RngCore};
use store::{State, Store};
use sync::BlobName;
use tokio::sync::{broadcast, watch};
use uuid::Uuid;

use crate::event::{Event, SaveState};
use crate::failure::Failure;
use crate::panics;
use crate::progress::Tasks;
use crate::request::ProjectId;
use crate::saving::{Saving, Unsaved};

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// So long after its last piece was given away an attachment is taken to be on its way to somebody.
const LENT_MS: i64 = 10 * 60 * 1000;

/// Events that a slow window may fall behind before it must take a snapshot.
const EVENTS: usize = 1024;

/// Store, clock, events and what is unsaved; shared by the application and its projects' tasks.
pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    clock: Clock,
    events: broadcast::Sender<Arc<Event>>,
    saving: Mutex<Saving>,
    /// Long work that is under way.
    pub(crate) tasks: Tasks,
    disk: watch::Sender<State>,
    /// Something was written since the last backup, or it is not known.
    edited: AtomicBool,
    /// Held from the look whether a backup is due until it is made.
    pub(crate) backing_up: Mutex<()>,
    /// Held for reading while an attachment is here that nothing names yet; for writing while some are removed.
    pub(crate) keeping: tokio::sync::RwLock<()>,
    /// When attachments were last given to somebody else.
    lent: Mutex<BTreeMap<BlobName, Timestamp>>,
    /// Held while a thumbnail is made: a picture may take much memory.
    pub(crate) drawing: Mutex<()>,
    /// Held while a record is read, changed and written back.
    pub(crate) catalogue: Mutex<()>,
}

impl World {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Clock) -> Self {
        let (now, is_read_only) = (clock(), store.is_read_only());
        let disk = watch::Sender::new(store.state());
        let told = disk.clone();
        store.watch(Box::new(move |state| {
            drop(told.send_replace(state.clone()))
        }));
        Self {
            disk,
            store,
            clock,
            events: broadcast::Sender::new(EVENTS),
            saving: Mutex::new(Saving::new(now, is_read_only)),
            tasks: Tasks::default(),
            edited: AtomicBool::new(true),
            backing_up: Mutex::default(),
            keeping: tokio::sync::RwLock::new(()),
            lent: Mutex::default(),
            drawing: Mutex::new(()),
            catalogue: Mutex::new(()),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// An attachment is being given to somebody else.
    pub(crate) fn lend(&self, name: BlobName) {
        let now = self.now();
        let mut lent = locked(&self.lent);
        lent.retain(|_, at| now.0.saturating_sub(at.0) < LENT_MS);
        lent.insert(name, now);
    }

    /// Whether an attachment was given to somebody else a moment ago, who may want the rest.
    pub(crate) fn is_lent(&self, name: BlobName) -> bool {
        let lent = locked(&self.lent).get(&name).copied();
        lent.is_some_and(|at| self.now().0.saturating_sub(at.0) < LENT_MS)
    }

    /// What tells the time.
    pub(crate) fn clock(&self) -> Clock {
        Arc::clone(&self.clock)
    }

    /// Tells every window; false if there is none, which is no fault.
    pub(crate) fn emit(&self, event: Event) -> bool {
        self.events.send(Arc::new(event)).is_ok()
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Arc<Event>> {
        self.events.subscribe()
    }

    /// Whether the disk takes writes; wakes whoever waits for a change of that.
    pub(crate) fn disk(&self) -> watch::Receiver<State> {
        self.disk.subscribe()
    }

    /// Notes what a project has not saved yet and tells windows when that makes a difference.
    pub(crate) fn unsaved(&self, project: ProjectId, unsaved: Unsaved) {
        self.edited.store(true, Ordering::Relaxed);
        let mut saving = locked(&self.saving);
        // Emitted under the lock, so that windows hear of states in the order in which they came.
        if let Some(state) = saving.update(project, unsaved, self.now()) {
            self.emit(Event::Saving { state });
        }
    }

    pub(crate) fn has_edits_since_backup(&self) -> bool {
        self.edited.load(Ordering::Relaxed)
    }

    /// Notes that a backup is about to be made; what is written meanwhile counts for the next one.
    pub(crate) fn begin_backup(&self) {
        self.edited.store(false, Ordering::Relaxed);
    }

    /// Notes that a backup that was begun did not come about.
    pub(crate) fn backup_is_due(&self) {
        self.edited.store(true, Ordering::Relaxed);
    }

    pub(crate) fn save_state(&self) -> SaveState {
        locked(&self.saving).state()
    }

    /// Runs what may take long, or waits for the disk, beside the tasks.
    pub(crate) async fn blocking<T, E>(
        self: &Arc<Self>,
        work: impl FnOnce(&World) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        E: Send + 'static,
        Failure: From<E>,
    {
        let world = Arc::clone(self);
        let job = tokio::task::spawn_blocking(move || {
            catch_unwind(AssertUnwindSafe(|| work(&world))).map_err(|it| panics::message(&*it))
        });
        match job.await {
            Ok(Ok(done)) => done.map_err(Failure::from),
            Ok(Err(panic)) => Err(defect(&panic)),
            Err(_) => Err(Failure::closed()),
        }
    }
}

/// Milliseconds since 1970 by the system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let elapsed = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    })
}

/// An id that sorts by time.
pub(crate) fn new_id() -> Uuid {
    #[cfg(feature = "testing")]
    if let Some(id) = crate::machine::drawn_id() {
        return id;
    }
    Uuid::now_v7()
}

/// An id that says nothing about when and where.
pub(crate) fn random_id() -> Uuid {
    #[cfg(feature = "testing")]
    if let Some(id) = crate::machine::drawn_id() {
        return id;
    }
    Uuid::new_v4()
}

/// Randomness for keys and seals: the system's, or in a simulation that of its seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Random;

impl RngCore for Random {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        #[cfg(feature = "testing")]
        if crate::machine::draw(bytes) {
            return;
        }
        OsRng.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Random {}

/// The content of a lock. A panic elsewhere is reported there; what the lock guards is replaced whole.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn defect(report: &str) -> Failure {
    Failure::new(
        "DEFECT",
        "Something went wrong inside Talus Tally. Nothing was changed; please report it.",
    )
    .with_detail(report)
}
