//! Why somebody is not reached, in words for people, each with a code and with what one can do.

use std::io::ErrorKind;

use relay::{Cause, DialFailure, NoLink, Stranger};
use sync::{Bye, ByeCode, LinkError};
use trust::key::words_of;

use crate::failure::{Failure, sentence};

/// Why there is no link. Of several reasons, one for each address that was tried, the one that tells most.
pub(super) fn no_link(why: &[NoLink]) -> Option<Failure> {
    why.iter()
        .max_by_key(|it| telling(it))
        .and_then(|it| match it {
            NoLink::Failed(error) => {
                Some(dial(&error.why).with_detail(format!("{}: {}", error.address, error.why)))
            }
            NoLink::Ended(cause) => ended(cause),
        })
}

/// Somebody who answers tells more than nobody.
fn telling(why: &NoLink) -> u8 {
    match why {
        NoLink::Ended(_) => 4,
        NoLink::Failed(error) => match error.why {
            DialFailure::Refused(_) | DialFailure::Incompatible | DialFailure::Stranger(_) => 3,
            DialFailure::Upgrade(_) | DialFailure::Gone(_) => 2,
            DialFailure::Connect(..) | DialFailure::TimedOut => 1,
            DialFailure::Name(_) => 0,
        },
    }
}

fn dial(why: &DialFailure) -> Failure {
    let (code, message) = match why {
        DialFailure::Name(_) => (
            "NAME_UNKNOWN",
            "No machine of that name is known on this network. Check the spelling, or type its number, such as 192.168.1.7.",
        ),
        DialFailure::Connect(ErrorKind::ConnectionRefused, _) => (
            "NOBODY_LISTENS",
            "The machine is there, but Talus Tally is not. Start it there, and compare the port.",
        ),
        DialFailure::Connect(..) | DialFailure::TimedOut => (
            "NOBODY_ANSWERS",
            "Nobody answers at this address. Make sure that the machine is on and in this network, or check the network below.",
        ),
        DialFailure::Upgrade(_) => (
            "NO_RELAY_THERE",
            "Another program answers at this address. Check the port.",
        ),
        DialFailure::Incompatible => (
            "NO_RELAY_THERE",
            "What answers at this address does not speak as Talus Tally does. Check the port.",
        ),
        DialFailure::Stranger(stranger) => return other_machine(stranger),
        DialFailure::Refused(bye) => return said(bye),
        DialFailure::Gone(cause) => return ended(cause).unwrap_or_else(broken),
    };
    Failure::new(code, message)
}

/// Nothing was said to it. Who is there is told by words that people can compare.
fn other_machine(stranger: &Stranger) -> Failure {
    let (expected, found) = (words_of(&stranger.expected), words_of(&stranger.found));
    Failure::new(
        "OTHER_MACHINE",
        format!(
            "Another machine than before is at this address, so nothing was sent to it. Expected: {expected}. Found: {found}. \
             If that is meant, remove the address and type it again."
        ),
    )
}

/// Why a link ended; nothing if this side ended it in good order.
pub(super) fn ended(cause: &Cause) -> Option<Failure> {
    let failure = match cause {
        Cause::Ended => return None,
        Cause::Bye(bye) => said(bye),
        Cause::Closed | Cause::Broken(_) => broken(),
        Cause::Silent => Failure::new(
            "LINK_SILENT",
            "The other machine fell silent: it sleeps, or the network between the two is gone. It comes back by itself.",
        ),
        Cause::Protocol(_) | Cause::TooLong | Cause::NotBinary => Failure::new(
            "LINK_GARBLED",
            "What the other machine sent could not be read. Use the same version on both; it comes back by itself.",
        ),
    };
    Some(failure.with_detail(cause))
}

/// Why this side dropped a link.
pub(super) fn dropped(error: &LinkError) -> Option<Failure> {
    match error {
        LinkError::Bye(_) => None,
        error => Some(
            Failure::new(
                "LINK_REFUSED",
                "The other machine sent what it may not, so the link was closed. Nothing of it was taken in; use the \
                 same version on both.",
            )
            .with_detail(sentence(&error.to_string())),
        ),
    }
}

fn broken() -> Failure {
    Failure::new(
        "LINK_BROKEN",
        "The connection broke: Talus Tally was ended there, or the network was interrupted. It comes back by itself.",
    )
}

/// What the other side says when it ends a link.
fn said(bye: &Bye) -> Failure {
    let (code, message) = match bye.code {
        ByeCode::ShuttingDown => (
            "PEER_LEFT",
            "The project or Talus Tally was closed there. It comes back by itself.",
        ),
        ByeCode::UnknownRoom => (
            "PROJECT_NOT_THERE",
            "The machine is there, but this project is not open on it. Open it there, or invite it.",
        ),
        ByeCode::NotPermitted => (
            "NOT_PERMITTED",
            "The other machine does not let this one into the project. Ask whoever shares it, or who runs the relay.",
        ),
        ByeCode::TooOld => (
            "VERSION_TOO_OLD",
            "The Talus Tally on this machine is too old for the other one. Update it here.",
        ),
        ByeCode::TooNew => (
            "VERSION_TOO_NEW",
            "The Talus Tally on the other machine is too old for this one. Update it there.",
        ),
        ByeCode::Busy => (
            "PEER_BUSY",
            "The other machine has as much to do as it allows. It comes back by itself.",
        ),
        ByeCode::Misbehaved => (
            "LINK_REJECTED",
            "The other machine did not accept what this one sent. Use the same version on both, and copy the diagnostics.",
        ),
        ByeCode::Redundant => (
            "ADDRESS_IS_OWN",
            "This is the address of this very machine. Type that of another one.",
        ),
        ByeCode::Later(_) => (
            "PEER_SAID_NO",
            "The other machine ended the link for a reason that only a later version knows. Update Talus Tally here.",
        ),
    };
    let failure = Failure::new(code, message);
    match bye.reason.as_str() {
        "" => failure,
        reason => failure.with_detail(reason),
    }
}

#[cfg(test)]
mod tests {
    use relay::DialError;

    use super::*;

    fn bye(code: ByeCode) -> Bye {
        Bye {
            code,
            reason: String::new(),
        }
    }

    fn failed(why: DialFailure) -> NoLink {
        let address = "10.0.0.7:7825".parse().expect("an address");
        NoLink::Failed(DialError { address, why })
    }

    #[test]
    fn every_goodbye_has_a_code_of_its_own() {
        for (code, expected) in [
            (ByeCode::ShuttingDown, "PEER_LEFT"),
            (ByeCode::UnknownRoom, "PROJECT_NOT_THERE"),
            (ByeCode::NotPermitted, "NOT_PERMITTED"),
            (ByeCode::TooOld, "VERSION_TOO_OLD"),
            (ByeCode::TooNew, "VERSION_TOO_NEW"),
            (ByeCode::Busy, "PEER_BUSY"),
            (ByeCode::Misbehaved, "LINK_REJECTED"),
            (ByeCode::Redundant, "ADDRESS_IS_OWN"),
            (ByeCode::Later(99), "PEER_SAID_NO"),
        ] {
            let why = [failed(DialFailure::Refused(bye(code)))];
            assert_eq!(no_link(&why).map(|it| it.code), Some(expected.to_owned()));
            let why = [NoLink::Ended(Cause::Bye(bye(code)))];
            assert_eq!(no_link(&why).map(|it| it.code), Some(expected.to_owned()));
        }
    }

    #[test]
    fn another_machine_is_named_by_words() {
        let [expected, found] = [1, 2].map(|byte| trust::DeviceId([byte; 32]));
        let why = [failed(DialFailure::Stranger(Stranger { expected, found }))];
        let failure = no_link(&why).expect("a failure");
        assert_eq!(failure.code, "OTHER_MACHINE");
        for device in [expected, found] {
            assert!(failure.message.contains(&words_of(&device)), "{failure}");
        }
    }

    #[test]
    fn every_end_has_a_code_but_an_own_one() {
        for (cause, expected) in [
            (Cause::Ended, None),
            (Cause::Closed, Some("LINK_BROKEN")),
            (Cause::Broken("cut".into()), Some("LINK_BROKEN")),
            (Cause::Silent, Some("LINK_SILENT")),
            (Cause::Protocol("what".into()), Some("LINK_GARBLED")),
            (Cause::TooLong, Some("LINK_GARBLED")),
            (Cause::NotBinary, Some("LINK_GARBLED")),
        ] {
            let code = no_link(&[NoLink::Ended(cause)]).map(|it| it.code);
            assert_eq!(code.as_deref(), expected);
        }
    }

    #[test]
    fn whoever_answers_is_named_before_those_who_do_not() {
        let refused = ErrorKind::ConnectionRefused;
        let nobody = failed(DialFailure::Connect(refused, "refused".into()));
        let unknown = failed(DialFailure::Name("none".into()));
        let room = failed(DialFailure::Refused(bye(ByeCode::UnknownRoom)));
        let late = failed(DialFailure::TimedOut);
        let code = |why: &[NoLink]| no_link(why).map(|it| it.code);
        let code = |why: &[&NoLink]| code(&why.iter().map(|it| (*it).clone()).collect::<Vec<_>>());
        assert_eq!(code(&[]), None);
        assert_eq!(code(&[&unknown]).as_deref(), Some("NAME_UNKNOWN"));
        assert_eq!(
            code(&[&unknown, &nobody]).as_deref(),
            Some("NOBODY_LISTENS")
        );
        assert_eq!(code(&[&unknown, &late]).as_deref(), Some("NOBODY_ANSWERS"));
        assert_eq!(
            code(&[&room, &nobody, &unknown]).as_deref(),
            Some("PROJECT_NOT_THERE")
        );
    }
}
