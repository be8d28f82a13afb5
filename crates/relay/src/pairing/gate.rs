//! Who may ask for a code, and when.

use std::{
    collections::VecDeque,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use trust::pairing::Pace;

use super::message::Declined;

/// Codes for one address in an hour: more than people need who mistype, few enough that one machine cannot have all the
/// codes that [`Pace`] grants.
const PER_ADDRESS: usize = 10;

const HOUR_MS: u64 = 60 * 60 * 1000;

/// Codes that are remembered with whom they were for. So many come in an hour only if most of them end well.
const REMEMBERED: usize = 256;

/// The state of one machine: whether it takes requests, whether it has a pairing, and which codes there were. Clones share
/// it. Time is an argument.
#[derive(Clone, Default, Debug)]
pub struct Gate(Arc<Mutex<Inside>>);

#[derive(Default, Debug)]
struct Inside {
    is_open: bool,
    is_taken: bool,
    pace: Pace,
    /// For whom codes were shown and when, oldest first.
    codes: VecDeque<(IpAddr, u64)>,
}

/// The one pairing that a machine may have, whichever side it is on; free again when this is dropped.
#[derive(Debug)]
pub struct Claim(Gate);

impl Gate {
    /// A closed one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes requests from now on, or none. A pairing that is under way goes on.
    pub fn set_open(&self, is_open: bool) {
        self.lock().is_open = is_open;
    }

    /// Whether it takes requests.
    pub fn is_open(&self) -> bool {
        self.lock().is_open
    }

    /// A claim for who asks somebody else; none while there is another pairing.
    pub fn take(&self) -> Option<Claim> {
        let mut inside = self.lock();
        let is_free = !std::mem::replace(&mut inside.is_taken, true);
        is_free.then(|| Claim(self.clone()))
    }

    /// A claim, and with it a code, for somebody from there; or why not. A refusal counts as nothing.
    pub fn admit(&self, from: IpAddr, now_ms: u64) -> Result<Claim, Declined> {
        let from = neighbour(from);
        let mut inside = self.lock();
        if !inside.is_open {
            return Err(Declined::NotNow);
        }
        if inside.is_taken {
            return Err(Declined::Busy);
        }
        inside
            .codes
            .retain(|(_, at_ms)| now_ms.saturating_sub(*at_ms) < HOUR_MS);
        let mut own = inside.codes.iter().filter(|(address, _)| *address == from);
        if own.clone().count() >= PER_ADDRESS
            && let Some((_, at_ms)) = own.next()
        {
            let wait_ms = (at_ms + HOUR_MS).saturating_sub(now_ms);
            return Err(Declined::TooSoon { wait_ms });
        }
        if let Err(too_soon) = inside.pace.ask(now_ms) {
            let wait_ms = too_soon.wait_ms;
            return Err(Declined::TooSoon { wait_ms });
        }
        if inside.codes.len() == REMEMBERED {
            inside.codes.pop_front();
        }
        inside.codes.push_back((from, now_ms));
        inside.is_taken = true;
        Ok(Claim(self.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Claim {
    /// The pairing has succeeded: earlier codes do not count any more.
    pub(super) fn succeed(&self) {
        self.0.lock().pace.succeed();
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.lock().is_taken = false;
    }
}

/// A machine has a whole network of IPv6 to itself.
fn neighbour(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const BEN: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    fn open() -> Gate {
        let gate = Gate::new();
        gate.set_open(true);
        gate
    }

    #[test]
    fn k8_a_closed_gate_lets_nobody_in() {
        let gate = Gate::new();
        assert_eq!(gate.admit(ANA, 0).err(), Some(Declined::NotNow));
        gate.set_open(true);
        let claim = gate.admit(ANA, 0);
        gate.set_open(false);
        assert!(claim.is_ok(), "what is under way goes on");
    }

    #[test]
    fn k6_there_is_one_seat_for_both_sides() {
        let gate = open();
        let claim = gate.admit(ANA, 0).expect("it is free");
        assert_eq!(gate.admit(BEN, 0).err(), Some(Declined::Busy));
        assert!(gate.take().is_none());
        drop(claim);
        let own = gate.take().expect("it is free again");
        assert_eq!(gate.admit(BEN, 0).err(), Some(Declined::Busy));
        drop(own);
        assert!(gate.admit(BEN, 0).is_ok());
    }

    #[test]
    fn k7_codes_that_come_to_nothing_make_everybody_wait() {
        let gate = open();
        for _ in 0..Pace::FREE {
            gate.admit(ANA, 5).expect("people mistype");
        }
        let wait = Declined::TooSoon { wait_ms: 1_000 };
        assert_eq!(gate.admit(ANA, 5).err(), Some(wait));
        assert_eq!(gate.admit(BEN, 5).err(), Some(wait));
        gate.admit(BEN, 1_005)
            .expect("the time has passed")
            .succeed();
        gate.admit(ANA, 1_005).expect("one has succeeded");
    }

    #[test]
    fn k7_one_address_does_not_get_all_codes() {
        let gate = open();
        let own = |number: u16| IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 7, 0, 0, 0, number));
        let mut now_ms = 0;
        for number in 0..PER_ADDRESS as u16 {
            now_ms += Pace::LONGEST_MS / 15;
            gate.admit(own(number), now_ms)
                .expect("the pace allows it")
                .succeed();
        }
        let Err(Declined::TooSoon { wait_ms }) = gate.admit(own(99), now_ms) else {
            panic!("an eleventh code");
        };
        assert!(gate.admit(BEN, now_ms).is_ok());
        assert!(gate.admit(own(99), now_ms + wait_ms - 1).is_err());
        assert!(gate.admit(own(99), now_ms + wait_ms).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let gate = open();
        for number in 0..1_000_u32 {
            let from = IpAddr::V4(number.into());
            gate.admit(from, 0).expect("each succeeds").succeed();
        }
        assert_eq!(gate.lock().codes.len(), REMEMBERED);
    }
}
