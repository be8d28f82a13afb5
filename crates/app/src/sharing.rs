//! How a project is shared, as windows show it.

use graph::id::{FieldId, NodeId, PersonId};
use graph::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

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

/// Another machine of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "app.ts")]
pub struct Companion {
    /// Its device id, as 64 hexadecimal digits.
    pub device: String,
    /// Who is there; none on a relay, and of who has left or does not say.
    pub person: Option<PersonId>,
    /// Their name.
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
    /// It holds the same frames and shows something else.
    pub has_diverged: bool,
    /// Frames it made that could not be applied here.
    pub faults: u32,
    /// When it was heard last.
    pub seen_at: Timestamp,
}
