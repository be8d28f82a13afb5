//! What observations mean.

mod network;
mod peer;

use std::net::SocketAddr;

use super::advice::{self, Platform};
use super::finding::{finding, fine};
use super::plan::{self, plan};
use super::{Code, Echo, Finding, Firewall, Observation, Outcome, Question, Status};
use crate::{Interface, InterfaceKind};

/// Turns observations into findings. Pure: the same observations in the same order give the same findings.
pub struct Judge {
    question: Question,
    platform: Platform,
    interfaces: Vec<Interface>,
    firewall: Firewall,
    /// How the peer's addresses that were dialled turned out.
    peer: Vec<(SocketAddr, Outcome)>,
    /// How many there are to come.
    peer_awaited: usize,
    has_failed: bool,
}

impl Judge {
    /// Begins without having seen anything.
    pub fn new(question: Question, platform: Platform) -> Self {
        Self {
            question,
            platform,
            interfaces: Vec::new(),
            firewall: Firewall::Unseen,
            peer: Vec::new(),
            peer_awaited: 0,
            has_failed: false,
        }
    }

    /// What is known now that was not before.
    pub fn absorb(&mut self, observation: Observation) -> Vec<Finding> {
        let findings = match observation {
            Observation::Interfaces(interfaces) => {
                self.peer_awaited = plan(&self.question, &interfaces).peer.len();
                self.interfaces = interfaces;
                network::judge(&self.question, &self.interfaces, self.platform)
            }
            Observation::Firewall(firewall) => {
                self.firewall = firewall;
                Vec::new()
            }
            Observation::Own { at, outcome } => vec![self.own(at, &outcome)],
            Observation::Echo { interface, echo } => self.echo(&interface, &echo),
            Observation::Peer { at, outcome } => {
                self.peer.push((at, outcome));
                let is_complete = self.peer.len() == self.peer_awaited;
                is_complete
                    .then(|| self.peer())
                    .into_iter()
                    .flatten()
                    .collect()
            }
        };
        self.has_failed |= findings
            .iter()
            .any(|finding| finding.status == Status::Fail);
        findings
    }

    /// What follows from all of it. `is_complete` if nothing that was tried is still open.
    pub fn conclude(mut self, is_complete: bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        let is_judged = self.peer.len() == self.peer_awaited && self.peer_awaited > 0;
        if !is_judged {
            findings.extend(self.peer());
        }
        self.has_failed |= findings
            .iter()
            .any(|finding| finding.status == Status::Fail);
        findings.extend(self.firewall());
        if self.has_failed && self.has(InterfaceKind::Vpn) && self.has(InterfaceKind::Lan) {
            findings.push(finding(
                Code::VpnOpen,
                Status::Warn,
                "A VPN is connected; many of them hide the local network.",
                "Disconnect the VPN and try again, or allow local network access in its settings.",
            ));
        }
        if !is_complete {
            findings.push(finding(
                Code::Unfinished,
                Status::Unknown,
                "Some of the checks did not finish in time.",
                "Try again; if that does not help, the network may be very slow.",
            ));
        }
        findings
    }

    fn has(&self, kind: InterfaceKind) -> bool {
        self.interfaces
            .iter()
            .any(|interface| interface.kind == kind)
    }

    fn own(&self, at: SocketAddr, outcome: &Outcome) -> Finding {
        let (address, port) = (at.ip(), at.port());
        match outcome {
            Outcome::Answered => fine(
                Code::PortOpen,
                format!(
                    "Talus Tally answers at {address}, port {port}, as far as this computer can see itself."
                ),
            ),
            Outcome::Refused | Outcome::Unreachable if at.is_ipv6() => finding(
                Code::PortClosed,
                Status::Warn,
                format!("Talus Tally does not answer by IPv6 at {address}, port {port}."),
                "There is nothing to do as long as the others reach this computer by IPv4.",
            ),
            Outcome::Silent | Outcome::Forbidden => finding(
                Code::PortBlocked,
                Status::Fail,
                format!(
                    "A firewall on this computer swallows connections to {address}, port {port}."
                ),
                advice::let_in(self.platform, self.firewall, Some(port)),
            ),
            Outcome::Refused | Outcome::Unreachable | Outcome::Failed(_) => finding(
                Code::PortClosed,
                Status::Fail,
                format!("Talus Tally does not listen at {address}, port {port}."),
                "Switch sharing on, and choose this network under the addresses to listen on. If it is on, another \
                 program may be using the port: choose another one.",
            ),
        }
    }

    fn echo(&self, interface: &str, echo: &Echo) -> Vec<Finding> {
        match echo {
            Echo::Heard { others } => {
                let works = fine(
                    Code::Multicast,
                    format!(
                        "Searching the network works on {interface}, as far as this computer can see itself."
                    ),
                );
                // Nobody else is behind a loopback.
                let is_shared = self
                    .interfaces
                    .iter()
                    .any(|own| own.name == interface && own.kind != InterfaceKind::Loopback);
                let heard = is_shared.then(|| nobody_or(*others, interface));
                [works].into_iter().chain(heard).collect()
            }
            Echo::Silent => vec![finding(
                Code::MulticastSilent,
                Status::Fail,
                format!(
                    "What this computer sends to search the network does not arrive on {interface}."
                ),
                advice::multicast(self.platform, self.firewall),
            )],
            Echo::PortTaken => vec![finding(
                Code::MulticastPortTaken,
                Status::Fail,
                "Another program keeps the port for searching the network (UDP 5353) for itself.",
                advice::port_taken(self.platform),
            )],
            Echo::Failed(why) => vec![finding(
                Code::MulticastSilent,
                Status::Fail,
                format!("The network {interface} cannot be searched: {why}."),
                "Try another network, or type the address of the other computer.",
            )],
        }
    }

    fn peer(&self) -> Option<Finding> {
        let suspect = self.question.peer.as_ref()?;
        Some(peer::judge(
            suspect,
            &self.peer,
            &self.interfaces,
            self.platform,
        ))
    }

    fn firewall(&self) -> Option<Finding> {
        let name = match self.firewall {
            Firewall::Unseen => return None,
            Firewall::Ufw => "ufw",
            Firewall::Firewalld => "firewalld",
        };
        let is_used = !plan::used(&self.question, &self.interfaces).is_empty();
        let status = if self.has_failed {
            Status::Warn
        } else {
            Status::Unknown
        };
        is_used.then(|| {
            finding(
                Code::FirewallOn,
                status,
                format!(
                    "A firewall ({name}) is on. Whether it lets others in cannot be seen from here."
                ),
                format!(
                    "If others do not find or reach this computer, let them in. {}",
                    advice::let_in(self.platform, self.firewall, self.question.port)
                ),
            )
        })
    }
}

fn nobody_or(others: usize, interface: &str) -> Finding {
    match others {
        0 => finding(
            Code::NobodyHeard,
            Status::Unknown,
            format!("Nobody else was heard on {interface} meanwhile."),
            "If the other computer is on, make sure that both are in the same network: not one in the guest Wi-Fi, and \
             not one in a VPN. Some access points keep their guests apart.",
        ),
        1 => fine(
            Code::OthersHeard,
            format!("One other device was heard on {interface}."),
        ),
        _ => fine(
            Code::OthersHeard,
            format!("{others} other devices were heard on {interface}."),
        ),
    }
}

#[cfg(test)]
mod tests;
