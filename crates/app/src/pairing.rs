//! Two machines of one local network that pair by a code, as windows show it.
//!
//! Somebody who shares a project chooses a machine. That machine shows a code of six digits, which is typed where the
//! project is. Then the project, a role and the keys go over, and the other machine joins as by any invitation.

pub(crate) mod delivery;
mod lobby;
mod standing;
mod words;

use graph::person::Person;
use graph::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub(crate) use self::delivery::Mine;
pub(crate) use self::lobby::{Lobby, Wish};
use crate::failure::Failure;
use crate::request::ProjectId;
use crate::secret_text::SecretText;

/// One pairing; a later one has a greater number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(export, export_to = "app.ts", type = "number")]
pub struct PairingId(pub u32);

/// The machines of the local network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Nearby {
    /// What this machine is called in the lists of others.
    pub words: String,
    /// Whether others find this machine and may ask to pair with it: discovery is on in the settings, and this machine can
    /// be reached.
    pub is_findable: bool,
    /// The others, by their words.
    pub machines: Vec<NearbyMachine>,
}

/// A machine that announces itself on the local network. What it says of itself is not proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct NearbyMachine {
    /// What `beginPairing` takes: the name under which it announces itself.
    pub machine: String,
    /// Eight words for the beginning of its device id; the machine shows the same as its own.
    pub words: String,
    /// Where it says to be, for people.
    pub address: String,
    /// Whether somebody listens there now.
    pub answers: bool,
}

/// Whom to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "app.ts")]
pub enum PairingPlace {
    /// A machine that was found.
    Machine {
        /// As `nearby` has it.
        machine: String,
    },
    /// Whoever is at an address.
    Address {
        /// As somebody typed it: a name or number, with or without a port.
        address: String,
    },
}

/// How a pairing stands. There is one at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Pairing {
    /// Which.
    pub id: PairingId,
    /// What this machine does in it.
    pub side: PairingSide,
    /// The other machine.
    pub peer: PairingPeer,
    /// The project: at once on the sharing side, with `done` on the joining side.
    pub project: Option<ProjectId>,
    /// How far it is.
    pub state: PairingState,
    /// Joining, with `done`: the other side has said that this machine is hers, too, and what she is called; none: it has not,
    /// or `becomePeer` was answered.
    pub hers: Option<Person>,
}

/// What a machine does in a pairing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub enum PairingSide {
    /// It has the project: the code is typed here.
    Sharing,
    /// It was asked: the code is shown here.
    Joining,
}

/// The other machine of a pairing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct PairingPeer {
    /// Eight words for the beginning of its device id; none while it has not been reached and was not found.
    pub words: Option<String>,
    /// Its device id, as 64 hexadecimal digits; none while it has not been reached.
    pub device: Option<String>,
    /// Where it is.
    pub address: String,
    /// Who uses it. Until `done` it is only what that machine says; none if it does not say.
    pub name: Option<String>,
}

/// How far a pairing is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "app.ts")]
pub enum PairingState {
    /// Sharing: the other machine is being reached and asked.
    Asking,
    /// Sharing: the other machine shows a code, which is typed here.
    Typing {
        /// From then on the code is good for nothing.
        until: Timestamp,
    },
    /// Joining: this machine was asked and shows a code, which is typed at the other one.
    Showing {
        /// Six digits.
        code: SecretText,
        /// From then on the code is good for nothing.
        until: Timestamp,
    },
    /// The code was right or is being checked; the project goes over.
    Joining,
    /// The other machine is a member. Stays until it is put away.
    Done,
    /// It came to nothing; another begins with another code. Stays until it is put away or another begins.
    Failed {
        /// Why, and what one can do.
        failure: Failure,
        /// Before then it is of no use to try again; none: at any time.
        retry_at: Option<Timestamp>,
    },
}

impl PairingState {
    /// Whether nothing more becomes of it.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Done | Self::Failed { .. })
    }
}
