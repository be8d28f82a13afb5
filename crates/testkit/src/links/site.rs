//! A machine with a relay on it, which can be killed and started again.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use relay::{Access, Address, Identity, Limits, StoredRooms, Transport, serve};
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

    async fn start_as(own: Transport, limits: Limits) -> Self {
        let mut site = Self {
            dir: TempDir::new().unwrap(),
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            own,
            limits,
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
        let (limits, served) = (self.limits, rooms.clone());
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
