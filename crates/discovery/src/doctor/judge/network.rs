//! Whether there is a network, and whether it is the chosen one.

use crate::doctor::advice::{self, Platform};
use crate::doctor::finding::{finding, fine};
use crate::doctor::{Code, Finding, Question, Status};
use crate::{Interface, InterfaceKind, Interfaces};

/// How this machine is connected, given what was chosen.
pub fn judge(question: &Question, interfaces: &[Interface], platform: Platform) -> Vec<Finding> {
    let has = |kind| interfaces.iter().any(|interface| interface.kind == kind);
    let mut findings: Vec<Finding> = choice(&question.interfaces, interfaces)
        .into_iter()
        .collect();
    let lans: Vec<String> = interfaces
        .iter()
        .filter(|interface| interface.kind == InterfaceKind::Lan && interface.address.is_ipv4())
        .map(|interface| format!("{} ({})", interface.address, interface.name))
        .collect();
    let connect = advice::connect(platform);
    findings.push(if !lans.is_empty() {
        fine(
            Code::Network,
            format!("This computer is at {}.", lans.join(", ")),
        )
    } else if has(InterfaceKind::Lan) {
        fine(
            Code::Network,
            "This computer has a network, with IPv6 addresses only.",
        )
    } else if has(InterfaceKind::Vpn) || has(InterfaceKind::Virtual) {
        finding(
            Code::OnlyVirtual,
            Status::Fail,
            "This computer has only a VPN or networks of containers, not one that others are in.",
            connect,
        )
    } else {
        finding(
            Code::NoNetwork,
            Status::Fail,
            "This computer is not connected to any network.",
            connect,
        )
    });
    findings
}

/// What the chosen interfaces alone say.
fn choice(chosen: &Interfaces, interfaces: &[Interface]) -> Option<Finding> {
    match chosen {
        Interfaces::All => None,
        Interfaces::Off => Some(finding(
            Code::DiscoveryOff,
            Status::Warn,
            "Finding others on the local network is switched off.",
            "Switch it on in the settings, or type the address of the other computer.",
        )),
        Interfaces::Loopback => Some(finding(
            Code::DiscoveryLocal,
            Status::Warn,
            "Only other programs on this computer can be found.",
            "Choose all interfaces in the settings to find other computers.",
        )),
        Interfaces::Named(names) => {
            let is_there =
                |name: &String| interfaces.iter().any(|interface| interface.name == *name);
            let missing: Vec<&str> = names
                .iter()
                .filter(|name| !is_there(name))
                .map(String::as_str)
                .collect();
            (!missing.is_empty()).then(|| {
                let is_all = missing.len() == names.len();
                finding(
                    Code::InterfaceMissing,
                    if is_all { Status::Fail } else { Status::Warn },
                    format!(
                        "The chosen interface {} is not connected.",
                        missing.join(", ")
                    ),
                    "Connect it, or choose all interfaces in the settings.",
                )
            })
        }
    }
}
