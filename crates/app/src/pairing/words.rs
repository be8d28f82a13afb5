//! Why a pairing came to nothing, in words for people, each with a code and with what one can do.

use graph::time::Timestamp;
use relay::{Declined, DialFailure, PairingFailure, Unreached};

use super::PairingSide;
use crate::failure::Failure;

/// Why it came to nothing, and before when it is of no use to try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) failure: Failure,
    pub(super) retry_at: Option<Timestamp>,
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        let retry_at = None;
        Self { failure, retry_at }
    }
}

/// The words for what the network says.
pub(super) fn trouble(why: &PairingFailure, side: PairingSide, now: Timestamp) -> Trouble {
    let (code, message) = match why {
        PairingFailure::Unreached(ways) => unreached(ways),
        PairingFailure::Declined(declined) | PairingFailure::Ended(declined) => {
            if let Declined::TooSoon { wait_ms } = declined {
                return too_soon(*wait_ms, now);
            }
            said(*declined, side)
        }
        PairingFailure::Silent | PairingFailure::Gone(_) => (
            "PAIRING_BROKEN",
            "The connection to the other computer was lost. Try again.",
        ),
    };
    Failure::new(code, message).with_detail(why).into()
}

/// The other machine has the code right and is not in the project all the same.
pub(super) fn not_joined(detail: impl ToString) -> Trouble {
    let failure = Failure::new(
        "PAIRING_NOT_JOINED",
        "The code was right, but the other computer has not come into the project. Look there for why; this computer may not be reached from there.",
    );
    failure.with_detail(detail).into()
}

/// The machine that has the project cannot let this one in.
pub(super) fn not_invited() -> Trouble {
    Failure::new(
        "PAIRING_NOT_JOINED",
        "The code was right, but the other computer cannot let this one into the project. Look there for why.",
    )
    .into()
}

fn too_soon(wait_ms: u64, now: Timestamp) -> Trouble {
    let wait_ms = i64::try_from(wait_ms).unwrap_or(i64::MAX);
    let seconds = wait_ms.saturating_add(999) / 1_000;
    let wait = match seconds {
        1 => "a second".to_owned(),
        2..=99 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    };
    Trouble {
        failure: Failure::new(
            "PAIRING_TOO_SOON",
            format!(
                "The other computer has shown several codes in vain and shows the next in {wait}. Wait so long, or send an invitation."
            ),
        ),
        retry_at: Some(Timestamp(now.0.saturating_add(wait_ms))),
    }
}

fn said(declined: Declined, side: PairingSide) -> (&'static str, &'static str) {
    use PairingSide::{Joining, Sharing};
    match (declined, side) {
        (Declined::Refused, Sharing) => (
            "PAIRING_REFUSED",
            "Somebody at the other computer has refused. Talk to them, and try again.",
        ),
        (Declined::WrongCode, Sharing) => (
            "PAIRING_WRONG_CODE",
            "This was not the code that the other computer showed, and each code is good for one try. Try again with another. If it fails although the code was right, somebody in this network interferes: send an invitation instead.",
        ),
        (Declined::WrongCode, Joining) => (
            "PAIRING_WRONG_CODE",
            "Another code was typed at the other computer, and each code is good for one try. Try again from there: this computer then shows another.",
        ),
        (Declined::Expired, Sharing) => (
            "PAIRING_EXPIRED",
            "The code has expired: there are two minutes to type it. Try again.",
        ),
        (Declined::Expired, Joining) => (
            "PAIRING_EXPIRED",
            "Nobody typed the code at the other computer within two minutes. Try again from there.",
        ),
        (Declined::Withdrawn | Declined::Refused, _) => (
            "PAIRING_CANCELLED",
            "It was given up at the other computer.",
        ),
        (Declined::Busy, _) => (
            "PAIRING_PEER_BUSY",
            "The other computer is showing a code to somebody else. Try again in a moment.",
        ),
        (Declined::NotNow, _) => (
            "PAIRING_NOT_FINDABLE",
            "The other computer takes no requests. Let it be found on this network there, under Settings, Network, or send an invitation.",
        ),
        (Declined::TooOld | Declined::TooNew | Declined::Later(_), _) => (
            "PAIRING_VERSION",
            "The other computer has another version of Talus Tally. Use the same version on both.",
        ),
        (Declined::Misbehaved | Declined::TooSoon { .. }, _) => (
            "PAIRING_BROKEN",
            "The two computers did not understand each other. Use the same version of Talus Tally on both, and try again.",
        ),
    }
}

fn unreached(ways: &[Unreached]) -> (&'static str, &'static str) {
    let any = |is_so: fn(&Unreached) -> bool| ways.iter().any(is_so);
    if any(|it| matches!(it, Unreached::Own)) {
        return (
            "PAIRING_OWN_ADDRESS",
            "This is the address of this very computer. Choose the other one.",
        );
    }
    if any(|it| matches!(it, Unreached::Other(_))) {
        return (
            "PAIRING_OTHER_MACHINE",
            "Another computer is there than the one that was chosen. Look at the list again.",
        );
    }
    let is_foreign = |it: &Unreached| {
        let Unreached::Dial(error) = it else {
            return false;
        };
        matches!(
            error.why,
            DialFailure::Upgrade(_) | DialFailure::Incompatible
        )
    };
    if any(is_foreign) {
        return (
            "PAIRING_VERSION",
            "What answers there cannot pair: it is another program, or another version of Talus Tally. Use the same version on both computers.",
        );
    }
    (
        "PAIRING_UNREACHABLE",
        "The other computer is not reached. Talus Tally has to be open there, and a firewall must not stand in between; the network check says more.",
    )
}

#[cfg(test)]
mod tests {
    use relay::DialError;

    use super::*;

    fn words(why: PairingFailure, side: PairingSide) -> Trouble {
        trouble(&why, side, Timestamp(10_000))
    }

    fn code(why: PairingFailure) -> String {
        words(why, PairingSide::Sharing).failure.code
    }

    #[test]
    fn whoever_comes_too_soon_is_told_how_long_to_wait() {
        for (wait_ms, wait) in [
            (1, "a second"),
            (1_001, "2 seconds"),
            (99_000, "99 seconds"),
            (100_000, "2 minutes"),
            (900_000, "15 minutes"),
        ] {
            let why = PairingFailure::Declined(Declined::TooSoon { wait_ms });
            let trouble = words(why, PairingSide::Sharing);
            assert_eq!(trouble.failure.code, "PAIRING_TOO_SOON");
            assert!(trouble.failure.message.contains(&format!("in {wait}.")));
            let retry_at = Timestamp(10_000 + wait_ms as i64);
            assert_eq!(trouble.retry_at, Some(retry_at));
        }
    }

    #[test]
    fn both_sides_are_told_in_their_own_words() {
        for declined in [Declined::WrongCode, Declined::Expired] {
            let near = words(PairingFailure::Declined(declined), PairingSide::Sharing);
            let far = words(PairingFailure::Ended(declined), PairingSide::Joining);
            assert_eq!(near.failure.code, far.failure.code);
            assert_ne!(near.failure.message, far.failure.message);
            assert_eq!(near.retry_at, None);
        }
    }

    #[test]
    fn who_is_not_reached_is_told_why() {
        let dial = |why| {
            let address = "10.0.0.2:7400".parse().unwrap();
            Unreached::Dial(DialError { address, why })
        };
        let silent = || dial(DialFailure::TimedOut);
        let of = |ways| code(PairingFailure::Unreached(ways));
        assert_eq!(of(vec![]), "PAIRING_UNREACHABLE");
        assert_eq!(of(vec![silent()]), "PAIRING_UNREACHABLE");
        assert_eq!(of(vec![silent(), Unreached::Own]), "PAIRING_OWN_ADDRESS");
        let other = Unreached::Other(trust::DeviceId([7; 32]));
        assert_eq!(of(vec![silent(), other]), "PAIRING_OTHER_MACHINE");
        let foreign = dial(DialFailure::Upgrade("404".to_owned()));
        assert_eq!(of(vec![silent(), foreign]), "PAIRING_VERSION");
    }
}
