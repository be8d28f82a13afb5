//! The rooms of a relay: opened from the store when somebody comes, forgotten when everybody has gone.

mod share;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use store::{Store, StoreError};
use sync::ByeCode;
use tokio::{
    sync::{oneshot, watch},
    task::JoinSet,
    time,
};
use trust::{DeviceId, RoomId};

use crate::{
    access::Access,
    census::{remove_stored, stored_room, stored_rooms},
    cluster::Cluster,
    hosts::{Hosts, NotRedeemed, Redeemer},
    inbox::{Inbox, inbox},
    limits::SharedLimits,
    log,
    metrics::Metrics,
    offences::Offences,
    readers::Readers,
    room_task::{Found, Notice, OpenRoom, Order, Orders, Premises, RoomTask},
    rooms::{Opening, Rooms, Visitor},
    transport::Transport,
    usage::Usage,
};

/// So many devices are remembered with what was wrong with their tokens. Above it all are forgotten: who comes again says it
/// again.
const UNREDEEMED: usize = 1_024;

/// For everybody in a room to leave, and for the room to store what it was given.
const LEAVE: Duration = Duration::from_secs(10);

/// Rooms whose logs are in a store and that nobody here reads.
///
/// A room is one task while somebody is in it, and a minute longer. Dropping this ends all of them; frames that the store
/// was given are written all the same.
pub struct StoredRooms {
    shared: Arc<Shared>,
}

struct Shared {
    own: Transport,
    /// What every room looks at; changed only before somebody is here.
    premises: Arc<Premises>,
    /// One at a time, so that what was learnt last holds.
    redeemer: Option<tokio::sync::Mutex<Arc<dyn Redeemer>>>,
    rooms: Mutex<BTreeMap<RoomId, Arc<Entry>>>,
    tasks: Mutex<JoinSet<()>>,
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

/// A room that is open; locked while it is being opened or removed.
type Entry = tokio::sync::Mutex<Option<Open>>;

/// The ways to a room's task.
struct Open {
    inbox: Inbox,
    orders: Orders,
}

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
                own: own.into(),
                premises: Arc::new(Premises {
                    access,
                    notice: watch::Sender::new(Notice {
                        hosts: Hosts::Everybody,
                        is_closing: false,
                    }),
                    readers: Readers::default(),
                    unredeemed: Unredeemed::default(),
                    limits: limits.into(),
                    store,
                    offences: Offences::default(),
                    metrics: Metrics::default(),
                    usage: Usage::default(),
                    cluster: None,
                }),
                redeemer: None,
                rooms: Mutex::default(),
                tasks: Mutex::default(),
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

    /// The same, with rooms that other relays have, too.
    ///
    /// # Panics
    /// If somebody has been here already.
    #[must_use]
    pub fn with_cluster(mut self, cluster: Arc<dyn Cluster>) -> Self {
        let shared = Arc::get_mut(&mut self.shared);
        let premises = shared.and_then(|it| Arc::get_mut(&mut it.premises));
        premises.expect("nobody has been here yet").cluster = Some(cluster);
        self
    }

    /// Whose rooms are kept from now on. Everybody in another one is sent away at once; what is on disk stays.
    pub fn set_hosts(&self, hosts: Hosts) {
        self.shared.set_hosts(hosts);
    }

    /// Who broke the rules lately.
    pub fn offences(&self) -> Offences {
        self.shared.premises.offences.clone()
    }

    /// How many rooms are open.
    pub fn len(&self) -> usize {
        lock(&self.shared.rooms).len()
    }

    /// Whether no room is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What happened so far.
    pub fn metrics(&self) -> Metrics {
        self.shared.premises.metrics.clone()
    }

    /// Learns from the store how much is kept for whom, and says how many rooms there are. Until then a room counts from when it
    /// is opened. It waits for the disk.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn survey(&self) -> Result<usize, StoreError> {
        let shared = &self.shared;
        let hosts = shared.premises.notice.borrow().hosts.clone();
        let rooms = stored_rooms(&*shared.premises.store)?;
        for room in &rooms {
            let payer = room.owners.iter().find(|owner| hosts.permits([*owner]));
            // Whoever has opened it since knows better.
            let is_open = lock(&shared.rooms).contains_key(&room.room);
            if let Some(payer) = payer.filter(|_| !is_open) {
                shared
                    .premises
                    .usage
                    .charge(room.room, *payer, room.log_bytes);
            }
        }
        Ok(rooms.len())
    }

    /// Every room that is open.
    pub async fn look(&self) -> BTreeMap<RoomId, OpenRoom> {
        let mut open = BTreeMap::new();
        for (id, answer) in self.shared.order_all(Order::Look).await {
            if let Ok(room) = answer.await {
                open.insert(id, room);
            }
        }
        open
    }

    /// Ends all links of a device, and says how many there were. It may come again.
    pub async fn kick(&self, device: DeviceId) -> usize {
        let order = |answer| Order::Kick(device, answer);
        let mut ended = 0;
        for (_, answer) in self.shared.order_all(order).await {
            ended += answer.await.unwrap_or(0);
        }
        ended
    }

    /// Sends everybody in a room away and removes it with its attachments; says whether it was there. If one of its owners may
    /// still keep rooms here, whoever comes again brings what it has.
    ///
    /// # Errors
    /// If the room does not end in time, or the store does not remove it.
    pub async fn remove(&self, room: RoomId) -> Result<bool, StoreError> {
        self.shared.remove(room).await
    }

    /// Removes every room, as [`remove`](Self::remove) does, in which nobody has been since then, in milliseconds since 1970, and
    /// says which. One of which no visit is known stays.
    ///
    /// # Errors
    /// If the store cannot be read or does not remove one.
    pub async fn expire(&self, before_ms: u64) -> Result<Vec<RoomId>, StoreError> {
        let store = self.shared.premises.store.clone();
        let census = move || stored_rooms(&*store);
        let census = tokio::task::spawn_blocking(census).await;
        let mut expired = Vec::new();
        for room in census.unwrap_or(Err(StoreError::Closed))? {
            let is_old = room.visited_ms.is_some_and(|it| it < before_ms);
            if is_old && self.shared.remove_unvisited(room.room, before_ms).await? {
                expired.push(room.room);
            }
        }
        Ok(expired)
    }

    /// Opens no further room and waits until all have stored what they were given; says whether they have in time. Links
    /// should be gone by then, since rooms wait for them.
    pub async fn close(&self, deadline: Duration) -> bool {
        let notice = &self.shared.premises.notice;
        notice.send_modify(|notice| notice.is_closing = true);
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

    fn metrics(&self) -> Metrics {
        self.shared.premises.metrics.clone()
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
        self.premises.notice.send_if_modified(|notice| {
            let is_news = notice.hosts != hosts;
            notice.hosts = hosts;
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
        if self.premises.notice.borrow().hosts.permits([&device]) {
            return;
        }
        let redeemer = turn.clone();
        let redeem = move || redeemer.redeem(&token, device);
        let redeemed = tokio::task::spawn_blocking(redeem).await;
        match redeemed.unwrap_or(Err(NotRedeemed::Unavailable)) {
            Ok(hosts) => {
                self.premises.unredeemed.forget(device);
                self.set_hosts(hosts);
            }
            Err(why) => {
                tracing::warn!(%device, remote = %visitor.remote, %why, "hosts no rooms");
                self.premises.unredeemed.note(device, why);
            }
        }
    }

    async fn open(self: Arc<Self>, id: RoomId) -> Result<Inbox, ByeCode> {
        if self.premises.notice.borrow().is_closing {
            return Err(ByeCode::ShuttingDown);
        }
        let entry = {
            let mut rooms = lock(&self.rooms);
            if rooms.len() >= self.premises.limits.now().rooms && !rooms.contains_key(&id) {
                return Err(ByeCode::Busy);
            }
            rooms.entry(id).or_default().clone()
        };
        let mut open = entry.lock().await;
        if let Some(open) = open.as_ref().filter(|open| !open.inbox.is_closed()) {
            return Ok(open.inbox.clone());
        }
        let found = self.load(id).await.map_err(|error| {
            tracing::error!(room = %id, %error, "cannot open a room");
            ByeCode::Busy
        })?;
        let (sender, receiver) = inbox(self.premises.limits.now().inbox_bytes);
        let mut task = RoomTask::new(id, found, receiver, self.premises.clone());
        *open = Some(Open {
            inbox: sender.clone(),
            orders: task.orders(),
        });
        let shared = Arc::downgrade(&self);
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            task.run().await;
            let id = task.id();
            drop(task);
            if let Some(shared) = shared.upgrade() {
                shared.forget(id);
            }
        });
        Ok(sender)
    }

    async fn load(&self, id: RoomId) -> Result<Found, StoreError> {
        let (store, device) = (self.premises.store.clone(), self.own.device());
        let quota_bytes = self.premises.limits.now().blob_bytes;
        let (answer, found) = oneshot::channel();
        self.premises.readers.give(move || {
            // Who wanted it may have gone while it waited for its turn.
            if !answer.is_closed() {
                let _ = answer.send(log::open(&*store, id, device, quota_bytes));
            }
        });
        found.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Gives every room that is open an order, and returns by what each answers.
    async fn order_all<T>(
        &self,
        order: impl Fn(oneshot::Sender<T>) -> Order,
    ) -> Vec<(RoomId, oneshot::Receiver<T>)> {
        let entries: Vec<_> = lock(&self.rooms)
            .iter()
            .map(|(id, entry)| (*id, entry.clone()))
            .collect();
        let mut answers = Vec::with_capacity(entries.len());
        for (id, entry) in entries {
            if let Some(open) = entry.lock().await.as_ref() {
                let (answer, answered) = oneshot::channel();
                open.orders.give(order(answer));
                answers.push((id, answered));
            }
        }
        answers
    }

    async fn remove(&self, id: RoomId) -> Result<bool, StoreError> {
        let entry = lock(&self.rooms).entry(id).or_default().clone();
        // Nobody opens it meanwhile.
        let mut open = entry.lock().await;
        if let Some(open) = open.as_ref().filter(|it| !it.inbox.is_closed()) {
            let (ended, has_ended) = oneshot::channel();
            open.orders.give(Order::Leave(ended));
            let end = time::timeout(LEAVE, has_ended).await;
            // It answers by being gone.
            end.map_err(|_| StoreError::TimedOut)?.unwrap_or(());
        }
        *open = None;
        self.remove_closed(id, open, remove_stored).await
    }

    async fn remove_unvisited(&self, id: RoomId, before_ms: u64) -> Result<bool, StoreError> {
        let entry = lock(&self.rooms).entry(id).or_default().clone();
        let open = entry.lock().await;
        if open.as_ref().is_some_and(|it| !it.inbox.is_closed()) {
            return Ok(false);
        }
        let remove = move |store: &dyn Store, id| {
            // Somebody may have come and gone since the census.
            let visited_ms = stored_room(store, id)?.and_then(|it| it.visited_ms);
            match visited_ms.is_some_and(|it| it < before_ms) {
                true => remove_stored(store, id),
                false => Ok(false),
            }
        };
        self.remove_closed(id, open, remove).await
    }

    /// Has `remove` work on the disk while nobody can open the room.
    async fn remove_closed(
        &self,
        id: RoomId,
        open: tokio::sync::MutexGuard<'_, Option<Open>>,
        remove: impl FnOnce(&dyn Store, RoomId) -> Result<bool, StoreError> + Send + 'static,
    ) -> Result<bool, StoreError> {
        let store = self.premises.store.clone();
        let removed = tokio::task::spawn_blocking(move || remove(&*store, id)).await;
        let removed = removed.unwrap_or(Err(StoreError::Closed));
        if matches!(removed, Ok(true)) {
            self.premises.usage.release(id);
        }
        drop(open);
        self.forget(id);
        removed
    }

    /// Removes the entry of a room whose task is over, unless somebody is opening it anew.
    fn forget(&self, id: RoomId) {
        let mut rooms = lock(&self.rooms);
        let is_over = rooms.get(&id).is_some_and(|entry| {
            entry
                .try_lock()
                .is_ok_and(|open| open.as_ref().is_none_or(|it| it.inbox.is_closed()))
        });
        if is_over {
            rooms.remove(&id);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
