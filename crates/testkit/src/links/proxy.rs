//! A cable that can be pulled: a forwarder that goes silent without closing anything.

use std::net::{Ipv4Addr, SocketAddr};

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
    task: JoinHandle<()>,
}

impl Proxy {
    pub async fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (pulled, cable) = watch::channel(0);
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
            task,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
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

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut cable: watch::Receiver<u32>) {
    cable.mark_unchanged();
    let mut bytes = vec![0; 16 << 10];
    loop {
        let read = tokio::select! {
            biased;
            _ = cable.changed() => break,
            read = from.read(&mut bytes) => read,
        };
        match read {
            Ok(count @ 1..) if to.write_all(&bytes[..count]).await.is_ok() => {}
            _ => return,
        }
    }
    // Both halves stay open, and nobody reads.
    std::future::pending::<()>().await;
    drop((from, to));
}
