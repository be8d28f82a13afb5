//! Machines on the local network that announce themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Weak;

use discovery::{
    Announcement, Browse, DevicePrefix, Discovery, DiscoveryError, Event, Instance, InterfaceKind,
    Interfaces,
};
use relay::Address;
use sync::PROTOCOL;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use trust::DeviceId;

use super::entered::OpenRooms;
use crate::world::locked;

/// A machine that announces itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Machine {
    pub(crate) device: DevicePrefix,
    /// Where it says to listen, best first.
    pub(crate) addresses: Vec<Address>,
}

impl Machine {
    /// Where it is, for people.
    pub(crate) fn address(&self) -> String {
        let first = self.addresses.first().map(Address::to_string);
        first.unwrap_or_default()
    }
}

/// Announces this machine and looks for others, until it is closed or dropped.
pub(super) struct Lan {
    task: JoinHandle<()>,
    stop: Option<oneshot::Sender<()>>,
}

impl Lan {
    pub(super) fn start(
        me: DeviceId,
        port: u16,
        interfaces: Interfaces,
        rooms: Weak<OpenRooms>,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            // Without multicast, typed addresses and relays still work; the network doctor says what is wrong.
            search(me, port, interfaces, rooms, stopped).await.ok();
        });
        Self {
            task,
            stop: Some(stop),
        }
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

/// What has been found, and under which name mDNS knows it.
#[derive(Default)]
struct Found {
    machines: BTreeMap<String, Machine>,
    instances: BTreeMap<String, Instance>,
}

async fn search(
    me: DeviceId,
    port: u16,
    interfaces: Interfaces,
    rooms: Weak<OpenRooms>,
    mut stopped: oneshot::Receiver<()>,
) -> Result<(), DiscoveryError> {
    let own = DevicePrefix::of(&me.0).expect("a device id is long enough");
    let discovery = Discovery::start(interfaces)?;
    let _announced = discovery.announce(Announcement {
        protocol: u16::try_from(PROTOCOL).unwrap_or(u16::MAX),
        device: own,
        port,
    })?;
    let mut browse = discovery.browse(Some(own))?;
    let mut found = Found::default();
    let mut next: Option<Instant> = None;
    let Some(stirred) = rooms.upgrade().map(|it| it.stirred.clone()) else {
        return Ok(());
    };
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            event = browse.next() => match event {
                Some(event) => found.absorb(event),
                None => break,
            },
            () = stirred.notified() => {}
            () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {}
        }
        let Some(rooms) = rooms.upgrade() else {
            break;
        };
        found.doubt(std::mem::take(&mut *locked(&rooms.doubted)), &browse);
        next = rooms.found(&found.machines);
    }
    discovery.close().await;
    Ok(())
}

impl Found {
    fn absorb(&mut self, event: Event) {
        match event {
            Event::Found(peer) => {
                let name = peer.instance.to_string();
                let addresses = peer.addresses.into_iter().map(Address::from);
                let machine = Machine {
                    device: peer.device,
                    addresses: addresses.collect(),
                };
                self.machines.insert(name.clone(), machine);
                self.instances.insert(name, peer.instance);
            }
            Event::Lost(instance) => {
                self.machines.remove(instance.as_str());
                self.instances.remove(instance.as_str());
            }
        }
    }

    /// Has mDNS ask those who are not reached whether they are still there.
    fn doubt(&self, names: BTreeSet<String>, browse: &Browse) {
        let doubted = names.iter().filter_map(|name| self.instances.get(name));
        doubted.for_each(|instance| browse.doubt(instance));
    }
}
