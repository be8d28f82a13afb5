//! The rooms of the open projects, and what is dialled for each.

mod door;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use discovery::DevicePrefix;
use graph::time::Timestamp;
use relay::{
    Access, Address, DialFailure, DialState, Dialled, Doubter, Inbox, Limits, NoLink, Reception,
    Target, Transport, dial, now_ms,
};
use sync::{LinkId, Side};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use trust::{DeviceId, RoomId};

use super::book::Book;
use super::lan::Machine;
use super::task::Task;
use super::turn::{Standing, Turn, goes_on};
use super::words;
use crate::pins::{Place, Whom};
use crate::sharing::{LinkOrigin, LinkState, PeerLink};
use crate::world::{Clock, locked};

/// Windows hear of links at most this often.
const TELL: Duration = Duration::from_millis(150);

/// Whoever is to hear how the links of a room are.
pub(crate) type Listener = Box<dyn Fn(Vec<PeerLink>) + Send + Sync>;

/// The rooms of the open projects.
pub(crate) struct OpenRooms {
    own: Transport,
    /// Who may come into open rooms.
    access: Access,
    clock: Clock,
    entered: Mutex<BTreeMap<RoomId, Entered>>,
    /// Those that announce themselves, by name.
    machines: Mutex<BTreeMap<String, Machine>>,
    /// Who pairs with others.
    reception: Arc<dyn Reception>,
    /// There may be somebody else to dial.
    pub(super) stirred: Arc<Notify>,
    /// Machines that were found and are not reached, by name.
    pub(super) doubted: Arc<Mutex<BTreeSet<String>>>,
    /// Has the links of those who came prove that they are alive.
    doubter: Doubter,
}

struct Entered {
    /// Everybody who reaches it may be in it.
    is_open: bool,
    inbox: Inbox,
    book: Arc<Book>,
    dials: BTreeMap<Dial, Dialling>,
    /// Since when there is no link to a machine that was found.
    silent: BTreeMap<DevicePrefix, Instant>,
    _teller: Task,
}

/// What is dialled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dial {
    /// An address that somebody typed, or that came with an invitation.
    Typed(Address),
    /// An admin's relay.
    Relay(Address),
    /// A machine on the local network, by the name under which it announces itself.
    Found(String),
}

struct Dialling {
    dialled: Dialled,
    /// Who was expected when it was begun.
    whom: Whom,
    address: String,
    last: Arc<Mutex<Last>>,
    _watcher: Task,
}

/// What has come of a dial so far.
#[derive(Default)]
struct Last {
    /// The last link.
    link: Option<LinkId>,
    /// When it is dialled again.
    until: Timestamp,
}

impl OpenRooms {
    pub(super) fn new(
        own: Transport,
        access: Access,
        clock: Clock,
        reception: Arc<dyn Reception>,
    ) -> Self {
        Self {
            own,
            access,
            clock,
            entered: Mutex::default(),
            machines: Mutex::default(),
            reception,
            stirred: Arc::default(),
            doubted: Arc::default(),
            doubter: Doubter::new(),
        }
    }

    /// Opens a room to others. `tell` hears how its links are, whenever that differs.
    pub(super) fn enter(
        self: &Arc<Self>,
        room: RoomId,
        is_open: bool,
        inbox: Inbox,
        tell: Listener,
    ) -> Arc<Book> {
        let book = Arc::new(Book::new(Arc::clone(&self.clock)));
        let entered = Entered {
            is_open,
            inbox,
            book: Arc::clone(&book),
            dials: BTreeMap::new(),
            silent: BTreeMap::new(),
            _teller: Task::spawn(tell_links(
                Arc::downgrade(self),
                room,
                Arc::clone(&book),
                tell,
            )),
        };
        locked(&self.entered).insert(room, entered);
        self.stirred.notify_one();
        book
    }

    /// Dials an entered room there, too.
    pub(super) fn dial(&self, room: RoomId, at: Dial, place: &Place) {
        if let Some(entered) = locked(&self.entered).get_mut(&room) {
            entered.dial(self, room, at, vec![place.address.clone()], place.whom());
        }
    }

    /// Nothing says who may come into an open room.
    fn is_for_others(&self, entered: &Entered) -> bool {
        !entered.is_open || self.access.insecure_lan
    }

    /// Does not dial it there any more.
    pub(super) fn forget(&self, room: RoomId, at: &Dial) {
        if let Some(entered) = locked(&self.entered).get_mut(&room) {
            entered.dials.remove(at);
            entered.book.leave(at);
        }
    }

    /// Admin relays are these from here on, in every room.
    pub(super) fn put_relays(&self, relays: &[Place]) {
        for (room, entered) in locked(&self.entered).iter_mut() {
            entered.dials.retain(|dial, _| {
                let stays = match dial {
                    Dial::Relay(address) => relays.iter().any(|it| it.address == *address),
                    Dial::Typed(_) | Dial::Found(_) => true,
                };
                if !stays {
                    entered.book.leave(dial);
                }
                stays
            });
            for relay in relays {
                let at = Dial::Relay(relay.address.clone());
                entered.dial(self, *room, at, vec![relay.address.clone()], relay.whom());
            }
            entered.book.changed.notify_one();
        }
    }

    /// Tries everything of a room now that waits for its time.
    pub(super) fn kick(&self, room: RoomId) {
        self.doubter.raise();
        if let Some(entered) = locked(&self.entered).get(&room) {
            entered.kick();
        }
    }

    /// This machine slept or is at other addresses: what waits is tried, and links have to prove that they are alive.
    pub(super) fn kick_all(&self) {
        self.doubter.raise();
        locked(&self.entered).values().for_each(Entered::kick);
    }

    /// Leaves every room.
    pub(super) fn clear(&self) {
        locked(&self.entered).clear();
    }

    /// How the links of a room are: what is dialled first, then who came.
    pub(super) fn links(&self, room: RoomId) -> Vec<PeerLink> {
        let entered = locked(&self.entered);
        let links = entered.get(&room).map(Entered::links);
        links.unwrap_or_default()
    }

    /// The machines that announce themselves.
    pub(super) fn machines(&self) -> BTreeMap<String, Machine> {
        locked(&self.machines).clone()
    }

    /// These machines announce themselves. Those whose turn it is are dialled in every room, others no longer. When to
    /// look again although nothing happens.
    pub(super) fn found(&self, machines: &BTreeMap<String, Machine>) -> Option<Instant> {
        let own = DevicePrefix::of(&self.own.device().0).expect("a device id is long enough");
        let now = Instant::now();
        let mut next: Option<Instant> = None;
        locked(&self.machines).clone_from(machines);
        let mut rooms = locked(&self.entered);
        rooms.retain(|_, entered| !entered.inbox.is_closed());
        for (room, entered) in rooms.iter_mut() {
            if !self.is_for_others(entered) {
                continue;
            }
            entered.let_go(machines);
            for (name, machine) in machines {
                match entered.standing(name, machine, own, now).turn() {
                    Turn::Dial => {
                        let at = Dial::Found(name.clone());
                        let whom = entered.book.member(machine.device).into();
                        entered.dial(self, *room, at, machine.addresses.clone(), whom);
                    }
                    Turn::Leave => drop(entered.dials.remove(&Dial::Found(name.clone()))),
                    Turn::Wait(time) => {
                        let at = now + time;
                        next = Some(next.map_or(at, |next| next.min(at)));
                    }
                }
            }
        }
        next
    }
}

impl Entered {
    fn dial(
        &mut self,
        rooms: &OpenRooms,
        room: RoomId,
        at: Dial,
        addresses: Vec<Address>,
        whom: Whom,
    ) {
        let shown = addresses.first().map(Address::to_string);
        let shown = shown.unwrap_or_default();
        if let Dial::Relay(relay) = &at
            && self.dials.contains_key(&Dial::Typed(relay.clone()))
        {
            return;
        }
        let is_found = matches!(at, Dial::Found(_));
        if let Some(dialling) = self.dials.get_mut(&at) {
            let linked = dialling.link().filter(|_| is_found);
            let linked = linked.map(|(_, peer)| peer);
            if goes_on(dialling.whom.device, linked, whom.device)
                && dialling.whom.hosting == whom.hosting
            {
                dialling.address = shown;
                return dialling.dialled.set_addresses(addresses);
            }
        }
        let target = Target {
            room,
            addresses,
            device: whom.device,
            hosting: whom.hosting.clone(),
        };
        let own = rooms.own.clone();
        let dialled = dial(target, own, self.inbox.clone(), Limits::default());
        let last = Arc::new(Mutex::new(Last::default()));
        let watcher = Watcher {
            book: Arc::clone(&self.book),
            last: Arc::clone(&last),
            at: at.clone(),
            stirred: Arc::clone(&rooms.stirred),
            doubted: Arc::clone(&rooms.doubted),
        };
        let dialling = Dialling {
            _watcher: Task::spawn(watcher.run(dialled.state())),
            dialled,
            whom,
            address: shown,
            last,
        };
        self.dials.insert(at, dialling);
        self.book.changed.notify_one();
    }

    fn kick(&self) {
        self.dials.values().for_each(|it| it.dialled.kick());
    }

    /// Does not dial machines that are gone, unless there is a link to them all the same.
    fn let_go(&mut self, machines: &BTreeMap<String, Machine>) {
        self.dials.retain(|dial, dialling| match dial {
            Dial::Typed(_) | Dial::Relay(_) => true,
            Dial::Found(name) => machines.contains_key(name) || dialling.link().is_some(),
        });
    }

    /// How it stands with a machine that was found.
    fn standing(
        &mut self,
        name: &str,
        machine: &Machine,
        own: DevicePrefix,
        now: Instant,
    ) -> Standing {
        let dialling = self.dials.get(&Dial::Found(name.to_owned()));
        let own_link = dialling.and_then(Dialling::link).map(|(link, _)| link);
        let links = self.book.links();
        let to_it = links
            .iter()
            .filter(|(_, up)| DevicePrefix::of(&up.device.0) == Some(machine.device));
        let others: Vec<Side> = to_it
            .clone()
            .filter(|(link, _)| own_link != Some(**link))
            .map(|(_, up)| up.side)
            .collect();
        if to_it.count() > 0 {
            self.silent.remove(&machine.device);
        }
        let silent = match others.is_empty() && own_link.is_none() {
            true => now - *self.silent.entry(machine.device).or_insert(now),
            false => Duration::ZERO,
        };
        Standing {
            is_greater: machine.device > own,
            is_dialled: dialling.is_some(),
            is_linked: !others.is_empty(),
            is_linked_from_here: others.contains(&Side::Dialled),
            silent,
        }
    }

    fn links(&self) -> Vec<PeerLink> {
        let mut links: Vec<PeerLink> = self
            .dials
            .iter()
            .map(|(dial, dialling)| dialling.shown(dial, &self.book))
            .collect();
        links.extend(self.book.visitors());
        links
    }
}

impl Dialling {
    /// The link that has come of it, and to whom, while there is one.
    fn link(&self) -> Option<(LinkId, DeviceId)> {
        match *self.dialled.state().borrow() {
            DialState::Up(link, device) => Some((link, device)),
            _ => None,
        }
    }

    fn shown(&self, dial: &Dial, book: &Book) -> PeerLink {
        let mut device = None;
        let mut trouble = None;
        let state = match &*self.dialled.state().borrow() {
            DialState::Up(link, _) => match book.links().get(link) {
                Some(up) => {
                    device = Some(up.device.to_string());
                    LinkState::Up { since: up.since }
                }
                // Its owner has not heard yet.
                None => LinkState::Dialling,
            },
            DialState::Dialling => LinkState::Dialling,
            DialState::Waiting { failures, why, .. } => {
                let last = locked(&self.last);
                let refusal = last.link.and_then(|link| book.refusal(link));
                trouble = refusal.or_else(|| words::no_link(why));
                LinkState::Waiting {
                    until: last.until,
                    failures: *failures,
                }
            }
            DialState::Over => LinkState::Ended { at: book.now() },
        };
        PeerLink {
            address: self.address.clone(),
            origin: match dial {
                Dial::Typed(_) => LinkOrigin::Typed,
                Dial::Relay(_) => LinkOrigin::Relay,
                Dial::Found(_) => LinkOrigin::Found,
            },
            state,
            device,
            trouble,
        }
    }
}

/// Follows one dial: windows hear of it, and mDNS of a machine that is not reached.
struct Watcher {
    book: Arc<Book>,
    last: Arc<Mutex<Last>>,
    at: Dial,
    stirred: Arc<Notify>,
    doubted: Arc<Mutex<BTreeSet<String>>>,
}

impl Watcher {
    async fn run(self, mut state: watch::Receiver<DialState>) {
        loop {
            match &*state.borrow_and_update() {
                DialState::Up(link, device) => {
                    locked(&self.last).link = Some(*link);
                    match &self.at {
                        Dial::Typed(_) | Dial::Relay(_) => self.book.choose(&self.at, *device),
                        Dial::Found(_) => {}
                    }
                }
                DialState::Waiting { until_ms, why, .. } => {
                    let wait_ms = until_ms.saturating_sub(now_ms());
                    let wait_ms = i64::try_from(wait_ms).unwrap_or(i64::MAX);
                    locked(&self.last).until = Timestamp(self.book.now().0.saturating_add(wait_ms));
                    if let Dial::Found(name) = &self.at
                        && is_doubtful(why)
                    {
                        locked(&self.doubted).insert(name.clone());
                    }
                }
                DialState::Dialling | DialState::Over => {}
            }
            self.book.changed.notify_one();
            self.stirred.notify_one();
            if state.changed().await.is_err() {
                return;
            }
        }
    }
}

/// Whether a machine that was found may be gone: nobody answered at any of its addresses.
fn is_doubtful(why: &[NoLink]) -> bool {
    use relay::Cause::{Broken, Silent};
    why.iter().all(|why| match why {
        NoLink::Ended(cause) => matches!(cause, Silent | Broken(_)),
        NoLink::Failed(error) => matches!(
            error.why,
            DialFailure::Connect(..) | DialFailure::TimedOut | DialFailure::Name(_)
        ),
    })
}

/// Tells how the links of a room are whenever that differs, but not more often than every [`TELL`].
async fn tell_links(rooms: Weak<OpenRooms>, room: RoomId, book: Arc<Book>, tell: Listener) {
    let mut told = Vec::new();
    loop {
        book.changed.notified().await;
        tokio::time::sleep(TELL).await;
        let Some(rooms) = rooms.upgrade() else {
            return;
        };
        rooms.stirred.notify_one();
        let links = rooms.links(room);
        if links != told {
            told.clone_from(&links);
            tell(links);
        }
    }
}
