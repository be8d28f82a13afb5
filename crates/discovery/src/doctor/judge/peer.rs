//! Why a peer does not answer.

use std::net::SocketAddr;

use crate::Interface;
use crate::doctor::advice::{self, Platform};
use crate::doctor::finding::{finding, fine};
use crate::doctor::{Code, Finding, Outcome, Status, Suspect};

/// One finding for all addresses of the peer: what tells most.
pub fn judge(
    suspect: &Suspect,
    outcomes: &[(SocketAddr, Outcome)],
    interfaces: &[Interface],
    platform: Platform,
) -> Finding {
    let at = |wanted: &Outcome| {
        let mut found = outcomes.iter().filter(|(_, outcome)| outcome == wanted);
        found.next().map(|(at, _)| *at)
    };
    if let Some(at) = at(&Outcome::Answered) {
        return fine(
            Code::PeerAnswers,
            format!("The other computer answers at {at}."),
        );
    }
    if let Some(at) = at(&Outcome::Refused) {
        return finding(
            Code::PeerRefuses,
            Status::Fail,
            format!("There is a computer at {at}, but Talus Tally does not listen there."),
            "On the other computer, open Talus Tally, switch sharing on, and compare the port.",
        );
    }
    if at(&Outcome::Forbidden).is_some() {
        return forbidden(platform);
    }
    let is_near = |address: &SocketAddr| {
        let mut own = interfaces.iter();
        own.any(|interface| interface.reaches(address.ip()))
    };
    let near = suspect.addresses.iter().find(|address| is_near(address));
    let is_silent = at(&Outcome::Silent).is_some();
    let is_unreachable = at(&Outcome::Unreachable).is_some();
    match (near, is_silent, is_unreachable) {
        (_, false, false) => unknown_peer(suspect, outcomes),
        // Since version 15, macOS answers so for a program that may not use the local network.
        (Some(_), _, true) if platform == Platform::MacOs && !is_silent => forbidden(platform),
        _ if suspect.is_seen => isolated(suspect),
        (None, ..) => elsewhere(suspect),
        (Some(at), true, _) => silent(*at),
        (Some(at), false, _) => absent(*at),
    }
}

fn forbidden(platform: Platform) -> Finding {
    finding(
        Code::PeerForbidden,
        Status::Fail,
        "This computer does not let Talus Tally connect to the other one.",
        advice::let_out(platform),
    )
}

fn isolated(suspect: &Suspect) -> Finding {
    finding(
        Code::PeerIsolated,
        Status::Fail,
        format!(
            "The other computer is seen, but connections to {} are swallowed.",
            list(&suspect.addresses)
        ),
        "On the other computer, let Talus Tally in through the firewall. If there is none, the Wi-Fi keeps its devices \
         apart (\"client isolation\", usual in guest networks): use the main Wi-Fi, a cable, or a relay.",
    )
}

fn elsewhere(suspect: &Suspect) -> Finding {
    finding(
        Code::PeerElsewhere,
        Status::Fail,
        format!(
            "{} is not in the network of this computer, and does not answer.",
            list(&suspect.addresses)
        ),
        "Bring both computers into the same Wi-Fi or onto the same switch, or use a relay that both reach.",
    )
}

fn silent(at: SocketAddr) -> Finding {
    finding(
        Code::PeerSilent,
        Status::Fail,
        format!("{at} is in the network of this computer, but does not answer."),
        "Make sure that the other computer is on and awake, and that its firewall lets Talus Tally in.",
    )
}

fn absent(at: SocketAddr) -> Finding {
    finding(
        Code::PeerAbsent,
        Status::Fail,
        format!(
            "No computer in this network has the address {} now.",
            at.ip()
        ),
        "Make sure that the other computer is on and in this network, and look up its address there: it may have changed.",
    )
}

fn unknown_peer(suspect: &Suspect, outcomes: &[(SocketAddr, Outcome)]) -> Finding {
    let why = outcomes.iter().find_map(|(_, outcome)| match outcome {
        Outcome::Failed(why) => Some(why.as_str()),
        _ => None,
    });
    let message = match why {
        _ if suspect.addresses.is_empty() => {
            "No address of the other computer is known.".to_owned()
        }
        Some(why) => format!("Connecting to the other computer failed: {why}."),
        None => "Whether the other computer answers could not be found out in time.".to_owned(),
    };
    finding(
        Code::PeerUnknown,
        Status::Unknown,
        message,
        "Type the address that the other computer shows in its own report.",
    )
}

fn list(addresses: &[SocketAddr]) -> String {
    let addresses: Vec<String> = addresses.iter().take(3).map(ToString::to_string).collect();
    addresses.join(", ")
}
