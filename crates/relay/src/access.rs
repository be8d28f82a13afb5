//! Who may come in, before anything is known of a room.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    clock::now_ms, limits::SharedLimits, memory::resident_bytes, proxied::Proxies, rate::Rate,
    transport::Transport,
};

/// For so long it counts how much memory this process took.
const MEMORY_MS: u64 = 250;

/// Which listeners and visitors are acceptable.
///
/// Where links are bare, nobody proves who he is. So such a listener stands on loopback and only this machine reaches it,
/// unless somebody insists. One that asks for proof may stand anywhere: closed rooms judge by the device, and open ones
/// are for visitors of this machine. A web page is no visitor, wherever it runs: a request that names an origin is
/// refused, so that a site on the internet cannot reach a relay of this machine through the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Let others on the network into open rooms, and in by bare links, where nobody is checked at all: for tests and
    /// demonstrations.
    pub insecure_lan: bool,
}

/// Why a visitor is sent away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Turned {
    /// Not from this machine.
    #[error("only this machine may connect")]
    Foreign,
    /// Too many connections of that address.
    #[error("there are too many connections from this address")]
    Address,
    /// Too many connections.
    #[error("there are too many connections")]
    Full,
    /// Too many new connections in this second.
    #[error("connections come too fast")]
    TooFast,
    /// This process takes as much memory as it may.
    #[error("there is no memory left for another connection")]
    Memory,
}

impl Access {
    /// Whether to listen there for links that are carried so.
    pub fn permits_listening(&self, on: &SocketAddr, transport: &Transport) -> bool {
        transport.proves() || self.permits_in_the_open(on)
    }

    /// Whether somebody from there may come where nobody is checked: by a bare link, or into an open room.
    pub fn permits_in_the_open(&self, from: &SocketAddr) -> bool {
        self.insecure_lan || is_loopback(from.ip())
    }
}

/// Counts who is in.
pub(crate) struct Doorkeeper {
    access: Access,
    /// Whoever comes proves who he is.
    is_proven: bool,
    /// Whoever comes through one of these is not known when he comes.
    proxies: Proxies,
    limits: SharedLimits,
    inside: Arc<Mutex<Inside>>,
}

struct Inside {
    total: usize,
    by_address: BTreeMap<IpAddr, usize>,
    handshakes: Rate,
    /// How much memory this process took, and when.
    memory: Option<(u64, u64)>,
}

impl Inside {
    /// How an address is counted, if another connection may come from it.
    fn find(&self, address: IpAddr, most: usize) -> Result<IpAddr, Turned> {
        let address = address.to_canonical();
        let here = self.by_address.get(&address).copied().unwrap_or(0);
        match is_loopback(address) || here < most {
            true => Ok(address),
            false => Err(Turned::Address),
        }
    }

    /// Whether this process takes more memory than it may, where that is limited and the system says so.
    fn is_swollen(&mut self, most_bytes: u64) -> bool {
        if most_bytes == 0 {
            return false;
        }
        let now_ms = now_ms();
        let known = self.memory.filter(|(_, at_ms)| at_ms + MEMORY_MS > now_ms);
        let known = known.or_else(|| Some((resident_bytes()?, now_ms)));
        self.memory = known;
        known.is_some_and(|(bytes, _)| bytes > most_bytes)
    }
}

/// One connection's place; free again when this is dropped.
pub(crate) struct Place {
    inside: Arc<Mutex<Inside>>,
    /// Whose it is, once that is known.
    address: Option<IpAddr>,
}

impl Doorkeeper {
    pub(crate) fn new(access: Access, is_proven: bool, limits: SharedLimits) -> Self {
        let per_s = limits.now().handshakes_per_s;
        let handshakes = Rate::new(per_s, per_s, now_ms());
        Self {
            access,
            is_proven,
            proxies: Proxies::default(),
            limits,
            inside: Arc::new(Mutex::new(Inside {
                total: 0,
                by_address: BTreeMap::new(),
                handshakes,
                memory: None,
            })),
        }
    }

    /// The same, where these say for whom a connection is.
    pub(crate) fn behind(self, proxies: Proxies) -> Self {
        Self { proxies, ..self }
    }

    /// Lets a connection in, or says why not. Whether somebody may come from where he is, is asked once that is known: see
    /// [`Doorkeeper::seat`].
    pub(crate) fn admit(&self, from: &SocketAddr) -> Result<Place, Turned> {
        let is_known = !self.proxies.include(from);
        if is_known {
            self.permits(from)?;
        }
        let limits = self.limits.now();
        let mut inside = lock(&self.inside);
        if inside.total >= limits.connections {
            return Err(Turned::Full);
        }
        if inside.is_swollen(limits.memory_bytes) {
            return Err(Turned::Memory);
        }
        let address = match is_known {
            true => Some(inside.find(from.ip(), limits.connections_per_address)?),
            false => None,
        };
        let per_s = limits.handshakes_per_s;
        inside.handshakes.set(per_s, per_s);
        if inside.handshakes.spend(1, now_ms()) > 0 {
            return Err(Turned::TooFast);
        }
        inside.total += 1;
        if let Some(address) = address {
            *inside.by_address.entry(address).or_default() += 1;
        }
        Ok(Place {
            inside: self.inside.clone(),
            address,
        })
    }

    /// Gives a place that a proxy took to whom it was for, or says why not.
    pub(crate) fn seat(&self, place: &mut Place, from: &SocketAddr) -> Result<(), Turned> {
        self.permits(from)?;
        let most = self.limits.now().connections_per_address;
        let mut inside = lock(&self.inside);
        let address = inside.find(from.ip(), most)?;
        *inside.by_address.entry(address).or_default() += 1;
        place.address = Some(address);
        Ok(())
    }

    fn permits(&self, from: &SocketAddr) -> Result<(), Turned> {
        match self.is_proven || self.access.permits_in_the_open(from) {
            true => Ok(()),
            false => Err(Turned::Foreign),
        }
    }
}

impl Place {
    /// Whether it is known whose it is.
    pub(crate) fn is_known(&self) -> bool {
        self.address.is_some()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = lock(&self.inside);
        inside.total -= 1;
        if let Some(address) = self.address
            && let Some(here) = inside.by_address.get_mut(&address)
        {
            *here -= 1;
            if *here == 0 {
                inside.by_address.remove(&address);
            }
        }
    }
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn lock(inside: &Mutex<Inside>) -> MutexGuard<'_, Inside> {
    inside.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Identity, Limits};

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    fn plain() -> Transport {
        Transport::Plain(trust::DeviceId([1; 32]))
    }

    fn proven() -> Transport {
        Identity::new(&trust::key::DeviceKey::from_seed(&[1; 32])).into()
    }

    #[test]
    fn m3_only_this_machine_unless_somebody_insists_or_everybody_proves_who_he_is() {
        let (closed, open) = (Access::default(), Access { insecure_lan: true });
        for near in ["127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"].map(address) {
            assert!(closed.permits_in_the_open(&near));
            assert!(closed.permits_listening(&near, &plain()));
        }
        for far in ["0.0.0.0:1", "192.168.1.2:1", "[::]:1", "[fe80::1]:1"].map(address) {
            assert!(!closed.permits_in_the_open(&far) && open.permits_in_the_open(&far));
            assert!(!closed.permits_listening(&far, &plain()));
            assert!(open.permits_listening(&far, &plain()));
            assert!(closed.permits_listening(&far, &proven()));
            let limits = Limits::default();
            let turned = Doorkeeper::new(closed, false, limits.into())
                .admit(&far)
                .err();
            assert_eq!(turned, Some(Turned::Foreign));
            assert!(
                Doorkeeper::new(closed, true, limits.into())
                    .admit(&far)
                    .is_ok()
            );
        }
    }

    #[test]
    fn places_are_counted_and_given_back() {
        let limits = Limits {
            connections: 3,
            connections_per_address: 2,
            ..Limits::default()
        };
        let doorkeeper = Doorkeeper::new(Access { insecure_lan: true }, false, limits.into());
        let first = doorkeeper.admit(&address("10.0.0.1:1"));
        let _second = doorkeeper.admit(&address("[::ffff:10.0.0.1]:2"));
        assert_eq!(
            doorkeeper.admit(&address("10.0.0.1:3")).err(),
            Some(Turned::Address)
        );
        let _third = doorkeeper.admit(&address("10.0.0.2:1"));
        assert_eq!(
            doorkeeper.admit(&address("10.0.0.3:1")).err(),
            Some(Turned::Full)
        );
        drop(first);
        assert!(doorkeeper.admit(&address("10.0.0.1:4")).is_ok());
    }

    #[test]
    fn who_comes_through_a_proxy_is_counted_once_he_is_known() {
        let limits = Limits {
            connections: 3,
            connections_per_address: 1,
            ..Limits::default()
        };
        let proxies = Proxies::new(["10.0.0.0/8".parse().expect("a network")]);
        let doorkeeper = Doorkeeper::new(Access::default(), true, limits.into()).behind(proxies);
        let proxy = address("10.0.0.1:1");
        let admit = || doorkeeper.admit(&proxy);
        let mut places = [admit(), admit(), admit()].map(|it| it.expect("there is place"));
        assert_eq!(admit().err(), Some(Turned::Full));
        assert!(places.iter().all(|it| !it.is_known()));
        let [first, second, third] = &mut places;
        assert_eq!(doorkeeper.seat(first, &address("8.8.8.8:1")), Ok(()));
        let again = address("[::ffff:8.8.8.8]:2");
        assert_eq!(doorkeeper.seat(second, &again), Err(Turned::Address));
        assert_eq!(doorkeeper.seat(second, &address("127.0.0.1:1")), Ok(()));
        assert_eq!(doorkeeper.seat(third, &address("127.0.0.1:2")), Ok(()));
        let [first, second, mut third] = places;
        drop((first, second));
        third.address = None;
        assert_eq!(doorkeeper.seat(&mut third, &again), Ok(()));
        assert!(third.is_known());
    }

    #[test]
    fn on_bare_links_a_proxy_brings_nobody_from_elsewhere() {
        let proxies = Proxies::new(["127.0.0.1/32".parse().expect("a network")]);
        let limits = Limits::default();
        let doorkeeper = Doorkeeper::new(Access::default(), false, limits.into()).behind(proxies);
        let mut place = doorkeeper
            .admit(&address("127.0.0.1:1"))
            .expect("there is place");
        let far = address("8.8.8.8:1");
        assert_eq!(doorkeeper.seat(&mut place, &far), Err(Turned::Foreign));
        assert_eq!(doorkeeper.seat(&mut place, &address("[::1]:1")), Ok(()));
    }

    #[test]
    fn this_machine_has_as_many_places_as_there_are() {
        let limits = Limits {
            connections_per_address: 1,
            ..Limits::default()
        };
        let doorkeeper = Doorkeeper::new(Access::default(), false, limits.into());
        let places: Vec<_> = (1..10)
            .map(|port| doorkeeper.admit(&SocketAddr::from(([127, 0, 0, 1], port))))
            .collect();
        assert!(places.iter().all(Result::is_ok));
    }

    #[test]
    fn who_comes_too_fast_waits() {
        let limits = Limits {
            handshakes_per_s: 1,
            ..Limits::default()
        };
        let doorkeeper = Doorkeeper::new(Access::default(), false, limits.into());
        let _first = doorkeeper.admit(&address("127.0.0.1:1"));
        assert_eq!(
            doorkeeper.admit(&address("127.0.0.1:2")).err(),
            Some(Turned::TooFast)
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nobody_new_comes_while_there_is_no_memory() {
        let limits = |memory_bytes| Limits {
            memory_bytes,
            ..Limits::default()
        };
        let shared = SharedLimits::from(limits(1 << 20));
        let doorkeeper = Doorkeeper::new(Access::default(), false, shared.clone());
        let near = address("127.0.0.1:1");
        assert_eq!(doorkeeper.admit(&near).err(), Some(Turned::Memory));
        shared.set(limits(1 << 50));
        assert!(doorkeeper.admit(&near).is_ok());
    }

    #[test]
    fn limits_that_are_set_anew_hold_for_who_comes_next() {
        let limits = SharedLimits::default();
        let doorkeeper = Doorkeeper::new(Access::default(), false, limits.clone());
        let _first = doorkeeper.admit(&address("127.0.0.1:1"));
        limits.set(Limits {
            connections: 1,
            ..Limits::default()
        });
        assert_eq!(
            doorkeeper.admit(&address("127.0.0.1:2")).err(),
            Some(Turned::Full)
        );
        limits.set(Limits::default());
        assert!(doorkeeper.admit(&address("127.0.0.1:3")).is_ok());
    }
}
