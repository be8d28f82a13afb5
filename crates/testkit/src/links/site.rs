//! A machine with a relay on it, which can be killed and started again.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use relay::{
    Access, Address, Identity, Inbox, Limits, LinkInput, Opening, Rooms, StoredRooms, Transport,
    Visitor, inbox, serve,
};
use store::{SqliteStore, Store, StoreError};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use trust::DeviceId;

use super::{PATIENCE, soon};

pub const DEVICE: DeviceId = DeviceId([200; 32]);

/// A relay on a disk of its own. Its port stays the same when it is started again.
pub struct Site {
    dir: TempDir,
    address: SocketAddr,
    own: Transport,
    limits: Limits,
    heard: Option<Heard>,
    running: Option<Running>,
}

struct Running {
    store: Arc<SqliteStore>,
    rooms: Arc<StoredRooms>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Site {
    /// One with bare links.
    pub async fn start(limits: Limits) -> Self {
        Self::start_as(DEVICE.into(), limits).await
    }

    /// One with links by TLS, which is the device of key 200.
    pub async fn proven(limits: Limits) -> Self {
        Self::start_as(Identity::new(&super::key(200)).into(), limits).await
    }

    /// The same, which remembers all that it is sent.
    pub async fn overheard(limits: Limits) -> Self {
        let own = Identity::new(&super::key(200)).into();
        Self::start_with(own, limits, Some(Heard::default())).await
    }

    async fn start_as(own: Transport, limits: Limits) -> Self {
        Self::start_with(own, limits, None).await
    }

    async fn start_with(own: Transport, limits: Limits, heard: Option<Heard>) -> Self {
        let mut site = Self {
            dir: TempDir::new().unwrap(),
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            own,
            limits,
            heard,
            running: None,
        };
        site.restart().await;
        site
    }

    pub fn address(&self) -> Address {
        self.address.into()
    }

    pub fn socket_address(&self) -> SocketAddr {
        self.address
    }

    pub fn dir(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    pub fn rooms(&self) -> &StoredRooms {
        &self.running.as_ref().unwrap().rooms
    }

    /// Every message that was sent to it, without what TLS hides.
    pub fn heard(&self) -> Vec<u8> {
        let heard = self.heard.as_ref().expect("it is overheard");
        heard.lock().unwrap().clone()
    }

    /// Starts it on the disk as it was left.
    pub async fn restart(&mut self) {
        let listener = soon("the port is free", async {
            loop {
                match TcpListener::bind(self.address).await {
                    Ok(listener) => return listener,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        });
        let listener = listener.await;
        self.address = listener.local_addr().unwrap();
        let store = Arc::new(self.open().await);
        let rooms = Arc::new(StoredRooms::new(
            store.clone(),
            self.own.clone(),
            self.limits,
        ));
        let (stop, stopped) = oneshot::channel::<()>();
        let limits = self.limits;
        let served: Arc<dyn Rooms> = match &self.heard {
            None => rooms.clone(),
            Some(heard) => Arc::new(Overheard {
                rooms: rooms.clone(),
                heard: heard.clone(),
            }),
        };
        let server = tokio::spawn(async move {
            let shutdown = async { stopped.await.unwrap_or(()) };
            serve(listener, Access::default(), limits, served, shutdown)
                .await
                .unwrap();
        });
        self.running = Some(Running {
            store,
            rooms,
            stop,
            server,
        });
    }

    /// Tasks that were aborted let go of the store a moment later.
    async fn open(&self) -> SqliteStore {
        let opened = async {
            loop {
                match SqliteStore::open(self.dir.path()) {
                    Err(StoreError::InUse { .. }) => tokio::task::yield_now().await,
                    opened => return opened.unwrap(),
                }
            }
        };
        soon("the directory is let go of", opened).await
    }

    /// As if the process had been killed: nothing is closed, nobody is told.
    pub async fn kill(&mut self) {
        let running = self.running.take().unwrap();
        running.server.abort();
        // An aborted task ends with an error; what matters is that it has ended.
        let _ = running.server.await;
    }

    /// As an admin would.
    pub async fn shut_down(&mut self) {
        let running = self.running.take().unwrap();
        running.stop.send(()).unwrap();
        soon("the server ends", running.server).await.unwrap();
        assert!(running.rooms.close(PATIENCE).await, "rooms end");
        running.store.close(Duration::from_secs(10)).unwrap();
    }
}

type Heard = Arc<Mutex<Vec<u8>>>;

/// Rooms that are as they are, and somebody who notes what comes in.
struct Overheard {
    rooms: Arc<StoredRooms>,
    heard: Heard,
}

impl Rooms for Overheard {
    fn device(&self) -> DeviceId {
        self.rooms.device()
    }

    fn transport(&self) -> Transport {
        self.rooms.transport()
    }

    fn open(&self, visitor: Visitor) -> Opening<'_> {
        Box::pin(async move {
            let room = self.rooms.open(visitor).await?;
            Ok(noted(room, self.heard.clone()))
        })
    }
}

/// A way into a room on which messages are noted.
fn noted(room: Inbox, heard: Heard) -> Inbox {
    let (way, mut receiver) = inbox(1 << 20);
    tokio::spawn(async move {
        let mut inputs = Vec::new();
        loop {
            receiver.receive(&mut inputs).await;
            for input in inputs.drain(..) {
                if let LinkInput::Message(_, message) = &input {
                    heard.lock().unwrap().extend_from_slice(message);
                }
                if room.send(input).await.is_err() {
                    return;
                }
            }
        }
    });
    way
}
