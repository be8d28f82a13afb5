//! How this installation reaches others: who it is, where it listens, whom it dials.
//!
//! A listener and its dials serve the rooms of the open projects, each found by its inbox. Typed
//! addresses, relays and machines found on the local network are equals: all are dialled at once. Of two
//! machines that found each other, `turn` says which one dials.
//!
//! All links are TLS between the keys of devices. Whoever is dialled and known by an invitation, by the log of members or
//! from before has to be that device; whoever is not is known from then on. Open rooms are for this machine, unless
//! somebody insists.
//!
//! Absent: no protocol and no project. What comes over a link goes into the inbox of its room.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: listeners, dials and the browser hang on handles here"
)]

mod book;
mod entered;
mod lan;
mod moved;
mod port;
mod task;
mod turn;
mod words;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use relay::{Access, Address, Identity, Limits};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use trust::{DeviceId, RoomId};

use crate::failure::Failure;
use crate::pairing::Lobby;
use crate::pins::Place;
use crate::settings::{DiscoveryChoice, Settings};
use crate::sharing::PeerLink;
use crate::world::{Clock, locked};

pub(crate) use self::book::{Book, Whose};
pub(crate) use self::entered::Listener;
use self::entered::{Dial, OpenRooms};
use self::lan::Lan;
pub(crate) use self::lan::Machine;
pub(crate) use self::port::Ports;
use self::task::Task;

/// Messages that wait for a project, in bytes; whoever sends more, waits.
const INBOX_BYTES: usize = 4 << 20;

/// How to reach others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkOptions {
    /// Where to listen. Port 0 is the one of the settings, or else the one of the last start, or else one that is free.
    /// Loopback and everywhere are listened to in IPv6 too.
    pub listen: SocketAddr,
    /// Let others on the network into open rooms, where nobody is checked: for tests and demonstrations.
    pub insecure_lan: bool,
    /// Announce this machine on the local network and look for others, unless the settings say otherwise.
    pub discover: bool,
}

/// The network as this installation uses it. Dropping it closes every link.
pub(crate) struct Network {
    me: DeviceId,
    options: NetworkOptions,
    /// Where all listeners are.
    port: AtomicU16,
    ports: Mutex<Ports>,
    rooms: Arc<OpenRooms>,
    lobby: Arc<Lobby>,
    chosen: Mutex<Chosen>,
    running: Mutex<Option<Running>>,
    _moved: Task,
}

/// What the settings say.
#[derive(Default)]
struct Chosen {
    relays: Vec<Place>,
    discovery: DiscoveryChoice,
    /// 0: none.
    port: u16,
}

/// What ends when the network is closed.
struct Running {
    ear: Ear,
    lan: Option<Lan>,
}

/// Who waits at the port.
struct Ear {
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
}

/// The room of an open project as its owner needs it.
pub(crate) struct Entrance {
    /// What happens to links. The room is left when it is dropped.
    pub(crate) incoming: relay::InboxReceiver,
    /// Where the owner writes down which links there are.
    pub(crate) book: Arc<Book>,
}

impl Network {
    /// Listens. Call it on a Tokio runtime.
    pub(crate) fn start(
        options: &NetworkOptions,
        own: Identity,
        clock: Clock,
        (settings, relays, mut ports): (&Settings, Vec<Place>, Ports),
        lobby: Arc<Lobby>,
    ) -> Result<Self, Failure> {
        let access = options.access();
        let me = own.device();
        let listeners = port::listen(options.listen, settings.port, &ports);
        let listeners = listeners.map_err(|error| cannot_listen(&error))?;
        let port = port_of(&listeners)?;
        if options.listen.port() == 0 && port != settings.port {
            ports.had(port);
        }
        let rooms = Arc::new(OpenRooms::new(own.into(), access, clock, lobby.clone()));
        let network = Self {
            me,
            options: options.clone(),
            port: AtomicU16::new(port),
            ports: Mutex::new(ports),
            chosen: Mutex::default(),
            running: Mutex::new(Some(Running {
                ear: Ear::open(listeners, access, &rooms),
                lan: None,
            })),
            _moved: Task::spawn(moved::watch(Arc::downgrade(&rooms))),
            rooms,
            lobby,
        };
        {
            let mut chosen = locked(&network.chosen);
            chosen.discovery.clone_from(&settings.discovery);
            chosen.port = settings.port;
        }
        network.look(&settings.discovery);
        network.put(settings, relays);
        Ok(network)
    }

    /// The port at which it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port.load(Ordering::Relaxed)
    }

    /// The ports that it has had.
    pub(crate) fn ports(&self) -> Ports {
        locked(&self.ports).clone()
    }

    /// Whether it was started at a port that was named, so that none is chosen.
    pub(crate) fn is_port_given(&self) -> bool {
        self.options.listen.port() != 0
    }

    /// The port that it would rather listen at, but which was taken when it was started.
    pub(crate) fn missed_port(&self) -> Option<u16> {
        let chosen = Some(locked(&self.chosen).port).filter(|port| *port != 0);
        let wanted = chosen.or_else(|| locked(&self.ports).preferred());
        wanted.filter(|port| !self.is_port_given() && *port != self.port())
    }

    /// Listens at the port that was chosen from here on; 0: at the one that it prefers by itself. Who came by the one before
    /// is sent away, and comes back.
    ///
    /// # Errors
    /// `PORT_TAKEN`, and it listens where it did.
    pub(crate) fn move_to(&self, chosen: u16) -> Result<(), Failure> {
        let mut running = locked(&self.running);
        let (Some(running), false) = (&mut *running, self.is_port_given()) else {
            return Ok(());
        };
        let wanted = match chosen {
            0 => locked(&self.ports).preferred(),
            port => Some(port),
        };
        if wanted != Some(self.port()) {
            let at = SocketAddr::new(self.ip(), chosen);
            let listeners = port::listen(at, 0, &locked(&self.ports));
            let listeners = listeners.map_err(|error| port_taken(chosen, &error))?;
            let port = port_of(&listeners)?;
            if chosen == 0 {
                locked(&self.ports).had(port);
            }
            let ear = Ear::open(listeners, self.options.access(), &self.rooms);
            std::mem::replace(&mut running.ear, ear).leave();
            self.port.store(port, Ordering::Relaxed);
            if running.lan.take().is_some() {
                running.lan = Some(self.lan(&locked(&self.chosen).discovery));
            }
        }
        locked(&self.chosen).port = chosen;
        Ok(())
    }

    fn ip(&self) -> IpAddr {
        self.options.listen.ip()
    }

    /// Whether only this machine can reach it.
    pub(crate) fn is_loopback(&self) -> bool {
        self.ip().is_loopback()
    }

    /// Whether it may announce itself and look for others.
    pub(crate) fn may_discover(&self) -> bool {
        self.options.discover
    }

    /// Where others reach this machine, best first.
    pub(crate) fn addresses(&self) -> Vec<Address> {
        if self.ip().is_unspecified() {
            lan::own_addresses(self.port())
        } else {
            vec![SocketAddr::new(self.ip(), self.port()).into()]
        }
    }

    /// Opens a room to others and dials it at these places and at the relays. `tell` hears how its links are.
    pub(crate) fn enter(
        &self,
        room: RoomId,
        is_open: bool,
        places: &[Place],
        tell: Listener,
    ) -> Entrance {
        let (inbox, incoming) = relay::inbox(INBOX_BYTES);
        let book = self.rooms.enter(room, is_open, inbox, tell);
        self.reach(room, places);
        for relay in &locked(&self.chosen).relays {
            let at = Dial::Relay(relay.address.clone());
            self.rooms.dial(room, at, relay);
        }
        Entrance { incoming, book }
    }

    /// Dials an entered room at these places, too.
    pub(crate) fn reach(&self, room: RoomId, places: &[Place]) {
        let own = self.addresses();
        for place in places.iter().filter(|it| !own.contains(&it.address)) {
            let at = Dial::Typed(place.address.clone());
            self.rooms.dial(room, at, place);
        }
    }

    /// Does not dial a room at this address any more.
    pub(crate) fn forget(&self, room: RoomId, address: &Address) {
        self.rooms.forget(room, &Dial::Typed(address.clone()));
    }

    /// How the links of a room are.
    pub(crate) fn links(&self, room: RoomId) -> Vec<PeerLink> {
        self.rooms.links(room)
    }

    /// Tries everything now that waits for its time.
    pub(crate) fn sync_now(&self, room: RoomId) {
        self.rooms.kick(room);
    }

    /// The settings are these from here on, and their relays are at these places.
    pub(crate) fn put(&self, settings: &Settings, relays: Vec<Place>) {
        self.rooms.put_relays(&relays);
        let is_new = {
            let mut chosen = locked(&self.chosen);
            chosen.relays = relays;
            std::mem::replace(&mut chosen.discovery, settings.discovery.clone())
                != settings.discovery
        };
        if is_new {
            self.look(&settings.discovery);
        }
    }

    /// The machines that announce themselves, by name.
    pub(crate) fn nearby(&self) -> BTreeMap<String, Machine> {
        self.rooms.machines()
    }

    /// Announces this machine and looks for others there, and nowhere else any more; and lets others ask to pair, or nobody.
    fn look(&self, choice: &DiscoveryChoice) {
        let mut running = locked(&self.running);
        let Some(running) = &mut *running else {
            return;
        };
        // Dropping it says goodbye in the background; the next does not wait for that.
        running.lan = None;
        let is_wanted = *choice != DiscoveryChoice::Off;
        self.lobby.set_open(is_wanted);
        if is_wanted && self.options.discover {
            running.lan = Some(self.lan(choice));
        } else {
            self.rooms.found(&BTreeMap::new());
        }
    }

    fn lan(&self, choice: &DiscoveryChoice) -> Lan {
        let rooms = Arc::downgrade(&self.rooms);
        Lan::start(self.me, self.port(), choice.interfaces(), rooms)
    }

    /// Says goodbye on every link and stops listening.
    pub(crate) async fn close(&self) {
        self.rooms.clear();
        let running = locked(&self.running).take();
        if let Some(running) = running {
            if let Some(lan) = running.lan {
                lan.close().await;
            }
            running.ear.close().await;
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if let Some(running) = locked(&self.running).take() {
            running.ear.servers.iter().for_each(JoinHandle::abort);
        }
    }
}

impl NetworkOptions {
    fn access(&self) -> Access {
        Access {
            insecure_lan: self.insecure_lan,
        }
    }
}

impl Ear {
    fn open(listeners: Vec<TcpListener>, access: Access, rooms: &Arc<OpenRooms>) -> Self {
        let stop = watch::Sender::new(false);
        let servers = listeners.into_iter().map(|listener| {
            let mut stopped = stop.subscribe();
            let over = async move { drop(stopped.wait_for(|it| *it).await) };
            let serve = relay::serve(listener, access, Limits::default(), rooms.clone(), over);
            tokio::spawn(async move { drop(serve.await) })
        });
        Self {
            servers: servers.collect(),
            stop,
        }
    }

    /// Takes nobody any more and says goodbye in the background.
    fn leave(self) {
        self.stop.send_replace(true);
    }

    async fn close(self) {
        self.stop.send_replace(true);
        for server in self.servers {
            server.await.ok();
        }
    }
}

fn port_of(listeners: &[TcpListener]) -> Result<u16, Failure> {
    let address = listeners[0].local_addr();
    Ok(address.map_err(|error| cannot_listen(&error))?.port())
}

fn port_taken(port: u16, why: &impl ToString) -> Failure {
    let message = format!(
        "Port {port} is taken by another program of this computer, or not allowed. Choose another."
    );
    Failure::new("PORT_TAKEN", message).with_detail(why.to_string())
}

fn cannot_listen(why: &impl ToString) -> Failure {
    Failure::new(
        "CANNOT_LISTEN",
        "Other machines cannot reach this one: the address is taken or not allowed. Choose another port.",
    )
    .with_detail(why.to_string())
}
