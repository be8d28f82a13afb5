//! Noticing that the world has moved on: another address, or hours of sleep.

use std::time::{Duration, SystemTime};

use crate::Interface;

/// Time between two looks.
pub const BEAT: Duration = Duration::from_secs(2);
/// A look that comes this late means that the machine has slept. If it was only busy, asking again does no harm.
const SLEEP: Duration = Duration::from_secs(20);

/// What was there at the last look.
pub struct Pulse {
    at: SystemTime,
    interfaces: Vec<Interface>,
}

impl Pulse {
    /// The first look.
    pub fn new(at: SystemTime, interfaces: Vec<Interface>) -> Self {
        Self { at, interfaces }
    }

    /// A later look: whether everything should be announced and asked again.
    pub fn beat(&mut self, at: SystemTime, interfaces: Vec<Interface>) -> bool {
        // A clock that was set back says nothing.
        let has_slept = at
            .duration_since(self.at)
            .is_ok_and(|elapsed| elapsed > SLEEP);
        let has_moved = self.interfaces != interfaces;
        *self = Self { at, interfaces };
        has_slept || has_moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InterfaceKind;

    fn eth0(address: &str) -> Vec<Interface> {
        vec![Interface {
            name: "eth0".to_owned(),
            index: 2,
            address: address.parse().expect("an address"),
            network_bits: 24,
            kind: InterfaceKind::Lan,
        }]
    }

    #[test]
    fn moves_and_sleep_are_noticed_once_and_nothing_else_is() {
        let begin = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let after = |seconds| begin + Duration::from_secs(seconds);
        let mut pulse = Pulse::new(begin, eth0("10.0.0.1"));
        assert!(!pulse.beat(after(2), eth0("10.0.0.1")));
        assert!(pulse.beat(after(4), eth0("10.0.0.2")), "another address");
        assert!(!pulse.beat(after(6), eth0("10.0.0.2")));
        assert!(pulse.beat(after(8), Vec::new()), "no network");
        assert!(pulse.beat(after(10), eth0("10.0.0.2")), "back again");
        assert!(!pulse.beat(after(25), eth0("10.0.0.2")), "a busy machine");
        assert!(
            pulse.beat(after(3600), eth0("10.0.0.2")),
            "an hour of sleep"
        );
        assert!(
            !pulse.beat(after(1800), eth0("10.0.0.2")),
            "the clock was set back"
        );
        assert!(!pulse.beat(after(1802), eth0("10.0.0.2")));
    }
}
