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
/// ever; what is made later works. While it is cut, everything is closed at once.
pub struct Proxy {
    address: SocketAddr,
    /// Whether it is cut; each time it is told anew, what is established has been pulled.
    is_cut: watch::Sender<bool>,
    allowed: watch::Sender<u64>,
    carried: Arc<Carried>,
    task: JoinHandle<()>,
}

/// Bytes that have come in: from who dialled, and from who was dialled.
type Carried = [AtomicU64; 2];

/// What the wires of one cable have in common.
#[derive(Clone)]
struct Cable {
    is_cut: watch::Receiver<bool>,
    allowed: watch::Receiver<u64>,
    carried: Arc<Carried>,
}

impl Proxy {
    pub async fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (is_cut, cuts) = watch::channel(false);
        let (allowed, allowance) = watch::channel(u64::MAX);
        let carried = Arc::new(Carried::default());
        let cable = Cable {
            is_cut: cuts,
            allowed: allowance,
            carried: carried.clone(),
        };
        let task = tokio::spawn(async move {
            let mut wires = JoinSet::new();
            loop {
                let (near, _) = listener.accept().await.unwrap();
                while wires.try_join_next().is_some() {}
                if *cable.is_cut.borrow() {
                    continue;
                }
                // Whoever is dialled may just not be there.
                let Ok(far) = TcpStream::connect(to).await else {
                    continue;
                };
                let ((from_near, to_near), (from_far, to_far)) =
                    (near.into_split(), far.into_split());
                wires.spawn(forward(from_near, to_far, cable.clone(), 0));
                wires.spawn(forward(from_far, to_near, cable.clone(), 1));
            }
        });
        Self {
            address,
            is_cut,
            allowed,
            carried,
            task,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Bytes that have come in so far: from who dialled, and from who was dialled.
    pub fn carried(&self) -> (u64, u64) {
        let [out, back] = &*self.carried;
        (out.load(Ordering::Relaxed), back.load(Ordering::Relaxed))
    }

    /// The same in both directions together.
    pub fn passed(&self) -> u64 {
        total(&self.carried)
    }

    /// Lets so many more bytes pass and then holds the rest back, until it is allowed more.
    pub fn allow(&self, bytes: u64) {
        self.allowed
            .send_replace(self.passed().saturating_add(bytes));
    }

    /// From now on nothing passes on what is established. Nobody is told.
    pub fn pull(&self) {
        self.is_cut.send_replace(false);
    }

    /// Closes what is established, and whatever comes until it is mended.
    pub fn cut(&self) {
        self.is_cut.send_replace(true);
    }

    /// What is made from here on works.
    pub fn mend(&self) {
        self.is_cut.send_if_modified(std::mem::take);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn total(carried: &Carried) -> u64 {
    carried.iter().map(|way| way.load(Ordering::Relaxed)).sum()
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut cable: Cable, way: usize) {
    cable.is_cut.mark_unchanged();
    let mut bytes = vec![0; 16 << 10];
    loop {
        let read = tokio::select! {
            biased;
            _ = cable.is_cut.changed() => break,
            read = from.read(&mut bytes) => read,
        };
        let before = total(&cable.carried);
        let count = *read.as_ref().unwrap_or(&0) as u64;
        cable.carried[way].fetch_add(count, Ordering::Relaxed);
        let is_allowed = cable.allowed.wait_for(|allowed| before < *allowed);
        tokio::select! {
            biased;
            _ = cable.is_cut.changed() => break,
            _ = is_allowed => {}
        }
        match read {
            Ok(count @ 1..) if to.write_all(&bytes[..count]).await.is_ok() => {}
            _ => return,
        }
    }
    if *cable.is_cut.borrow() {
        return;
    }
    // Both halves stay open, and nobody reads.
    std::future::pending::<()>().await;
    drop((from, to));
}
