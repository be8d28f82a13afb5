//! A cable that can be pulled: a forwarder that goes silent without closing anything.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// Forwards connections to another address. What is established when the cable is pulled stays open and silent for
/// ever; what is made later works.
pub struct Proxy {
    address: SocketAddr,
    pulled: watch::Sender<u32>,
    allowed: watch::Sender<u64>,
    passed: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

/// What the wires of one cable have in common.
#[derive(Clone)]
struct Cable {
    pulled: watch::Receiver<u32>,
    allowed: watch::Receiver<u64>,
    passed: Arc<AtomicU64>,
}

impl Proxy {
    pub async fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (pulled, pulls) = watch::channel(0);
        let (allowed, allowance) = watch::channel(u64::MAX);
        let passed = Arc::new(AtomicU64::new(0));
        let cable = Cable {
            pulled: pulls,
            allowed: allowance,
            passed: passed.clone(),
        };
        let task = tokio::spawn(async move {
            let mut wires = JoinSet::new();
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let far = TcpStream::connect(to).await.unwrap();
                let ((from_near, to_near), (from_far, to_far)) =
                    (near.into_split(), far.into_split());
                wires.spawn(forward(from_near, to_far, cable.clone()));
                wires.spawn(forward(from_far, to_near, cable.clone()));
            }
        });
        Self {
            address,
            pulled,
            allowed,
            passed,
            task,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many bytes have passed, in both directions.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// Lets so many more bytes pass and then holds the rest back, until it is allowed more.
    pub fn allow(&self, bytes: u64) {
        self.allowed
            .send_replace(self.passed().saturating_add(bytes));
    }

    /// From now on nothing passes on what is established. Nobody is told.
    pub fn pull(&self) {
        self.pulled.send_modify(|times| *times += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut cable: Cable) {
    cable.pulled.mark_unchanged();
    let mut bytes = vec![0; 16 << 10];
    loop {
        let read = tokio::select! {
            biased;
            _ = cable.pulled.changed() => break,
            read = from.read(&mut bytes) => read,
        };
        let count = *read.as_ref().unwrap_or(&0) as u64;
        let before = cable.passed.fetch_add(count, Ordering::Relaxed);
        let is_allowed = cable.allowed.wait_for(|allowed| before < *allowed);
        tokio::select! {
            biased;
            _ = cable.pulled.changed() => break,
            _ = is_allowed => {}
        }
        match read {
            Ok(count @ 1..) if to.write_all(&bytes[..count]).await.is_ok() => {}
            _ => return,
        }
    }
    // Both halves stay open, and nobody reads.
    std::future::pending::<()>().await;
    drop((from, to));
}
