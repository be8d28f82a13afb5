//! The rooms of a relay: opened from the store when somebody comes, forgotten when everybody has gone.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use store::{Store, StoreError};
use sync::ByeCode;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
    time,
};
use trust::{DeviceId, RoomId};

use crate::{
    access::Access,
    hosts::{Hosts, NotRedeemed, Redeemer},
    inbox::{Inbox, inbox},
    limits::SharedLimits,
    log,
    offences::Offences,
    room::Room,
    room_task::{Premises, RoomTask},
    rooms::{Opening, Rooms, Visitor},
    stop::Stopper,
    transport::Transport,
};

/// Rooms read from disk at once. Each takes a thread while it is read, and a thousand clients that come back together
/// want a thousand rooms.
const LOADS_AT_ONCE: usize = 4;

/// So many devices are remembered with what was wrong with their tokens. Above it all are forgotten: who comes again says it
/// again.
const UNREDEEMED: usize = 1_024;

/// Rooms whose logs are in a store and that nobody here reads.
///
/// A room is one task while somebody is in it, and a minute longer. Dropping this ends all of them; frames that the store
/// was given are written all the same.
pub struct StoredRooms {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    own: Transport,
    access: Access,
    hosts: watch::Sender<Hosts>,
    /// One at a time, so that what was learnt last holds.
    redeemer: Option<tokio::sync::Mutex<Arc<dyn Redeemer>>>,
    unredeemed: Unredeemed,
    limits: SharedLimits,
    offences: Offences,
    rooms: Mutex<BTreeMap<RoomId, Arc<Entry>>>,
    tasks: Mutex<JoinSet<()>>,
    loads: Semaphore,
    stopper: Stopper,
}

/// Why what somebody brought lately did not let her host rooms.
#[derive(Clone, Default)]
pub(crate) struct Unredeemed(Arc<Mutex<BTreeMap<DeviceId, NotRedeemed>>>);

impl Unredeemed {
    pub(crate) fn why(&self, device: &DeviceId) -> Option<NotRedeemed> {
        lock(&self.0).get(device).copied()
    }

    fn forget(&self, device: DeviceId) {
        lock(&self.0).remove(&device);
    }

    fn note(&self, device: DeviceId, why: NotRedeemed) {
        let mut unredeemed = lock(&self.0);
        if unredeemed.len() >= UNREDEEMED {
            unredeemed.clear();
        }
        unredeemed.insert(device, why);
    }
}

/// The inbox of a room that is open; locked while it is being opened.
type Entry = tokio::sync::Mutex<Option<Inbox>>;

impl StoredRooms {
    /// Keeps everybody's rooms in `store` as `own` device. Open ones are for visitors of this machine.
    pub fn new(
        store: Arc<dyn Store>,
        own: impl Into<Transport>,
        limits: impl Into<SharedLimits>,
    ) -> Self {
        Self::with_access(store, own, Access::default(), limits)
    }

    /// The same, with open rooms for whom `access` permits.
    pub fn with_access(
        store: Arc<dyn Store>,
        own: impl Into<Transport>,
        access: Access,
        limits: impl Into<SharedLimits>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                store,
                own: own.into(),
                access,
                hosts: watch::Sender::new(Hosts::Everybody),
                redeemer: None,
                unredeemed: Unredeemed::default(),
                limits: limits.into(),
                offences: Offences::default(),
                rooms: Mutex::default(),
                tasks: Mutex::default(),
                loads: Semaphore::new(LOADS_AT_ONCE),
                stopper: Stopper::new(),
            }),
        }
    }

    /// The same, and this one judges what visitors bring to have rooms kept.
    ///
    /// # Panics
    /// If somebody has been here already.
    #[must_use]
    pub fn with_redeemer(mut self, redeemer: Arc<dyn Redeemer>) -> Self {
        let shared = Arc::get_mut(&mut self.shared);
        shared.expect("nobody has been here yet").redeemer = Some(redeemer.into());
        self
    }

    /// Whose rooms are kept from now on. Everybody in another one is sent away at once; what is on disk stays.
    pub fn set_hosts(&self, hosts: Hosts) {
        self.shared.set_hosts(hosts);
    }

    /// Who broke the rules lately.
    pub fn offences(&self) -> Offences {
        self.shared.offences.clone()
    }

    /// How many rooms are open.
    pub fn len(&self) -> usize {
        lock(&self.shared.rooms).len()
    }

    /// Whether no room is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Opens no further room and waits until all have stored what they were given; says whether they have in time. Links
    /// should be gone by then, since rooms wait for them.
    pub async fn close(&self, deadline: Duration) -> bool {
        self.shared.stopper.stop();
        let mut tasks = std::mem::take(&mut *lock(&self.shared.tasks));
        let all = async { while tasks.join_next().await.is_some() {} };
        time::timeout(deadline, all).await.is_ok()
    }
}

impl Drop for StoredRooms {
    fn drop(&mut self) {
        lock(&self.shared.tasks).abort_all();
    }
}

impl Rooms for StoredRooms {
    fn device(&self) -> DeviceId {
        self.shared.own.device()
    }

    fn transport(&self) -> Transport {
        self.shared.own.clone()
    }

    fn open(&self, visitor: Visitor) -> Opening<'_> {
        Box::pin(async move {
            let room = visitor.room;
            self.shared.redeem(visitor).await;
            self.shared.clone().open(room).await
        })
    }
}

impl Shared {
    fn set_hosts(&self, hosts: Hosts) {
        self.hosts.send_if_modified(|known| {
            let is_news = *known != hosts;
            *known = hosts;
            is_news
        });
    }

    /// Lets a device host rooms if it does not yet and brings what it takes. If that does not let it in, it may be in rooms of
    /// others all the same; where it is sent away, it is told why.
    async fn redeem(&self, visitor: Visitor) {
        let device = visitor.device;
        let (Some(token), Some(redeemer)) = (visitor.hosting, &self.redeemer) else {
            return;
        };
        let turn = redeemer.lock().await;
        if self.hosts.borrow().permits([&device]) {
            return;
        }
        let redeemer = turn.clone();
        let redeem = move || redeemer.redeem(&token, device);
        let redeemed = tokio::task::spawn_blocking(redeem).await;
        match redeemed.unwrap_or(Err(NotRedeemed::Unavailable)) {
            Ok(hosts) => {
                self.unredeemed.forget(device);
                self.set_hosts(hosts);
            }
            Err(why) => {
                tracing::warn!(%device, remote = %visitor.remote, %why, "hosts no rooms");
                self.unredeemed.note(device, why);
            }
        }
    }

    async fn open(self: Arc<Self>, id: RoomId) -> Result<Inbox, ByeCode> {
        if self.stopper.has_stopped() {
            return Err(ByeCode::ShuttingDown);
        }
        let entry = {
            let mut rooms = lock(&self.rooms);
            if rooms.len() >= self.limits.now().rooms && !rooms.contains_key(&id) {
                return Err(ByeCode::Busy);
            }
            rooms.entry(id).or_default().clone()
        };
        let mut open = entry.lock().await;
        if let Some(inbox) = open.as_ref().filter(|inbox| !inbox.is_closed()) {
            return Ok(inbox.clone());
        }
        let (room, log_bytes) = self.load(id).await.map_err(|error| {
            tracing::error!(room = %id, %error, "cannot open a room");
            ByeCode::Busy
        })?;
        let (sender, receiver) = inbox(self.limits.now().inbox_bytes);
        *open = Some(sender.clone());
        let premises = Premises {
            access: self.access,
            hosts: self.hosts.subscribe(),
            unredeemed: self.unredeemed.clone(),
            limits: self.limits.clone(),
            store: self.store.clone(),
            offences: self.offences.clone(),
        };
        let mut task = RoomTask::new(id, (room, log_bytes), receiver, premises);
        let stop = self.stopper.listen();
        let shared = Arc::downgrade(&self);
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            task.run(stop).await;
            if let Some(shared) = shared.upgrade() {
                shared.forget(id);
            }
        });
        Ok(sender)
    }

    async fn load(&self, id: RoomId) -> Result<(Room, u64), StoreError> {
        let _turn = self.loads.acquire().await;
        let (store, device) = (self.store.clone(), self.own.device());
        let quota_bytes = self.limits.now().blob_bytes;
        let load = move || log::open(&*store, id, device, quota_bytes);
        tokio::task::spawn_blocking(load)
            .await
            .unwrap_or(Err(StoreError::Closed))
    }

    /// Removes the entry of a room whose task is over, unless somebody is opening it anew.
    fn forget(&self, id: RoomId) {
        let mut rooms = lock(&self.rooms);
        let is_over = rooms.get(&id).is_some_and(|entry| {
            entry
                .try_lock()
                .is_ok_and(|open| open.as_ref().is_none_or(Inbox::is_closed))
        });
        if is_over {
            rooms.remove(&id);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
