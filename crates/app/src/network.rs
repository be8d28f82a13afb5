//! How this installation reaches others: who it is, where it listens, whom it dials.
//!
//! A listener and its dials serve the rooms of the open projects, each found by its inbox. Typed
//! addresses, relays and machines found on the local network are dialled alike. Of two machines on one
//! network the one with the greater device id dials, so that there is one link between them.
//!
//! Absent: no protocol and no project. What comes over a link goes into the inbox of its room.

#![allow(
    clippy::disallowed_methods,
    reason = "shell: listener and browser hang on handles here"
)]

mod lan;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Weak};

use relay::{Access, Address, Dialled, Inbox, Limits, Opening, Rooms, Target, Visitor, dial};
use sync::ByeCode;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use trust::{DeviceId, RoomId};

use crate::failure::Failure;
use crate::world::locked;

use self::lan::Lan;

/// Messages that wait for a project, in bytes; whoever sends more, waits.
const INBOX_BYTES: usize = 4 << 20;

/// How to reach others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkOptions {
    /// Where to listen; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Let others on the network in, who are then not checked at all: for tests and demonstrations.
    pub insecure_lan: bool,
    /// Announce this machine on the local network and look for others.
    pub discover: bool,
}

/// The network as this installation uses it. Dropping it closes every link.
pub(crate) struct Network {
    me: DeviceId,
    address: SocketAddr,
    rooms: Arc<OpenRooms>,
    running: Mutex<Option<Running>>,
}

/// What ends when the network is closed.
struct Running {
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
    lan: Option<Lan>,
}

/// The rooms of the open projects.
pub(crate) struct OpenRooms {
    me: DeviceId,
    entered: Mutex<BTreeMap<RoomId, Entered>>,
}

struct Entered {
    inbox: Inbox,
    dials: BTreeMap<Dial, Dialled>,
}

/// What is dialled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dial {
    /// An address that somebody typed, or a relay.
    Typed(Address),
    /// A machine on the local network, by the name under which it announces itself.
    Found(String),
}

impl Network {
    /// Listens. Call it on a Tokio runtime.
    pub(crate) async fn start(options: &NetworkOptions, me: DeviceId) -> Result<Self, Failure> {
        let listener = TcpListener::bind(options.listen).await;
        let listener = listener.map_err(|error| cannot_listen(&error))?;
        let address = listener
            .local_addr()
            .map_err(|error| cannot_listen(&error))?;
        let access = Access {
            insecure_lan: options.insecure_lan,
        };
        if !access.permits_listening(&address) {
            return Err(cannot_listen(
                &"others could reach it, and nothing says who may come in",
            ));
        }
        let rooms = Arc::new(OpenRooms {
            me,
            entered: Mutex::default(),
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = relay::serve(listener, access, Limits::default(), rooms.clone(), async {
            stopped.await.ok();
        });
        let server = tokio::spawn(async move {
            serve.await.ok();
        });
        let lan = options
            .discover
            .then(|| Lan::start(me, address.port(), Arc::downgrade(&rooms)));
        Ok(Self {
            me,
            address,
            rooms,
            running: Mutex::new(Some(Running { stop, server, lan })),
        })
    }

    /// Who this installation is.
    pub(crate) fn device(&self) -> DeviceId {
        self.me
    }

    /// Where others reach this machine, best first.
    pub(crate) fn addresses(&self) -> Vec<Address> {
        if self.address.ip().is_unspecified() {
            lan::own_addresses(self.address.port())
        } else {
            vec![self.address.into()]
        }
    }

    /// Opens a room to others and dials it at these addresses. What happens to its links comes out of
    /// the receiver; the room is left when that is dropped.
    pub(crate) fn enter(&self, room: RoomId, addresses: &[Address]) -> relay::InboxReceiver {
        let (inbox, receiver) = relay::inbox(INBOX_BYTES);
        let entered = Entered {
            inbox,
            dials: BTreeMap::new(),
        };
        locked(&self.rooms.entered).insert(room, entered);
        self.reach(room, addresses);
        if let Some(Running { lan: Some(lan), .. }) = &*locked(&self.running) {
            lan.look_again();
        }
        receiver
    }

    /// Dials an entered room at these addresses, too.
    pub(crate) fn reach(&self, room: RoomId, addresses: &[Address]) {
        let own = self.addresses();
        if let Some(entered) = locked(&self.rooms.entered).get_mut(&room) {
            for address in addresses.iter().filter(|it| !own.contains(it)) {
                let dial = Dial::Typed(address.clone());
                entered.dial(self.me, room, dial, vec![address.clone()]);
            }
        }
    }

    /// Tries everything now that waits for its time.
    pub(crate) fn sync_now(&self, room: RoomId) {
        if let Some(entered) = locked(&self.rooms.entered).get(&room) {
            entered.dials.values().for_each(Dialled::kick);
        }
    }

    /// Says goodbye on every link and stops listening.
    pub(crate) async fn close(&self) {
        locked(&self.rooms.entered).clear();
        let running = locked(&self.running).take();
        if let Some(running) = running {
            if let Some(lan) = running.lan {
                lan.close().await;
            }
            running.stop.send(()).ok();
            running.server.await.ok();
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if let Some(running) = locked(&self.running).take() {
            running.server.abort();
        }
    }
}

impl Entered {
    fn dial(&mut self, me: DeviceId, room: RoomId, at: Dial, addresses: Vec<Address>) {
        if let Some(dialled) = self.dials.get(&at) {
            return dialled.set_addresses(addresses);
        }
        let target = Target {
            room,
            addresses,
            device: None,
        };
        let dialled = dial(target, me, self.inbox.clone(), Limits::default());
        self.dials.insert(at, dialled);
    }
}

impl OpenRooms {
    /// Machines that were found: those whose turn it is are dialled in every room, others no longer.
    pub(crate) fn found(&self, machines: &BTreeMap<String, Vec<Address>>) {
        for (room, entered) in locked(&self.entered).iter_mut() {
            entered.dials.retain(|dial, _| match dial {
                Dial::Typed(_) => true,
                Dial::Found(name) => machines.contains_key(name),
            });
            for (name, addresses) in machines {
                entered.dial(self.me, *room, Dial::Found(name.clone()), addresses.clone());
            }
        }
    }
}

impl Rooms for OpenRooms {
    fn device(&self) -> DeviceId {
        self.me
    }

    fn open(&self, visitor: Visitor) -> Opening<'_> {
        let entered = locked(&self.entered);
        let inbox = entered.get(&visitor.room).map(|it| it.inbox.clone());
        let inbox = inbox.filter(|it| !it.is_closed());
        Box::pin(async { inbox.ok_or(ByeCode::UnknownRoom) })
    }
}

pub(crate) type FoundBy = Weak<OpenRooms>;

fn cannot_listen(why: &impl ToString) -> Failure {
    Failure::new(
        "CANNOT_LISTEN",
        "Other machines cannot reach this one: the address is taken or not allowed. Choose another port.",
    )
    .with_detail(why.to_string())
}
