//! How a project is shared, as windows show it.

use graph::id::{FieldId, NodeId, PersonId};
use graph::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::failure::Failure;

/// The room of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Sharing {
    /// The room, as 64 hexadecimal digits.
    pub room: String,
    /// In a word.
    pub status: Status,
    /// Own changes that no other machine has for certain.
    pub waiting: u32,
    /// The other machines that are heard, linked or not.
    pub companions: Vec<Companion>,
    /// Machines whose links were ended for what they sent, oldest first.
    pub offences: Vec<Offence>,
    /// Why this device is not let in; none if it is, or if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub not_let_in: Option<Failure>,
    /// Why changes that were made here cannot be sent, whoever is there; none if they can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub unsendable: Option<Failure>,
    /// Why some of what others wrote cannot be read here yet, and who can change that; none if all can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub unreadable: Option<Failure>,
}

/// How a shared project stands, from what others hold and not from whether a socket is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "app.ts")]
pub enum Status {
    /// Another machine holds all that is here, and everything it has is here.
    Live {
        /// How many people are there.
        peers: u32,
    },
    /// Somebody is there, and not all has crossed yet.
    Syncing,
    /// Nobody is reached.
    Offline,
}

/// Something that a machine sent although it could have known that nobody accepts it. Its link was ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Offence {
    /// Its device id, as 64 hexadecimal digits; what it said to be.
    pub device: String,
    /// What was wrong.
    pub what: String,
    /// When.
    pub at: Timestamp,
}

/// Another machine of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Companion {
    /// Its device id, as 64 hexadecimal digits.
    pub device: String,
    /// Who is there; none on a relay, and of who has left or does not say.
    pub person: Option<PersonId>,
    /// Their name; also of who has left.
    pub name: Option<String>,
    /// Their colour.
    pub colour: Option<String>,
    /// The node they look at.
    pub node: Option<NodeId>,
    /// The field they edit.
    pub field: Option<FieldId>,
    /// Whether they are typing in it.
    pub is_typing: bool,
    /// Whether there is a link to this very machine, not only through others.
    pub is_linked: bool,
    /// Whether it holds all that is here and nothing else; none while it has not said.
    pub has_everything: Option<bool>,
    /// Since when it lacks something that is here, or has something that is not; none while it has everything, or has not said.
    pub behind_since: Option<Timestamp>,
    /// It holds the same frames and shows something else.
    pub has_diverged: bool,
    /// Frames it made that could not be applied here.
    pub faults: u32,
    /// Attachments it sent that were not what their name says.
    pub spoiled: u32,
    /// When it was heard last.
    pub seen_at: Timestamp,
}

/// A way to another machine of a room, whoever began it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct PeerLink {
    /// Where the other machine is. Of several addresses, the best.
    pub address: String,
    /// How the way is known.
    pub origin: LinkOrigin,
    /// How it stands.
    pub state: LinkState,
    /// The machine at the other end, as 64 hexadecimal digits; none while there has been no link.
    pub device: Option<String>,
    /// Why there is no link, and what one can do.
    pub trouble: Option<Failure>,
}

/// How a way to another machine is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub enum LinkOrigin {
    /// Somebody typed the address, or it came with the invitation.
    Typed,
    /// A relay of the settings.
    Relay,
    /// The machine announces itself on the local network.
    Found,
    /// The other machine came here.
    Visitor,
}

/// How a way to another machine stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[ts(export, export_to = "app.ts")]
pub enum LinkState {
    /// There is a link.
    Up {
        /// Since when.
        since: Timestamp,
    },
    /// It is being tried.
    Dialling,
    /// It was tried in vain, or the link ended.
    Waiting {
        /// When it is tried again.
        until: Timestamp,
        /// How often it has failed in a row.
        failures: u32,
    },
    /// There was a link, and nothing here can bring it back.
    Ended {
        /// Since when.
        at: Timestamp,
    },
}

/// Another machine, as a file of changes can be made for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Acquaintance {
    /// Its device id, as 64 hexadecimal digits.
    pub device: String,
    /// Who was there; none on a relay.
    pub name: Option<String>,
    /// When it was last known what it holds.
    pub at: Timestamp,
    /// Packets of changes that are here and that it was not known to have then.
    pub lacks: u32,
}
