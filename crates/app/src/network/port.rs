//! Which port this installation listens at: the same at each start, so that an address that somebody typed or was given
//! stays good.
//!
//! The ports that it has had are kept, first the one that it prefers. If another program has that, the next is tried; what
//! is found in the end is kept behind the others, so that two installations of one machine soon have a port each.

use std::io;
use std::net::SocketAddr;

use rand_core::RngCore;
use store::{Store, StoreError};
use tokio::net::TcpListener;

use crate::world::Random;

/// Where an installation that others can reach listens if nothing was chosen and it is free: the one behind a relay's.
const USUAL: u16 = 7826;

/// Below the ports that systems lend to whoever connects, and above those that servers are known by.
const DRAWN: std::ops::Range<u16> = 20_000..30_000;

/// How often a port is drawn before the system is asked for any.
const DRAWS: usize = 16;

/// So many are remembered.
const MOST: usize = 4;

/// Under which the store keeps them.
const SETTING: &str = "network.ports";

/// The ports that this installation has had, first the one that it prefers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Ports(Vec<u16>);

impl Ports {
    /// As they are kept. What is no port is passed over.
    pub(crate) fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let kept = store.setting(SETTING)?.unwrap_or_default();
        let ports = kept.split(' ').filter_map(|it| it.parse().ok());
        Ok(Self(ports.filter(|port| *port != 0).take(MOST).collect()))
    }

    /// Keeps them.
    pub(crate) fn keep(&self, store: &dyn Store) -> Result<(), StoreError> {
        let ports: Vec<String> = self.0.iter().map(u16::to_string).collect();
        store.set_setting(SETTING, Some(&ports.join(" ")))
    }

    /// The one that is tried first.
    pub(crate) fn preferred(&self) -> Option<u16> {
        self.0.first().copied()
    }

    /// Notes where it listens now.
    pub(crate) fn had(&mut self, port: u16) {
        if !self.0.contains(&port) {
            self.0.truncate(MOST - 1);
            self.0.push(port);
        }
    }
}

/// Listens at a port that was chosen (0: none was), or else at one that is kept, or else at any. An address that names its
/// port is taken as it is.
pub(super) fn listen(at: SocketAddr, chosen: u16, ports: &Ports) -> io::Result<Vec<TcpListener>> {
    if at.port() != 0 {
        return relay::listen(at);
    }
    // Only where others come from: programs of this machine are told where to look.
    let usual = at.ip().is_unspecified().then_some(USUAL);
    let known = std::iter::once(chosen)
        .chain(ports.0.iter().copied())
        .chain(usual)
        .filter(|port| *port != 0);
    let drawn = std::iter::repeat_with(draw).take(DRAWS);
    for port in known.chain(drawn) {
        match relay::listen(SocketAddr::new(at.ip(), port)) {
            Ok(listeners) => return Ok(listeners),
            // Some ports are kept from who is not an administrator.
            Err(error) if is_port_to_blame(&error) => {}
            Err(error) => return Err(error),
        }
    }
    relay::listen(at)
}

fn is_port_to_blame(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied
    )
}

fn draw() -> u16 {
    let width = u32::from(DRAWN.end - DRAWN.start);
    let within = u16::try_from(Random.next_u32() % width).unwrap_or_default();
    DRAWN.start + within
}

#[cfg(test)]
mod tests {
    use store::MemoryStore;

    use super::*;

    fn here() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }

    fn port_of(listeners: &[TcpListener]) -> u16 {
        listeners[0].local_addr().expect("it is bound").port()
    }

    #[test]
    fn they_are_kept_in_their_order() {
        let store = MemoryStore::new();
        let mut ports = Ports::load(&store).unwrap();
        assert_eq!(ports.preferred(), None);
        for port in [1, 2, 2, 3, 4, 5] {
            ports.had(port);
        }
        assert_eq!(ports, Ports(vec![1, 2, 3, 5]));
        ports.keep(&store).unwrap();
        assert_eq!(Ports::load(&store).unwrap(), ports);
        store.set_setting(SETTING, Some("7 none 0 70000")).unwrap();
        assert_eq!(Ports::load(&store).unwrap(), Ports(vec![7]));
    }

    #[tokio::test]
    async fn a_port_that_is_taken_gives_way_to_the_next() {
        let mut ports = Ports::default();
        let first = listen(here(), 0, &ports).unwrap();
        ports.had(port_of(&first));
        let second = listen(here(), 0, &ports).unwrap();
        ports.had(port_of(&second));
        assert_ne!(port_of(&second), port_of(&first));
        let had = [port_of(&first), port_of(&second)];
        drop(second);
        assert_eq!(port_of(&listen(here(), 0, &ports).unwrap()), had[1]);
        drop(first);
        assert_eq!(port_of(&listen(here(), 0, &ports).unwrap()), had[0]);
    }

    #[tokio::test]
    async fn what_was_chosen_goes_before_what_is_kept() {
        let [chosen, kept] =
            [0, 0].map(|_| port_of(&listen(here(), 0, &Ports::default()).unwrap()));
        let mut ports = Ports::default();
        ports.had(kept);
        let listeners = listen(here(), chosen, &ports).unwrap();
        assert_eq!(port_of(&listeners), chosen);
        let named = listen(SocketAddr::new(here().ip(), chosen), 0, &ports);
        assert!(named.is_err(), "an address that names its port is meant so");
        assert_eq!(port_of(&listen(here(), chosen, &ports).unwrap()), kept);
    }

    #[test]
    fn drawn_ports_are_within_their_range() {
        assert!((0..1000).all(|_| DRAWN.contains(&draw())));
    }
}
