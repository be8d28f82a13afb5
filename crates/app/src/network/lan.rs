//! Machines on the local network that announce themselves.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use discovery::{
    Announcement, DevicePrefix, Discovery, DiscoveryError, Event, InterfaceKind, Interfaces,
};
use relay::Address;
use sync::PROTOCOL;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use trust::DeviceId;

use super::FoundBy;

/// Announces this machine and looks for others, until it is closed or dropped.
pub(super) struct Lan {
    task: JoinHandle<()>,
    stop: Option<oneshot::Sender<()>>,
    again: mpsc::Sender<()>,
}

impl Lan {
    pub(super) fn start(me: DeviceId, port: u16, rooms: FoundBy) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (again, look_again) = mpsc::channel(1);
        let task = tokio::spawn(async move {
            // Without multicast, typed addresses and relays still work; the network doctor says what is wrong.
            search(me, port, rooms, stopped, look_again).await.ok();
        });
        Self {
            task,
            stop: Some(stop),
            again,
        }
    }

    /// A room was entered: machines that are known already may have it too.
    pub(super) fn look_again(&self) {
        // One reminder that waits is enough.
        self.again.try_send(()).ok();
    }

    pub(super) async fn close(mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
        (&mut self.task).await.ok();
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where this machine can be reached on its networks, best first.
pub(super) fn own_addresses(port: u16) -> Vec<Address> {
    let mut interfaces = discovery::interfaces();
    interfaces.retain(|it| it.kind != InterfaceKind::Virtual && !is_link_local(it.address));
    interfaces.sort_by_key(|it| (rank(it.kind), it.address));
    let addresses = interfaces.iter();
    let addresses = addresses.map(|it| Address::from(SocketAddr::new(it.address, port)));
    addresses.collect()
}

fn rank(kind: InterfaceKind) -> u8 {
    match kind {
        InterfaceKind::Lan => 0,
        InterfaceKind::Vpn => 1,
        InterfaceKind::Loopback => 2,
        InterfaceKind::Virtual => 3,
    }
}

/// Such an address needs to know the interface of whoever dials it.
fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

async fn search(
    me: DeviceId,
    port: u16,
    rooms: FoundBy,
    mut stopped: oneshot::Receiver<()>,
    mut look_again: mpsc::Receiver<()>,
) -> Result<(), DiscoveryError> {
    let own = DevicePrefix::of(&me.0).expect("a device id is long enough");
    let discovery = Discovery::start(Interfaces::All)?;
    let _announced = discovery.announce(Announcement {
        protocol: u16::try_from(PROTOCOL).unwrap_or(u16::MAX),
        device: own,
        port,
    })?;
    let mut browse = discovery.browse(Some(own))?;
    let mut machines = BTreeMap::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            event = browse.next() => match event {
                Some(Event::Found(peer)) if peer.device < own => {
                    let addresses = peer.addresses.into_iter().map(Address::from);
                    machines.insert(peer.instance.to_string(), addresses.collect());
                }
                Some(Event::Found(_)) => {}
                Some(Event::Lost(instance)) => drop(machines.remove(instance.as_str())),
                None => break,
            },
            Some(()) = look_again.recv() => {}
        }
        match rooms.upgrade() {
            Some(rooms) => rooms.found(&machines),
            None => break,
        }
    }
    discovery.close().await;
    Ok(())
}
