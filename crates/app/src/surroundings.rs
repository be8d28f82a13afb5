//! The network around this machine, as windows show it.

use discovery::{Interface, InterfaceKind, doctor};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where this machine is, and on which networks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Network {
    /// Where others reach it, best first.
    pub addresses: Vec<String>,
    /// The port at which it listens.
    pub port: u16,
    /// The port that it would listen at, had another program not had it when this one was started.
    pub missed_port: Option<u16>,
    /// Whether it was started at a port that was named, so that the one of the settings waits for another start.
    pub is_port_given: bool,
    /// Whether only programs of this machine reach it.
    pub is_local: bool,
    /// Whether it may announce itself and look for others at all.
    pub may_discover: bool,
    /// Its networks.
    pub interfaces: Vec<NetworkInterface>,
}

/// A network of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct NetworkInterface {
    /// Its name for the system, for example `eth0`.
    pub name: String,
    /// What is behind it.
    pub kind: NetworkKind,
    /// The addresses of this machine there.
    pub addresses: Vec<String>,
}

/// What is behind an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub enum NetworkKind {
    /// This machine alone.
    Loopback,
    /// A network with other machines.
    Lan,
    /// A tunnel.
    Vpn,
    /// Containers or virtual machines on this one.
    Virtual,
}

/// One thing that the network doctor found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct NetworkFinding {
    /// Stable code, for example `port-blocked`.
    pub code: String,
    /// How it stands.
    pub status: FindingStatus,
    /// What was seen.
    pub message: String,
    /// What one can do; none: nothing is to be done.
    pub advice: Option<String>,
}

/// How it stands with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub enum FindingStatus {
    /// As it should be.
    Ok,
    /// This cannot be known from here.
    Unknown,
    /// It works, and may not for everybody.
    Warn,
    /// This is why it does not work.
    Fail,
}

/// Networks by name, each with its addresses.
pub(crate) fn interfaces(found: Vec<Interface>) -> Vec<NetworkInterface> {
    let mut interfaces: Vec<NetworkInterface> = Vec::new();
    for one in found {
        let address = one.address.to_string();
        match interfaces.iter_mut().find(|it| it.name == one.name) {
            Some(known) => known.addresses.push(address),
            None => interfaces.push(NetworkInterface {
                name: one.name,
                kind: one.kind.into(),
                addresses: vec![address],
            }),
        }
    }
    interfaces
}

impl From<InterfaceKind> for NetworkKind {
    fn from(kind: InterfaceKind) -> Self {
        match kind {
            InterfaceKind::Loopback => Self::Loopback,
            InterfaceKind::Lan => Self::Lan,
            InterfaceKind::Vpn => Self::Vpn,
            InterfaceKind::Virtual => Self::Virtual,
        }
    }
}

impl From<doctor::Finding> for NetworkFinding {
    fn from(finding: doctor::Finding) -> Self {
        Self {
            code: finding.code.as_str().to_owned(),
            status: match finding.status {
                doctor::Status::Ok => FindingStatus::Ok,
                doctor::Status::Unknown => FindingStatus::Unknown,
                doctor::Status::Warn => FindingStatus::Warn,
                doctor::Status::Fail => FindingStatus::Fail,
            },
            message: finding.message,
            advice: finding.advice,
        }
    }
}
